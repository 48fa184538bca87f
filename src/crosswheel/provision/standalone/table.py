"""Which builds uv knows, as uv itself tells: ``uv python list`` has the whole table inside and asks no network.

A table of the user's own (``UV_PYTHON_DOWNLOADS_JSON_URL``) is read in its place; uv fetches one that has an
address, within seconds. Addresses in the answer are those that will be asked: a mirror's where one is named
(``UV_PYTHON_INSTALL_MIRROR``).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import uv as uv_package

from crosswheel import process
from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.model import Libc, Target
from crosswheel.musl import renamed
from crosswheel.provision.standalone import faults
from crosswheel.provision.standalone.fetching import environment

__all__ = ["Build", "Table", "build_for", "pythons_by_architectures", "read"]

# Before, its builds for musl load modules with musl's suffix, and all others with glibc's (python/cpython#87278,
# crate-py/rpds#201): wheels of one are not for the other.
_MUSL_SINCE = 11
_SECONDS = 20.0  # for a table that has an address
_VARIANTS = {"": "default", "t": "freethreaded"}
_SHAPES = {"i686": "x86"}  # uv's name where it is not the first word of the Rust triple


@dataclass(frozen=True)
class Build:
    """A CPython that uv can install.

    :param key: uv's name of it (``cpython-3.12.16-linux-aarch64-gnu``).
    :param version: ``3.12.16``, ``3.15.0rc1``.
    :param url: where it will be fetched.
    """

    key: str
    version: str
    url: str


Table = Mapping[tuple[str, str, str, str], Build]  # by implementation, version and suffix, uv's arch, libc


def read(environ: Mapping[str, str]) -> Table:
    """The newest build of every minor version for every platform.

    :param environ: of the user: mirrors, a table of their own.
    :raises ProvisionError: that table cannot be read.
    """
    argv = [uv_package.find_uv_bin(), "python", "list", "--all-platforms", "--all-arches", "--only-downloads",
            "--output-format", "json", "--no-cache"]  # fmt: skip
    env = {"UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "10", **environment(environ, Path("/nonexistent"))}
    try:
        done = process.briefly(argv, within=_SECONDS, env=env, stdout_only=True)
    except TimeoutError:
        raise faults.of_table(environ.get(faults.TABLE, ""), ["uv gave no answer in time"]) from None
    if done.returncode != 0:
        raise faults.of_table(environ.get(faults.TABLE, ""), done.tail)
    found: dict[tuple[str, str, str, str], Build] = {}
    for row in json.loads(done.output or "[]"):
        parts = row["version_parts"]
        suffix = next((suffix for suffix, name in _VARIANTS.items() if name == row["variant"]), None)
        alike = row["libc"] != "musl" or parts["minor"] >= _MUSL_SINCE
        if row["os"] == "linux" and row["implementation"] == "cpython" and suffix is not None and alike:
            python = f"{parts['major']}.{parts['minor']}{suffix}"
            place = ("cp", python, row["arch"], row["libc"])
            found.setdefault(place, Build(row["key"], row["version"], row["url"]))
    return found


def build_for(table: Table, target: Target) -> Build | None:
    """The build for a target; None where there is none."""
    python, arch = target.python, target.arch
    version = f"{python.version}{python.suffix}"
    return table.get((python.implementation, version, _shape(arch), _abi(arch, target.libc)))


def pythons_by_architectures(table: Table, libc: Libc) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Architectures (in the order of the house's table) that have the same CPythons for a C library, and those."""
    groups: dict[tuple[str, ...], tuple[str, ...]] = {}
    minors = sorted({python for _, python, _, _ in table}, key=_order)
    for arch in ARCHITECTURES.values():
        has = tuple(one for one in minors if ("cp", one, _shape(arch), _abi(arch, libc)) in table)
        groups[has] = (*groups.get(has, ()), arch.name)
    return {archs: has for has, archs in groups.items() if has}


def _shape(arch: Architecture) -> str:
    return _SHAPES.get(arch.name, arch.rust.partition("-")[0])


def _abi(arch: Architecture, libc: Libc) -> str:
    abi = arch.rust.rpartition("-")[2]
    return renamed(f"-{abi}").removeprefix("-") if libc == "musllinux" else abi


def _order(python: str) -> tuple[int, bool]:
    minor = python.partition(".")[2]
    return int(minor.removesuffix("t")), minor.endswith("t")
