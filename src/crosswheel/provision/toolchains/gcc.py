"""gcc, g++ and gfortran of Debian as the compilers of a foreign root: they run natively inside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.provision.debian.cross_gcc import NAMES
from crosswheel.seams import Mount
from crosswheel.site import places

__all__ = ["Gcc"]

_VARIABLES = {
    "CC": "gcc", "CXX": "g++", "FC": "gfortran", "F77": "gfortran", "F90": "gfortran",
    "AR": "ar", "RANLIB": "ranlib", "STRIP": "strip", "LD": "ld", "NM": "nm", "OBJCOPY": "objcopy",
}  # fmt: skip


@dataclass(frozen=True)
class Gcc:
    """Cross compilers for one architecture.

    :param tree: what :func:`crosswheel.provision.debian.cross_gcc.cross_gcc` made.
    """

    tree: Path
    arch: Architecture

    @property
    def mounts(self) -> tuple[Mount, ...]:
        return (Mount(self.tree, places.GCC),)

    @property
    def libraries(self) -> tuple[Path, ...]:
        """The languages' own (libgfortran, libgomp, ...) under the names that programs ask for."""
        found = sorted((self.tree / "usr" / self.arch.triplet / "lib").glob("lib*.so.*"))
        return tuple(path for path in found if path.name.partition(".so.")[2].isdigit())

    def env(self) -> Mapping[str, str]:
        """``CC`` and its like as paths in the sandbox; ``PATH`` is only the compilers' own directory."""
        names = f"{places.GCC}/{NAMES}"
        return {**{variable: f"{names}/{name}" for variable, name in _VARIABLES.items()}, "PATH": names}
