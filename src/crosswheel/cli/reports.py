"""Where a run's report goes: the cache, and the directory of ``--report``."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.cli.options import option
from crosswheel.cli.output import warn
from crosswheel.errors import ConfigurationError, Fault

if TYPE_CHECKING:
    from crosswheel.model import Project
    from crosswheel.report.run.ledger import Ledger
    from crosswheel.report.run.values import Machine
    from crosswheel.store import Store

import click

REPORT = option(
    "Output",
    "--report",
    metavar="DIR",
    envvar="CROSSWHEEL_REPORT",
    type=click.Path(path_type=Path),
    help="Write report.html, report.json and the logs here (CROSSWHEEL_REPORT).",
)


@dataclass(frozen=True)
class Written:
    """A report that was written.

    :param page: the path of its ``report.html``.
    :param advice: a sentence for each thing that took long.
    :param changes: a sentence for each job that ended otherwise than in the run before.
    """

    page: Path
    advice: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


def check(directory: Path | None, output: Path) -> None:
    """Find out before the first build whether a report can be written.

    :param output: the directory of the wheels, which people upload whole.
    :raises ConfigurationError: the report would be in it.
    :raises OSError: the directory cannot be made or written.
    """
    if directory is None:
        return
    if directory.resolve().is_relative_to(output.resolve()):
        problem = f"is {str(directory)!r}, in the output directory, where there is nothing but wheels"
        raise ConfigurationError((Fault("--report", problem, "name a directory beside it"),))
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=directory):
        pass


def write(
    ledger: "Ledger", store: "Store", project: "Project", at_once: int, directory: Path | None
) -> Written | None:
    """Write what became of every job so far, in the cache and where the user wants it.

    A report that cannot be written costs no wheel: a warning.

    :returns: what was written; None where no job began, or nothing could be written.
    """
    from crosswheel.report.page import render
    from crosswheel.report.page.advice import advice
    from crosswheel.report.page.comparison import compared
    from crosswheel.report.run import keeping

    if not ledger.begun:
        return None
    report = ledger.report(name_of(project), machine(), at_once)
    kept = keeping.Keeping(store, project)
    try:
        previous = kept.previous(report)
        place = kept.keep(report, render(report, previous))
        if directory is not None:
            place, logs = directory, keeping.copy_logs(directory, report)
            page = render(report, previous, link=lambda log: logs.get(log, ""))
            keeping.write(directory, report, page)
    except OSError as error:
        warn(f"the report is not written: {error.filename}: {error.strerror}")
        return None
    otherwise = compared(report, previous).otherwise if previous else ()
    return Written(
        place / keeping.HTML,
        tuple(one.sentence for one in advice(report)),
        tuple(f"{change.identifier}: {change.result}" for change in otherwise),
    )


def machine() -> "Machine":
    """This machine."""
    import psutil

    from crosswheel.report.run.values import Machine

    return Machine(len(os.sched_getaffinity(0)), psutil.virtual_memory().total, os.uname().release)


def name_of(project: "Project") -> str:
    """The name that the project gives itself, the same on every machine; else that of its directory."""
    import tomllib

    try:
        name = tomllib.loads((project.path / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    except (OSError, ValueError, LookupError, TypeError):
        name = None
    return name if isinstance(name, str) else project.path.resolve().name
