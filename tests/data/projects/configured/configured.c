#include <Python.h>

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "configured", .m_size = -1};

PyMODINIT_FUNC
PyInit_configured(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL) {
        PyModule_AddStringConstant(module, "trace", TRACE);
    }
    return module;
}
