import os

from setuptools import Extension, setup

modules = [
    Extension("optional_kept", ["optional_kept.c"]),
    Extension(
        "optional_lost",
        ["optional_lost.c"],
        extra_link_args=os.environ.get("LINK", "").split(),
        optional=True,
    ),
]
setup(ext_modules=[module for module in modules if module.name != os.environ.get("WITHOUT")])
