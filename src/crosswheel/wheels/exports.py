"""What every process of the target's Python offers to the objects that it loads."""

from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.errors import CrosswheelError
from crosswheel.model import Glibc
from crosswheel.wheels.elf import UnreadableElfError, exported_versions, read_elf
from crosswheel.wheels.symbols import glibc_of

# Those that every CPython for glibc is linked with; since glibc 2.34 most of it is in libc.so.6 itself.
_LIBRARIES = ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "libutil.so.1")


def python_exports(python: Path) -> frozenset[str]:
    """The symbols that a Python offers to extension modules.

    :param python: an executable with the interpreter in it, or the libpython that it loads.
    :raises CrosswheelError: it cannot be read, or offers no C API.
    """
    try:
        defined = read_elf(python.name, python.read_bytes()).defined
    except (OSError, UnreadableElfError) as error:
        raise CrosswheelError(f"the symbols of {python} cannot be read", cause=str(error)) from error
    if "PyModule_Create2" not in defined:
        raise CrosswheelError(
            f"{python} offers no C API of Python",
            remedy="Name the libpython that it loads, not the executable",
        )
    return defined


def libc_exports(root: Path, arch: Architecture) -> dict[str, Glibc]:
    """The symbols of a root's glibc, each with the glibc that it first came with.

    :param root: the root; ``/`` for the machine itself.
    :raises CrosswheelError: there is no readable glibc in it.
    """
    found: dict[str, Glibc] = {}
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
        try:
            pairs = exported_versions(path.read_bytes())
        except (OSError, UnreadableElfError) as error:
            raise CrosswheelError(f"the symbols of {path} cannot be read", cause=str(error)) from error
        for symbol, version in pairs:
            since = glibc_of(version)
            if since is not None:
                found[symbol] = min(since, found.get(symbol, since))
    if not found:
        raise CrosswheelError(f"no glibc for {arch.name} is in {root}")
    return found
