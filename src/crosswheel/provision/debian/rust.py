"""Debian's rustc and cargo for this machine, with the standard library of a target, of one version.

They are unpacked with their own C library (``movable.py``), so that they run in every sandbox: in the machine's
view, whatever its distribution, and inside the root of another architecture or with another C library. What Debian
has no library for, musl, gets one compiled (``rust_musl.py``).
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from crosswheel import musl
from crosswheel.architectures import ARCHITECTURES, HOST, Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import Part, Target
from crosswheel.provision.debian import rust_musl
from crosswheel.provision.debian.archive import Archive, Fetched
from crosswheel.provision.debian.movable import make_movable
from crosswheel.provision.debian.rust_musl import Release
from crosswheel.provision.debian.unpack import unpack_files
from crosswheel.provision.steps import told
from crosswheel.seams import Mount, Toolchain
from crosswheel.site import places
from crosswheel.store import digest, remove_tree

__all__ = ["DebianRust"]

RECIPE = 1  # of what the entries of libraries hold
_TREE_RECIPE = 2  # of the programs'
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
    :param bubblewrap: gives the program that makes the sandbox a library for musl is compiled in.
    """

    def __init__(self, archive: Archive, bubblewrap: Callable[[], Path]) -> None:
        self._archive = archive
        self._bubblewrap = bubblewrap

    def part(self, target: Target) -> Part:
        """It as a part of a plan; without asking the network."""
        store, arch, name = self._archive.store, target.arch, f"Rust for {target.arch.name}"
        trees = store.path(_TREES, "").exists()
        size = 0 if trees else _TREE_SIZE
        if target.libc == "musllinux":
            compiled = rust_musl.present(store, target)
            name = f"{name} with musl, its library compiled once"
            return Part(name, size + rust_musl.SIZE, compiled and trees)
        present = any(store.has(_LIBRARIES, self._library_key(suite, arch)) for suite in _SUITES)
        return Part(name, size + (0 if arch == HOST else _LIBRARY_SIZE), present and trees)

    def mounts(self, target: Target, *, in_root: bool, native: Toolchain | None) -> tuple[Mount, ...]:
        """What a sandbox must see of it, at ``/crosswheel/rust``.

        :param in_root: whether the sandbox stands in a root of another architecture or C library, which then also
            gets this machine's C library for what cargo builds and runs itself.
        :param native: compilers for this machine; None where the target's are the same.
        :raises ProvisionError: no suite has it for the architecture, or it cannot be fetched or compiled.
        :raises OSError: the store cannot be written.
        """
        of_musl = target.libc == "musllinux"
        release, library = self._newest(HOST if of_musl else target.arch)
        if of_musl:
            assert native is not None, "musl is not this machine's C library"
            library = rust_musl.library(self._archive, self._bubblewrap(), release, target, native)
        mounts = [Mount(release.tree, places.RUST)]
        if library is not None:
            mounts.append(Mount(library, f"{places.RUST}/{_RUSTLIB}/{target.rust}"))
        if in_root:
            multiarch = f"usr/lib/{HOST.triplet}"
            # Roots of Debian have a link at /lib64, those with musl nothing.
            place = _LOADER.removeprefix("usr/") if of_musl else _LOADER
            mounts += [
                Mount(release.tree / multiarch, f"/{multiarch}"),
                Mount(release.tree / _LOADER, f"/{place}"),
            ]
        return tuple(mounts)

    def _newest(self, arch: Architecture) -> tuple[Release, Path | None]:
        errors = []
        for suite in _SUITES:
            try:
                version, library = self._library(suite, arch)
                return Release(suite, version, self._tree(suite, version)), library
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

        inputs = {"suite": suite, "version": version, "recipe": _TREE_RECIPE, "mirror": self._archive.mirror}
        return self._archive.store.ensure(_TREES, digest(inputs), make) / "root"

    def _library_key(self, suite: str, arch: Architecture) -> str:
        inputs = {"suite": suite, "arch": arch.debian, "recipe": RECIPE, "mirror": self._archive.mirror}
        return digest(inputs)


def _settle(tree: Path) -> None:
    """Make it run at its place, and make a place in it for every target's library."""
    make_movable(tree, places.RUST)
    for arch in ARCHITECTURES.values():
        for triple in (arch.rust, musl.renamed(arch.rust)):
            (tree / _RUSTLIB / triple).mkdir(exist_ok=True)
    shutil.rmtree(tree / "etc", ignore_errors=True)


def _source_version(fetched: Fetched, name: str) -> str:
    """The version without the mark of a rebuild (``+b1``), which one architecture may have and another not."""
    version = next(package.version for package in fetched.packages if package.name == name)
    return version.rpartition("+b")[0] or version
