#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *
greet(PyObject *module, PyObject *name)
{
    return PyUnicode_FromFormat("Hello, %S!", name);
}

static PyMethodDef methods[] = {
    {"greet", greet, METH_O, "Greet somebody by name."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "c_hello", .m_size = 0, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_c_hello(void)
{
    return PyModuleDef_Init(&module);
}
