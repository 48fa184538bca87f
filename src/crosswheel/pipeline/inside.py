"""A job's site for a person to look around in: as the build sees it, or as the test does."""

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crosswheel.engines import build as building
from crosswheel.engines import hooks
from crosswheel.errors import CrosswheelError
from crosswheel.model import EngineName, Plan, Target
from crosswheel.options import AUTO_SANDBOX, Sandboxing
from crosswheel.pipeline import failed, sites
from crosswheel.pipeline.attempt import Attempt, Built, build_site, built, library
from crosswheel.pipeline.command import attached
from crosswheel.pipeline.failed import Left
from crosswheel.pipeline.parts import Cxx, Parts
from crosswheel.pipeline.recorder import Recorder
from crosswheel.pipeline.trial import TEST_SITE, test_site
from crosswheel.provision.debian import DebianSource
from crosswheel.seams import Mount, Progress, Sandbox, Source
from crosswheel.site import places
from crosswheel.site.site import Site
from crosswheel.store import Store
from crosswheel.testing import prepare as prepare_test
from crosswheel.wheels.inspect import inspect

_COPY = "a copy of the project: your own files are not touched"
# bash where the root has it; its prompt says where one is.
_SHELL = (
    "sh",
    "-c",
    'command -v bash >/dev/null 2>&1 && exec bash --rcfile "$0/bashrc"; exec sh -i',
    places.COMMANDS,
)
_SCRIPT = """\
#!/bin/sh
# {about}
cd {cwd} || exit
{exports}
{command}
"""


@dataclass(frozen=True)
class Inside:
    """A site ready to be entered.

    :param again: the name of the program that makes the step again, and what it does.
    :param seen: what is where, ``(path, what)``.
    """

    target: Target
    engine: EngineName
    sandbox: Sandbox
    env: Mapping[str, str]
    cwd: str
    again: tuple[str, str]
    seen: tuple[tuple[str, str], ...]

    def enter(self, command: tuple[str, ...], env: Mapping[str, str]) -> int:
        """Run a command with this process's terminal, or a shell.

        :param command: empty for a shell.
        :param env: further variables.
        :return: its exit code.
        :raises CommandMissingError: there is no such command.
        :raises ProvisionError: the sandbox cannot be set up.
        """
        variables = {**self.env, **env, "PATH": f"{places.COMMANDS}:{self.env['PATH']}"}
        return attached(self.sandbox, command or _SHELL, self.cwd, variables, self.target)


@contextmanager
def opened(
    plan: Plan,
    *,
    store: Store,
    sources: Sequence[Source],
    progress: Progress,
    scratch: Path,
    engine: EngineName | None = None,
    step: Literal["build", "test"] | None = None,
    fresh: bool = False,
    mirror: str | None = None,
    sandboxing: Sandboxing = AUTO_SANDBOX,
) -> Iterator[tuple[Inside, Left | None]]:
    """The site of a plan's only job: what its failed build left, where that is kept, else a new one.

    :param scratch: an empty directory for a new one.
    :param engine: None for the one that failed, or the first of the ladder.
    :param step: None for the one that failed, or the build.
    :raises CrosswheelError: a step before it failed, or another process is in what was left.
    """
    (job,) = plan.jobs
    # What a build leaves has moved since: on the machine itself its scripts lead nowhere.
    left = None if fresh or sandboxing.choice == "host" else failed.find(store, plan.project, job)
    if left is not None and engine not in (None, left.engine):
        left = None
    in_test = left is not None and (left.path / TEST_SITE).exists()
    if left is not None and step == "test" and not in_test:
        raise CrosswheelError(
            "the build that failed did not come to its test",
            remedy="leave out --step to look at the build, or give --fresh to build again",
        )
    with (
        failed.held(left) if left else nullcontext(),
        (scratch / "log").open("w", encoding="utf-8") as log,
        hooks.prepared(scratch),
    ):
        place = left.path if left else scratch / "site"
        place.mkdir(exist_ok=True)
        parts = Parts(store, sources, DebianSource(store, progress, mirror), progress, sandboxing)
        attempt = Attempt(
            plan.project,
            job,
            left.engine if left else job.ladder[0],
            (),
            parts,
            Recorder(job.identifier, progress, log),
            progress,
            sites.sandboxes(parts, job.target.arch, log),
            place,
            len(os.sched_getaffinity(0)),
        )
        of = of_test if step == "test" or (step is None and in_test) else of_build
        yield of(attempt, left=left is not None), left


def of_build(attempt: Attempt, *, left: bool = False) -> Inside:
    """The site of the build step, ready for it.

    :param left: it is as an earlier attempt left it: nothing is installed.
    :raises CrosswheelError: a step before the build failed.
    """
    cxx: Cxx = library(attempt)
    if left:  # the last that it worked in
        cxx = "libstdc++" if (attempt.scratch / "libstdc++").exists() else "libc++"
    site, workshop = build_site(attempt, cxx, left=left)
    options, package = attempt.job.options, attempt.package
    prepared = (
        building.as_left(site, workshop, options, package)
        if left
        else building.prepare(site, workshop, options, package, attempt.recorder.step)
    )
    control = site.directory("control")
    call = prepared.backend.wheel_call(prepared.settings, control)
    env = {**workshop.variables(*prepared.environments), **workshop.hook_env}
    further = {name: value for name, value in call.env.items() if env.get(name) != value}
    about = "the build step as crosswheel runs it"
    mounts = (*prepared.backend.mounts, Mount(control, places.CONTROL, writable=True))
    shown = _Shown(site, mounts)
    commands = _commands(attempt, shown, "build-wheel", about, call.cwd, further, call.argv)
    seen = [
        (places.USUAL_PROJECT, _COPY),
        (prepared.environments[0].mount.target, "the build requirements, with the build's python"),
        (places.DIST, "where the build step puts the wheel"),
    ]
    if attempt.engine == "cross":
        seen.append((places.SYSROOT, f"the root of {attempt.job.target.arch.name}"))
    return Inside(
        attempt.job.target, attempt.engine, workshop.sandbox((*mounts, commands)), env, _package(package),
        ("build-wheel", about), shown.all(seen),
    )  # fmt: skip


def of_test(attempt: Attempt, *, left: bool = False) -> Inside:
    """The site of the test, with the wheel installed in it.

    :param left: it is as an earlier attempt left it: nothing is built or installed.
    :raises CrosswheelError: the build failed, or a step before the test.
    """
    made = Built(_wheel_left(attempt.scratch), None) if left else built(attempt)
    wheel = made.wheel
    site, variables = test_site(attempt, made.site, left=left)
    prepared = prepare_test(
        site, wheel, inspect(wheel).modules, attempt.job.options, attempt.package, variables, installed=left
    )
    about = "the test as crosswheel runs it"
    shown = _Shown(site, prepared.mounts)
    commands = _commands(attempt, shown, "run-test", about, prepared.cwd, {}, prepared.argv)
    seen = (
        (places.USUAL_PROJECT, _COPY),
        (prepared.cwd, "where the test runs"),
        (prepared.env["VIRTUAL_ENV"], "the wheel and what its test requires, with the target's python"),
    )
    return Inside(
        attempt.job.target, attempt.engine, prepared.sandbox((commands,)), prepared.env, prepared.cwd,
        ("run-test", about), shown.all(seen),
    )  # fmt: skip


def _wheel_left(scratch: Path) -> Path:
    """The wheel that an attempt tested: as it was repaired, or where there was no repair as it was built.

    :raises CrosswheelError: it is no more there.
    """
    for pattern in ("*/repaired/*.whl", "*/dist/*.whl"):
        for wheel in sorted(scratch.glob(pattern), reverse=True):  # libstdc++ is what comes after libc++
            return wheel
    raise CrosswheelError("the wheel that failed its test is gone", remedy="give --fresh to build it again")


def _package(package: str) -> str:
    return f"{places.USUAL_PROJECT}/{package}".removesuffix("/.")


@dataclass(frozen=True)
class _Shown:
    """A site as its commands see it, which a person is told."""

    site: Site
    mounts: tuple[Mount, ...]

    def text(self, text: str) -> str:
        return self.site.seen(text, *self.mounts)

    def all(self, places: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple((self.text(place), what) for place, what in places)


def _commands(
    attempt: Attempt,
    shown: _Shown,
    name: str,
    about: str,
    cwd: str,
    env: Mapping[str, str],
    argv: Iterable[str],
) -> Mount:
    """A directory with a program that makes the step again."""
    exports = "\n".join(f"export {key}={shlex.quote(value)}" for key, value in env.items())
    directory = shown.site.directory("commands")
    script = directory / name
    text = _SCRIPT.format(about=about, cwd=shlex.quote(cwd), exports=exports, command=shlex.join(argv))
    script.write_text(shown.text(text))
    script.chmod(0o755)
    (directory / "bashrc").write_text(f"PS1='({attempt.job.identifier}) \\w\\$ '\n")
    return Mount(directory, places.COMMANDS)
