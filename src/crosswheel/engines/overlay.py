"""The second set of requirements: what a build compiles against and links is the target's.

A package of the isolated environment runs natively (numpy is imported to ask for its headers), while its headers
and static libraries must be the target's. So the native wheel stays, and these files of the target's wheel of the
same version are laid over it.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Static libraries, and headers where packages keep them: numpy/_core/include/numpy/_numpyconfig.h.
_COMPILED_AGAINST = re.compile(r"\.a$|(?:^|/)include/.*\.(?:h|hpp|hh|inc)$")
# What Cython reads of such a package: it speaks of its headers. Not a sign of one: Cython's own are of no platform.
_CIMPORTED = re.compile(r"\.(?:pxd|pxi)$")


@dataclass(frozen=True)
class Distribution:
    """An installed package of one platform.

    :param files: what a build may compile against or link, relative to ``site-packages``.
    """

    name: str
    version: str
    files: tuple[str, ...]


def compiled_against(site_packages: Path) -> Iterator[Distribution]:
    """The installed packages whose headers or static libraries may differ between architectures."""
    for directory in sorted(site_packages.glob("*.dist-info")):
        name, _, version = directory.name.removesuffix(".dist-info").partition("-")
        # RECORD is a CSV file (PEP 376), but the names of such files hold neither quotes nor commas.
        rows = _text(directory / "RECORD").splitlines()
        names = [row.rsplit(",", 2)[0] for row in rows]
        inside = [name for name in names if ".." not in Path(name).parts]
        files = tuple(name for name in inside if _COMPILED_AGAINST.search(name))
        if files and not re.search(r"^Tag: .*-any$", _text(directory / "WHEEL"), re.MULTILINE):
            yield Distribution(name, version, (*files, *(name for name in inside if _CIMPORTED.search(name))))


def lay_over(distribution: Distribution, unpacked: Path, site_packages: Path) -> None:
    """Replace these files by the target's.

    :param unpacked: the target's wheel of the same version, unpacked.
    """
    for name in distribution.files:
        source, place = unpacked / name, site_packages / name
        if source.is_file():
            # Removed, not overwritten: uv links files to its cache, which keeps the native ones.
            place.unlink(missing_ok=True)
            shutil.copy(source, place)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
