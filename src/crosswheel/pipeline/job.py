"""One job, down the ladder until a rung serves: site, build, repair, verification, test, publication."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from crosswheel.engines import cross, diagnosis, foresight, in_root
from crosswheel.engines.build import build
from crosswheel.engines.workshop import Workshop
from crosswheel.errors import CrosswheelError, StepError, VerificationError
from crosswheel.events import EngineChosen, Noted, SteppedDown
from crosswheel.model import EngineName, Job, Outcome, Project, StepDown, Wheel
from crosswheel.pipeline import variables
from crosswheel.pipeline.finish import finish
from crosswheel.pipeline.memory import Memory
from crosswheel.pipeline.parts import Cxx, Parts
from crosswheel.pipeline.project import copy_in
from crosswheel.pipeline.recorder import Recorder
from crosswheel.pipeline.reuse import finished_wheel
from crosswheel.provision.sandboxes.namespace import Namespace
from crosswheel.seams import Layered, Progress, Sandbox, View
from crosswheel.site import places
from crosswheel.site.commands import fill, shell
from crosswheel.site.site import Site
from crosswheel.testing import test as run_test
from crosswheel.wheels.facts import WheelFacts
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.tagging import promised_glibc


class SeveralCppModulesError(Exception):
    """The wheel has several C++ modules, each with a static libc++ of its own: exceptions cannot cross them."""


@dataclass
class _Attempt:
    """What one rung of the ladder works with."""

    project: Project
    job: Job
    parts: Parts
    recorder: Recorder
    log: IO[str]
    scratch: Path

    @property
    def package(self) -> str:
        return str(self.project.path.relative_to(self.project.root))


def run_job(
    project: Project,
    job: Job,
    parts: Parts,
    output_dir: Path,
    progress: Progress,
    *,
    test: bool,
    done: Iterable[Outcome] = (),
) -> Outcome:
    """Build and test one job's wheel.

    :param done: the outcomes before it: a wheel among them that serves this target too is only tested.
    :raises ProvisionError: a part cannot be had.
    """
    logs = parts.store.shared("logs")
    log_path = logs / f"{project.path.name}-{job.identifier}.log"
    with log_path.open("w", encoding="utf-8") as log:
        recorder = Recorder(job.identifier, progress, log)
        step_downs: list[StepDown] = []
        engine: EngineName | None = None
        try:
            served = finished_wheel(job.target, done)
            for index, rung in enumerate(job.ladder):
                engine = rung
                progress(EngineChosen(job.identifier, rung))
                try:
                    with parts.store.scratch() as scratch:
                        attempt = _Attempt(project, job, parts, recorder, log, scratch)
                        outcome = _climb(attempt, rung, served, output_dir, progress, test=test)
                    return replace(
                        outcome, steps=tuple(recorder.steps), step_downs=tuple(step_downs), log=log_path
                    )
                except (StepError, VerificationError) as error:
                    below = job.ladder[index + 1] if index + 1 < len(job.ladder) else None
                    reason = diagnosis.curable(error) if below else None
                    if below is None or reason is None:
                        raise
                    step_downs.append(StepDown(rung, below, reason))
                    progress(SteppedDown(job.identifier, step_downs[-1]))
            raise AssertionError("a ladder has a rung")
        except CrosswheelError as error:
            if isinstance(error, StepError):
                error.log = log_path
            return Outcome(
                job.identifier, engine, None, error, tuple(recorder.steps), tuple(step_downs), log=log_path
            )


def _climb(
    attempt: _Attempt,
    engine: EngineName,
    served: Path | None,
    output_dir: Path,
    progress: Progress,
    *,
    test: bool,
) -> Outcome:
    """One rung: from the copied project to the wheel in the output directory."""
    job, recorder = attempt.job, attempt.recorder
    wheel = served or _built(attempt, engine, progress)
    tested = test and not job.options.test_skip
    if tested:
        with recorder.step("test"):
            _test(attempt, wheel)
    facts = inspect(wheel)
    final = wheel if served else _publish(wheel, output_dir)
    # A wheel may carry the older name of its policy too (manylinux2014): PEP 600's says what it is.
    policy = max(facts.platforms, key=lambda name: (name.startswith(("manylinux_", "musllinux_")), name))
    return Outcome(
        job.identifier,
        engine,
        Wheel(final, final.stat().st_size, policy),
        None,
        tested=tested,
        floor_note=_floor_note(facts, job),
    )


def _built(attempt: _Attempt, engine: EngineName, progress: Progress) -> Path:
    """The repaired and verified wheel. A wheel of several C++ modules is built again against libstdc++."""
    memory = Memory(attempt.parts.store, attempt.project)
    several = memory.several_cpp_modules() or foresight.several_cpp_modules(attempt.project.path)
    cxx: Cxx = "libstdc++" if several else "libc++"
    try:
        return _build_with(attempt, engine, cxx, "first")
    except SeveralCppModulesError:
        progress(
            Noted(
                "several C++ modules: built again against the target's libstdc++, so that exceptions cross them",
                identifier=attempt.job.identifier,
            )
        )
        memory.note_several_cpp_modules()
        return _build_with(attempt, engine, "libstdc++", "again")


def _build_with(attempt: _Attempt, engine: EngineName, cxx: Cxx, name: str) -> Path:
    job, parts, recorder = attempt.job, attempt.parts, attempt.recorder
    with recorder.step("fetch"):
        site = _site(attempt, attempt.scratch / name)
        toolchain = parts.toolchain(job, engine, cxx, f"{places.JOB}/links")
    with recorder.step("prepare"):
        copy_in(attempt.project, site.directory("project"))
        common = variables.common(job)
        if engine == "cross":
            assert toolchain is not None
            workshop = cross.workshop(site, toolchain, job.floor, common)
        else:
            workshop = in_root.workshop(site, engine, toolchain, common)
        workshop = _with_environment(workshop, job)
    if job.options.before_all:
        with recorder.step("before-all"):
            command = fill(job.options.before_all, package=attempt.package)
            sandbox = site.make_sandbox(site.target_view())
            shell(
                sandbox, command, variables.evaluated(job.options.environment, common, sandbox), "before-all"
            )
    built = build(site, workshop, job.options, attempt.package, recorder.step)
    if toolchain is not None and cxx == "libc++" and _cpp_modules(built) > 1:
        raise SeveralCppModulesError
    return finish(site, built, job, parts, recorder)


def _cpp_modules(wheel: Path) -> int:
    return sum(1 for elf in inspect(wheel).elf if elf.uses_cpp)


def _site(attempt: _Attempt, work: Path) -> Site:
    job, parts = attempt.job, attempt.parts
    work.mkdir(parents=True, exist_ok=True)
    root = parts.root(job)
    tools = parts.tools(job.target.arch)

    def make_sandbox(view: View) -> Sandbox:
        return attempt.recorder.around(Namespace(tools, view, attempt.log))

    return Site(
        target=job.target,
        work=work,
        root=root,
        layered=Layered(root.path, work / "target-layer") if root.path else None,
        native=parts.native_python(job.target.python, work / "native-layer"),
        make_sandbox=make_sandbox,
        uv_mounts=parts.uv_mounts(),
        uv_env=parts.uv_env(),
    )


def _with_environment(workshop: Workshop, job: Job) -> Workshop:
    """The workshop with the project's own variables, evaluated where the build runs."""
    if not job.options.environment:
        return workshop
    sandbox = workshop.sandbox(())
    return replace(workshop, env=variables.evaluated(job.options.environment, workshop.env, sandbox))


def _test(attempt: _Attempt, wheel: Path) -> None:
    site = _site(attempt, attempt.scratch / "test-site")
    copy_in(attempt.project, site.directory("project"))
    env = variables.common(attempt.job)
    if attempt.job.options.test_environment or attempt.job.options.environment:
        sandbox = site.make_sandbox(site.target_view())
        env = variables.evaluated(attempt.job.options.environment, env, sandbox)
        env = variables.evaluated(attempt.job.options.test_environment, env, sandbox)
    run_test(site, wheel, inspect(wheel).modules, attempt.job.options, attempt.package, env)


def _floor_note(facts: WheelFacts, job: Job) -> str:
    """A sentence where the wheel needs a newer glibc than was asked for."""
    glibc = promised_glibc(facts)
    if glibc is None or glibc <= job.floor:
        return ""
    wanted, got = (".".join(map(str, version)) for version in (job.floor, glibc))
    return f"needs glibc {got}, above the floor {wanted}"


def _publish(wheel: Path, output_dir: Path) -> Path:
    """Into the output directory, whole or not at all."""
    output_dir.mkdir(parents=True, exist_ok=True)
    final = output_dir / wheel.name
    partial = output_dir / f".{wheel.name}.{os.getpid()}"  # another run may write its own
    try:
        shutil.copyfile(wheel, partial)
        partial.rename(final)
    finally:
        partial.unlink(missing_ok=True)
    return final
