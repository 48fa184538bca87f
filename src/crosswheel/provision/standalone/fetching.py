"""uv installs a Python into an empty directory: fetched, verified by its SHA-256 and unpacked, for any platform."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import uv as uv_package

from crosswheel import process
from crosswheel.provision.standalone import faults
from crosswheel.provision.toolchains import fetching

__all__ = ["environment", "host_of", "install"]

# Of uv's, those that would make it take a Python for granted, or put one elsewhere.
_OURS = ("UV_PYTHON", "UV_PYTHON_INSTALL_DIR", "UV_PYTHON_BIN_DIR", "UV_MANAGED_PYTHON", "UV_NO_MANAGED_PYTHON",
         "UV_PYTHON_PREFERENCE", "UV_PROJECT", "UV_WORKING_DIR", "UV_PYTHON_CPYTHON_BUILD")  # fmt: skip


def install(key: str, what: str, url: str, directory: Path, environ: Mapping[str, str]) -> Path:
    """Install a build of uv's table.

    :param key: uv's name of it.
    :param what: the same for people.
    :param url: where uv fetches it.
    :param directory: an empty one, on the file system where the Python will stand.
    :return: the directory with its ``bin`` and ``lib``.
    :raises ProvisionError: it cannot be had.
    :raises OSError: the disk is full.
    """
    done = process.run(
        [uv_package.find_uv_bin(), "python", "install", "--install-dir", directory, key],
        cwd=directory,
        env=environment(environ, directory / ".cache"),
    )
    if done.returncode != 0:
        raise faults.of_install(done.tail, what, host_of(url))
    return directory / key


def environment(environ: Mapping[str, str], cache: Path) -> dict[str, str]:
    """The variables with which uv lists and installs Pythons: the user's own, as far as they say where from.

    :param cache: for uv alone.
    """
    kept = {name: value for name, value in fetching.environment(environ, cache).items() if name not in _OURS}
    return {**kept, "UV_PYTHON_DOWNLOADS": "automatic", "UV_PYTHON_INSTALL_BIN": "0", "UV_NO_PROGRESS": "1"}


def host_of(url: str) -> str:
    """Who serves an address, for people."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path or url
