"""Wheels of earlier runs: what was built from the same is not built again, what was tested is not tested again.

A wheel's key is everything that decides what it is: the project as the build sees it, the options, the engines,
the source of its root and the versions of the tools. Versions of requirements are in it only where the project
names them: a kept wheel is the one that was built, with what they were then.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import crosswheel
from crosswheel.model import EngineName, Job, Outcome, Project, StepDown
from crosswheel.pipeline import variables
from crosswheel.pipeline.content import content
from crosswheel.provision.toolchains import wrappers, zig
from crosswheel.seams import Source
from crosswheel.store import Store, digest

_WHEELS, _TESTS = "wheels", "tests"
_FACTS = "facts.json"
# Options, by the beginning of their names, that do not decide what a wheel is.
_AFTER = ("test_", "before_test", "container_", "build_verbosity")


@dataclass(frozen=True)
class KeptWheel:
    """A wheel of an earlier run.

    :param step_downs: the engines that failed before the one that served.
    """

    path: Path
    engine: EngineName
    step_downs: tuple[StepDown, ...]
    notes: tuple[str, ...]


class Kept:
    """The wheels and passed tests of earlier runs.

    :param wanted: whether to use them; what is made now is kept in any case.
    :param isolated: whether commands run in a sandbox: a wheel of the bare machine is no other's.
    """

    def __init__(
        self,
        store: Store,
        project: Project,
        sources: Sequence[Source],
        *,
        wanted: bool,
        isolated: bool = True,
    ) -> None:
        self._store = store
        self._project = project
        self._sources = {source.name: source for source in sources}
        self._wanted = wanted
        self._isolated = isolated

    def wheel(self, job: Job) -> KeptWheel | None:
        """The wheel that the job would build; one whose bytes are not those that were kept is built again."""
        if not self._wanted:
            return None
        entry = self._store.path(_WHEELS, self._key(job))
        try:
            facts = json.loads((entry / _FACTS).read_text(encoding="utf-8"))
            path = entry / facts["name"]
            if _hash(path) != facts["sha256"]:
                raise ValueError(path)
            downs = tuple(StepDown(*row) for row in facts["step_downs"])
            found = KeptWheel(path, facts["engine"], downs, tuple(facts["notes"]))
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return found

    def done(self, jobs: Iterable[Job]) -> frozenset[str]:
        """The identifiers of the jobs of which nothing is left to do."""
        wheels = ((job, self.wheel(job)) for job in jobs)
        return frozenset(
            job.identifier
            for job, found in wheels
            if found is not None and (job.options.test_skip or self.is_tested(job, found.path))
        )

    def keep(self, job: Job, wheel: Path, outcome: Outcome) -> None:
        """Keep a wheel that a job has built."""

        def make(entry: Path) -> None:
            shutil.copyfile(wheel, entry / wheel.name)
            facts = {
                "name": wheel.name,
                "sha256": _hash(wheel),
                "engine": outcome.engine,
                "step_downs": [(one.engine, one.below, one.reason) for one in outcome.step_downs],
                "notes": outcome.notes,
            }
            (entry / _FACTS).write_text(json.dumps(facts), encoding="utf-8")

        self._store.replace(_WHEELS, self._key(job), make)

    def is_tested(self, job: Job, wheel: Path) -> bool:
        """Whether this very wheel passed this very test before."""
        return self._wanted and self._store.has(_TESTS, self._test_key(job, wheel))

    def note_tested(self, job: Job, wheel: Path) -> None:
        """Remember that a wheel passed the job's test."""
        self._store.replace(_TESTS, self._test_key(job, wheel), lambda _: None)

    @cached_property
    def _content(self) -> str:
        return content(self._project.root).digest()

    def _key(self, job: Job) -> str:
        ladder = (*(step.engine for step in job.skipped), *job.ladder)  # whatever an earlier run learnt of it
        return digest({**self._common(job, _AFTER), "ladder": ladder, "floor": job.floor, "policy": job.policy,
                       "zig": zig.VERSION, "wrapper": wrappers.sources()})  # fmt: skip

    def _test_key(self, job: Job, wheel: Path) -> str:
        return digest({**self._common(job, ()), "wheel": _hash(wheel)})

    def _common(self, job: Job, without: tuple[str, ...]) -> dict[str, object]:
        options = {name: value for name, value in asdict(job.options).items() if not name.startswith(without)}
        return {
            "crosswheel": crosswheel.__version__,
            "project": self._content,
            "package": str(self._project.path.relative_to(self._project.root)),
            "job": job.identifier,
            "source": (job.source, self._sources[job.source].key(job.target)),
            "options": options,
            "variables": variables.common(job),
            "isolated": self._isolated,
        }


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
