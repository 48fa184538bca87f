"""This machine's C and C++ libraries, with which its programs run inside a root of another architecture.

A program from the index names a loader that only this machine has. It gets Debian's, with the libraries beside it,
at a path of its caller's.
"""

import shutil
from pathlib import Path

from crosswheel.architectures import HOST
from crosswheel.model import Part
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.movable import LOADER
from crosswheel.provision.debian.unpack import unpack_files
from crosswheel.store import digest, remove_tree

__all__ = ["part", "runtime"]

RECIPE = 1  # of what an entry holds
_KIND = "runtime"
_SUITE = "trixie"  # newer than what a wheel of a program may ask for (manylinux)
_PACKAGES = ("libc6", "libstdc++6", "libgcc-s1")
_SIZE = 3_700_000
# What such programs load (PEP 600's list, as far as the packages hold it).
_LIBRARIES = ("libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1",
              "libstdc++.so.6", "libutil.so.1")  # fmt: skip


def part(archive: Archive) -> Part:
    """They as a part of a plan; without asking the network."""
    return Part("C library for native programs", _SIZE, archive.store.has(_KIND, _key(archive)))


def runtime(archive: Archive) -> Path:
    """A directory with them and nothing else, fetched at first need.

    :raises ProvisionError: they cannot be fetched.
    :raises OSError: the store cannot be written.
    """

    def make(entry: Path) -> None:
        with archive.fetched(_SUITE, HOST, _PACKAGES, closure=False, label="C library") as fetched:
            unpack_files(fetched.files, entry / "root")
        take(entry / "root", entry / "lib")
        remove_tree(entry / "root")

    return archive.store.ensure(_KIND, _key(archive), make) / "lib"


def take(root: Path, directory: Path) -> None:
    """Take from unpacked packages what programs load, as files without links."""
    directory.mkdir()
    shutil.copy2(root / LOADER, directory)
    for name in _LIBRARIES:
        shutil.copy2(root / f"usr/lib/{HOST.triplet}" / name, directory)


def _key(archive: Archive) -> str:
    inputs = {"suite": _SUITE, "packages": _PACKAGES, "libraries": _LIBRARIES, "recipe": RECIPE}
    return digest({**inputs, "mirror": archive.mirror})
