"""What is in an unpacked file system of an image: its C library, its architecture, its Pythons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.model import LibcVersion, Target

_LIBRARIES = ("lib64", "lib", "usr/lib64", "usr/lib")
# glibc prints it when libc.so.6 is run; musl's loader likewise.
_GLIBC_VERSION = re.compile(rb"GNU C Library [^\n]*version (\d+)\.(\d+)")
_MUSL_VERSION = re.compile(
    rb"(?<![0-9.])(1)\.(\d+)\.\d+(?:-git[^\0]*|_git\d*)?\0"
)  # numbers may stand before it
# Directories in /opt/python by the tags of Python and ABI (PEP 425; pypa/manylinux, README, "Image content").
_DIRECTORIES = (
    re.compile(r"(?P<tag>cp(?P<version>3\d+))-cp(?P=version)(?P<suffix>t?)"),
    re.compile(r"(?P<tag>pp(?P<version>3\d+))-pypy(?P=version)_pp(?P<abi>\d+)(?P<suffix>)"),
)
_LINKS = 40  # as many as the kernel follows (path_resolution(7))


@dataclass(frozen=True)
class ImageRoot:
    """An unpacked image with one of its Pythons.

    :param path: the directory that is ``/`` for the target; it belongs to the store and is not written to.
    :param python: the interpreter's path in it, without links (``/opt/_internal/cpython-3.11.9/bin/python3.11``).
    :param image: the name of the image.
    """

    path: Path
    arch: Architecture
    libc_version: LibcVersion
    python: str
    image: str


@dataclass(frozen=True)
class Contents:
    """What an unpacked file system holds.

    :param system: what its release calls itself (``AlmaLinux 8.10``).
    :param arch: the architecture of its C library; empty where it has none that is known.
    :param libc: empty where there is none.
    :param pythons: CPythons and PyPys by their tags (``cp314t``, ``pp311``), each with the path of its interpreter,
        without links.
    """

    system: str
    arch: str
    libc: Literal["glibc", "musl", ""]
    version: LibcVersion
    pythons: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        version = ".".join(map(str, self.version))
        libc = f"{self.libc} {version}" if self.libc else "no C library"
        return f"{self.system} with {libc} and Pythons {', '.join(self.pythons) or '(none)'}"


def read(root: Path) -> Contents:
    """Read what is in a file system; nothing of it is run.

    :raises OSError: it cannot be read.
    """
    libc: Literal["glibc", "musl", ""] = ""
    arch, version = "", (0, 0)
    for name, path in _c_libraries(root):
        content = path.read_bytes()
        match = (_GLIBC_VERSION if name == "glibc" else _MUSL_VERSION).search(content)
        if match is not None:
            libc = "glibc" if name == "glibc" else "musl"
            arch, version = _architecture(content), (int(match[1]), int(match[2]))
            break
    return Contents(_system(root), arch, libc, version, _pythons(root))


def misfits(contents: Contents, target: Target) -> list[str]:
    """What is wrong with a file system for a target, each a sentence without a full stop."""
    wanted = target.c_library
    found = []
    if not contents.libc:
        found.append("it has no C library")
    elif contents.libc != wanted:
        found.append(f"it has {contents.libc}, and a {target.libc} wheel needs {wanted}")
    if contents.libc and contents.arch != target.arch.name:
        found.append(f"its programs are of {contents.arch or 'another machine'}, not of {target.arch.name}")
    if target.python.tag not in contents.pythons:
        has = ", ".join(contents.pythons) or "none"
        found.append(f"{place_of(target)} is not in it; of Pythons it has {has}")
    return found


def unusable(contents: Contents, arch: Architecture) -> list[str]:
    """Why a file system serves no target of an architecture at all, each a sentence without a full stop."""
    found = [] if contents.libc else ["it has no C library"]
    if contents.libc and contents.arch != arch.name:
        found.append(f"its programs are of {contents.arch or 'another machine'}, not of {arch.name}")
    if not contents.pythons:
        found.append("it has no Python in /opt/python")
    return found


def place_of(target: Target) -> str:
    """Where the official images have a target's Python (pypa/manylinux, "Image content")."""
    plain = target.python.tag.removesuffix(target.python.suffix)
    abi = target.python.tag if target.python.implementation == "cp" else f"pypy{plain[2:]}_pp*"
    return f"/opt/python/{plain}-{abi}"


def resolved(root: Path, name: str) -> Path | None:
    """A path of a root with all links followed inside the root, as a program in it would.

    :param name: absolute in the root.
    :return: the path on the host; None where it leads nowhere.
    """
    left = [part for part in name.split("/") if part]
    done: list[str] = []
    links = 0
    while left:
        part = left.pop(0)
        if part == "..":
            done = done[:-1]
            continue
        path = root.joinpath(*done, part)
        if path.is_symlink():
            links += 1
            if links > _LINKS:
                return None
            target = str(path.readlink())
            done = [] if target.startswith("/") else done
            left = [one for one in target.split("/") if one not in ("", ".")] + left
        elif path.exists():
            done.append(part)
        else:
            return None
    return root.joinpath(*done)


def _c_libraries(root: Path) -> list[tuple[str, Path]]:
    names = [("glibc", f"/{place}/libc.so.6") for place in _LIBRARIES]
    for row in ARCHITECTURES.values():
        names += [("glibc", f"/{place}/{row.triplet}/libc.so.6") for place in ("lib", "usr/lib")]
    lib = resolved(
        root, "/lib"
    )  # Debian's musl and Alpine's; each architecture has musl's own name (i386, armhf)
    loaders = sorted(lib.glob("ld-musl-*.so.1")) if lib is not None and lib.is_dir() else []
    names += [("musl", f"/lib/{loader.name}") for loader in loaders]
    return [(kind, path) for kind, name in names if (path := resolved(root, name)) is not None]


def _architecture(elf: bytes) -> str:
    if elf[:4] != b"\x7fELF":
        return ""
    bits, order = {1: 32, 2: 64}.get(elf[4]), {1: "little", 2: "big"}.get(elf[5])
    machine = int.from_bytes(elf[18:20], "big" if order == "big" else "little")
    described = (machine, bits, order)
    return next(
        (name for name, row in ARCHITECTURES.items() if (row.machine, row.bits, row.order) == described), ""
    )


def _system(root: Path) -> str:
    """``PRETTY_NAME`` of os-release(5)."""
    path = resolved(root, "/etc/os-release") or resolved(root, "/usr/lib/os-release")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path is not None else []
    names = [line.partition("=")[2].strip("\"'") for line in lines if line.startswith("PRETTY_NAME=")]
    return names[0] if names else "an unnamed system"


def _pythons(root: Path) -> dict[str, str]:
    """Where an image has a PyPy with two ABIs, the newer one counts."""
    directory = resolved(root, "/opt/python")
    paths = list(directory.iterdir()) if directory is not None else []
    known = [name for path in paths for row in _DIRECTORIES if (name := row.fullmatch(path.name))]
    found = {}
    for name in sorted(known, key=_age):
        python = resolved(root, f"/opt/python/{name[0]}/bin/python")
        if python is not None:
            found[name["tag"] + name["suffix"]] = f"/{python.relative_to(root)}"
    return found


def _age(name: re.Match[str]) -> tuple[str, int, int, str]:
    told = name.groupdict()
    return told["tag"][:2], int(told["version"][1:]), int(told.get("abi", 0)), told["suffix"]
