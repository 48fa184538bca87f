"""The cells of the matrix: what there is to build, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from types import MappingProxyType

from corpus import Package, packages

from crosswheel.model import Libc

# Those that the official images are made for, and one that is there to show that a row is enough.
ARCHITECTURES = ("x86_64", "i686", "aarch64", "ppc64le", "s390x", "armv7l", "riscv64")
SHOWN = "loongarch64"
LIBCS: Mapping[str, Libc] = MappingProxyType({"glibc": "manylinux", "musl": "musllinux"})
NUMPY_PUBLISHED = ("x86_64", "aarch64")  # numpy has wheels for these, glibc and musl

CFTIME = Package(
    "cftime",
    "1.6.5",
    "setuptools, Cython, numpy",
    """
import cftime, numpy
dates = cftime.num2date(numpy.arange(400), 'days since 2000-01-01', 'noleap')
assert str(dates[59]) == '2000-03-01 00:00:00' and dates.shape == (400,)
assert (cftime.date2num(dates, 'days since 2000-01-01', 'noleap') == numpy.arange(400)).all()
""",
)
NUMPY = Package(
    "numpy",
    "2.2.6",
    "meson-python, Cython, C++",
    """
import numpy as np
a = np.random.default_rng(1).normal(size=(60, 60)); u, s, v = np.linalg.svd(a)
assert np.allclose(u * s @ v, a) and np.allclose(np.fft.ifft(np.fft.fft(a)), a)
""",
    # Without variants for newer processors, which take most of the time.
    options={"CIBW_CONFIG_SETTINGS": "setup-args=-Ddisable-optimization=true"},
)
# What numpy wants to be told: musl's headers have no name for the vector unit of s390x; clang names the vector
# intrinsics of riscv64 also where the processor has none, and the Highway in numpy takes that for having some.
NUMPY_ENVIRONMENT = {
    ("s390x", "musl"): "CFLAGS=-DHWCAP_S390_VX=2048",
    ("riscv64", "musl"): "CXXFLAGS=-U__riscv_v_intrinsic",
}
KINDS = {"C": "markupsafe", "C++": "kiwisolver", "abi3": "psutil", "Cython, numpy": CFTIME.name}


@dataclass(frozen=True, order=True)
class Cell:
    """A project for an architecture and a C library."""

    arch: str
    libc: str
    project: str

    @property
    def key(self) -> str:
        """``aarch64/glibc/psutil``"""
        return f"{self.arch}/{self.libc}/{self.project}"

    def matches(self, pattern: str) -> bool:
        """:param pattern: ``ARCH``, ``ARCH/LIBC`` or ``ARCH/LIBC/PROJECT``, each with ``*``."""
        parts = self.key.split("/")
        return all(fnmatch(part, wanted) for part, wanted in zip(parts, pattern.split("/"), strict=False))


@dataclass(frozen=True)
class Result:
    """What came of a cell.

    :param reason: why there is no tested wheel; empty where there is one.
    """

    identifier: str = ""
    source: str = ""
    engine: str = ""
    policy: str = ""
    wheel: str = ""
    reason: str = ""
    step_downs: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.reason


def projects() -> dict[str, Package]:
    """The four, and numpy, with their versions and tests."""
    of_corpus = {package.name: package for package in packages()}
    own = {package.name: package for package in (CFTIME, NUMPY)}
    return {name: {**of_corpus, **own}[name] for name in (*KINDS.values(), NUMPY.name)}


def cells() -> list[Cell]:
    return [Cell(arch, libc, name) for arch in ARCHITECTURES for libc in LIBCS for name in KINDS.values()]


def shown() -> list[Cell]:
    """Those of the architecture that is no part of the matrix."""
    return [Cell(SHOWN, "glibc", name) for name in KINDS.values()]
