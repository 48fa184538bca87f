"""The wheel that a project itself publishes, from the package index by pip and the user's own settings.

pip runs by ``uv tool run``: crosswheel's own Python need not have it, and uv keeps it in its cache.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import uv as uv_package
from packaging.tags import Tag

from crosswheel import process
from crosswheel.errors import ProvisionError

_UNREACHABLE = re.compile(r"connection broken|Could not fetch URL|SSLError|ConnectTimeout|HTTP error")
_NONE = re.compile(r"No matching distribution|Could not find a version|is not a supported wheel")
_INTERPRETER = re.compile(r"([a-z]+)3(\d*)\Z")
_MANYLINUX = re.compile(r"manylinux_2_\d+_(\w+)|manylinux(?:1|2010|2014)_(\w+)|linux_(\w+)")
_MUSLLINUX = re.compile(r"musllinux_1_\d+_(\w+)")
_NEWEST = {"manylinux": 40, "musllinux": 3}  # glibc 2.x, musl 1.x: a later policy than any in use
_OLDEST = 5  # manylinux1 is glibc 2.5
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
# pip's settings in uv's place, where only uv is told of an index.
_UV_NAMES = {"UV_DEFAULT_INDEX": "PIP_INDEX_URL", "UV_INDEX_URL": "PIP_INDEX_URL"}


def published_wheel(name: str, version: str, tags: Iterable[Tag], directory: Path) -> Path | None:
    """Fetch the wheel that the index has of a release for the same Python and platform as another wheel.

    :param tags: the other wheel's; the policy may differ.
    :param directory: takes the wheel.
    :return: None where the index has none.
    :raises ProvisionError: the index cannot be reached.
    """
    directory.mkdir(parents=True, exist_ok=True)
    done = process.run(
        [uv_package.find_uv_bin(), "tool", "run", "--quiet", "--python", sys.executable,
         "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--disable-pip-version-check",
         *_wanted(tuple(tags)), "--dest", directory, f"{name}=={version}"],
        env=_environment(os.environ),
    )  # fmt: skip
    wheels = sorted(directory.glob("*.whl"))
    if done.returncode == 0 and wheels:
        return wheels[0]
    if _has_none(done.tail):
        return None
    cause = next((line.strip() for line in reversed(done.tail) if line.strip()), "")
    raise ProvisionError(
        f"the published wheel of {name} {version} could not be fetched",
        cause=cause,
        remedy="check the network, or name an index with PIP_INDEX_URL or UV_DEFAULT_INDEX",
    )


def _has_none(lines: Iterable[str]) -> bool:
    """Whether pip says that there is no such wheel, and not only because it could not ask."""
    text = "\n".join(lines)
    return _NONE.search(text) is not None and _UNREACHABLE.search(text) is None


def _wanted(tags: tuple[Tag, ...]) -> Iterator[str | Path]:
    """pip's options for the wheels that the Pythons of these tags install."""
    tag = max(tags, key=str)  # py3 rather than py2
    match = _INTERPRETER.match(tag.interpreter)
    implementation, minor = match.groups() if match else (tag.interpreter, "")
    yield from ("--implementation", "cp" if implementation == "py" else implementation)
    if minor:
        yield from ("--python-version", f"3.{minor}", "--ignore-requires-python")
    # A project may publish one wheel for several Pythons where a build made one for a single Python.
    stable = ["abi3"] if implementation == "cp" and not tag.abi.endswith("t") else []
    abis = dict.fromkeys([tag.abi, *stable, "none"])
    for abi in abis:
        yield from ("--abi", abi)
    for platform in _platforms(tag.platform):
        yield from ("--platform", platform)


def _platforms(platform: str) -> Iterator[str]:
    """Every policy for the same architecture and libc, the newest first."""
    if match := _MUSLLINUX.fullmatch(platform):
        yield from (f"musllinux_1_{minor}_{match[1]}" for minor in range(_NEWEST["musllinux"], -1, -1))
    elif match := _MANYLINUX.fullmatch(platform):
        arch = match[1] or match[2] or match[3]
        for minor in range(_NEWEST["manylinux"], _OLDEST - 1, -1):
            yield f"manylinux_2_{minor}_{arch}"
            if minor in _LEGACY:
                yield f"{_LEGACY[minor]}_{arch}"
    else:
        yield platform


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    found = {pip: environ[uv] for uv, pip in _UV_NAMES.items() if uv in environ}
    return {**found, **environ}
