#include <Python.h>
#include <not_installed.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "optional_lost", NULL, 0, NULL};
PyMODINIT_FUNC PyInit_optional_lost(void) { return PyModule_Create(&module); }
