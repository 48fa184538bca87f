#include <Python.h>
#ifndef BRANCH
#error no branch of setup.py was taken
#endif
static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(BRANCH); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "machine_branch", NULL, 0, methods};
PyMODINIT_FUNC PyInit_machine_branch(void) { return PyModule_Create(&module); }
