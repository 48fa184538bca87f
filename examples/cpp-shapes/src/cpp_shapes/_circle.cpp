#include "shapes.hpp"

#include <cmath>

static double
area(double radius)
{
    if (radius < 0) {
        throw shapes::ShapeError("circle", radius);
    }
    double result = 3.141592653589793 * radius * radius;
    if (!std::isfinite(result)) {
        throw std::overflow_error("the area is not finite");
    }
    return result;
}

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_circle", nullptr, -1, nullptr};

PyMODINIT_FUNC
PyInit__circle()
{
    return shapes::module_with_area(&definition, area);
}
