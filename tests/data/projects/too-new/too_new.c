#include <Python.h>

#if PY_VERSION_HEX >= 0x030D0000
#error "too_new does not know this Python"
#endif

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
    PyModuleDef_HEAD_INIT, .m_name = "too_new", .m_size = 0, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_too_new(void)
{
    return PyModuleDef_Init(&definition);
}
