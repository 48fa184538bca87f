from setuptools import Extension, setup


def extension(name: str) -> Extension:
    return Extension(
        f"cpp_shapes.{name}",
        sources=[f"src/cpp_shapes/{name}.cpp"],
        depends=["src/cpp_shapes/shapes.hpp"],
        extra_compile_args=["-std=c++17"],
        language="c++",
    )


setup(ext_modules=[extension("_circle"), extension("_square"), extension("_measure")])
