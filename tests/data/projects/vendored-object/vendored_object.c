#include <Python.h>
int vendored(void);
static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(vendored()); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "vendored_object", NULL, 0, methods};
PyMODINIT_FUNC PyInit_vendored_object(void) { return PyModule_Create(&module); }
