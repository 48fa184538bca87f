"""One rung of the ladder: a fresh site, and in it the wheel built, repaired, verified and tested."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from crosswheel.engines import cross, foresight, in_root, optional
from crosswheel.engines.backends import parallel
from crosswheel.engines.build import build
from crosswheel.engines.causes import Cure
from crosswheel.engines.diagnosis import Diagnosis
from crosswheel.engines.optional import LeftOut
from crosswheel.engines.portable import expect_portable
from crosswheel.engines.workshop import Workshop
from crosswheel.errors import CrosswheelError
from crosswheel.events import Noted
from crosswheel.model import ZIG_ENGINES, EngineName, Job, Project
from crosswheel.pipeline import audit, compilations, sites, variables
from crosswheel.pipeline.finish import finish
from crosswheel.pipeline.memory import Memory
from crosswheel.pipeline.parts import Cxx, Parts
from crosswheel.pipeline.project import copy_in
from crosswheel.pipeline.recorder import Recorder
from crosswheel.pipeline.variables import ProjectVariables
from crosswheel.provision.toolchains import zig
from crosswheel.seams import MakeSandbox, Progress, Rust, Sandbox, Toolchain, View
from crosswheel.site import places
from crosswheel.site.commands import fill, shell
from crosswheel.site.environments import TargetEnvironment
from crosswheel.site.site import Site
from crosswheel.wheels.facts import WheelFacts
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.libc import expect_libc
from crosswheel.wheels.verify import expect_platform_wheel

BEFORE_ALL = f"{places.BASE}/before-all"
_RECORD = "links"  # what the compilers' wrapper notes of its calls


class LostError(CrosswheelError):
    """The build left out an optional extension without which the wheel is not what it should be.

    :param lost: it, and why.
    """

    def __init__(self, lost: LeftOut) -> None:
        remedy = (lost.told.remedy if lost.told else "") or "read the whole log"
        super().__init__(f"the build left out {lost}", remedy=remedy)
        self.diagnosis = lost.told or Diagnosis(self.fact, Cure.BELOW, "")


class SeveralCppModulesError(Exception):
    """The wheel has several C++ modules, each with a static libc++ of its own: exceptions cannot cross them."""


@dataclass(frozen=True)
class Attempt:
    """What one rung works with.

    :param below: the rungs that are left.
    :param make_sandbox: makes its sandboxes.
    :param scratch: a directory for all that is written; empty where nothing was left by an earlier attempt.
    :param cores: how many compilers may run at once.
    """

    project: Project
    job: Job
    engine: EngineName
    below: tuple[EngineName, ...]
    parts: Parts
    recorder: Recorder
    progress: Progress
    make_sandbox: MakeSandbox
    scratch: Path
    cores: int

    @property
    def package(self) -> str:
        """The package's directory relative to the project."""
        return str(self.project.path.relative_to(self.project.root))

    def common(self) -> dict[str, str]:
        """What every command of the job sees."""
        return {
            "SOURCE_DATE_EPOCH": str(self.project.epoch),  # the user's own comes on top
            **parallel.variables(self.cores),
            **variables.common(self.job),
        }

    @cached_property
    def variables(self) -> ProjectVariables:
        """The project's own, of the build and of all that follows."""
        return ProjectVariables(self.job.options.environment)


@dataclass(frozen=True)
class Built:
    """A repaired and verified wheel.

    :param site: where it was built; None where an earlier job built it.
    """

    wheel: Path
    site: Site | None


def built(attempt: Attempt) -> Built:
    """The wheel; one of several C++ modules is built against libstdc++.

    :raises CrosswheelError: a step failed, or the wheel is not correct.
    """
    memory = Memory(attempt.parts.store, attempt.project)
    if library(attempt) == "libstdc++":
        return _built_with(attempt, "libstdc++")
    if foresight.cpp_modules(attempt.project.path) == 1 and attempt.engine in ZIG_ENGINES:
        with attempt.recorder.step("fetch"):
            attempt.parts.warm_cxx(attempt.job)
    try:
        return _built_with(attempt, "libc++")
    except SeveralCppModulesError:
        musl = attempt.job.target.libc == "musllinux"
        against = "one shared libc++" if musl else "the target's libstdc++"
        text = f"several C++ modules: built again against {against}, so that exceptions cross them"
        attempt.progress(Noted(text, identifier=attempt.job.identifier))
        memory.note_several_cpp_modules()
        return _built_with(attempt, "libstdc++")


def library(attempt: Attempt) -> Cxx:
    """The C++ library to begin with."""
    memory = Memory(attempt.parts.store, attempt.project)
    several = foresight.cpp_modules(attempt.project.path) > 1 or memory.several_cpp_modules()
    lacks = not zig.has_cxx_library(attempt.job.target.arch, attempt.job.target.libc)
    return "libstdc++" if several or lacks else "libc++"


def _built_with(attempt: Attempt, cxx: Cxx) -> Built:
    job, recorder = attempt.job, attempt.recorder
    site, workshop = build_site(attempt, cxx)
    wheel = build(site, workshop, job.options, attempt.package, recorder.step)
    build_output = tuple(recorder.output)
    compilations.tell(site, recorder, attempt.parts.store)
    if attempt.engine not in ZIG_ENGINES:  # zig's wrapper refuses it
        expect_portable(wheel.name, build_output)
    facts = inspect(wheel)
    if attempt.engine in ZIG_ENGINES and cxx == "libc++" and _cpp_modules(facts) > 1:
        raise SeveralCppModulesError
    _tell_refusals(attempt, site)
    _check_left_out(optional.left_out(build_output), facts, attempt)
    expect_libc(facts, job.target)
    finished, facts = finish(
        site, wheel, attempt.common(), attempt.variables, job, attempt.package, attempt.parts, recorder
    )
    if lines := audit.commands(job.options, abi3=facts.is_abi3):
        with recorder.step("audit"):
            audit.audit(site, finished, lines, job.options, attempt.package)
    return Built(finished, site)


def build_site(attempt: Attempt, cxx: Cxx, *, left: bool = False) -> tuple[Site, Workshop]:
    """Where the wheel is built: the project is in it, before-all done.

    :param left: it is as an earlier attempt left it: nothing is copied or run.
    :raises CrosswheelError: a part cannot be had, or before-all failed.
    """
    job, recorder = attempt.job, attempt.recorder
    with recorder.step("fetch"):
        site = fresh_site(attempt, cxx)
        toolchain = attempt.parts.toolchain(job, attempt.engine, cxx, f"{places.JOB}/{_RECORD}")
        kept = compilations.fetched(toolchain, site, attempt.project, attempt.parts)
        rust = attempt.parts.rust(job, attempt.engine) if foresight.needs_rust(attempt.project.path) else None
    if not left:
        with recorder.step("prepare"):
            copy_in(attempt.project, site.directory("project"))
    if job.options.before_all and not left:
        with recorder.step("before-all"):
            run_before_all(attempt, site)
    return site, _workshop(attempt, site, compilations.before(kept, toolchain, site), rust)


def fresh_site(attempt: Attempt, name: str) -> Site:
    work = attempt.scratch / name
    work.mkdir(exist_ok=True)

    def make_sandbox(view: View) -> Sandbox:
        return attempt.recorder.around(attempt.make_sandbox(view))

    exact = attempt.engine == "cross"
    return sites.site(attempt.parts, attempt.job, work, make_sandbox, exact=exact)


def run_before_all(attempt: Attempt, site: Site) -> None:
    """In the target's root, whatever the engine: what it installs is for the target."""
    options, common = attempt.job.options, attempt.common()
    if site.layered is not None:
        attempt.parts.lay_lists(site.root, site.layered.layer / "upper")
    environment = TargetEnvironment(site, BEFORE_ALL)  # python and pip, as in the official images
    environment.install(["pip"])
    sandbox = site.make_sandbox(site.target_view(environment.mount))
    common["PATH"] = f"{BEFORE_ALL}/bin:{common['PATH']}"
    env = variables.evaluated(options.environment, common, sandbox)
    shell(sandbox, fill(options.before_all, package=attempt.package), env, "before-all")


def _workshop(attempt: Attempt, site: Site, toolchain: Toolchain | None, rust: Rust | None) -> Workshop:
    """The engine's workshop with the project's own variables, evaluated where the build runs."""
    common, job = attempt.common(), attempt.job
    if attempt.engine == "cross":
        assert toolchain is not None, "cross has no compilers but zig"
        workshop = cross.workshop(site, toolchain, rust, job.floor, common)
    else:
        workshop = in_root.workshop(
            site, attempt.engine, toolchain, rust, common, attempt.parts.native_programs
        )
    first = workshop.settings
    workshop = replace(
        workshop, settings=lambda requires: {**first(requires), **parallel.settings(attempt.cores, requires)}
    )
    if not attempt.variables.has_commands_to_run:
        return replace(workshop, env=attempt.variables.over(workshop.env, workshop.sandbox(())))
    python = workshop.environment(places.BEFORE_ENVIRONMENT, {})  # on PATH, as in the official images
    workshop.prepare(python)
    sandbox, programs = workshop.sandbox((python.mount,)), str(Path(python.python).parent)
    return replace(workshop, env=attempt.variables.over(workshop.env, sandbox, programs, workshop.hook_env))


def _cpp_modules(wheel: WheelFacts) -> int:
    return sum(1 for elf in wheel.elf if elf.uses_cpp)


def _tell_refusals(attempt: Attempt, site: Site) -> None:
    """Say what the compilers refused although the build went on: a probe of its own may have lost a feature."""
    record = site.directory("job") / _RECORD
    lines = record.read_text(encoding="utf-8", errors="replace").splitlines() if record.is_file() else []
    for line in sorted({line for line in lines if line.startswith("refuse ")}):
        text = f"the compiler refused {line.removeprefix('refuse ')}; see that the wheel lacks nothing"
        attempt.recorder.note(text, warning=True)


def _check_left_out(lost: tuple[LeftOut, ...], wheel: WheelFacts, attempt: Attempt) -> None:
    """Tell which optional extensions a built wheel does without, if it may do without them.

    :raises LostError: a lower rung can make one, or nothing compiled is left in a wheel of a platform.
    :raises PureWheelError: it is a pure Python wheel.
    :raises VerificationError: it is tagged for a platform, but nothing in it is compiled.
    """
    for one in lost:
        if (one.wants_own_compilers and _has_own_compilers(attempt.below)) or not (
            wheel.elf or wheel.is_pure
        ):
            raise LostError(one)
    expect_platform_wheel(wheel, tuple(map(str, lost)))
    for one in lost:
        attempt.recorder.note(f"the build left out {one}", warning=True)


def _has_own_compilers(rungs: tuple[EngineName, ...]) -> bool:
    return any(rung not in ZIG_ENGINES for rung in rungs)
