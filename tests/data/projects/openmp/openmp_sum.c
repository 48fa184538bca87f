#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <omp.h>

/* The sum of 1 to n, and how many threads made it. */
static PyObject *
sum_to(PyObject *module, PyObject *argument)
{
    long n = PyLong_AsLong(argument), sum = 0;
    int threads = 0;

    if (n == -1 && PyErr_Occurred())
        return NULL;
#pragma omp parallel num_threads(3) reduction(+ : sum)
    {
#pragma omp single
        threads = omp_get_num_threads();
#pragma omp for
        for (long i = 1; i <= n; i++)
            sum += i;
    }
    return Py_BuildValue("(li)", sum, threads);
}

static PyMethodDef methods[] = {
    {"sum_to", sum_to, METH_O, "The sum of 1 to n, and how many threads made it."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "openmp_sum", .m_size = 0, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_openmp_sum(void)
{
    return PyModuleDef_Init(&module);
}
