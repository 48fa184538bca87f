"""Pinned programs that come as wheels (``zig.toml``, ``ccache.toml``), read into values."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Pin:
    """A wheel with a program.

    :param name: the program's.
    :param package: the wheel's name on the Python package index.
    :param program: its path where the wheel is installed.
    :param size: of the wheel, bytes.
    :param unpacked: of the files in it, bytes.
    :param sha256: of the wheel for x86_64 Linux.
    :param clang: the version of clang in it, where it is a compiler.
    """

    name: str
    package: str
    program: str
    version: str
    size: int
    unpacked: int
    sha256: str
    clang: str = ""


def _pinned(table: str) -> Pin:
    return Pin(**tomllib.loads(files(__package__).joinpath(table).read_text(encoding="utf-8")))


PIN = _pinned("zig.toml")
CCACHE = _pinned("ccache.toml")
