"""What jobs of a project took in earlier runs: what the next run needs, and how long it may take.

A note per project in the store; losing it costs a guess. One of another version is not read.
"""

import json
import os
import statistics
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosswheel.model import Job, Outcome, Project
from crosswheel.store import Store, digest

VERSION = 1
_KIND = "history"
_PROVISION = "fetch"  # a step whose time is that of the network, once


@dataclass(frozen=True)
class Past:
    """What a job took the last time it was built.

    :param seconds: wall time, without what is fetched once.
    :param memory: the most bytes that its programs used together.
    """

    seconds: float
    memory: int


class History:
    """The past of one project's jobs."""

    def __init__(self, store: Store, project: Project) -> None:
        key = digest({"project": str(Path(project.label).resolve())})
        self._file = store.path(_KIND, f"{key}.json")
        self._lock = threading.Lock()

    def past(self, jobs: Iterable[Job]) -> dict[str, Past]:
        """By identifier, where anything is known: a job's own past, or that of the architecture's other jobs."""
        found = self._read()
        result = {}
        for job in jobs:
            alike = [past for name, past in found.items() if name.partition("-")[2] == _platform(job)]
            if job.identifier in found:
                result[job.identifier] = found[job.identifier]
            elif alike:
                seconds = statistics.median(past.seconds for past in alike)
                result[job.identifier] = Past(seconds, max(past.memory for past in alike))
        return result

    def note(self, outcome: Outcome) -> None:
        """Note a job that built its wheel itself."""
        if not outcome.ok or outcome.kept or outcome.reused:
            return
        seconds = sum(step.seconds for step in outcome.steps if step.step != _PROVISION)
        memory = max((step.peak for step in outcome.steps), default=0)
        entry = {"seconds": round(seconds, 2), "memory": memory, "time": round(time.time())}
        with self._lock:
            jobs = {**self._entries(), outcome.identifier: entry}
            self._file.parent.mkdir(parents=True, exist_ok=True)
            partial = self._file.with_suffix(f".{os.getpid()}")  # another run may write its own
            partial.write_text(json.dumps({"version": VERSION, "jobs": jobs}), encoding="utf-8")
            partial.rename(self._file)

    def _read(self) -> dict[str, Past]:
        found = {}
        for name, entry in self._entries().items():
            try:
                found[name] = Past(float(entry["seconds"]), int(entry["memory"]))
            except (KeyError, TypeError, ValueError):
                continue
        return found

    def _entries(self) -> dict[str, Mapping[str, Any]]:
        try:
            note = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if (
            not isinstance(note, dict)
            or note.get("version") != VERSION
            or not isinstance(note.get("jobs"), dict)
        ):
            return {}
        return {name: entry for name, entry in note["jobs"].items() if isinstance(entry, dict)}


def _platform(job: Job) -> str:
    return job.identifier.partition("-")[2]
