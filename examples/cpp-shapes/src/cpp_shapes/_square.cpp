#include "shapes.hpp"

#include <cmath>

static double
area(double side)
{
    if (side < 0) {
        throw shapes::ShapeError("square", side);
    }
    double result = side * side;
    if (!std::isfinite(result)) {
        throw std::overflow_error("the area is not finite");
    }
    return result;
}

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_square", nullptr, -1, nullptr};

PyMODINIT_FUNC
PyInit__square()
{
    return shapes::module_with_area(&definition, area);
}
