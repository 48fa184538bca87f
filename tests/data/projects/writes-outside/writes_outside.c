#include <Python.h>

static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "writes_outside", NULL, 0, methods};
PyMODINIT_FUNC PyInit_writes_outside(void) { return PyModule_Create(&module); }
