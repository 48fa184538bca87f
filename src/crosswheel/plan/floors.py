"""The glibc that an image stands for, and the policy of the image that cibuildwheel would take."""

import re

from crosswheel import images
from crosswheel.architectures import Architecture
from crosswheel.model import LibcVersion

# PEP 513, PEP 571, PEP 599; from PEP 600 on the name says it.
_NAMED: dict[str, LibcVersion] = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}
_POLICY = re.compile(r"manylinux(?:_(?P<major>\d+)_(?P<minor>\d+)|(?P<name>1|2010|2014))(?!\d)")


def floor_of(image: str) -> LibcVersion | None:
    """The glibc version of the manylinux policy in an image's name.

    :param image: an alias (``manylinux_2_28``) or an image (``quay.io/pypa/manylinux_2_28_aarch64:latest``).
    :return: None where no manylinux policy is named.
    """
    match = _POLICY.search(image)
    if match is None:
        return None
    return _NAMED[match["name"]] if match["name"] else (int(match["major"]), int(match["minor"]))


def policy_of(image: str, arch: Architecture) -> LibcVersion:
    """The manylinux policy of the image that cibuildwheel would build in.

    :param image: as in the configuration; empty for the default.
    """
    return floor_of(image) or images.default("manylinux", arch.name).version
