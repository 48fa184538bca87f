"""The official images in which wheels are built: one row an image, with what replaces it.

Sources: the README of pypa/manylinux; ``pinned_docker_images.cfg`` and ``defaults.toml`` of cibuildwheel 4.3.3; the
issue named in a row.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from crosswheel.architectures import ARCHITECTURES

_CPYTHONS = ("cp39", "cp310", "cp311", "cp312", "cp313", "cp314", "cp314t", "cp315", "cp315t")
_OLD = ("x86_64", "i686")
_PYPY, _PYPY_ARCHS = "pp311", (*_OLD, "aarch64")  # pypa/manylinux, README, "Image content"
_USUAL = (*_OLD, "aarch64", "ppc64le", "s390x")


@dataclass(frozen=True)
class Image:
    """An official image.

    :param name: its alias, which is the name of a policy too.
    :param version: of the C library: ``(major, minor)``.
    :param base: the distribution that it is made of.
    :param installer: the distribution's package manager.
    :param base_ended: the day on which the distribution lost its support (``2024-06-30``); empty while it has it.
    :param archs: the architectures that it is made for.
    :param pythons: the CPythons in it, from cp39 on.
    :param ended: the day of its last release; empty while it is made.
    :param about: the issue of pypa/manylinux or cibuildwheel that says so.
    :param heir: the image that replaces it, where one does.
    """

    name: str
    libc: Literal["glibc", "musl"]
    version: tuple[int, int]
    base: str
    installer: Literal["yum", "dnf", "apt", "apk"]
    base_ended: str
    archs: tuple[str, ...]
    pythons: tuple[str, ...]
    ended: str = ""
    about: str = ""
    heir: str = ""

    def has(self, python: str, arch: str) -> bool:
        """Whether a Python is in it, by its tag; of PyPys the one that it is made with: others are added by hand."""
        is_made = self.libc == "glibc" and not self.ended
        return python in self.pythons or (python == _PYPY and is_made and arch in _PYPY_ARCHS)


@dataclass(frozen=True)
class Pins:
    """What aliases stand for.

    :param registry: where the images are (``quay.io/pypa``).
    :param release: the tag of all of them.
    :param digests: by name and architecture (``manylinux_2_28_aarch64``): ``sha256:`` and 64 digits.
    """

    registry: str
    release: str
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    """What the name of an image says.

    :param arch: the architecture that the name ends in; empty where it names none.
    """

    image: Image
    arch: str


# fmt: off
_TABLE = (
    # CPythons: up to 3.9 (cibuildwheel#1001), 3.10 (its last release is of August 2022), 3.11 (cibuildwheel#1959).
    Image("manylinux1",     "glibc", (2, 5),  "CentOS 5",     "yum", "2017-03-31", _OLD,   _CPYTHONS[:1], "2022-01-01", "pypa/manylinux#994",  "manylinux2014"),
    Image("manylinux2010",  "glibc", (2, 12), "CentOS 6",     "yum", "2020-11-30", _OLD,   _CPYTHONS[:2], "2022-08-01", "pypa/manylinux#1281", "manylinux2014"),
    Image("manylinux2014",  "glibc", (2, 17), "CentOS 7",     "yum", "2024-06-30", _USUAL, _CPYTHONS, heir="manylinux_2_28"),
    Image("manylinux_2_24", "glibc", (2, 24), "Debian 9",     "apt", "2022-06-30", _USUAL, _CPYTHONS[:3], "2023-01-01", "pypa/manylinux#1332", "manylinux_2_28"),
    Image("manylinux_2_28", "glibc", (2, 28), "AlmaLinux 8",  "dnf", "",           _USUAL, _CPYTHONS),
    Image("manylinux_2_31", "glibc", (2, 31), "Ubuntu 20.04", "apt", "2025-05-31", ("armv7l",), _CPYTHONS, heir="manylinux_2_35"),
    Image("manylinux_2_34", "glibc", (2, 34), "AlmaLinux 9",  "dnf", "",           _USUAL, _CPYTHONS),
    Image("manylinux_2_35", "glibc", (2, 35), "Ubuntu 22.04", "apt", "",           ("armv7l",), _CPYTHONS),
    Image("manylinux_2_39", "glibc", (2, 39), "AlmaLinux 10", "dnf", "",           ("aarch64", "riscv64"), _CPYTHONS),
    Image("musllinux_1_1",  "musl",  (1, 1),  "Alpine 3.12",  "apk", "2022-05-01", _USUAL, _CPYTHONS[:5], "2024-11-01", "pypa/manylinux#1629", "musllinux_1_2"),
    Image("musllinux_1_2",  "musl",  (1, 2),  "Alpine",       "apk", "",           (*_USUAL, "armv7l", "riscv64"), _CPYTHONS),
)
# fmt: on

PINS_FILE = Path(__file__).with_name("images.toml")


def pins(path: Path = PINS_FILE) -> Pins:
    """The pins in a file; crosswheel's own where none is named.

    :raises OSError: it cannot be read.
    :raises ValueError: it is no such file.
    """
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return Pins(str(told["registry"]), str(told["release"]), dict(told.get("digests", {})))
    except KeyError as missing:
        raise ValueError(f"{missing} is missing") from missing


PINS = pins()
RELEASE = PINS.release
IMAGES: dict[str, Image] = {row.name: row for row in _TABLE}
# Aliases for which cibuildwheel 4 has no image any more (its options.py, `_check_pinned_image`).
GONE = tuple(row.name for row in _TABLE if row.ended)

_ALIAS = re.compile(r"(?:many|musl)linux(?:\d+|_\d+_\d+)")
_USUAL_REGISTRY = "registry-1.docker.io"  # of a name that has no host
_DEFAULTS = {"armv7l": "manylinux_2_31", "riscv64": "manylinux_2_39"}
_NAME = re.compile(
    r"(?:^|/)(?P<name>manylinux(?:1|2010|2014|_\d+_\d+)|musllinux_\d+_\d+)"
    rf"(?:-pypy)?(?:_(?P<arch>{'|'.join(ARCHITECTURES)}))?(?:[:@][^/]*)?$"
)


def default(libc: Literal["manylinux", "musllinux"], arch: str) -> Image:
    """The image that cibuildwheel builds in where none is named."""
    return IMAGES["musllinux_1_2" if libc == "musllinux" else _DEFAULTS.get(arch, "manylinux_2_28")]


def named(reference: str) -> Named | None:
    """The official image that a name stands for.

    :param reference: an alias (``manylinux_2_28``) or a name (``quay.io/pypa/manylinux_2_28_aarch64:latest``), of
        any registry.
    :return: None where it is another image.
    """
    match = _NAME.search(reference)
    if match is None or match["name"] not in IMAGES:
        return None
    return Named(IMAGES[match["name"]], match["arch"] or "")


def full_name(image: str, arch: str, pins: Pins = PINS) -> str:
    """The name by which an image is fetched: an alias becomes one, any other is one."""
    if image not in IMAGES:
        return image
    digest = pins.digests.get(f"{image}_{arch}")
    return f"{pins.registry}/{image}_{arch}:{pins.release}" + (f"@{digest}" if digest else "")


def is_reference(image: str) -> bool:
    """Whether a name asks for the files of an image; an alias (``manylinux_2_28``) only names a policy."""
    return bool(image) and _ALIAS.fullmatch(image) is None


def registry_of(reference: str) -> str:
    """The registry that an image is fetched from, as docker and podman read a name.

    :param reference: a name, not an alias.
    """
    first, slash, _ = reference.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return first if is_host else _USUAL_REGISTRY
