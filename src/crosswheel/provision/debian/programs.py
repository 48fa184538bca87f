"""Programs of the machine, installed or fetched into the store: QEMU and bubblewrap, which run targets; skopeo.

An installed one is used when it is good enough; else Debian's is unpacked into the store, not installed.
"""

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crosswheel import sample
from crosswheel.architectures import ARCHITECTURES, HOST, Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import Part
from crosswheel.process import run
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.movable import patchelf
from crosswheel.provision.debian.suites import suites
from crosswheel.provision.debian.unpack import unpack_files
from crosswheel.provision.executables import is_static
from crosswheel.provision.executables import version as version_of
from crosswheel.store import digest, remove_tree

__all__ = ["Program", "Programs", "unused_bubblewrap", "unused_qemu"]

RECIPE = 1  # of what a fetched program's entry holds
_KIND = "programs"
_QEMU_SUITE = "forky"  # the newest; its qemu-user needs no library of the machine
_QEMU_SIZE = 73_000_000
# Before 9.2 QEMU crashes at random on kernels since early 2025 (tonistiigi/binfmt issue 215).
_QEMU_OLDEST = (9, 2)
_BUBBLEWRAP = ("bubblewrap", "libcap2", "libselinux1", "libpcre2-8-0")
_BUBBLEWRAP_SIZE = 420_000
_BUBBLEWRAP_OLDEST = (0, 8)  # --disable-userns and --perms; what bookworm has
_BUBBLEWRAP_SUITE = "bookworm"  # the oldest suite that is new enough
_SKOPEO_OLDEST = (1, 9)  # what bookworm has
_SKOPEO_SIZE = 9_000_000
# What it depends on beyond its libraries: settings of the whole machine, and what signs images.
_SKOPEO_ASSUMED = (
    "libc6", "libgcc-s1", "golang-github-containers-common", "golang-github-containers-image", "dmsetup", "gnupg",
    "gpg",
)  # fmt: skip


@dataclass(frozen=True)
class Program:
    """A program that was found to run.

    :param version: as it says itself (``11.1.2``).
    :param origin: ``installed``, or the suite that it was fetched from (``Debian forky``).
    """

    path: Path
    version: str
    origin: str


class Programs:
    """QEMU, bubblewrap and skopeo.

    :param archive: where they are fetched from if need be.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def qemu(self, arch: Architecture) -> Program:
        """QEMU's user-mode emulator of an architecture: static, so that it runs inside any root.

        :raises ProvisionError: it is neither installed nor to be fetched.
        """
        return _installed_qemu(arch) or self._fetched(
            "qemu-user", ("qemu-user",), _QEMU_SUITE, f"qemu-{arch.qemu}", _keep_emulators
        )

    def bubblewrap(self) -> Program:
        """bubblewrap (``bwrap``), without set-user-id.

        :raises ProvisionError: it is neither installed nor to be fetched.
        """
        return _installed_bubblewrap() or self._fetched(
            "bubblewrap", _BUBBLEWRAP, _suite_of_machine(), "root/usr/bin/bwrap", _find_own_libraries("bwrap")
        )

    def skopeo(self) -> Path:
        """skopeo, which speaks to registries of images.

        :raises ProvisionError: it is neither installed nor to be fetched.
        """
        found = _installed_skopeo() or self._fetched(
            "skopeo", ("skopeo",), _suite_of_machine(), "root/usr/bin/skopeo", _find_own_libraries("skopeo"),
            assumed=_SKOPEO_ASSUMED,
        )  # fmt: skip
        return found.path

    def skopeo_part(self) -> Part:
        """skopeo as a part of a plan; without asking the network."""
        kept = self._archive.store.has(_KIND, self._key("skopeo", _suite_of_machine()))
        return Part("skopeo", _SKOPEO_SIZE, kept or bool(_installed_skopeo()))

    def present_qemu(self, arch: Architecture) -> Program | None:
        """QEMU where it is here already, installed or in the store; nothing is fetched."""
        return _installed_qemu(arch) or self._kept("qemu-user", _QEMU_SUITE, f"qemu-{arch.qemu}")

    def present_bubblewrap(self) -> Program | None:
        """bubblewrap where it is here already, installed or in the store; nothing is fetched."""
        return _installed_bubblewrap() or self._kept("bubblewrap", _suite_of_machine(), "root/usr/bin/bwrap")

    def parts(self, arch: Architecture) -> tuple[Part, ...]:
        """What is fetched to run programs of an architecture; without asking the network."""
        store = self._archive.store
        parts = []
        if not sample.runs_here(arch):
            present = store.has(_KIND, self._key("qemu-user", _QEMU_SUITE)) or bool(_installed_qemu(arch))
            parts.append(Part("QEMU", _QEMU_SIZE, present))
        present = store.has(_KIND, self._key("bubblewrap", _suite_of_machine())) or bool(
            _installed_bubblewrap()
        )
        return (*parts, Part("bubblewrap", _BUBBLEWRAP_SIZE, present))

    def _fetched(
        self,
        name: str,
        packages: tuple[str, ...],
        suite: str,
        path: str,
        arrange: Callable[[Path], None],
        *,
        assumed: tuple[str, ...] = (),
    ) -> Program:
        """:param assumed: of what the packages depend on, all is fetched but this; nothing where it is empty."""

        def make(entry: Path) -> None:
            with self._archive.fetched(
                suite, HOST, packages, closure=bool(assumed), label=name, assumed=assumed
            ) as fetched:
                unpack_files(fetched.files, entry / "root")
            arrange(entry)
            _checked(entry / path, name, suite)  # what does not run is not kept

        entry = self._archive.store.ensure(_KIND, self._key(name, suite), make)
        return _checked(entry / path, name, suite)

    def _kept(self, name: str, suite: str, path: str) -> Program | None:
        program = self._archive.store.path(_KIND, self._key(name, suite)) / path
        version = version_of(program) if program.is_file() else None
        return Program(program, version, f"Debian {suite}") if version else None

    def _key(self, name: str, suite: str) -> str:
        kept = sorted(arch.qemu for arch in ARCHITECTURES.values())
        return digest(
            {"program": name, "suite": suite, "recipe": RECIPE, "mirror": self._archive.mirror, "kept": kept}
        )


def _checked(path: Path, name: str, suite: str) -> Program:
    version = version_of(path)
    if version is None:
        raise ProvisionError(
            f"{name} of Debian {suite} does not run on this machine",
            cause=f"{path.name} --version fails",
            remedy=f"install the package {name} of this machine's own distribution",
        )
    return Program(path, version, f"Debian {suite}")


def _installed_qemu(arch: Architecture) -> Program | None:
    return next(_good(_qemu_names(arch), _QEMU_OLDEST, is_static), None)


def _qemu_names(arch: Architecture) -> tuple[str, ...]:
    return f"qemu-{arch.qemu}-static", f"qemu-{arch.qemu}"


def _installed_bubblewrap() -> Program | None:
    return next(_good(("bwrap",), _BUBBLEWRAP_OLDEST, _is_plain), None)


def _installed_skopeo() -> Program | None:
    return next(_good(("skopeo",), _SKOPEO_OLDEST, lambda _: True), None)


def _is_plain(path: Path) -> bool:
    """A set-user-id bwrap gives the sandbox no capabilities, and mounting binfmt_misc needs them."""
    return not path.stat().st_mode & stat.S_ISUID


def unused_qemu(arch: Architecture) -> tuple[str, ...]:
    """Why installed emulators of an architecture are not used: a sentence without a full stop for each."""
    crash = "before 9.2 QEMU crashes at random on kernels since early 2025"
    return tuple(_unused(_qemu_names(arch), _QEMU_OLDEST, crash, is_static, "is not static"))


def unused_bubblewrap() -> tuple[str, ...]:
    """Why an installed bubblewrap is not used."""
    old = f"{'.'.join(map(str, _BUBBLEWRAP_OLDEST))} is the oldest that serves"
    return tuple(_unused(("bwrap",), _BUBBLEWRAP_OLDEST, old, _is_plain, "has the set-user-id bit"))


def _unused(
    names: tuple[str, ...], oldest: tuple[int, ...], old: str, fits: Callable[[Path], bool], misfit: str
) -> Iterator[str]:
    for found in filter(None, map(shutil.which, names)):
        version = version_of(Path(found))
        if version is None:
            yield f"{found} does not run"
        elif tuple(map(int, version.split("."))) < oldest:
            yield f"{found} is version {version}: {old}"
        elif not fits(Path(found)):
            yield f"{found} {misfit}"


def _good(names: tuple[str, ...], oldest: tuple[int, ...], fits: Callable[[Path], bool]) -> Iterator[Program]:
    for name in names:
        found = shutil.which(name)
        if found is None or not fits(Path(found)):
            continue
        version = version_of(Path(found))
        if version is not None and tuple(map(int, version.split("."))) >= oldest:
            yield Program(Path(found), version, "installed")


def _keep_emulators(entry: Path) -> None:
    """Of forty emulators keep those that the house has an architecture for."""
    for arch in ARCHITECTURES.values():
        name = f"qemu-{arch.qemu}"
        (entry / "root/usr/bin" / name).rename(entry / name)
    remove_tree(entry / "root")


def _find_own_libraries(program: str) -> Callable[[Path], None]:
    """Let a program find the libraries that were fetched with it, wherever the entry comes to be."""
    libraries = f"$ORIGIN/../lib/{HOST.triplet}"

    def arrange(entry: Path) -> None:
        # DT_RPATH, unlike DT_RUNPATH, also serves the libraries' own needs.
        run([patchelf(), "--force-rpath", "--set-rpath", libraries, entry / "root/usr/bin" / program])

    return arrange


def _suite_of_machine() -> str:
    """The newest suite whose programs the machine's glibc can run."""
    words = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
    glibc = tuple(int(number) for number in re.findall(r"\d+", words[-1])[:2]) if words else ()
    fitting = [suite.name for suite in suites() if suite.glibc <= glibc]
    return max([*fitting, _BUBBLEWRAP_SUITE], key=[suite.name for suite in suites()].index)
