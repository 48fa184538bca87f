import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Import(build_ext):
    """Asks the new module something, as projects do that generate files by their own code."""

    def run(self):
        super().run()
        sys.path.insert(0, self.build_lib)
        import _importing

        self.announce(f"the answer is {_importing.answer()}", level=3)


setup(ext_modules=[Extension("_importing", ["importing.c"])], cmdclass={"build_ext": Import})
