#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "drop_in", .m_size = -1};

PyMODINIT_FUNC PyInit_drop_in(void) { return PyModule_Create(&module); }
