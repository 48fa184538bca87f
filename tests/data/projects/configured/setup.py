import json
import os
from pathlib import Path

from setuptools import Extension, setup

lines = [*Path("trace").read_text().splitlines(), f"setup.py {os.environ['BOTH']}"]
macros = [("TRACE", json.dumps("; ".join(lines)))]
setup(ext_modules=[Extension("configured", ["configured.c"], define_macros=macros)])
