"""Lists of packages for the apt of a root, so that ``apt-get install`` there needs no ``apt-get update`` before it.

The machine's own apt fetches and verifies them, natively, and they serve every root of a suite for some hours.
"""

import shutil
import time
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.provision.debian.apt import Apt
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.mirror import find_mirror
from crosswheel.provision.steps import told
from crosswheel.store import digest, remove_tree

_HOURS = 6  # a suite in development moves on, and its old packages leave the mirror
_KIND = "package-lists"
_PLACE = "var/lib/apt/lists"
# What asks a person before it installs would end a build: nobody is there to answer.
_SETTINGS = 'APT::Get::Assume-Yes "true";\n'
_SETTINGS_FILE = "etc/apt/apt.conf.d/91crosswheel"


def lay_lists(archive: Archive, suite: str, arch: Architecture, upper: Path) -> None:
    """Give a root's apt the lists of its suite, and let it install without a question.

    :param upper: what is written over the root.
    :raises ProvisionError: they cannot be fetched or trusted.
    """
    settings = upper / _SETTINGS_FILE
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(_SETTINGS)
    shutil.copytree(_lists(archive, suite, arch), upper / _PLACE, dirs_exist_ok=True)


def _lists(archive: Archive, suite: str, arch: Architecture) -> Path:
    key = digest({"suite": suite, "arch": arch.debian, "mirror": archive.mirror})
    kept = archive.store.shared(_KIND) / key
    with archive.store.lock(f"{_KIND}-{key}"):
        # Either way: a clock that was wrong may have made them in the future.
        if not kept.exists() or abs(time.time() - kept.stat().st_mtime) > _HOURS * 3600:
            _renew(archive, suite, arch, kept)
    return kept


def _renew(archive: Archive, suite: str, arch: Architecture, kept: Path) -> None:
    with archive.store.scratch() as scratch, told(archive.progress, "fetch", f"lists of Debian {suite}"):
        home = scratch / "apt"
        Apt(home, suite, arch, find_mirror(archive.mirror)).update()
        remove_tree(kept)
        (home / "lists").rename(kept)
        kept.touch()
