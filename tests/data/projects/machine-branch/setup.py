import os
import platform
import subprocess

from setuptools import Extension, setup

machine = platform.machine()
assert machine == os.uname().machine == subprocess.check_output(["uname", "-m"], text=True).strip()
branches = {"x86_64": ["-DBRANCH=64", "-msse2"], "aarch64": ["-DBRANCH=128", "-march=armv8-a+crc"]}
setup(ext_modules=[Extension("machine_branch", ["machine_branch.c"], extra_compile_args=branches[machine])])
