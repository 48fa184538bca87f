"""The rung of Debian's cross compilers in the ladder: what goes by, and what steps down from it."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import CrosswheelError, ProvisionError, StepError
from crosswheel.model import EngineName, Job, Outcome, Project, Python, StepDown, Target
from crosswheel.options import Options
from crosswheel.pipeline import job as module
from crosswheel.pipeline.kept import Kept
from crosswheel.pipeline.shelf import Shelf
from crosswheel.store import Store

Run = Callable[[dict[EngineName, CrosswheelError]], Outcome]
JOB = Job(
    Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"]),
    Options(),
    ("cross", "hybrid", "hybrid-gcc", "emulated"),
    "debian",
    (2, 17),
)
REFUSED = StepError("build", "", 1, ("crosswheel: cannot compile here: zig has no Fortran compiler",))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the job with rungs that fail in these ways; the others serve."""
    (tmp_path / "project").mkdir()

    def down(failures: dict[EngineName, CrosswheelError]) -> Outcome:
        def rung(_: Any, engine: EngineName, *args: object, test: bool) -> Outcome:
            if engine in failures:
                raise failures[engine]
            return Outcome(JOB.identifier, engine, None, None)

        monkeypatch.setattr(module._Climb, "_rung", rung)
        parts: Any = SimpleNamespace(store=Store(tmp_path / "cache"))
        project = Project(tmp_path / "project", tmp_path / "project", "project")
        kept = Kept(parts.store, project, (), wanted=False)
        work = module.Work(project, parts, Shelf(tmp_path / "out"), kept, lambda event: None)
        return module.run_job(JOB, work, test=True, cores=1)

    return down


def test_what_zig_lacks_goes_past_hybrid_to_cross_compilers(run: Run) -> None:
    outcome = run({"cross": REFUSED})
    assert outcome.engine == "hybrid-gcc"
    assert outcome.step_downs == (StepDown("cross", "hybrid-gcc", "zig has no Fortran compiler"),)


def test_where_no_cross_compilers_can_be_had_the_roots_own_serve(run: Run) -> None:
    outcome = run({"cross": REFUSED, "hybrid-gcc": ProvisionError("Debian x has no package g++-12")})
    assert outcome.engine == "emulated"
    reason = "its compilers cannot be had: Debian x has no package g++-12"
    assert outcome.step_downs[-1] == StepDown("hybrid-gcc", "emulated", reason)


def test_a_part_that_every_rung_needs_ends_the_job(run: Run) -> None:
    outcome = run({"cross": ProvisionError("the mirror cannot be reached")})
    assert (outcome.engine, outcome.step_downs) == ("cross", ())
    assert outcome.failure is not None
