"""What the machine's own apt says: its mirror of Debian, the keyring, how it reaches the network."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crosswheel.errors import ProvisionError
from crosswheel.process import run
from crosswheel.provision.debian.suites import suites

__all__ = ["Mirror", "acquire_settings", "find_mirror"]

_FIELDS = ("CREATED_BY", "REPO_URI", "RELEASE", "CODENAME", "COMPONENT", "ORIGIN", "SIGNED_BY")
_ALIASES = ("oldoldstable", "oldstable", "stable", "testing", "unstable", "sid")
_POCKETS = ("-security", "-updates", "-backports", "-proposed-updates")
_KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)
_ADDRESS = re.compile(r"[a-z][a-z+]*:/\S+")
# Settings that say which files apt wants rather than how it gets them, and those that waive signatures.
_OURS = re.compile(
    r"Acquire::(IndexTargets|CompressionTypes|Languages|Changelogs|GzipIndexes|cdrom|Allow\w+|PDiffs)\b"
)


@dataclass(frozen=True)
class Mirror:
    """An archive of Debian.

    :param uri: its address, as in a line of ``sources.list``.
    :param keyring: the keys that sign it.
    :param acquire: the machine's ``Acquire::`` settings (proxies, certificates), lines of ``apt.conf``.
    """

    uri: str
    keyring: Path
    acquire: tuple[str, ...] = ()


def find_mirror(uri: str | None = None) -> Mirror:
    """The mirror to use: the one named, or the one that the machine's apt has for Debian's main archive.

    :raises ProvisionError: apt is not there, has no mirror of Debian, or the keyring is missing.
    """
    missing = [name for name in ("apt-get", "dpkg-deb", "tar") if shutil.which(name) is None]
    if missing:
        raise ProvisionError(
            f"the source debian needs {' and '.join(missing)}, which this machine lacks",
            cause="it resolves, verifies and unpacks packages by the machine's own apt and dpkg",
            remedy="run on Debian 12 or later, or install apt and dpkg",
        )
    if uri is not None and not _ADDRESS.fullmatch(uri):
        raise ProvisionError(
            f"{uri!r} is not the address of a mirror",
            remedy="give --mirror an address such as http://HOST/debian",
        )
    found, signed_by = (uri, "") if uri else _configured()
    return Mirror(uri=found.rstrip("/"), keyring=_keyring(signed_by), acquire=acquire_settings())


def _configured() -> tuple[str, str]:
    """The address and the keyring of Debian's main archive in the machine's sources."""
    names = (*_ALIASES, *(suite.name for suite in suites()))
    # Without downloaded lists (containers remove them) apt cannot tell the origin: the suite's name must do.
    questions: tuple[tuple[str, Callable[[dict[str, str]], bool]], ...] = (
        ("true", lambda row: row["ORIGIN"] == "Debian"),
        ("false", lambda row: not row["ORIGIN"] and row["RELEASE"] in names),
    )
    for release_info, is_debian in questions:
        rows = [row for row in _index_targets(release_info) if row["COMPONENT"] == "main" and is_debian(row)]
        rows.sort(key=lambda row: (row["CODENAME"] or row["RELEASE"]).endswith(_POCKETS))
        if rows and not (rows[0]["CODENAME"] or rows[0]["RELEASE"]).endswith(_POCKETS):
            return rows[0]["REPO_URI"], rows[0]["SIGNED_BY"]
    raise ProvisionError(
        "apt on this machine has no mirror of Debian",
        cause="its sources list no archive whose origin is Debian and whose component is main",
        remedy="name one with --mirror (and install debian-archive-keyring)",
    )


def _index_targets(release_info: str) -> list[dict[str, str]]:
    form = "|".join(f"$({field})" for field in _FIELDS)
    argv = ["env", "LC_ALL=C", "apt-get", "indextargets", "--format", form]
    argv += ["-o", f"APT::Get::IndexTargets::ReleaseInfo={release_info}"]
    output = run(argv, capture=True, stdout_only=True).output
    rows = [line.split("|") for line in output.splitlines() if line.count("|") == len(_FIELDS) - 1]
    # A field that apt does not know for an entry is printed as it was asked for.
    named = [
        dict(zip(_FIELDS, ("" if cell.startswith("$(") else cell for cell in row), strict=True))
        for row in rows
    ]
    return [row for row in named if row["CREATED_BY"] == "Packages"]


def _keyring(signed_by: str) -> Path:
    named = [Path(signed_by)] if signed_by.startswith("/") else []
    if found := [path for path in [*named, *_KEYRINGS] if path.is_file()]:
        return found[0]
    raise ProvisionError(
        "this machine has no keyring of Debian's archive",
        cause=f"{_KEYRINGS[0]} is not there, so that no signature can be verified",
        remedy="install the package debian-archive-keyring",
    )


def acquire_settings() -> tuple[str, ...]:
    """How the machine's apt reaches the network: lines of ``apt.conf``."""
    dump = run(["env", "LC_ALL=C", "apt-config", "dump"], capture=True, stdout_only=True).output
    return tuple(
        line
        for line in dump.splitlines()
        if line.startswith("Acquire::") and not line.endswith(' "";') and not _OURS.match(line)
    )
