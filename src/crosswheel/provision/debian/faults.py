"""apt's messages, read into errors that say what to do."""

import errno
import os
import re
from collections.abc import Sequence

from crosswheel.errors import ProvisionError

__all__ = ["fault"]

_FULL = re.compile(r"No space left on device|enough free space", re.IGNORECASE)

# What apt or its methods print, the fact that it means, and the next step; the first that fits is taken.
_TABLE = (
    (
        r"Unable to locate package (?P<package>\S+)|Couldn't find any package .*'(?P<glob>[^']+)'"
        r"|Package '?(?P<candidate>[^' ]+)'? has no installation candidate",
        "Debian {suite} has no package {package} for {arch}",
        "choose another Python or architecture, or a complete mirror with --mirror",
    ),
    (
        r"Temporary failure resolving|Could not resolve|Could not connect|Unable to connect|No route to host"
        r"|Connection refused|[Cc]onnection timed out|Network is unreachable|Connection failed",
        "the Debian mirror {mirror} cannot be reached",
        "check the network and apt's proxy settings, or name another mirror with --mirror",
    ),
    (
        r"NO_PUBKEY|BADSIG|EXPKEYSIG|REVKEYSIG|[Mm]issing key|signatures were invalid"
        r"|[Nn]o good signature|signatures couldn't be verified|could not be verified",
        "the signature of Debian {suite} at {mirror} does not hold with {keyring}",
        "update the package debian-archive-keyring on this machine, or name another mirror with --mirror",
    ),
    (
        r"Clearsigned file isn't valid|NODATA|NOSPLIT|Unable to find expected entry|Unable to parse|Malformed"
        r"|is not signed|Bad header|HTTP server sent an invalid",
        "{mirror} answers with something that is not a Debian archive",
        "check its address and whether the network wants a login first, or name another mirror with --mirror",
    ),
    (
        r"Failed to fetch \S+/pool/\S+ +404 +Not Found",
        "{mirror} lacks a file that its own index of {suite} names",
        "try again in some hours (it may be updating), or name another mirror with --mirror",
    ),
    (
        r"does not have a Release file|40[34] +(?:Not Found|Forbidden)|no longer has a Release file",
        "{mirror} has no Debian {suite} for {arch}",
        "name a mirror that has it with --mirror",
    ),
    (
        r"Hash Sum mismatch|unexpected size|Mirror sync in progress|File has unexpected",
        "{mirror} has files that do not match its own index",
        "try again in some minutes (it may be updating), or name another mirror with --mirror",
    ),
)


def fault(lines: Sequence[str], *, suite: str, arch: str, mirror: str, keyring: str) -> ProvisionError:
    """What went wrong, from the lines that apt printed.

    :raises OSError: the disk is full (``ENOSPC``).
    """
    mirror = _plain(mirror)
    text = "\n".join(lines)
    if _FULL.search(text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for pattern, fact, remedy in _TABLE:
        if found := re.search(pattern, text):
            package = next((name for name in found.groupdict().values() if name), "")
            names = {"suite": suite, "arch": arch, "mirror": mirror, "keyring": keyring, "package": package}
            return ProvisionError(fact.format(**names), cause=_line_with(found, lines), remedy=remedy)
    last = lines[-1] if lines else ""
    return ProvisionError(
        f"apt cannot fetch Debian {suite} for {arch} from {mirror}",
        cause=_plain(next((line for line in lines if line.startswith("E:")), last)),
        remedy="try again, or name another mirror with --mirror",
    )


def _line_with(found: re.Match[str], lines: Sequence[str]) -> str:
    return _plain(next((line for line in lines if found.group() in line), found.group()))


def _plain(line: str) -> str:
    """A line without apt's mark and without a password."""
    return re.sub(r"//[^/@\s]*@", "//", re.sub(r"^\s*(?:[EW]: ?|Err:\d+ ?)", "", line)).strip()
