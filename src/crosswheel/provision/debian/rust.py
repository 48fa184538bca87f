"""Debian's rustc and cargo for this machine, with the standard library of a target, of one version.

They are unpacked with their own C library (``movable.py``), so that they run in every sandbox: in the machine's
view, whatever its distribution, and inside the root of another architecture.
"""

import json
import shutil
from pathlib import Path

from crosswheel.architectures import ARCHITECTURES, HOST, Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import Part
from crosswheel.provision.debian.archive import Archive, Fetched
from crosswheel.provision.debian.movable import make_movable
from crosswheel.provision.debian.unpack import unpack_files
from crosswheel.provision.steps import told
from crosswheel.seams import Mount
from crosswheel.site import places
from crosswheel.store import digest, remove_tree

__all__ = ["DebianRust"]

RECIPE = 1  # of what the entries hold
_TREES = "rust"
_LIBRARIES = "rust-std"
# Newest first: sdists ask for a Rust of the last year or two, and bookworm's 1.63 is of 2022.
_SUITES = ("forky", "trixie")
_PROGRAMS = ("rustc", "cargo")
_LIBRARY = "libstd-rust-dev"
# What rustc depends on to link: zig does that.
_ASSUMED = ("gcc", "binutils", "libc-dev")
_TREE_SIZE = 125_000_000
_LIBRARY_SIZE = 36_000_000
_RUSTLIB = "usr/lib/rustlib"
_LOADER = "usr/lib64/ld-linux-x86-64.so.2"


class DebianRust:
    """Rust for this machine and a target.

    :param archive: where it is fetched from.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def part(self, arch: Architecture) -> Part:
        """It as a part of a plan; without asking the network."""
        store = self._archive.store
        present = any(store.has(_LIBRARIES, self._library_key(suite, arch)) for suite in _SUITES)
        trees = store.path(_TREES, "").exists()
        size = (0 if trees else _TREE_SIZE) + (0 if arch == HOST else _LIBRARY_SIZE)
        return Part(f"Rust for {arch.name}", size, present and trees)

    def mounts(self, arch: Architecture, *, foreign_root: bool) -> tuple[Mount, ...]:
        """What a sandbox must see of it, at ``/crosswheel/rust``.

        :param foreign_root: whether the sandbox stands in a root of another architecture, which then also gets
            this machine's C library for what cargo builds and runs itself.
        :raises ProvisionError: no suite has it for the architecture, or it cannot be fetched.
        :raises OSError: the store cannot be written.
        """
        tree, library = self._newest(arch)
        mounts = [Mount(tree, places.RUST)]
        if library is not None:
            mounts.append(Mount(library, f"{places.RUST}/{_RUSTLIB}/{arch.rust}"))
        if foreign_root:
            multiarch = f"usr/lib/{HOST.triplet}"
            mounts += [Mount(tree / path, f"/{path}") for path in (multiarch, _LOADER)]
        return tuple(mounts)

    def _newest(self, arch: Architecture) -> tuple[Path, Path | None]:
        errors = []
        for suite in _SUITES:
            try:
                version, library = self._library(suite, arch)
                return self._tree(suite, version), library
            except ProvisionError as error:
                errors.append(error)
        raise ProvisionError(
            f"Rust for {arch.name} cannot be had: {errors[0].fact}",
            cause=errors[0].cause,
            remedy=f"install Rust with its library for the target (rustup target add {arch.rust}), or: "
            + (errors[0].remedy or "run it again"),
        )

    def _library(self, suite: str, arch: Architecture) -> tuple[str, Path | None]:
        """The version that a suite has, and the target's library where that is not among the programs' own."""
        name = _PROGRAMS[0] if arch == HOST else _LIBRARY

        def make(entry: Path) -> None:
            label = f"Rust's library for {arch.name}"
            with self._archive.fetched(suite, arch, (name,), closure=False, label=label) as fetched:
                if arch != HOST:
                    unpack_files(fetched.files, entry / "root")
                    (entry / "root" / _RUSTLIB / arch.rust).rename(entry / "library")
                    remove_tree(entry / "root")
            (entry / "manifest.json").write_text(json.dumps({"version": _source_version(fetched, name)}))

        entry = self._archive.store.ensure(_LIBRARIES, self._library_key(suite, arch), make)
        version = json.loads((entry / "manifest.json").read_text())["version"]
        return version, None if arch == HOST else entry / "library"

    def _tree(self, suite: str, version: str) -> Path:
        def make(entry: Path) -> None:
            with self._archive.fetched(suite, HOST, _PROGRAMS, label="Rust", assumed=_ASSUMED) as fetched:
                here = _source_version(fetched, _PROGRAMS[0])
                if here != version:
                    raise ProvisionError(
                        f"Debian {suite} has Rust {here} for {HOST.name} and {version} for the target",
                        cause="the archive is being updated",
                        remedy="try again in some hours",
                    )
                with told(self._archive.progress, "unpack", f"Rust of Debian {suite}"):
                    unpack_files(fetched.files, entry / "root")
                    _settle(entry / "root")

        inputs = {"suite": suite, "version": version, "recipe": RECIPE, "mirror": self._archive.mirror}
        return self._archive.store.ensure(_TREES, digest(inputs), make) / "root"

    def _library_key(self, suite: str, arch: Architecture) -> str:
        inputs = {"suite": suite, "arch": arch.debian, "recipe": RECIPE, "mirror": self._archive.mirror}
        return digest(inputs)


def _settle(tree: Path) -> None:
    """Make it run at its place, and make a place in it for every target's library."""
    make_movable(tree, places.RUST)
    for arch in ARCHITECTURES.values():
        (tree / _RUSTLIB / arch.rust).mkdir(exist_ok=True)
    shutil.rmtree(tree / "etc", ignore_errors=True)


def _source_version(fetched: Fetched, name: str) -> str:
    """The version without the mark of a rebuild (``+b1``), which one architecture may have and another not."""
    version = next(package.version for package in fetched.packages if package.name == name)
    return version.rpartition("+b")[0] or version
