"""The source ``musl``: a CPython for musl where no image is to be had, compiled once by zig and kept.

CPython comes from Debian's source package as its authors published it, musl's loader and a shell from Debian's
packages. Read ``source.py`` first; ``recipe/`` says how CPython is compiled,
``base.py`` makes what it stands in, which other CPythons for musl stand in too. There is no compiler in the root:
engines with zig serve it.
"""

from crosswheel.provision.musl.base import MuslBase
from crosswheel.provision.musl.source import MuslSource

__all__ = ["MuslBase", "MuslSource"]
