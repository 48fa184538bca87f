#include <Python.h>
#include <ffi.h>

static int add(int a, int b) { return a + b; }

static PyObject *added(PyObject *self, PyObject *args) {
    int a, b;
    if (!PyArg_ParseTuple(args, "ii", &a, &b))
        return NULL;
    ffi_cif cif;
    ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint};
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, types) != FFI_OK)
        return PyErr_Format(PyExc_RuntimeError, "libffi refuses");
    ffi_arg sum;
    void *values[] = {&a, &b};
    ffi_call(&cif, FFI_FN(add), &sum, values);
    return PyLong_FromLong((int)sum);
}

static PyMethodDef methods[] = {
    {"added", added, METH_VARARGS, "Two numbers added by way of libffi."},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "closure", NULL, -1, methods};

PyMODINIT_FUNC PyInit_closure(void) { return PyModule_Create(&module); }
