"""A backend that nobody knows: it calls the compiler and writes the wheel itself."""

import os
import shlex
import subprocess
import sysconfig
import zipfile
from pathlib import Path

INFO = "own_backend-1.0.dist-info"


def build_wheel(directory, config_settings=None, metadata_directory=None):
    python = sysconfig.get_config_var("py_version_nodot")
    platform = sysconfig.get_platform().replace("-", "_")
    tag = f"cp{python}-cp{python}-{platform}"
    module = "own_backend" + sysconfig.get_config_var("EXT_SUFFIX")
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC"))
    include = sysconfig.get_path("include")
    subprocess.run(
        [*compiler, "-shared", "-fPIC", "-O2", f"-I{include}", "own_backend.c", "-o", module], check=True
    )
    name = f"own_backend-1.0-{tag}.whl"
    with zipfile.ZipFile(Path(directory, name), "w") as wheel:
        wheel.write(module)
        wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: own-backend\nVersion: 1.0\n")
        wheel.writestr(f"{INFO}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
        wheel.writestr(f"{INFO}/RECORD", f"{module},,\n{INFO}/METADATA,,\n{INFO}/WHEEL,,\n{INFO}/RECORD,,\n")
    return name
