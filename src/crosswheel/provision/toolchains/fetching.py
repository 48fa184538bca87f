"""Pinned programs come from the Python package index by uv, with the user's own index settings."""

import contextlib
import errno
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import uv as uv_package

from crosswheel import process
from crosswheel.errors import ProvisionError
from crosswheel.events import Downloading
from crosswheel.provision import uv
from crosswheel.provision.steps import told
from crosswheel.provision.toolchains.pin import PIN, Pin
from crosswheel.seams import Progress
from crosswheel.store import Store, digest

# uv's settings that hold paths of a sandbox.
_OF_SANDBOXES = ("UV_CONFIG_FILE", "UV_CACHE_DIR", "UV_LINK_MODE")
_FRAME = " ×╰─▶├│"  # uv draws its errors
_FULL = re.compile(r"No space left on device|os error 28", re.IGNORECASE)
# What uv prints, the fact that it means, and the next step; the first that fits is taken.
_FAULTS = (
    (
        r"Hash mismatch",
        "the package index has a {wheel} that is not the one known",
        "use an index that mirrors PyPI unchanged: the wheel's sha256 must be {sha256}",
    ),
    (
        r"UnknownIssuer|invalid peer certificate|certificate",
        "the certificate of the package index is not trusted",
        "set SSL_CERT_FILE to the file with the certificates of your network",
    ),
    (
        r"error sending request|Failed to fetch|Could not connect|dns error|timed out|Request failed"
        r"|network was disabled",
        "the package index cannot be reached, and {wheel} is not in the cache",
        "check the network, or name an index with UV_DEFAULT_INDEX or PIP_INDEX_URL",
    ),
    (
        r"not found in the package registry|no version of|unsatisfiable|No solution found|only .* available",
        "the package index has no {wheel} for this machine",
        "name an index that has it with UV_DEFAULT_INDEX or PIP_INDEX_URL",
    ),
)


def key(pin: Pin = PIN) -> str:
    return digest({"package": pin.package, "version": pin.version, "sha256": pin.sha256})


def present(store: Store, pin: Pin = PIN) -> bool:
    """Whether the program is in the store."""
    return store.has(pin.name, key(pin))


def fetched(
    store: Store, progress: Progress, pin: Pin = PIN, settings: Mapping[str, str] | None = None
) -> Path:
    """The directory with the program (``zig`` and its ``lib``), fetched at first need.

    :param settings: of uv, which the user's own come before.
    :raises ProvisionError: it cannot be had.
    :raises OSError: the disk is full.
    """

    def make(entry: Path) -> None:
        with told(progress, "fetch", f"{pin.name} {pin.version} (about {pin.size / 1e6:.0f} MB)"):
            _install(store, entry, pin, progress, settings or {})

    return (store.ensure(pin.name, key(pin), make) / pin.program).parent


def ask(store: Store, pin: Pin = PIN) -> None:
    """Find out whether the package index answers and has the wheel; nothing of it is fetched.

    :raises ProvisionError: it does not.
    :raises OSError: the store cannot be written.
    """
    with store.scratch() as scratch:
        done = process.run(
            [uv_package.find_uv_bin(), "pip", "install", "--dry-run", "--python", sys.executable,
             "--target", scratch / "target", "--no-deps", "--only-binary", ":all:",
             f"{pin.package}=={pin.version}"],
            env={"UV_HTTP_RETRIES": "0", **environment(os.environ, scratch / "uv-cache")},
        )  # fmt: skip
    if done.returncode != 0:
        raise fault(done.tail, pin)


def _install(store: Store, entry: Path, pin: Pin, progress: Progress, settings: Mapping[str, str]) -> None:
    with store.scratch() as scratch:
        cache = scratch / "uv-cache"

        def tell() -> None:
            # uv unpacks while it downloads: how much lies there says how far it is.
            share = min(1.0, _size(cache) / pin.unpacked)
            progress(Downloading(f"{pin.package} {pin.version}", int(share * pin.size), pin.size))

        requirements = scratch / "requirements.txt"
        requirements.write_text(
            f"{pin.package}=={pin.version} --hash=sha256:{pin.sha256}\n", encoding="utf-8"
        )
        done = process.run(
            [uv_package.find_uv_bin(), "pip", "install", "--python", sys.executable, "--target", entry,
             "--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", requirements],
            # uv's cache beside it: the files are linked from there, and one copy stays.
            env={**settings, **environment(os.environ, cache)},
            on_second=tell,
        )  # fmt: skip
    if done.returncode != 0:
        raise fault(done.tail, pin)
    if not (entry / pin.program).is_file():
        raise ProvisionError(
            f"the package {pin.package} {pin.version} has no program {pin.name} for this machine"
        )


def _size(directory: Path) -> int:
    """The bytes of the files below a directory that another program is filling."""
    total = 0
    for place, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(place, name).lstat().st_size
    return total


def environment(environ: Mapping[str, str], cache: Path) -> dict[str, str]:
    """The variables with which uv runs on the host: the user's own, and pip's index where uv has none."""
    settings = {name: value for name, value in uv.environment(environ).items() if name.startswith("UV_")}
    for name in _OF_SANDBOXES:
        settings.pop(name, None)
    return {**settings, **environ, "UV_CACHE_DIR": str(cache)}


def fault(lines: Sequence[str], pin: Pin = PIN) -> ProvisionError:
    """What went wrong, from the lines that uv printed.

    :raises OSError: the disk is full (``ENOSPC``).
    """
    text = "\n".join(lines)
    if _FULL.search(text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    cause = next((line.strip(_FRAME) for line in reversed(lines) if line.strip(_FRAME)), "")
    cause = re.sub(r"^(cause|hint|error): ", "", cause)
    values = {"wheel": f"{pin.package} {pin.version}", "sha256": pin.sha256}
    for pattern, fact, remedy in _FAULTS:
        if re.search(pattern, text):
            return ProvisionError(fact.format(**values), cause=cause, remedy=remedy.format(**values))
    return ProvisionError("uv could not install {wheel}".format(**values), cause=cause)
