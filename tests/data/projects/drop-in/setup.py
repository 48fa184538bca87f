from setuptools import Extension, setup

setup(ext_modules=[Extension("drop_in", ["drop_in.c"])])
