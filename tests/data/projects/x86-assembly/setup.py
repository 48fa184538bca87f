from setuptools import Extension, setup

setup(ext_modules=[Extension("x86_assembly", ["x86_assembly.c"])])
