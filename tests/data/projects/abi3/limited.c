#include <Python.h>

static PyObject *
answer(PyObject *module, PyObject *nothing)
{
    return PyLong_FromLong(42);
}

static PyMethodDef methods[] = {
    {"answer", answer, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "limited", .m_size = 0, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_limited(void)
{
    return PyModuleDef_Init(&definition);
}
