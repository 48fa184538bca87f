"""What commands set up from the selection: switches, the cache, the configuration."""

import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from crosswheel.architectures import HOST
from crosswheel.cli import trouble
from crosswheel.errors import CrosswheelError, ExitCode
from crosswheel.model import Outcome, Plan, Project

if TYPE_CHECKING:
    from crosswheel.cli.options import Selection
    from crosswheel.config import Configuration, Flags, Switches
    from crosswheel.seams import Progress, Source
    from crosswheel.store import Store

_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


class Placed(Protocol):
    """What a command is told of the cache, and of the project whose table may name one."""

    @property
    def package(self) -> Path: ...
    @property
    def config_file(self) -> str | None: ...
    @property
    def cache_dir(self) -> Path | None: ...


def cache_dir(selection: Placed, switches: "Switches") -> Path:
    """``--cache-dir``, else a variable, else ``[tool.crosswheel]``, else the platform's directory for caches.

    The table of an sdist has no say in it: whoever wrote it does not know this machine.

    :param told: by the command line.
    """
    from crosswheel import config

    told = _told_cache(selection.cache_dir, switches)
    if told is None and (selection.config_file or selection.package.is_dir()):
        told = config.cache_of(selection.package, config_file=selection.config_file)
    return told or _usual_cache()


def cache_of_machine(option: Path | None, switches: "Switches") -> Path:
    """The cache of a command that has no package: the table in the current directory counts."""
    from crosswheel import config

    return _told_cache(option, switches) or config.cache_of(Path(), config_file=None) or _usual_cache()


def _told_cache(option: Path | None, switches: "Switches") -> Path | None:
    """The cache that the command line or a variable names."""
    return Path(option or switches.cache_path).absolute() if option or switches.cache_path else None


def _usual_cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("crosswheel")


def configuration(selection: "Selection", project_dir: Path) -> "Configuration":
    """The configuration of a project, with the command line on top.

    :raises ConfigurationError: any input is wrong.
    """
    from crosswheel import config

    return config.load(
        project_dir, config_file=selection.config_file, environ=os.environ, flags=flags(selection)
    )


def flags(selection: "Selection") -> "Flags":
    """What the command line says of the configuration."""
    from crosswheel import config

    return config.Flags(
        archs=selection.archs,
        only=selection.only,
        enable=selection.enable,
        platform=selection.platform,
        engine=selection.engine,
        source=selection.source,
        sandbox=selection.sandbox,
        **{name: getattr(selection, name, None) for name in ("jobs", "memory", "time_limit")},
    )


@contextmanager
def opened(package: Path, scratch: Path) -> Iterator[Project]:
    """The project of a directory or an sdist.

    :raises CrosswheelError: it is neither.
    """
    from crosswheel import pipeline

    with pipeline.open_project(package, scratch) as project:
        yield project


def planned(
    project: Project,
    configuration: "Configuration",
    store: "Store",
    progress: "Progress",
    *,
    mirror: str | None,
    no_test: bool,
    asking: bool = True,
) -> "tuple[Sequence[Source], Plan]":
    """The sources that a configuration names, and the plan made with them.

    :param mirror: of Debian, in place of the machine's own.
    :param no_test: no test of any job.
    :param asking: whether sources may be asked on the network, and the choice among them is noted.
    :raises CrosswheelError: nothing can be planned.
    """
    from crosswheel import pipeline, plan

    sources = pipeline.sources(
        store, progress, source=configuration.source, mirror=mirror, options=configuration.options_for,
        asking=asking,
    )  # fmt: skip
    origins = pipeline.Origins(store, project, sources, asking=asking)
    made = plan.make(project, configuration, sources=sources, no_test=no_test, origin=origins)
    origins.remember()
    return sources, made


@contextmanager
def directory_of(package: Path) -> Iterator[Path]:
    """Only the project's directory: where that is plain to see, nothing else is imported."""
    if any((package / name).is_file() for name in _PROJECT_FILES):
        yield package
        return
    import tempfile

    with (
        trouble.explained({"TMPDIR": Path(tempfile.gettempdir())}),
        tempfile.TemporaryDirectory(prefix="crosswheel-") as scratch,
        opened(package, Path(scratch)) as project,
    ):
        yield project.path


def as_root(*words: str) -> str:
    """A command of crosswheel's as it is given by root."""
    # sudo has a PATH of its own, which a virtual environment is not on.
    command = [sys.executable, "-m", "crosswheel", *words]
    return shlex.join(command if os.geteuid() == 0 else ["sudo", *command])


def exit_code(outcomes: Iterable[Outcome]) -> ExitCode:
    """How a run ends: with the code of its first failure."""
    failures = (outcome.failure for outcome in outcomes if outcome.failure is not None)
    return next((failure.exit_code for failure in failures), ExitCode.OK)


def require_machine(platform: str, machine: str) -> None:
    """Refuse to build on another kind of machine.

    :raises CrosswheelError: this is not one that crosswheel builds on.
    """
    if platform != "linux" or machine not in HOST.runs_on:
        raise CrosswheelError(
            f"crosswheel builds on {HOST.name} Linux only",
            cause=f"this machine is {machine} {platform}",
            remedy="run it on such a machine; crosswheel plan works here",
        )
