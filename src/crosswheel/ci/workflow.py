"""What a workflow says, whatever the service: its jobs, and what each of them is told."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from crosswheel.model import Target

Arm = Literal["cross", "runner", "qemu"]
ARMS: tuple[Arm, ...] = get_args(Arm)

# The architectures that cibuildwheel builds; everything else is crosswheel's, which runs on x86_64 only. Hosted arm
# machines are for aarch64: that their processors run armv7l too is not promised.
HOSTED: dict[Arm, tuple[str, ...]] = {"cross": (), "runner": ("aarch64",), "qemu": ("aarch64", "armv7l")}
# As many jobs as run at once on GitHub's free plan: more would wait, and each fetches parts of its own.
AT_ONCE = 20
_ALL = "all"
# How build backends are told of the stable ABI: setuptools (setup.py, setup.cfg, pyproject.toml), scikit-build-core
# (wheel.py-api), meson-python (limited-api), PyO3 (the features abi3 and abi3-py39).
_STABLE = re.compile(r"\bpy[-_]limited[-_]api\b|\blimited-api\b|\bpy-api\b|\babi3\b")
_TELLING = ("pyproject.toml", "setup.cfg", "setup.py", "Cargo.toml")


@dataclass(frozen=True)
class Entry:
    """One job of the matrix.

    :param name: the identifier, or the architecture where the job builds several, or ``shard-1-of-4``.
    :param arch: in cache keys, what the toolchains are for: an architecture, or the shard's name.
    :param pythons: in cache keys, what the roots are of: ``cp311``, or ``all``.
    :param plan: in cache keys, a digest of its part of the plan: what it needs changes with that.
    :param shard: ``1/4`` where it builds a part of the whole plan.
    """

    name: str
    arch: str
    pythons: str
    identifiers: tuple[str, ...]
    plan: str = ""
    shard: str = ""

    @property
    def build(self) -> str:
        """What the job is told to build."""
        return self.shard or " ".join(self.identifiers)


@dataclass(frozen=True)
class Workflow:
    """What is written down.

    :param entries: the jobs of crosswheel.
    :param hosted: the jobs of cibuildwheel: on arm runners, or emulated by a registered QEMU.
    :param package: the package's directory as seen from the repository's, with ``/``.
    :param config_file: as ``--config-file``, seen from the repository's directory; may be empty, as ``engine``,
        ``source``, ``mirror`` and ``enable`` may.
    :param archs: the architectures of all shards, where the jobs are shards; else empty.
    :param cache: the directory that ``[tool.crosswheel]`` names for parts; may be empty.
    :param requirement: what installs crosswheel, as pip takes it.
    :param left_out: identifiers that are selected and that nobody builds, each with the reason.
    :param command: the command line that writes the same again.
    """

    entries: tuple[Entry, ...]
    hosted: tuple[Entry, ...]
    arm: Arm
    package: str
    requirement: str
    command: str
    config_file: str = ""
    engine: str = ""
    source: str = ""
    mirror: str = ""
    enable: str = ""
    archs: str = ""
    cache: str = ""
    no_test: bool = False
    submodules: bool = False
    publish: bool = False
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def jobs(self) -> tuple[Entry, ...]:
        """Those of crosswheel and those of cibuildwheel."""
        return (*self.entries, *self.hosted)


def grouped(entries: Iterable[Entry]) -> bool:
    """Whether one job builds several wheels."""
    return any(entry.pythons == _ALL for entry in entries)


def sharded(entries: Iterable[Entry]) -> bool:
    """Whether each job builds a part of the whole plan."""
    return any(entry.shard for entry in entries)


def split(targets: Sequence[Target], *, stable: bool, emulated: bool = False) -> tuple[Entry, ...]:
    """Targets as jobs: one each, or one for each architecture where they are many, or wheels serve several.

    :param stable: the wheels are of the stable ABI.
    :param emulated: they are built emulated: then many in one job would be ended by the time that a job may take.
    """
    if len(targets) <= 1 or not (stable or (len(targets) > AT_ONCE and not emulated)):
        return tuple(
            Entry(target.identifier, target.arch.name, target.python.tag, (target.identifier,))
            for target in targets
        )
    archs = dict.fromkeys(target.arch.name for target in targets)
    return tuple(Entry(arch, arch, _ALL, _of(arch, targets)) for arch in archs)


def shards(parts: Sequence[Sequence[Target]]) -> tuple[Entry, ...]:
    """A job for each part of a plan."""
    total = len(parts)
    return tuple(
        Entry(
            f"shard-{number}-of-{total}",
            f"shard-{number}-of-{total}",
            _ALL,
            tuple(target.identifier for target in part),
            shard=f"{number}/{total}",
        )
        for number, part in enumerate(parts, 1)
    )


def _of(arch: str, targets: Iterable[Target]) -> tuple[str, ...]:
    return tuple(target.identifier for target in targets if target.arch.name == arch)


def stable_abi(project: Path) -> bool:
    """Whether a project seems to build for the stable ABI: then one wheel serves several Pythons.

    A guess from its files. A wrong one costs time and no wheel: only the order of things rests on it.
    """
    return any(_STABLE.search(_read(project / name)) for name in _TELLING)


def declares_submodules(repository: Path) -> bool:
    """Whether a checkout has to bring submodules."""
    return (repository / ".gitmodules").is_file()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
