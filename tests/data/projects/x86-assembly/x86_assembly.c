#include <Python.h>
static long first_word(void) {
    unsigned int eax = 0, ebx, ecx, edx;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    return ebx;
}
static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(first_word()); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "x86_assembly", NULL, 0, methods};
PyMODINIT_FUNC PyInit_x86_assembly(void) { return PyModule_Create(&module); }
