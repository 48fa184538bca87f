#include <Python.h>

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "probing", .m_size = -1};

PyMODINIT_FUNC
PyInit_probing(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL) {
        PyModule_AddStringConstant(module, "machine", MACHINE);
    }
    return module;
}
