"""What the programs of an installed Python are: their architecture, their loader, the glibc that they need."""

from collections.abc import Iterator
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import LibcVersion, Python

__all__ = ["glibc_needed", "interpreter", "loader"]

_ELF = b"\x7fELF"


def interpreter(prefix: Path, python: Python, arch: Architecture, what: str) -> Path:
    """Its interpreter, without links.

    :param prefix: where it is installed, on this machine.
    :param what: the Python for people: ``CPython 3.12.16 for aarch64``.
    :raises ProvisionError: there is none, or it is of another architecture.
    """
    names = (f"python{python.version}{python.suffix}", f"python{python.version}")
    found = next((path for name in names if (path := prefix / "bin" / name).is_file()), None)
    library = prefix / "lib" / f"python{python.version}{python.suffix}"
    if found is None or not library.is_dir() or prefix.resolve() not in found.resolve().parents:
        raise ProvisionError(
            f"the archive of {what} holds no such Python",
            cause=f"bin/{names[0]} and lib/{library.name} are not both in it",
            remedy="name a mirror that has the releases of python-build-standalone unchanged",
        )
    head = found.resolve().read_bytes()[:20]
    order = "big" if head[5:6] == b"\2" else "little"
    machine = int.from_bytes(head[18:20], "big" if order == "big" else "little")
    if (head[:4], machine, order) != (_ELF, arch.machine, arch.order):
        raise ProvisionError(
            f"the archive of {what} is of another architecture",
            cause=f"the ELF machine of its interpreter is {machine}, and that of {arch.name} is {arch.machine}",
            remedy="name a mirror that has the releases of python-build-standalone unchanged",
        )
    return found.resolve()


def glibc_needed(prefix: Path) -> LibcVersion:
    """The newest version of glibc's symbols that its programs and libraries name."""
    needed = {version for path in _objects(prefix) for version in _versions(path)}
    return max(needed, default=(2, 0))


def loader(program: Path) -> str:
    """The program that loads the libraries of another one; empty where that is static."""
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415 -- slow to import, and needed once
    from elftools.elf.segments import InterpSegment  # noqa: PLC0415

    with program.open("rb") as file:
        segments = ELFFile(file).iter_segments()
        return next((str(one.get_interp_name()) for one in segments if isinstance(one, InterpSegment)), "")


def _objects(prefix: Path) -> Iterator[Path]:
    for pattern in ("bin/python3*", "lib/*.so*", "lib/python3*/lib-dynload/*.so"):
        for path in prefix.glob(pattern):
            if path.is_file() and not path.is_symlink():
                yield path


def _versions(path: Path) -> Iterator[LibcVersion]:
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415 -- slow to import, and needed once
    from elftools.elf.gnuversions import GNUVerNeedSection  # noqa: PLC0415

    with path.open("rb") as file:
        if file.read(4) != _ELF:
            return
        for section in ELFFile(file).iter_sections():
            if isinstance(section, GNUVerNeedSection):
                for _, needed in section.iter_versions():
                    for one in needed:
                        kind, _, version = one.name.partition("_")
                        major, _, minor = version.partition(".")
                        if kind == "GLIBC" and major.isdigit() and minor.partition(".")[0].isdigit():
                            yield int(major), int(minor.partition(".")[0])
