#include <Python.h>

#include "config.h"
#include "table.h"

static PyObject *
facts(PyObject *module, PyObject *nothing)
{
    return Py_BuildValue("{s:i,s:i,s:s,s:i}", "mant_dig", MANT_DIG_AT_RUN_TIME, "long_double",
                         SIZEOF_LONG_DOUBLE, "cpu", CPU_FAMILY, "answer", ANSWER);
}

static PyMethodDef methods[] = {
    {"facts", facts, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "meson_facts", .m_size = 0, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_meson_facts(void)
{
    return PyModuleDef_Init(&definition);
}
