"""Debian's cross compilers (gcc, g++, gfortran): programs of this machine that run inside a foreign root.

They are of the suite that the root is of, so that what they link fits the libraries there. Their headers and
libraries of C are left out: those of the root, found by gcc in the usual places, serve.
"""

from pathlib import Path

from crosswheel.architectures import HOST, Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import Part
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.movable import make_movable
from crosswheel.provision.debian.suites import Suite
from crosswheel.provision.debian.unpack import unpack_files
from crosswheel.provision.steps import told
from crosswheel.site import places
from crosswheel.store import digest

__all__ = ["NAMES", "cross_gcc", "part"]

RECIPE = 1  # of how the tree is made; a change of the recipe makes new ones
NAMES = "names"  # the directory in the tree that goes on PATH
_KIND = "cross-gcc"
# Further names of a program: POSIX's, and those that old build systems ask for.
_ALIASES = {"gcc": ("cc",), "g++": ("c++",), "gfortran": ("f77", "f90", "f95")}


def part(archive: Archive, suite: Suite, arch: Architecture) -> Part | None:
    """The compilers as a part of a plan; None where the suite has none; without asking the network."""
    if arch.name not in suite.cross_gcc:
        return None
    present = archive.store.has(_KIND, _key(archive, suite, arch))
    return Part(_label(suite, arch), suite.cross_gcc[arch.name], present)


def cross_gcc(archive: Archive, suite: Suite, arch: Architecture) -> Path:
    """The tree of the compilers, fetched at first need; it runs where it is seen at ``places.GCC``.

    :raises ProvisionError: the suite does not have them, or they cannot be fetched.
    :raises OSError: the store cannot be written.
    """
    if arch.name not in suite.cross_gcc:
        raise ProvisionError(f"Debian {suite.name} has no cross compilers for {arch.name}")

    def make(entry: Path) -> None:
        tree = entry / "root"
        label = f"cross gcc for {arch.name}"
        with (
            archive.fetched(suite.name, HOST, _packages(suite, arch), label=label) as fetched,
            told(archive.progress, "unpack", _label(suite, arch)),
        ):
            unpack_files([file for file in fetched.files if not _is_of_c(file)], tree)
            arrange(tree, arch, suite.gcc)
            make_movable(tree, places.GCC)

    return archive.store.ensure(_KIND, _key(archive, suite, arch), make) / "root"


def arrange(tree: Path, arch: Architecture, gcc: int) -> None:
    """Give the programs their usual names, and let them search the root's ``/usr/local`` as a native gcc does.

    :param gcc: the major version.
    """
    names = tree / NAMES
    names.mkdir()
    for program in sorted((tree / "usr/bin").glob(f"{arch.triplet}-*")):
        name = program.name.removeprefix(f"{arch.triplet}-").removesuffix(f"-{gcc}")
        if name == "lto-dump":  # 30 MB for the people who debug gcc
            program.unlink()
            continue
        for alias in (name, *_ALIASES.get(name, ())):
            for seen in (alias, f"{arch.triplet}-{alias}"):
                (names / seen).symlink_to(f"../usr/bin/{program.name}")
    loader = next((tree / "lib64").glob("ld-linux-*"))
    if loader.readlink().is_absolute():  # up to bookworm: into the machine's own file system
        loader.unlink()
        loader.symlink_to(f"../lib/{HOST.triplet}/{loader.name}")
    # Two places that gcc searches, that are empty here, and that are in the right order.
    library = tree / "usr/lib/gcc-cross" / arch.triplet / str(gcc)
    (library / "include-fixed").symlink_to("/usr/local/include")
    (tree / "usr" / arch.triplet / "lib" / arch.triplet).symlink_to("/usr/local/lib")


def _packages(suite: Suite, arch: Architecture) -> tuple[str, ...]:
    triplet = arch.triplet.replace("_", "-")
    return tuple(f"{language}-{suite.gcc}-{triplet}" for language in ("g++", "gfortran"))


def _is_of_c(archive: Path) -> bool:
    """Whether a package holds the target's C library or the kernel's headers."""
    name = archive.name.partition("_")[0]
    return name.endswith("-cross") and name.startswith(("libc6-", "linux-libc-dev-"))


def _label(suite: Suite, arch: Architecture) -> str:
    return f"cross gcc of Debian {suite.name} for {arch.name}"


def _key(archive: Archive, suite: Suite, arch: Architecture) -> str:
    inputs = {"suite": suite.name, "arch": arch.debian, "packages": _packages(suite, arch), "recipe": RECIPE}
    return digest({**inputs, "place": places.GCC, "mirror": archive.mirror})
