"""What a project publishes: its sdist and its wheel for the target, resolved by uv and verified by their hashes."""

import hashlib
import subprocess
import tomllib
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uv
from packaging.utils import canonicalize_name

from crosswheel.wheels.compare import Names, differences
from crosswheel.wheels.inspect import inspect


@dataclass(frozen=True)
class Release:
    """The files of one version.

    :param wheel: its wheel for the target; None where it publishes none.
    """

    sdist: Path
    wheel: Path | None

    def differences(self, mine: Path) -> list[str]:
        """What a user may notice between our wheel and the published one."""
        if self.wheel is None:
            return ["the project publishes no such wheel"]
        ours, theirs = inspect(mine, instructions=True), inspect(self.wheel, instructions=True)
        found = differences(ours, theirs, Names("ours", "the published one"))
        return [str(difference) for difference in found if difference.matters]


def releases(wanted: Iterable[tuple[str, str]], work: Path) -> dict[str, Release]:
    """The files of these versions, fetched if they are not there yet.

    :param wanted: names and versions.
    """
    pairs = list(wanted)
    requirements, lock = work / "corpus.in", work / "pylock.toml"
    requirements.write_text("".join(f"{name}=={version}\n" for name, version in pairs))
    # A lock file (PEP 751) names the sdist and the wheel that fits best, with their hashes.
    subprocess.run(
        [uv.find_uv_bin(), "pip", "compile", "--quiet", "--no-deps", "--format", "pylock.toml",
         "--python-version", "3.11", "--python-platform", "aarch64-manylinux_2_28", requirements,
         "--output-file", lock],
        check=True,
    )  # fmt: skip
    found = {row["name"]: row for row in tomllib.loads(lock.read_text())["packages"]}
    files = work / "releases"
    files.mkdir(exist_ok=True)
    made = {}
    for name, _ in pairs:
        row = found[canonicalize_name(name)]
        wheels = sorted(row.get("wheels", ()), key=lambda wheel: wheel["url"].endswith("-any.whl"))
        made[name] = Release(_fetched(row["sdist"], files), _fetched(wheels[0], files) if wheels else None)
    return made


def _fetched(entry: dict[str, Any], directory: Path) -> Path:
    path: Path = directory / entry["url"].rpartition("/")[2]
    if not path.exists():
        with urllib.request.urlopen(entry["url"]) as answer:  # noqa: S310 -- of the index
            data = answer.read()
        if hashlib.sha256(data).hexdigest() != entry["hashes"]["sha256"]:
            raise SystemExit(f"{path.name} is not what the index says")
        path.write_bytes(data)
    return path
