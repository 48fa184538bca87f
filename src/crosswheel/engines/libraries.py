"""Libraries that the target's root lacks: programs of the build load them, the repair takes them into the wheel."""

import shutil

from crosswheel.seams import Toolchain
from crosswheel.site.site import Site


def lay(site: Site, toolchain: Toolchain) -> None:
    """Lay those of a toolchain over the root, where this has none of their names."""
    if site.layered is None:
        return
    # musl's loader knows no directory of a triplet (its manual, "Library search path").
    place = "usr/lib" if site.target.libc == "musllinux" else f"usr/lib/{site.target.triplet}"
    upper = site.layered.layer / "upper" / place
    for library in toolchain.libraries:
        if not any((root / library.name).exists() for root in (upper, site.layered.lower / place)):
            upper.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library, upper / library.name)
