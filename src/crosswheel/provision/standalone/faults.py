"""What uv says when a Python cannot be had, and what it means."""

import errno
import os
import re
from collections.abc import Sequence

from crosswheel.errors import ProvisionError

__all__ = ["MIRROR", "TABLE", "of_install", "of_table"]

# uv's variables that say where Pythons come from (uv's documentation, "Environment variables").
MIRROR = "UV_PYTHON_INSTALL_MIRROR"
TABLE = "UV_PYTHON_DOWNLOADS_JSON_URL"
_FULL = re.compile(r"No space left on device|os error 28", re.IGNORECASE)
_HASHES = re.compile(r"Expected:\s*(?:sha256:)?(\w+)\W+Computed:\s*(?:sha256:)?(\w+)", re.IGNORECASE)
_BESIDE = re.compile(r"^\s*(?:[×╰─▶├│]|hint:)*\s*(?:error|cause|hint|Caused by)?:?\s*")
_OTHER = "take another --source, or leave it out with CIBW_SKIP"
# What uv prints, the fact that it means, and the next step; the first that fits is taken.
_FAULTS = (
    (
        r"[Hh]ash mismatch",
        "{what} from {place} is not the file that uv knows: its SHA-256 is another",
        f"name a mirror that has the releases unchanged with {MIRROR}, {_OTHER}",
    ),
    (
        r"does not match the expected format",
        f"{MIRROR} does not serve the addresses in the table that {TABLE} names",
        f"unset {MIRROR}: such a table names the place of each file itself",
    ),
    (
        r"invalid peer certificate|UnknownIssuer|certificate",
        "{what} cannot be fetched: the certificate of {place} is not trusted",
        "set SSL_CERT_FILE to the file with the certificates of your network",
    ),
    (
        r"[Ff]ailed to extract|unexpected end of file|invalid gzip|corrupt|[Ff]ailed to unpack",
        "the archive of {what} from {place} is damaged",
        f"name another mirror with {MIRROR}, {_OTHER}",
    ),
    (
        r"\b(?:404|410)\b|Not Found",
        "{place} does not have {what}",
        f"name a mirror that has it with {MIRROR}, {_OTHER}",
    ),
    (
        r"EXTERNALLY-MANAGED",  # uv writes it into the library directory
        "the archive of {what} holds no such Python",
        f"name another mirror with {MIRROR}, {_OTHER}",
    ),
    (
        r"No download found|No download available",
        "uv knows no {what}",
        _OTHER,
    ),
    (
        r"\b(?:401|403|407|429|50\d)\b",
        "{place} does not give out {what}",
        f"name another mirror with {MIRROR}, {_OTHER}",
    ),
    (
        r"error sending request|client error|dns error|timed out|[Tt]imeout|network was disabled|offline"
        r"|Request failed|Failed to download|error decoding response body|connection closed",
        "{place} cannot be reached, and {what} is not in the cache",
        f"check the network, name a mirror with {MIRROR}, {_OTHER}",
    ),
)


def of_install(lines: Sequence[str], what: str, place: str) -> ProvisionError:
    """What went wrong, from the lines that uv printed.

    :param what: what was to be installed: ``CPython 3.12.16 for aarch64``.
    :param place: the host that it was to be fetched from.
    :raises OSError: the disk is full (``ENOSPC``).
    """
    text = "\n".join(lines)
    if _FULL.search(text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    values = {"what": what, "place": place}
    for pattern, fact, remedy in _FAULTS:
        if re.search(pattern, text):
            return ProvisionError(fact.format(**values), cause=_cause(lines), remedy=remedy)
    return ProvisionError(f"uv could not install {what}", cause=_cause(lines), remedy=_OTHER)


def of_table(named: str, lines: Sequence[str]) -> ProvisionError:
    """uv could not say what it knows.

    :param named: the table of the user's own; empty where there is none.
    """
    if not named:
        return ProvisionError("uv cannot tell which Pythons it knows", cause=_cause(lines))
    return ProvisionError(
        f"{named}, which {TABLE} names, cannot be read as uv's table of Pythons",
        cause=_cause(lines),
        remedy="name a file in the form of uv's download-metadata.json, or unset the variable",
    )


def _cause(lines: Sequence[str]) -> str:
    """The innermost of uv's reasons; of a hash, both."""
    if hashes := _HASHES.search("\n".join(lines)):
        return f"expected {hashes[1]}, found {hashes[2]}"
    found = [line for line in (_BESIDE.sub("", line).strip() for line in lines) if line]
    return found[-1] if found else ""
