from setuptools import Extension, setup

setup(ext_modules=[Extension("march_native", ["march_native.c"], extra_compile_args=["-march=native"])])
