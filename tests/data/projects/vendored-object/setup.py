from setuptools import Extension, setup

setup(ext_modules=[Extension("vendored_object", ["vendored_object.c"], extra_objects=["lib/vendored.o"])])
