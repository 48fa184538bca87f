"""Which rung of the ladder served a project, so that the next run begins there.

A note per project and identifier in the store. It holds as long as nothing changes that decides how the wheel is
built, and for a week at most: what failed then may work by now. Losing it costs time, never correctness.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import crosswheel
from crosswheel.model import Job, Outcome, Plan, Project, StepDown
from crosswheel.pipeline import variables
from crosswheel.provision.toolchains import wrappers, zig
from crosswheel.store import Store, digest

DAYS = 7
_KIND = "served"
# What says how a project is built, wherever in it; at its top also every script (setup.py imports them).
_DESCRIPTIONS = ("meson.build", "meson.options", "meson_options.txt", "CMakeLists.txt", "*.cmake", "configure",
                 "configure.ac", "Makefile*", "Cargo.toml", "build.rs", "pyproject.toml", "setup.py",
                 "setup.cfg")  # fmt: skip
_DESCRIPTIONS_ON_TOP = ("*.py", "PKG-INFO")
_UNSEEN = frozenset({".git", ".hg", ".venv", ".tox", ".nox", "node_modules", "__pycache__"})
_AFTER_THE_BUILD = (
    "test_",
    "before_test",
    "repair_",
    "audit_",
    "container_",
    "build_verbosity",
)  # decide nothing here


def recall(plan: Plan, store: Store) -> Plan:
    """The plan with each ladder cut to begin at the rung that served last.

    A ladder of one engine is the user's own choice, and stays.
    """
    if not (store.root / _KIND).is_dir():
        return plan
    return replace(plan, jobs=tuple(_recalled(plan.project, job, store) for job in plan.jobs))


def _recalled(project: Project, job: Job, store: Store) -> Job:
    note = _read(_file(store, project, job)) if len(job.ladder) > 1 else {}
    try:
        skipped = tuple(StepDown(*map(str, row)) for row in note["skipped"])  # type: ignore[arg-type,attr-defined]
        first = job.ladder.index(skipped[-1].below)
        # Either way: a clock that was wrong may have noted it in the future.
        recent = abs(time.time() - float(note["time"])) < DAYS * 86400  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, IndexError):  # none, damaged, or of an engine that is no more
        return job
    if not recent or note.get("configuration") != _configuration(project, job):
        return job
    return replace(job, ladder=job.ladder[first:], skipped=skipped)


def remember(store: Store, project: Project, job: Job, outcome: Outcome) -> None:
    """Note the way down to a wheel that passed; forget it where it holds no more.

    :param job: as it was run, its ladder cut or not.
    """
    file = _file(store, project, job)
    way = (*job.skipped, *outcome.step_downs)
    if outcome.ok and not outcome.reused and way:
        file.parent.mkdir(parents=True, exist_ok=True)
        _forget_old(file.parent)
        partial = file.with_suffix(f".{os.getpid()}")  # another run may write its own
        rows = [(step.engine, step.below, step.reason) for step in way]
        note = {"configuration": _configuration(project, job), "time": time.time(), "skipped": rows}
        partial.write_text(json.dumps(note))
        partial.rename(file)
    elif job.skipped or (outcome.ok and _failed_before(file, outcome)):
        file.unlink(missing_ok=True)


def _forget_old(notes: Path) -> None:
    for note in notes.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another run was first
            if time.time() - note.stat().st_mtime > DAYS * 86400:
                note.unlink()


def _failed_before(file: Path, outcome: Outcome) -> bool:
    """Whether the note blames the very engine that has served now."""
    rows = _read(file).get("skipped")
    return isinstance(rows, list) and any(row[:1] == [outcome.engine] for row in rows)


def _file(store: Store, project: Project, job: Job) -> Path:
    name = digest(
        {"project": str(Path(project.label).resolve()), "job": job.identifier, "source": job.source}
    )
    return store.path(_KIND, f"{name}.json")


def _read(file: Path) -> dict[str, object]:
    try:
        note = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _configuration(project: Project, job: Job) -> str:
    """A digest of all that decides which rung serves."""
    options = {
        name: value for name, value in asdict(job.options).items() if not name.startswith(_AFTER_THE_BUILD)
    }
    return digest(
        {
            "crosswheel": crosswheel.__version__,
            "zig": zig.VERSION,
            "wrapper": wrappers.sources(),
            "options": options,
            "variables": variables.common(job),
            "floor": job.floor,
            "project": dict(_descriptions(project.path)),
        }
    )


def _descriptions(project: Path) -> Iterator[tuple[str, str]]:
    """The files that say how the project is built."""
    for directory, names, files in os.walk(project):
        names[:] = sorted(set(names) - _UNSEEN)
        patterns = (*_DESCRIPTIONS, *_DESCRIPTIONS_ON_TOP) if Path(directory) == project else _DESCRIPTIONS
        for file in sorted(files):
            path = Path(directory, file)
            if path.is_file() and any(path.match(pattern) for pattern in patterns):
                yield str(path.relative_to(project)), path.read_text(encoding="utf-8", errors="replace")
