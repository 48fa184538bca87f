"""What every process of the target's Python offers to the objects that it loads."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from crosswheel import musl
from crosswheel.architectures import Architecture
from crosswheel.errors import CrosswheelError
from crosswheel.model import LibcVersion, Target
from crosswheel.wheels.elf import UnreadableElfError, exported_versions, read_elf
from crosswheel.wheels.facts import ElfFacts
from crosswheel.wheels.symbols import glibc_of

T = TypeVar("T")

_CREATES_MODULES = ("PyModule_Create2", "PyPyModule_Create2")  # PyPy renames all of the C API
_INTERPRETERS = ("libpython", "libpypy")
# Those that every CPython for glibc is linked with; since glibc 2.34 most of it is in libc.so.6 itself.
_LIBRARIES = ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "libutil.so.1")


def python_exports(python: Path) -> frozenset[str]:
    """The symbols that a Python offers to extension modules.

    :param python: an executable with the interpreter in it, or beside one (in its ``lib``), or that library.
    :raises CrosswheelError: it cannot be read, or offers no C API.
    """
    elf = _read(python)
    defined = elf.defined
    for name in (name for name in elf.needed if name.startswith(_INTERPRETERS)):
        for directory in (python.parent, python.parents[1] / "lib"):  # of a tree of its own; of Debian
            found = (path for pattern in (name, f"*/{name}") for path in sorted(directory.glob(pattern)))
            defined |= next((_read(path).defined for path in found), frozenset())
    if defined.isdisjoint(_CREATES_MODULES):
        raise CrosswheelError(
            f"{python} offers no C API of Python",
            remedy="Name the libpython that it loads, not the executable",
        )
    return defined


def _read(path: Path) -> ElfFacts:
    return _parsed(path, partial(read_elf, path.name))


def _parsed(path: Path, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(path.read_bytes())
    except (OSError, UnreadableElfError) as error:
        raise CrosswheelError(f"the symbols of {path} cannot be read", cause=str(error)) from error


def libc_exports(root: Path, target: Target) -> dict[str, LibcVersion]:
    """The symbols of a root's C library, each with the glibc that it first came with; musl tells nothing of that.

    :param root: the root; ``/`` for the machine itself.
    :raises CrosswheelError: there is no readable C library in it.
    """
    return _of_musl(root, target.arch) if target.libc == "musllinux" else _of_glibc(root, target.arch)


def _of_musl(root: Path, arch: Architecture) -> dict[str, LibcVersion]:
    path = root / musl.loader(arch).lstrip("/")
    if path.is_symlink() and path.readlink().is_absolute():
        path = root / path.readlink().relative_to("/")
    if not path.exists():
        raise CrosswheelError(f"no musl for {arch.name} is in {root}")
    return dict.fromkeys((symbol for symbol, _ in _parsed(path, exported_versions)), (0, 0))


def _of_glibc(root: Path, arch: Architecture) -> dict[str, LibcVersion]:
    found: dict[str, LibcVersion] = {}
    directories = [
        root / place
        for place in (
            f"usr/lib/{arch.triplet}",
            f"lib/{arch.triplet}",
            "usr/lib64",
            "lib64",
            "usr/lib",
            "lib",
        )
    ]
    for name in _LIBRARIES:
        path = next((directory / name for directory in directories if (directory / name).exists()), None)
        if path is None:
            continue
        for symbol, version in _parsed(path, exported_versions):
            since = glibc_of(version)
            if since is not None:
                found[symbol] = min(since, found.get(symbol, since))
    if not found:
        raise CrosswheelError(f"no glibc for {arch.name} is in {root}")
    return found
