"""The pinned zig (``zig.toml``), read into a value."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Pin:
    """A wheel of zig.

    :param package: its name on the Python package index.
    :param clang: the version of clang in it.
    :param size: of the wheel, bytes.
    :param unpacked: of the files in it, bytes.
    :param sha256: of the wheel for x86_64 Linux.
    """

    package: str
    version: str
    clang: str
    size: int
    unpacked: int
    sha256: str


PIN = Pin(**tomllib.loads(files(__package__).joinpath("zig.toml").read_text(encoding="utf-8")))
