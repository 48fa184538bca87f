"""CPython and its libraries compiled by zig, in a root of Debian for this machine: never on the machine itself."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from crosswheel.architectures import HOST, Architecture
from crosswheel.model import Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.suites import suite_with
from crosswheel.provision.debian.unpack import unpack_files
from crosswheel.provision.failing import failed
from crosswheel.provision.musl.table import table
from crosswheel.provision.sandboxes.namespace import Namespace, Tools
from crosswheel.provision.steps import told
from crosswheel.provision.toolchains import warming, zig
from crosswheel.seams import Layered, Mount, Progress, View
from crosswheel.site import places
from crosswheel.store import Store, digest

__all__ = ["Compilation", "builder", "recipe"]

_LIBRARIES, _PYTHONS = "musl-libraries", "musl-pythons"
# What the recipes expect; see recipe/begin.sh.
_RECIPE = f"{places.BASE}/recipe"
_SOURCES = f"{places.BASE}/sources"
_LIBRARIES_PLACE = f"{places.BASE}/libraries"
_WORK = f"{places.BASE}/work"
_OUT = f"{places.BASE}/out"
_PERL_PLACE = f"{places.BASE}/perl"
# What OpenSSL's configure wants of Perl beyond what a root has. Their names tell the version (apt-patterns(7)).
_PERL = ("?and(?name(^perl-modules-),?not(?virtual))", "?and(?name(^libperl5),?not(?virtual))")


def recipe() -> Mapping[str, str]:
    """The scripts by their names: what they make is made anew when they change."""
    scripts = files(__package__).joinpath("recipe").iterdir()
    return {
        script.name: script.read_text(encoding="utf-8") for script in scripts if script.name.endswith(".sh")
    }


def builder(python: Python) -> Target:
    """The target whose root compiles a Python: Debian's for this machine with the same version.

    ``configure`` wants a Python of the same minor to run what it builds of itself; a free-threaded one is served by
    the plain one, whose byte code is the same.
    """
    return Target(Python(python.implementation, python.major, python.minor), "manylinux", HOST)


@dataclass(frozen=True)
class _Script:
    """A script of ``recipe/`` and what it works on.

    :param what: what it compiles, for people.
    :param sources: source packages of a suite of Debian.
    :param mounts: what it sees beside sources and compilers.
    """

    name: str
    what: str
    suite: str
    sources: tuple[str, ...]
    env: Mapping[str, str]
    mounts: tuple[Mount, ...]


@dataclass(frozen=True)
class Compilation:
    """Compiles for musl.

    :param debian: has the root that the compilers run in, and bubblewrap.
    :param archive: has the sources.
    """

    store: Store
    progress: Progress
    debian: DebianSource
    archive: Archive

    def libraries_key(self, arch: Architecture) -> str:
        """What the libraries of an architecture are made from. The versions are those of the suite."""
        rows = table()
        scripts = {name: text for name, text in recipe().items() if name != "cpython.sh"}
        inputs = {
            "suite": rows.libraries_suite,
            "sources": rows.libraries,
            "zig": zig.VERSION,
            "arch": arch.name,
        }
        return digest({**inputs, "recipe": scripts, "mirror": self.archive.mirror})

    def key(self, python: Python, arch: Architecture) -> str:
        """What a CPython is compiled from. The version of its source is that of the suite."""
        inputs = {"python": python.tag, "suite": _suite(python), "zig": zig.VERSION, "recipe": recipe()}
        return digest({**inputs, "libraries": self.libraries_key(arch), "mirror": self.archive.mirror})

    def cpython(self, python: Python, arch: Architecture) -> Path:
        """A CPython as it is to lie in a root, compiled at first need.

        :return: a directory with ``usr/local``.
        :raises ProvisionError: a part cannot be had, or it cannot be compiled.
        :raises OSError: the store cannot be written.
        """

        def make(entry: Path) -> None:
            libraries = self._libraries(python, arch)
            script = _Script(
                "cpython.sh",
                what=f"CPython {python.version}{python.suffix}",
                suite=_suite(python),
                sources=(f"python{python.version}",),
                env={"PYTHON": python.version, "SUFFIX": python.suffix},
                mounts=(Mount(libraries, _LIBRARIES_PLACE), Mount(entry, _OUT, writable=True)),
            )
            self._run(script, python, arch)

        return self.store.ensure(_PYTHONS, self.key(python, arch), make)

    def _libraries(self, python: Python, arch: Architecture) -> Path:
        rows = table()

        def make(entry: Path) -> None:
            what, suite = "the libraries of CPython", rows.libraries_suite
            with self.store.scratch() as scratch:
                with self.archive.fetched(_suite(python), HOST, _PERL, closure=False, label="Perl") as perl:
                    unpack_files(perl.files, scratch / "perl")
                mounts = (Mount(scratch / "perl", _PERL_PLACE), Mount(entry, _OUT, writable=True))
                self._run(_Script("libraries.sh", what, suite, rows.libraries, {}, mounts), python, arch)

        return self.store.ensure(_LIBRARIES, self.libraries_key(arch), make)

    def _run(self, script: _Script, python: Python, arch: Architecture) -> None:
        """Fetch sources and run a script over them."""
        what, rows = f"{script.what} for musl on {arch.name}", table()
        compiler = zig.fetch(self.store, self.progress)
        root = self.debian.root(builder(python)).path
        tools = Tools(self.debian.programs.bubblewrap().path, {})
        with (
            self.archive.sources(script.suite, script.sources, script.what) as fetched,
            self.store.scratch() as scratch,
            as_file(files(__package__).joinpath("recipe")) as scripts,
        ):
            (scratch / "work").mkdir()
            places_of_it = (
                Mount(compiler.directory, f"{places.BASE}/zig"),
                Mount(self.store.shared(warming.CACHE), f"{places.BASE}/zig-cache", writable=True),
                Mount(scripts, _RECIPE),
                Mount(fetched.files[0].parent, _SOURCES),
                Mount(scratch / "work", _WORK, writable=True),
            )
            view = View(Layered(root, scratch / "layer"), mounts=(*places_of_it, *script.mounts))
            env = {"PATH": places.SYSTEM_PATH, "HOME": _WORK, "LC_ALL": "C.UTF-8", **script.env,
                   "ZIG_TARGET": zig.target_name(arch, rows.musl, "musllinux"),
                   "HOST_TRIPLET": rows.architectures[arch.name],
                   "BITS": str(arch.bits), "ORDER": arch.order.upper(),
                   "JOBS": str(len(os.sched_getaffinity(0)))}  # fmt: skip
            with told(self.progress, "compile", f"{what}, once"):
                done = Namespace(tools, view).run(["sh", f"{_RECIPE}/{script.name}"], cwd=_WORK, env=env)
            if done.returncode != 0:
                raise failed(f"{what} cannot be compiled", done)


def _suite(python: Python) -> str:
    native = suite_with(builder(python).python, HOST)
    assert native is not None, "the table names Pythons that Debian has"
    return native.name
