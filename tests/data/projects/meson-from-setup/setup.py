"""setup.py runs Meson itself, as projects older than meson-python do."""

import subprocess
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class MesonBuild(build_ext):
    def build_extension(self, ext):
        subprocess.run(["meson", "setup", "build/meson"], check=True)
        subprocess.run(["ninja", "-C", "build/meson"], check=True)
        place = Path(self.get_ext_fullpath(ext.name))
        place.parent.mkdir(parents=True, exist_ok=True)
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        place.write_bytes(Path(f"build/meson/{ext.name}{suffix}").read_bytes())


setup(ext_modules=[Extension("machine", [])], cmdclass={"build_ext": MesonBuild})
