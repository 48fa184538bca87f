"""The C library that an image stands for, and the policy of the image that cibuildwheel would take."""

import re

from crosswheel import images
from crosswheel.model import Libc, LibcVersion, Target

# PEP 513, PEP 571, PEP 599; from PEP 600 on the name says it.
_NAMED: dict[str, LibcVersion] = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}
_POLICY = re.compile(
    r"(?P<libc>many|musl)linux(?:_(?P<major>\d+)_(?P<minor>\d+)|(?P<name>1|2010|2014))(?!\d)"
)
# The musl that zig has, and the policy of the one image that is still made. A policy of musl holds for all of 1.2.
_MUSL: LibcVersion = (1, 2)


def floor_of(image: str, libc: Libc = "manylinux") -> LibcVersion | None:
    """The version of the C library in the policy in an image's name.

    :param image: an alias (``manylinux_2_28``) or an image (``quay.io/pypa/manylinux_2_28_aarch64:latest``).
    :return: None where no policy of this C library is named.
    """
    match = _POLICY.search(image)
    if match is None or not libc.startswith(match["libc"]):
        return None
    return _NAMED[match["name"]] if match["name"] else (int(match["major"]), int(match["minor"]))


def lowest(target: Target) -> LibcVersion:
    """The oldest C library that engines with zig compile against, and that a wheel can name."""
    return _MUSL if target.libc == "musllinux" else target.arch.floor


def policy_of(image: str, target: Target) -> LibcVersion:
    """The policy of the image that cibuildwheel would build in.

    :param image: as in the configuration; empty for the default.
    """
    return floor_of(image, target.libc) or images.default(target.libc, target.arch.name).version
