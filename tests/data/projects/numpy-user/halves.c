#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <Python.h>
#include <numpy/arrayobject.h>
#include <numpy/halffloat.h> /* in libnpymath.a */

static PyObject *
as_half(PyObject *module, PyObject *number)
{
    double value = PyFloat_AsDouble(number);
    return PyErr_Occurred() ? NULL : PyLong_FromLong(npy_double_to_half(value));
}

static PyMethodDef methods[] = {
    {"as_half", as_half, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "halves", .m_size = -1, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_halves(void)
{
    import_array();
    return PyModule_Create(&definition);
}
