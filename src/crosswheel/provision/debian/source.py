"""The source ``debian``."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import LibcVersion, Part, Python, Target
from crosswheel.provision.debian import runtime as runtimes
from crosswheel.provision.debian.apt import ESSENTIAL
from crosswheel.provision.debian.archive import Archive, Fetched
from crosswheel.provision.debian.cross_gcc import cross_gcc, part
from crosswheel.provision.debian.database import write_database
from crosswheel.provision.debian.lists import lay_lists
from crosswheel.provision.debian.programs import Programs
from crosswheel.provision.debian.rust import DebianRust
from crosswheel.provision.debian.settle import settle
from crosswheel.provision.debian.suites import (
    Suite,
    oldest_with,
    pythons_by_architectures,
    suite_with,
    suites,
)
from crosswheel.provision.debian.unpack import unpack
from crosswheel.provision.roots import BaseRoot, Root
from crosswheel.provision.steps import told
from crosswheel.seams import Progress, Reach
from crosswheel.store import Store, digest, remove_tree

__all__ = ["DebianSource"]

RECIPE = 1  # of how a root is made; a change of the recipe makes new ones
_ROOTS = "roots"
_CXX = "cxx-roots"
_CONTROL = "control"
_SINGLE_THREADED = """\
/* Since GCC 11 libstdc++ asks glibc 2.32 whether a process has but one thread, to spare atomic operations. What is
   linked for an older one must not ask. */
#pragma once
static const char __libc_single_threaded = 0;
"""
_BESIDE_CPYTHON = ("zlib1g-dev", "libexpat1-dev")  # its own -dev package brings them, and projects rely on it


class DebianSource:
    """Roots and CPythons from Debian's archive.

    :param store: keeps the roots.
    :param progress: is told what is fetched and unpacked.
    :param mirror: an address to use in place of the machine's own mirror of Debian.
    """

    name = "debian"

    def __init__(self, store: Store, progress: Progress, mirror: str | None = None) -> None:
        self._store = store
        self._progress = progress
        self._archive = Archive(store, progress, mirror)
        self.programs = Programs(self._archive)
        self.rust = DebianRust(self._archive, lambda: self.programs.bubblewrap().path)

    def offers(self, target: Target) -> bool:
        """Whether a suite of Debian has the target's Python; without asking the network."""
        return target.libc == "manylinux" and suite_with(target.python, target.arch) is not None

    def key(self, target: Target) -> str:
        """The suite, its mirror, the packages, and the recipe that makes them a root."""
        suite = suite_with(target.python, target.arch)
        return self._root_key(suite, target.python, target.arch) if suite else ""

    def libc_version(self, target: Target) -> LibcVersion | None:
        """The glibc of the suite that has the target's Python."""
        suite = suite_with(target.python, target.arch)
        return suite.glibc if suite else None

    def describe(self) -> str:
        """Which Pythons it has for what, as a sentence without a full stop."""
        groups = [
            f"CPython {_listing(pythons)} for {_listing(archs)}"
            for archs, pythons in pythons_by_architectures().items()
        ]
        pypy = _listing(tuple(suite.pypy for suite in suites() if suite.pypy))
        return f"debian has {', and '.join(groups)}, and PyPy {pypy}"

    def parts(self, target: Target) -> tuple[Part, ...]:
        """The root that it makes for the target and the programs that run it; without asking the network."""
        suite = suite_with(target.python, target.arch) if self.offers(target) else None
        if suite is None:
            return ()
        name = f"Debian {suite.name} for {target.arch.name} with {target.python.title}"
        present = self._store.has(_ROOTS, self._root_key(suite, target.python, target.arch))
        root = Part(name, suite.download[target.arch.name], present)
        return (root, *self.programs.parts(target.arch))

    def reaches(self, target: Target) -> tuple[Reach, ...]:
        """The mirror, unless the target's root is in the store."""
        suite = suite_with(target.python, target.arch)
        if suite is None or self._store.has(_ROOTS, self._root_key(suite, target.python, target.arch)):
            return ()
        return (self._mirror(suite, target.arch),)

    def root(self, target: Target, finish: Callable[[Root], None] | None = None) -> Root:
        """The root with a target's Python, made if it is not there yet.

        :param finish: runs on the new root before it is published.
        :raises ProvisionError: Debian does not have it, or it cannot be fetched.
        :raises OSError: the store cannot be written.
        """
        python, arch = target.python, target.arch
        suite = suite_with(python, arch)
        if suite is None:
            raise ProvisionError(
                f"Debian has no {python.tag} for {arch.name}",
                cause=self.describe(),
                remedy="leave it out with CIBW_SKIP, or choose another source with --source",
            )

        def make(entry: Path) -> None:
            self._fill(entry, suite, arch, _names(suite, python), python.directory)
            if finish is not None:
                finish(_root(entry, suite, python, arch))

        entry = self._store.ensure(_ROOTS, self._root_key(suite, python, arch), make)
        return _root(entry, suite, python, arch)

    def _fill(
        self, entry: Path, suite: Suite, arch: Architecture, names: tuple[str, ...], python: str
    ) -> None:
        with self._archive.fetched(suite.name, arch, names) as fetched:
            with told(self._progress, "unpack", f"Debian {suite.name} for {arch.name}"):
                path = _unpacked(fetched, entry)
                write_database(path, entry / _CONTROL)
                settle(path, suite.name, python, fetched.mirror)
            _conclude(entry, fetched)

    def base_root(self, arch: Architecture, glibc: LibcVersion) -> BaseRoot:
        """A root with compilers and no Python, of the oldest suite with a glibc; made if it is not there yet.

        :param glibc: the oldest that serves.
        :raises ProvisionError: no suite has it, or it cannot be fetched.
        :raises OSError: the store cannot be written.
        """
        suite = next((one for one in suites() if arch.name in one.download and one.glibc >= glibc), None)
        if suite is None:
            wanted = ".".join(map(str, glibc))
            raise ProvisionError(f"Debian has no glibc {wanted} for {arch.name}")
        names = _base_names(suite)
        key = self._key(suite, arch, names)
        entry = self._store.ensure(_ROOTS, key, lambda entry: self._fill(entry, suite, arch, names, ""))
        return BaseRoot(entry / "root", suite.name, suite.glibc)

    def base_key(self, arch: Architecture) -> str:
        """What the oldest of these roots is made from; see :meth:`key`."""
        suite = oldest_with(arch)
        return self._key(suite, arch, _base_names(suite))

    def base_part(self, arch: Architecture, *, needed: bool) -> Part:
        """The oldest of these roots as a part of a plan."""
        suite = oldest_with(arch)
        present = not needed or self._store.has(_ROOTS, self.base_key(arch))
        return Part(f"Debian {suite.name} for {arch.name} without Python", suite.download[arch.name], present)

    def base_reaches(self, arch: Architecture) -> tuple[Reach, ...]:
        """Who must be reached for the oldest of these roots."""
        there = self._store.has(_ROOTS, self.base_key(arch))
        return () if there else (self._mirror(oldest_with(arch), arch),)

    def _mirror(self, suite: Suite, arch: Architecture) -> Reach:
        return Reach("the Debian mirror", lambda: self._archive.ask({suite.name: arch}))

    def present_root(self, python: Python, arch: Architecture) -> Root | None:
        """The same where it is in the store already; nothing is fetched."""
        suite = suite_with(python, arch)
        if suite is None or not self._store.has(_ROOTS, key := self._root_key(suite, python, arch)):
            return None
        return _root(self._store.path(_ROOTS, key), suite, python, arch)

    def ask(self, suites: Mapping[str, Architecture]) -> str:
        """The address of the mirror, which answers for suites just now; see :meth:`Archive.ask`."""
        return self._archive.ask(suites).uri

    def lay_lists(self, suite: str, arch: Architecture, upper: Path) -> None:
        """Let the apt of a root install at once; see :func:`crosswheel.provision.debian.lists.lay_lists`."""
        lay_lists(self._archive, suite, arch, upper)

    def cxx_root(self, arch: Architecture) -> Path:
        """libstdc++ and libgcc of the oldest suite for an architecture: headers and libraries, nothing else.

        The older they are, the older the systems that a wheel linked against them runs on.

        :raises ProvisionError: they cannot be fetched.
        :raises OSError: the store cannot be written.
        """
        suite = oldest_with(arch)
        names = (f"libstdc++-{suite.gcc}-dev", f"libgcc-{suite.gcc}-dev", "libstdc++6", "libgcc-s1")

        def make(entry: Path) -> None:
            with self._archive.fetched(suite.name, arch, names, closure=False, label="libstdc++") as fetched:
                headers = _unpacked(fetched, entry) / f"usr/include/c++/{suite.gcc}"
                (headers / "sys").mkdir()
                (headers / "sys/single_threaded.h").write_text(_SINGLE_THREADED, encoding="utf-8")
                _conclude(entry, fetched)

        key = digest({"root": self._key(suite, arch, names), "threads": _SINGLE_THREADED})
        return self._store.ensure(_CXX, key, make) / "root"

    def cross_gcc(self, name: str, arch: Architecture) -> Path:
        """Cross compilers of a suite: they link for the roots made of it.

        :raises ProvisionError: the suite does not have them, or they cannot be fetched.
        :raises OSError: the store cannot be written.
        """
        return cross_gcc(self._archive, next(suite for suite in suites() if suite.name == name), arch)

    def cross_gcc_part(self, target: Target, *, base: bool = False) -> Part | None:
        """The same as a part of a plan; None where there are none; without asking the network.

        :param base: for the oldest root without a Python, not for that of the target's Python.
        """
        suite = oldest_with(target.arch) if base else suite_with(target.python, target.arch)
        return part(self._archive, suite, target.arch) if suite else None

    def runtime(self) -> Path:
        """This machine's C and C++ libraries for its programs inside a foreign root.

        :raises ProvisionError: they cannot be fetched.
        :raises OSError: the store cannot be written.
        """
        return runtimes.runtime(self._archive)

    def runtime_part(self) -> Part:
        """The same as a part of a plan; without asking the network."""
        return runtimes.part(self._archive)

    def _root_key(self, suite: Suite, python: Python, arch: Architecture) -> str:
        return self._key(suite, arch, _names(suite, python))

    def _key(self, suite: Suite, arch: Architecture, names: tuple[str, ...]) -> str:
        inputs = {"suite": suite.name, "arch": arch.debian, "names": names, "recipe": RECIPE}
        return digest({**inputs, "mirror": self._archive.mirror})


def _root(entry: Path, suite: Suite, python: Python, arch: Architecture) -> Root:
    return Root(
        path=entry / "root",
        suite=suite.name,
        arch=arch,
        libc_version=suite.glibc,
        python=f"/usr/bin/{python.directory}",
        triplet=arch.triplet,
    )


def _names(suite: Suite, python: Python) -> tuple[str, ...]:
    if python.implementation == "pp":
        return (ESSENTIAL, *suite.packages, "pypy3", "pypy3-dev", *_BESIDE_CPYTHON)
    return (ESSENTIAL, *suite.packages, f"python{python.version}", f"python{python.version}-dev")


def _base_names(suite: Suite) -> tuple[str, ...]:
    # bullseye's roots have a package of its Python's, which brings that along.
    return (ESSENTIAL, *(name for name in suite.packages if not name.startswith("python3")))


def _unpacked(fetched: Fetched, entry: Path) -> Path:
    entry.chmod(0o700)  # its /tmp is open to all: nobody else may reach it
    root = entry / "root"
    unpack(fetched.files, root, entry / _CONTROL)
    return root


def _conclude(entry: Path, fetched: Fetched) -> None:
    """Leave a file system and a list of what it is made of."""
    remove_tree(entry / _CONTROL)
    packages = [asdict(package) for package in fetched.packages]
    manifest = {"mirror": fetched.mirror.uri, "packages": packages}
    (entry / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _listing(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
