#include <pybind11/pybind11.h>
#include <zlib.h>

#include <cmath>
#include <stdexcept>
#include <string>

static std::string processor(bool fail)
{
    if (fail)
        throw std::out_of_range("as asked");
    return PROCESSOR;
}

PYBIND11_MODULE(bound, module)
{
    module.def("processor", &processor, pybind11::arg("fail") = false);
    module.def("exp", [](double x) { return std::exp(x); });
    module.def("zlib", [] { return zlibVersion(); });
}
