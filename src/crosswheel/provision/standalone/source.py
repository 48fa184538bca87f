"""The source ``standalone``."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from crosswheel.architectures import HOST
from crosswheel.errors import ProvisionError
from crosswheel.model import Libc, LibcVersion, Part, Python, Target
from crosswheel.once import once
from crosswheel.process import run
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.failing import failed
from crosswheel.provision.images.root import place_of
from crosswheel.provision.musl import MuslBase
from crosswheel.provision.musl.system import MuslRoot
from crosswheel.provision.pythons import MachinePython
from crosswheel.provision.reaching import answers
from crosswheel.provision.roots import Root
from crosswheel.provision.standalone import binaries, described, fetching
from crosswheel.provision.standalone.bases import bases
from crosswheel.provision.standalone.table import Build, build_for, pythons_by_architectures, read
from crosswheel.provision.steps import told
from crosswheel.seams import Progress, Reach
from crosswheel.store import Store, digest

RECIPE = 1  # of how a root is made
_ROOTS = "standalone-roots"
_NATIVE = "standalone-pythons"
_CONTENTS = "contents.json"


class StandaloneSource:
    """CPythons of python-build-standalone in small roots, which have no Python of their own.

    For glibc a root is Debian's oldest whose glibc the Python runs with: what the root's compilers make runs on the
    oldest systems then. For musl it has musl and a shell, and no compilers. The Python stands where the official
    images have it, ``/opt/python/cp312-cp312``.

    :param store: keeps the roots.
    :param progress: is told what is fetched and unpacked.
    :param environ: of the user: uv's mirrors, and proxies.
    :param debian: has what a Python for glibc needs to run.
    :param musl: has what one for musl needs.
    """

    name = "standalone"

    def __init__(
        self,
        store: Store,
        progress: Progress,
        *,
        environ: Mapping[str, str],
        debian: DebianSource,
        musl: MuslBase,
    ) -> None:
        self._store = store
        self._progress = progress
        self._environ = environ
        self.debian = debian
        self._bases = bases(debian, musl)
        self._table = once(lambda: read(environ))

    def offers(self, target: Target) -> bool:
        """Whether uv knows a build for the target; without asking the network."""
        return self._build(target) is not None

    def key(self, target: Target) -> str:
        """The build, where it is fetched, and the root that it stands in, of Debian's the oldest that it may."""
        build = self._build(target)
        return self._key(build, target) if build else ""

    def libc_version(self, target: Target) -> LibcVersion | None:
        """The C library of the root, if it is there: only a Python for glibc itself tells which it needs."""
        build = self._build(target)
        entry = self._store.path(_ROOTS, self._key(build, target)) if build else None
        return _root(entry, target).libc_version if entry is not None and entry.is_dir() else None

    def describe(self) -> str:
        """Which Pythons it has for what, as a sentence without a full stop."""
        libcs: tuple[tuple[Libc, str], ...] = (("manylinux", "for"), ("musllinux", "for musl on"))
        groups = [
            f"CPython {', '.join(pythons)} {where} {', '.join(archs)}"
            for libc, where in libcs
            for archs, pythons in pythons_by_architectures(self._table(), libc).items()
        ]
        return "standalone has " + ("; ".join(groups) or "nothing: uv's table of Pythons is empty")

    def parts(self, target: Target) -> tuple[Part, ...]:
        """The Python, the root it stands in and the programs that run it."""
        build = self._build(target)
        if build is None:
            return ()
        present = self._store.has(_ROOTS, self._key(build, target))
        python = Part(f"standalone {_named(build, target)}", 0, present)
        base = self._bases[target.libc].part(target.arch, needed=not present)
        return (python, base, *self.debian.programs.parts(target.arch))

    def reaches(self, target: Target) -> tuple[Reach, ...]:
        """Who serves the Python, and Debian's mirror, as far as they have something that is not in the store."""
        build = self._build(target)
        if build is None or self._store.has(_ROOTS, self._key(build, target)):
            return ()
        host = fetching.host_of(build.url)
        own = Reach(host, lambda: answers(build.url, f"{host} cannot be reached"))
        return (own, *self._bases[target.libc].reaches(target.arch))

    def root(
        self, target: Target, finish: Callable[[Root | MuslRoot], None] | None = None
    ) -> Root | MuslRoot:
        """The root with a target's Python, made if it is not there yet.

        :param finish: runs on the new root before it is published.
        :raises ProvisionError: uv does not know the Python, or it cannot be fetched.
        :raises OSError: the store cannot be written.
        """
        build = self._build(target)
        if build is None:
            raise ProvisionError(
                f"uv knows no {target.python.title} for {target.machine}",
                cause=self.describe(),
                remedy="leave it out with CIBW_SKIP, or choose another source with --source",
            )

        def make(entry: Path) -> None:
            entry.chmod(0o700)  # its /tmp is open to all: nobody else may reach it
            python = self._installed(build, target, entry, place_of(target))
            what = _named(build, target)
            program = binaries.interpreter(python, target.python, target.arch, what)
            base = self._bases[target.libc].root(target.arch, program, what)
            _stand(python, base.path, entry / "root", place_of(target))
            contents = {
                "suite": base.suite,
                "libc_version": base.libc_version,
                "python": f"{place_of(target)}/bin/{program.name}",
            }
            (entry / _CONTENTS).write_text(json.dumps(contents) + "\n", encoding="utf-8")
            if finish is not None:
                finish(_root(entry, target))

        return _root(self._store.ensure(_ROOTS, self._key(build, target), make), target)

    def offers_native(self, python: Python) -> bool:
        """Whether it has a Python for this machine."""
        return self.offers(Target(python, "manylinux", HOST))

    def native_part(self, python: Python) -> Part:
        """The same as a part of a plan."""
        build = self._native(python)
        present = self._store.has(_NATIVE, digest({"key": build.key, "url": build.url, "recipe": RECIPE}))
        return Part(f"standalone {_named(build, Target(python, 'manylinux', HOST))}", 0, present)

    def native(self, python: Python) -> MachinePython:
        """A Python that runs on this machine itself, made if it is not there yet.

        :raises ProvisionError: it cannot be fetched.
        :raises OSError: the store cannot be written.
        """
        build, target = self._native(python), Target(python, "manylinux", HOST)
        key = digest({"key": build.key, "url": build.url, "recipe": RECIPE})
        final = self._store.path(_NATIVE, key) / "python"

        def make(entry: Path) -> None:
            installed = self._installed(build, target, entry, str(final))
            installed.rename(entry / "python")
            program = binaries.interpreter(entry / "python", python, HOST, _named(build, target))
            done = run([program, "-m", "compileall", "-q", "-j2", "-s", str(entry), "-p", str(final.parent),
                        "--invalidation-mode", "unchecked-hash", "-x", "/(test|tests|lib2to3)/",
                        entry / "python/lib" / f"python{python.version}{python.suffix}"], env={})  # fmt: skip
            if done.returncode < 0 or run([program, "-IS", "-c", "import zlib"], env={}).returncode != 0:
                raise failed(f"{_named(build, target)} does not run on this machine", done)

        prefix = self._store.ensure(_NATIVE, key, make) / "python"
        return MachinePython(
            binaries.interpreter(prefix, python, HOST, _named(build, target)), prefix.resolve()
        )

    def _native(self, python: Python) -> Build:
        build = self._build(Target(python, "manylinux", HOST))
        if build is None:
            raise ProvisionError(f"uv knows no {python.title} for {HOST.name}", cause=self.describe())
        return build

    def _installed(self, build: Build, target: Target, entry: Path, place: str) -> Path:
        """The Python in a directory of an entry that is being made, settled for its place."""
        what = _named(build, target)
        directory = entry / "installing"
        directory.mkdir()
        with told(self._progress, "fetch", f"{what} from {fetching.host_of(build.url)}"):
            installed = fetching.install(build.key, what, build.url, directory, self._environ)
        binaries.interpreter(installed, target.python, target.arch, what)
        python = installed.rename(entry / "installed")
        shutil.rmtree(directory)
        described.settle(python, installed, place)
        return python

    def _build(self, target: Target) -> Build | None:
        return build_for(self._table(), target)

    def _key(self, build: Build, target: Target) -> str:
        base = self._bases[target.libc].key(target.arch)
        return digest({"key": build.key, "url": build.url, "base": base, "recipe": RECIPE})


def _named(build: Build, target: Target) -> str:
    return f"{target.python.title.replace(target.python.version, build.version)} for {target.machine}"


def _stand(python: Path, base: Path, root: Path, place: str) -> None:
    """Lay a Python into a copy of a root; the copy's files are the root's own, which nobody writes to."""
    shutil.copytree(base, root, symlinks=True, copy_function=os.link)
    prefix = root / place.lstrip("/")
    programs = root / "usr/local/bin"
    for directory in (prefix.parent, programs):
        directory.mkdir(parents=True, exist_ok=True)
    python.rename(prefix)
    for path in sorted((prefix / "bin").glob("python3*")):
        link = programs / path.name
        if not link.is_symlink():
            link.symlink_to(f"{place}/bin/{path.name}")


def _root(entry: Path, target: Target) -> Root | MuslRoot:
    told_ = json.loads((entry / _CONTENTS).read_text(encoding="utf-8"))
    path, version, python = entry / "root", told_["libc_version"], told_["python"]
    libc_version = (version[0], version[1])
    if target.libc == "musllinux":
        return MuslRoot(path, target.arch, libc_version, python)
    return Root(path, told_["suite"], target.arch, libc_version, python, target.arch.triplet)
