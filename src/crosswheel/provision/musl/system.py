"""The file system around a CPython for musl: the loader, a shell, accounts, certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.model import LibcVersion
from crosswheel.provision.debian.settle import configure_network, make_certificates, make_directories
from crosswheel.provision.debian.unpack import unpack_files

__all__ = ["MuslRoot", "lay"]

_ACCOUNTS = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
}
_RELEASE = 'ID=crosswheel\nNAME="musl"\nPRETTY_NAME="musl with CPython"\n'


@dataclass(frozen=True)
class MuslRoot:
    """A root with musl and a CPython.

    :param path: the directory that is ``/`` for the target; it belongs to the store and is not written to.
    :param python: the interpreter's path in it (``/usr/local/bin/python3.11``).
    """

    path: Path
    arch: Architecture
    libc_version: LibcVersion
    python: str


def lay(archives: Sequence[Path], root: Path) -> None:
    """Make a file system of Debian's packages, without running anything of theirs.

    :raises ProvisionError: a package cannot be unpacked.
    :raises OSError: the disk is full.
    """
    unpack_files(archives, root)
    make_directories(root)
    make_certificates(root)
    (root / "etc/ssl/cert.pem").symlink_to("certs/ca-certificates.crt")
    for name, text in _ACCOUNTS.items():
        (root / "etc" / name).write_text(text)
    (root / "etc/os-release").write_text(_RELEASE)
    (root / "root").mkdir()
    (root / "usr/bin/sh").symlink_to("busybox")
    configure_network(root)
