#include <Python.h>

static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "own_backend", NULL, 0, methods};
PyMODINIT_FUNC PyInit_own_backend(void) { return PyModule_Create(&module); }
