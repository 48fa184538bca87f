"""``crosswheel build``: wheels of a package, built, repaired, verified and tested."""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crosswheel.cli import identifiers, reports, step_summary, trouble, workplace
from crosswheel.cli.budget import budget, limits
from crosswheel.cli.options import JOBS, SHARD, SectionedCommand, Selection, option, selection
from crosswheel.cli.output import columns, say, show, watch
from crosswheel.errors import CrosswheelError, ExitCode, NothingToBuildError
from crosswheel.events import Noted
from crosswheel.model import Outcome, Plan, Project
from crosswheel.options import Sandboxing
from crosswheel.report import summary
from crosswheel.report.text import count

if TYPE_CHECKING:
    from crosswheel.config import Configuration
    from crosswheel.report.run.ledger import Ledger
    from crosswheel.store import Store

_EXAMPLES = """\
Examples:

\b
  crosswheel build --archs aarch64
  crosswheel build --only cp311-manylinux_aarch64 markupsafe-3.0.2.tar.gz
  crosswheel build --archs all --engine emulated --output-dir dist
"""
_SHOWN = 3  # identifiers named in one line
_WHICH, _OUTPUT = "Which wheels", "Output"


@dataclass(frozen=True)
class _Request(Selection):
    output_dir: Path | None
    report: Path | None
    allow_empty: bool
    print_build_identifiers: bool
    verbose: bool
    clean_cache: bool
    jobs: str | None
    shard: str | None
    keep_going: bool
    no_cache: bool
    resume: bool
    memory: str | None
    time_limit: str | None


@click.command(cls=SectionedCommand, epilog=_EXAMPLES, short_help="Build, repair, verify and test wheels.")
@selection(
    option(_WHICH, "--allow-empty", is_flag=True, help="End well where nothing is selected."),
    option(
        _WHICH, "--print-build-identifiers", is_flag=True, help="Print what is selected, and build nothing."
    ),
    option(
        _OUTPUT,
        "--output-dir",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Put the wheels here (CIBW_OUTPUT_DIR; wheelhouse).",
    ),
    reports.REPORT,
    JOBS,
    SHARD,
    option(
        "How",
        "--keep-going/--fail-fast",
        " /-x",
        "keep_going",
        default=True,
        help="Begin further wheels after one has failed, or not.",
    ),
    option(
        "How",
        "--memory",
        metavar="SIZE",
        help="End a wheel's build whose programs use more: 4G (CROSSWHEEL_MEMORY).",
    ),
    option(
        "How",
        "--time-limit",
        metavar="TIME",
        help="End a wheel's build that takes longer: 30m (CROSSWHEEL_TIME_LIMIT).",
    ),
    option(
        "How",
        "--no-cache",
        is_flag=True,
        envvar="CROSSWHEEL_NO_CACHE",
        help="Compile, build and test anew what an earlier run did from the same (CROSSWHEEL_NO_CACHE).",
    ),
    option(
        "How", "--resume", is_flag=True, help="Do only what a run that was stopped has not done: the default."
    ),
    option("How", "--clean-cache", is_flag=True, help="Remove everything that is kept, and build nothing."),
    option(_OUTPUT, "--verbose", "-v", is_flag=True, help="Show the output of the commands that are run."),
)
def build(**values: Any) -> int:
    """Build wheels of PACKAGE, a directory or an sdist (.tar.gz); the current directory by default.

    A wheel that leaves was checked for its target and tested under emulation. Wheels that passed stay where a
    later one fails. Where an engine failed and a slower one served, the next run begins with that one, for a week
    or until what says how the project is built changes.
    """
    from crosswheel import config

    request = _Request(**values)
    switches = config.switches(os.environ)
    if request.print_build_identifiers:
        identifiers.show(request.package, workplace.flags(request), request.config_file)
        return ExitCode.OK
    cache = workplace.cache_dir(request, switches)
    if request.clean_cache:
        return _clean(cache)
    output = request.output_dir or Path(switches.output_dir or "wheelhouse")
    report = {"--report": request.report} if request.report else {}
    directories = report | {
        "--cache-dir": cache,
        "--output-dir": output,
        "TMPDIR": Path(tempfile.gettempdir()),
    }
    try:
        with trouble.explained(directories):
            reports.check(request.report, output)
            return _build(request, cache, output, keep_container=switches.keep_container)
    except NothingToBuildError as error:
        if not (request.allow_empty or switches.allow_empty):
            raise
        click.echo(f"crosswheel: note: {error.fact}", err=True)
        return ExitCode.OK


def _clean(cache: Path) -> int:
    from crosswheel.store import Store

    store = Store(cache)
    if not cache.exists():
        say(f"there is no cache in {cache}")
    elif not store.is_tagged():
        raise CrosswheelError(
            f"{cache} is not a cache of crosswheel",
            cause="it has no CACHEDIR.TAG, which every cache has",
            remedy="name the cache with --cache-dir, or remove the directory yourself",
        )
    else:
        with trouble.explained({"--cache-dir": cache}):
            store.clear()
        say(f"cleared {cache}")
    return ExitCode.OK


def _build(request: _Request, cache: Path, output: Path, *, keep_container: bool) -> int:
    from crosswheel.store import Store

    workplace.require_machine(sys.platform, os.uname().machine)
    started = time.monotonic()
    store = Store(cache)
    outcomes, report = _outcomes(request, store, output, keep_container=keep_container)
    click.echo(err=True)  # parts the summary from what went before it
    seconds = time.monotonic() - started
    show(summary.render(outcomes, seconds, output_dir=output, width=columns()))
    if report is not None:
        show(f"report: {report.page}")
    step_summary.append(outcomes, seconds, report)
    return workplace.exit_code(outcomes)


def _outcomes(
    request: _Request, store: "Store", output: Path, *, keep_container: bool
) -> "tuple[tuple[Outcome, ...], reports.Written | None]":
    from crosswheel.report.run.ledger import Ledger

    with store.scratch() as scratch, workplace.opened(request.package, scratch) as project:
        configuration = workplace.configuration(request, project.path)
        with watch(sys.stderr, os.environ, verbose=request.verbose) as progress:
            sandboxing = Sandboxing(configuration.sandbox, keep=keep_container)
            return _run(request, store, output, project, configuration, sandboxing, Ledger(progress))


def _run(
    request: _Request,
    store: "Store",
    output: Path,
    project: Project,
    configuration: "Configuration",
    sandboxing: Sandboxing,
    ledger: "Ledger",
) -> "tuple[tuple[Outcome, ...], reports.Written | None]":
    from crosswheel import pipeline

    sources, made = workplace.planned(
        project, configuration, store, ledger, mirror=request.mirror, no_test=request.no_test
    )
    if request.shard is not None:
        made = pipeline.part(made, request.shard)
    made = pipeline.recall(made, store)
    for remark in _remarks(made):
        ledger(remark)
    run = pipeline.Run(
        store,
        sources,
        output,
        ledger,
        budget(configuration.own.jobs, wheels=len(made.jobs)),
        limits=limits(configuration.own.memory, configuration.own.time_limit),
        test=not request.no_test,
        mirror=request.mirror,
        kept=request.resume or not request.no_cache,
        keep_going=request.keep_going,
        sandboxing=sandboxing,
    )
    try:
        outcomes = pipeline.run(made, run)
    except BaseException as error:
        _note(error, ledger, output)
        if report := reports.write(ledger, store, project, run.budget.jobs, request.report):
            error.add_note(f"the report is {report.page}")
        raise
    return outcomes, reports.write(ledger, store, project, run.budget.jobs, request.report)


def _remarks(plan: Plan) -> list[Noted]:
    """What a person should know of the plan before it is carried out."""
    remarks = [Noted(warning, warning=True) for warning in plan.warnings]
    names = [name for name, reason in plan.left_out if f"{name}: {reason}" not in plan.warnings]
    if names:
        shown = ", ".join(names[:_SHOWN]) + (" and more" if len(names) > _SHOWN else "")
        remarks.append(Noted(f"{count(len(names), 'wheel')} left out: {shown}; crosswheel plan tells why"))
    return remarks


def _note(error: BaseException, ledger: "Ledger", output: Path) -> None:
    """Say what a run that was cut short leaves."""
    if ledger.wheels:
        verb = "is" if ledger.wheels == 1 else "are"
        error.add_note(f"{count(ledger.wheels, 'wheel')} finished before {verb} in {output}")
