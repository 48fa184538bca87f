#include <Python.h>

static PyObject *name(PyObject *self, PyObject *args) { return PyUnicode_FromString(MACHINE); }

static PyObject *compiled_for(PyObject *self, PyObject *args) {
#ifdef __aarch64__
    return PyUnicode_FromString("aarch64");
#else
    return PyUnicode_FromString("another");
#endif
}

static PyMethodDef methods[] = {
    {"name", name, METH_NOARGS, "What Meson took the host machine for."},
    {"compiled_for", compiled_for, METH_NOARGS, "What the compiler compiled for."},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "machine", NULL, -1, methods};

PyMODINIT_FUNC PyInit_machine(void) { return PyModule_Create(&module); }
