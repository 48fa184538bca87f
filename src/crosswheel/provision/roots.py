"""What a source hands on: an unpacked file system of a target."""

from dataclasses import dataclass
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.model import LibcVersion

__all__ = ["BaseRoot", "Root"]


@dataclass(frozen=True)
class Root:
    """An unpacked file system of a target with its CPython, headers and compilers.

    :param path: the directory that is ``/`` for the target; it belongs to the store and is not written to.
    :param suite: the release it is made of (``bookworm``).
    :param libc_version: of the C library in it.
    :param python: the interpreter's path in the root (``/usr/bin/python3.11``).
    :param triplet: the multiarch triplet, which names directories under ``/usr/lib`` and ``/usr/include``.
    """

    path: Path
    suite: str
    arch: Architecture
    libc_version: LibcVersion
    python: str
    triplet: str


@dataclass(frozen=True)
class BaseRoot:
    """An unpacked file system without a Python.

    :param path: see :class:`Root`.
    :param suite: the release it is made of.
    :param libc_version: of the C library in it.
    """

    path: Path
    suite: str
    libc_version: LibcVersion
