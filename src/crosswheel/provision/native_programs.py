"""Programs that the index has as wheels (ninja, CMake), of this machine, for roots of other architectures.

They name a loader and libraries that such a root does not have: they get Debian's (``debian/runtime.py``).
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import uv as uv_package

from crosswheel import process
from crosswheel.architectures import HOST
from crosswheel.provision.debian.movable import LOADER, adopt
from crosswheel.provision.steps import told
from crosswheel.provision.toolchains.fetching import environment
from crosswheel.seams import NativePrograms, Progress
from crosswheel.site import places
from crosswheel.store import Store, digest

__all__ = ["fetched", "take"]

RECIPE = 1  # of what an entry holds
_KIND = "native-programs"


class _NoWheelError(Exception):
    pass


def fetched(
    store: Store, progress: Progress, runtime: Callable[[], Path], name: str, version: str
) -> NativePrograms | None:
    """The programs of a wheel; None where the index has none of this version for this machine.

    :param runtime: fetches the loader and the libraries; called where there is a wheel.
    :raises ProvisionError: the libraries cannot be had, or patchelf fails.
    :raises OSError: the store cannot be written.
    """

    def make(entry: Path) -> None:
        with store.scratch() as scratch, told(progress, "fetch", f"{name} {version} for {HOST.name}"):
            wheel = scratch / "wheel"
            if not _unpacked(f"{name}=={version}", wheel, store.shared("uv-cache")):
                raise _NoWheelError
            take(wheel, entry)

    key = digest({"name": name, "version": version, "place": places.NATIVE_LIB, "recipe": RECIPE})
    try:
        return NativePrograms(store.ensure(_KIND, key, make), runtime())
    except _NoWheelError:
        return None


def take(wheel: Path, entry: Path) -> None:
    """Copy the programs of an unpacked wheel to their places in an entry, and let them run there and then.

    Copied, not moved: uv links files to its cache.
    """
    for program in sorted(wheel.rglob("*")):
        if program.is_file() and not program.is_symlink() and _is_native(program):
            place = entry / program.relative_to(wheel)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(program, place)
            adopt(place, f"{places.NATIVE_LIB}/{Path(LOADER).name}", places.NATIVE_LIB)


def _unpacked(requirement: str, wheel: Path, cache: Path) -> bool:
    done = process.run(
        [uv_package.find_uv_bin(), "pip", "install", "--python", sys.executable, "--target", wheel, "--no-deps",
         "--only-binary", ":all:", requirement],
        env=environment(os.environ, cache),
    )  # fmt: skip
    return done.returncode == 0


def _is_native(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(20)
    return head[:4] == b"\x7fELF" and int.from_bytes(head[18:20], "little") == HOST.machine
