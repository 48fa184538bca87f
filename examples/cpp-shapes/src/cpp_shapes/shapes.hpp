// What the modules agree on: the type of an error, and of the function that a shape offers in a capsule.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdexcept>
#include <string>

namespace shapes {

struct ShapeError : std::runtime_error {
    double size;

    ShapeError(const std::string &shape, double size)
        : std::runtime_error("no " + shape + " has this size"), size(size)
    {
    }
};

// Throws ShapeError where the size is negative, std::overflow_error where the area is not finite.
using Area = double (*)(double size);

constexpr const char *capsule_name = "cpp_shapes.area";

inline PyObject *
module_with_area(PyModuleDef *definition, Area area)
{
    PyObject *module = PyModule_Create(definition);
    PyObject *capsule = PyCapsule_New(reinterpret_cast<void *>(area), capsule_name, nullptr);
    if (module == nullptr || capsule == nullptr || PyModule_AddObject(module, "area", capsule) < 0) {
        Py_XDECREF(capsule);
        Py_XDECREF(module);
        return nullptr;
    }
    return module;
}

}  // namespace shapes
