#include "shapes.hpp"

// Calls the function of another module and catches what it throws: as its own type, then as std::exception.
static PyObject *
area(PyObject *, PyObject *arguments)
{
    PyObject *capsule;
    double size;
    if (!PyArg_ParseTuple(arguments, "Od", &capsule, &size)) {
        return nullptr;
    }
    auto function = reinterpret_cast<shapes::Area>(PyCapsule_GetPointer(capsule, shapes::capsule_name));
    if (function == nullptr) {
        return nullptr;
    }
    try {
        return PyFloat_FromDouble(function(size));
    }
    catch (const shapes::ShapeError &error) {
        PyObject *number = PyFloat_FromDouble(error.size);
        PyErr_Format(PyExc_ValueError, "%s: %S", error.what(), number);
        Py_XDECREF(number);
    }
    catch (const std::exception &error) {
        PyErr_SetString(PyExc_OverflowError, error.what());
    }
    catch (...) {
        PyErr_SetString(PyExc_SystemError, "an exception of another C++ library");
    }
    return nullptr;
}

static PyMethodDef methods[] = {
    {"area", area, METH_VARARGS, "The area of a shape of this size."},
    {nullptr, nullptr, 0, nullptr},
};

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_measure", nullptr, -1, methods};

PyMODINIT_FUNC
PyInit__measure()
{
    return PyModule_Create(&definition);
}
