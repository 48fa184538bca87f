#include <nanobind/nanobind.h>

NB_MODULE(tiny, module)
{
    module.def("add", [](int a, int b) { return a + b; });
}
