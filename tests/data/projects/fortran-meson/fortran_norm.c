#define PY_SSIZE_T_CLEAN
#include <Python.h>

void norm(double x, double y, double *length, char *text);

static PyObject *
norm_of(PyObject *module, PyObject *args)
{
    double x, y, length;
    char text[8];

    if (!PyArg_ParseTuple(args, "dd", &x, &y))
        return NULL;
    norm(x, y, &length, text);
    return Py_BuildValue("(ds#)", length, text, (Py_ssize_t)sizeof text);
}

static PyMethodDef methods[] = {
    {"norm", norm_of, METH_VARARGS, "The length of (x, y), as a number and as Fortran writes it."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "fortran_norm", .m_size = 0, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_fortran_norm(void)
{
    return PyModuleDef_Init(&module);
}
