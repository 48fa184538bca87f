import os
from pathlib import Path

from setuptools import Extension, setup

Path(os.environ["WRITE_TO"]).expanduser().mkdir(parents=True, exist_ok=True)
setup(ext_modules=[Extension("writes_outside", ["writes_outside.c"])])
