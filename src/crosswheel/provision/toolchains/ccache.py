"""ccache before the compilers: a source that some build compiled before, in whatever run, is not compiled again.

An object is found by the text that the preprocessor makes of a source, by the compiler and by its options; not by
the files that it was made of. ccache's direct mode would spare the preprocessor too, 20 to 60 ms of zig a file, but
does not see a header that is new in a directory searched earlier (its manual, "The direct mode"): such an object
would be wrong.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.provision.debian.cross_gcc import NAMES
from crosswheel.provision.toolchains import fetching
from crosswheel.provision.toolchains.gcc import Gcc
from crosswheel.provision.toolchains.pin import CCACHE, PIN
from crosswheel.seams import Mount, Progress, Toolchain
from crosswheel.site import places
from crosswheel.store import Store

__all__ = ["KIND", "SIZE", "VERSION", "Compilations", "fetch", "present"]

KIND = "compilations"
VERSION = CCACHE.version
SIZE = CCACHE.size
LOG = "log"
_NAMES = "names"
_MOST = "2G"  # what ccache used last stays
_COMPILERS = ("cc", "gcc", "c++", "g++")
_CONFIGURATION = "ccache.conf"
_SETTINGS = "CCACHE_CONFIGPATH"
_ALWAYS = {
    "cache_dir": places.COMPILATIONS,
    "max_size": _MOST,
    "direct_mode": "false",
    "inode_cache": "false",  # the numbers of sandboxes' file systems come again
    "temporary_dir": f"{places.COMPILATIONS_OF_JOB}/temporary",
    "stats_log": f"{places.COMPILATIONS_OF_JOB}/{LOG}",
}


@dataclass(frozen=True)
class Kept:
    """Compilers behind ccache; see :class:`crosswheel.seams.Toolchain`.

    :param libraries: as of the compilers themselves.
    """

    mounts: tuple[Mount, ...]
    libraries: tuple[Path, ...]
    variables: Mapping[str, str]

    def env(self) -> Mapping[str, str]:
        return self.variables


@dataclass(frozen=True)
class Compilations:
    """ccache and what it keeps.

    :param program: its directory.
    :param kept: where it keeps objects, in the store.
    """

    program: Path
    kept: Path

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What a sandbox must see."""
        cache = Mount(self.kept, places.COMPILATIONS, writable=True, cache=True)
        return (Mount(self.program, places.CCACHE), cache)

    def before_zig(self, compilers: Toolchain, directory: Path) -> Toolchain:
        """zig's compilers, whose wrapper calls ccache where it finds settings.

        :param directory: of the job, seen at ``places.COMPILATIONS_OF_JOB``.
        """
        # By what zig is, not by a file: the wrapper, which ccache calls, only hands arguments on.
        check = {"compiler_type": "clang", "compiler_check": f"string:{fetching.key(PIN)}"}
        self._lay(directory, check)
        return Kept((*compilers.mounts, *self.mounts), compilers.libraries, compilers.env())

    def before_cross_gcc(self, compilers: Gcc, directory: Path) -> Toolchain:
        """Debian's cross compilers behind links to ccache."""
        names = [*_COMPILERS, *(f"{compilers.arch.triplet}-{name}" for name in _COMPILERS)]
        there = f"{places.GCC}/{NAMES}"
        self._lay(directory, {**_of_gcc(f"{there}/as"), "path": there})
        links = _link(directory, [name for name in names if (compilers.tree / NAMES / name).is_symlink()])
        env = compilers.env()
        return Kept(
            (*compilers.mounts, *self.mounts),
            compilers.libraries,
            {
                **env,
                "CC": f"{links}/gcc",
                "CXX": f"{links}/g++",
                "PATH": f"{links}:{env['PATH']}",
                _SETTINGS: f"{places.COMPILATIONS_OF_JOB}/{_CONFIGURATION}",
            },
        )

    def before_gcc_of(self, roots: Iterable[Path], triplet: str, directory: Path) -> Toolchain:
        """The root's own compilers behind links to ccache, which runs natively whatever they do.

        :param roots: the root and what lies over it.
        """
        names = [*_COMPILERS, *(f"{triplet}-{name}" for name in _COMPILERS)]
        there = [name for name in names if any(os.path.lexists(root / "usr/bin" / name) for root in roots)]
        self._lay(directory, _of_gcc("/usr/bin/as"))
        settings = f"{places.COMPILATIONS_OF_JOB}/{_CONFIGURATION}"
        return Kept(self.mounts, (), {"PATH": _link(directory, there), _SETTINGS: settings})

    def _lay(self, directory: Path, settings: Mapping[str, str]) -> None:
        directory.mkdir(exist_ok=True)
        lines = (f"{name} = {value}\n" for name, value in {**_ALWAYS, **settings}.items())
        (directory / _CONFIGURATION).write_text("".join(lines), encoding="utf-8")


def _of_gcc(assembler: str) -> dict[str, str]:
    """How gcc is known: by the driver's bytes, which hold the version of its package and so stand for the compiler
    proper, and by the assembler's, which is of another package.
    """
    return {"compiler_check": "content", "extra_files_to_hash": assembler}


def _link(directory: Path, names: Iterable[str]) -> str:
    """Links to ccache, which takes its own name for that of a compiler to look for; their place in sandboxes."""
    links = directory / _NAMES
    links.mkdir(exist_ok=True)
    for name in names:
        (links / name).unlink(missing_ok=True)
        (links / name).symlink_to(f"{places.CCACHE}/{CCACHE.name}")
    return f"{places.COMPILATIONS_OF_JOB}/{_NAMES}"


def present(store: Store) -> bool:
    """Whether ccache is in the store."""
    return fetching.present(store, CCACHE)


def fetch(store: Store, progress: Progress) -> Compilations:
    """ccache, fetched at first need. A build can do without it: the index is asked once.

    :raises ProvisionError: it cannot be had.
    :raises OSError: the disk is full.
    """
    program = fetching.fetched(store, progress, CCACHE, {"UV_HTTP_RETRIES": "0"})
    return Compilations(program, store.shared(KIND))
