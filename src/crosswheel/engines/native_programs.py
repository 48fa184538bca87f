"""ninja and CMake of an environment in a foreign root run natively, as the compilers do.

Both come as wheels, those of the environment as programs of the target. They are replaced by the programs of this
machine's wheels of the same versions. What they ask of the machine they ask of programs of the root (CMake starts
``uname``), which answer for the target.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from crosswheel.seams import NativePrograms
from crosswheel.site import places
from crosswheel.site.environments import Environment, packages_of
from crosswheel.site.site import Site

Fetch = Callable[[str, str], NativePrograms | None]

_DISTRIBUTIONS = ("cmake", "ninja")


def lay(site: Site, environment: Environment, fetch: Fetch) -> None:
    """Replace the programs; those of a version that has no wheel for this machine stay.

    :param fetch: by name and version; called where there is something to replace.
    :raises ProvisionError: what they run with cannot be had.
    """
    packages = packages_of(site, environment)
    for name, version in _installed(packages):
        found = fetch(name, version)
        if found is not None:
            libraries = site.directory("job") / places.NATIVE_LIB.removeprefix(f"{places.JOB}/")
            shutil.copytree(found.libraries, libraries, dirs_exist_ok=True)
            _replace(found.wheel, packages, packages.parents[2] / "bin")


def _installed(packages: Path) -> Iterator[tuple[str, str]]:
    """Name and version of each distribution that has programs to replace."""
    for name in _DISTRIBUTIONS:
        for notes in packages.glob(f"{name}-*.dist-info"):
            yield name, notes.name.removesuffix(".dist-info").removeprefix(f"{name}-")


def _replace(wheel: Path, packages: Path, binaries: Path) -> None:
    """Put programs in the places of the target's.

    A console script that only starts one of them becomes a link to it: each start of the target's Python costs most
    of a second.
    """
    for program in (path for path in wheel.rglob("*") if path.is_file()):
        relative = program.relative_to(wheel)
        place = binaries / relative.name if relative.parts[0] == "bin" else packages / relative
        if not place.is_file():
            continue
        # Removed, not overwritten: uv links files to its cache, which keeps the target's.
        place.unlink()
        shutil.copy2(program, place)
        script = binaries / relative.name
        if place != script and script.is_file():
            script.unlink()
            script.symlink_to(f"../{place.relative_to(binaries.parent)}")
