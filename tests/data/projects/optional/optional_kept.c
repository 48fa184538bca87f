#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "optional_kept", NULL, 0, NULL};
PyMODINIT_FUNC PyInit_optional_kept(void) { return PyModule_Create(&module); }
