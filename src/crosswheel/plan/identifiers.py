"""The identifiers of cibuildwheel 4.3, Linux's in its order (its resources/build-platforms.toml), then others."""

import re
from typing import Literal, cast

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ConfigurationError, Fault, did_you_mean
from crosswheel.model import Libc, Python, Target

_CP = ("cp39", "cp310", "cp311", "cp312", "cp313", "cp314", "cp314t", "cp315", "cp315t")
_PP = ("pp39", "pp310", "pp311", "pp312")
_GP = ("gp312_250", "gp313_253")

_BLOCKS: tuple[tuple[tuple[str, ...], Libc, str], ...] = (
    (_CP, "manylinux", "x86_64"),
    (_CP, "manylinux", "i686"),
    (_PP, "manylinux", "x86_64"),
    (_GP, "manylinux", "x86_64"),
    (_CP, "manylinux", "aarch64"),
    (_CP, "manylinux", "ppc64le"),
    (_CP, "manylinux", "s390x"),
    (_CP, "manylinux", "armv7l"),
    (_CP, "manylinux", "riscv64"),
    (_PP, "manylinux", "aarch64"),
    (_GP, "manylinux", "aarch64"),
    (_PP, "manylinux", "i686"),
    (_CP, "musllinux", "x86_64"),
    (_CP, "musllinux", "i686"),
    (_CP, "musllinux", "aarch64"),
    (_CP, "musllinux", "ppc64le"),
    (_CP, "musllinux", "s390x"),
    (_CP, "musllinux", "armv7l"),
    (_CP, "musllinux", "riscv64"),
    *((_CP, "manylinux", name) for name, row in ARCHITECTURES.items() if not row.in_cibuildwheel),
)

# What patterns about other platforms may mean: more than there is, since they select nothing here.
_ELSEWHERE = (
    *("macosx_x86_64", "macosx_arm64", "macosx_universal2"),
    *("macosx_universal2:x86_64", "macosx_universal2:arm64"),  # test-skip takes these too
    *("win_amd64", "win32", "win_arm64", "pyodide_wasm32", "android_arm64_v8a", "android_x86_64"),
    *("ios_arm64_iphoneos", "ios_arm64_iphonesimulator", "ios_x86_64_iphonesimulator"),
)
FOREIGN = tuple(f"{python}-{platform}" for python in (*_CP, *_PP, *_GP) for platform in _ELSEWHERE)

_PYTHON = re.compile(r"(cp|pp|gp)(\d)(\d+)(t|_\d+)?")
_OTHER_NAMES = {row.debian: row.name for row in ARCHITECTURES.values()}


def _python(tag: str) -> Python:
    match = _PYTHON.fullmatch(tag)
    assert match is not None
    implementation, major, minor, suffix = match.groups(default="")
    return Python(cast("Literal['cp', 'pp', 'gp']", implementation), int(major), int(minor), suffix)


TARGETS = tuple(
    Target(_python(tag), libc, ARCHITECTURES[arch]) for pythons, libc, arch in _BLOCKS for tag in pythons
)
_BY_IDENTIFIER = {target.identifier: target for target in TARGETS}


def parse(identifier: str, *, place: str = "--only") -> Target:
    """What an identifier stands for.

    :param place: where it was said, for the fault.
    :raises ConfigurationError: it is not one of Linux; with the nearest that is.
    """
    if identifier in _BY_IDENTIFIER:
        return _BY_IDENTIFIER[identifier]
    raise ConfigurationError((unknown(identifier, place),))


def unknown(identifier: str, place: str) -> Fault:
    """The fault of a name that is no identifier."""
    if identifier in FOREIGN:
        return Fault(place, f"{identifier} is not for Linux, and crosswheel builds for Linux only")
    front, _, arch = identifier.partition("linux_")
    renamed = f"{front}linux_{_OTHER_NAMES.get(arch, arch)}"
    hint = did_you_mean(renamed, _BY_IDENTIFIER)
    return Fault(place, f"{identifier} is not a build identifier", hint)
