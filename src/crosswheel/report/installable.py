"""Who can install a wheel of a policy: the first pip that knows its tag, the first releases with its C library.

What pip knows was read out of its releases: the first whose tags name the policy (PEP 513, 571, 599, 600, 656).
"""

from crosswheel.model import Libc, LibcVersion

_PIPS: tuple[tuple[LibcVersion, str], ...] = (((2, 5), "8.1"), ((2, 12), "19.0"), ((2, 17), "19.3"))
_PIP_PEP_600 = "20.3"
_PIP_MUSL = "21.2"

# Name: releases with their C library, oldest first. RHEL stands for AlmaLinux, Rocky and CentOS too.
_GLIBC: dict[str, tuple[tuple[str, LibcVersion], ...]] = {
    "Debian": (("8", (2, 19)), ("9", (2, 24)), ("10", (2, 28)), ("11", (2, 31)), ("12", (2, 36)), ("13", (2, 41))),
    "Ubuntu": (("14.04", (2, 19)), ("16.04", (2, 23)), ("18.04", (2, 27)), ("20.04", (2, 31)), ("22.04", (2, 35)),
               ("24.04", (2, 39))),
    "RHEL": (("6", (2, 12)), ("7", (2, 17)), ("8", (2, 28)), ("9", (2, 34)), ("10", (2, 39))),
    "Amazon Linux": (("2", (2, 26)), ("2023", (2, 34))),
}  # fmt: skip
_MUSL: dict[str, tuple[tuple[str, LibcVersion], ...]] = {"Alpine": (("3.0", (1, 1)), ("3.13", (1, 2)))}


def policy_name(libc: Libc, version: LibcVersion) -> str:
    """``manylinux_2_17``."""
    return f"{libc}_{version[0]}_{version[1]}"


def pip_of(libc: Libc, version: LibcVersion) -> str:
    """The first pip that takes the wheels of a policy.

    :param version: of the policy's C library.
    """
    if libc == "musllinux":
        return _PIP_MUSL
    return dict(_PIPS).get(version, _PIP_PEP_600)


def systems_of(libc: Libc, version: LibcVersion) -> tuple[str, ...]:
    """The first releases of distributions on which the wheels of a policy run: ``Debian 8``.

    A distribution of whose releases none is known to be new enough is not named.
    """
    table = _MUSL if libc == "musllinux" else _GLIBC
    firsts = (
        (name, next((release for release, has in releases if has >= version), None))
        for name, releases in table.items()
    )
    return tuple(f"{name} {release}" for name, release in firsts if release is not None)
