"""``crosswheel build``: wheels of a package, built, repaired, verified and tested."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crosswheel.cli import identifiers, step_summary, trouble, workplace
from crosswheel.cli.options import SectionedCommand, Selection, option, selection
from crosswheel.cli.output import columns, say, show, watch
from crosswheel.errors import CrosswheelError, ExitCode, NothingToBuildError
from crosswheel.events import Event, JobFinished, Noted
from crosswheel.model import Outcome, Plan, Sandboxing
from crosswheel.report import summary
from crosswheel.report.text import count

if TYPE_CHECKING:
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
    allow_empty: bool
    print_build_identifiers: bool
    verbose: bool
    clean_cache: bool


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
    directories = {"--cache-dir": cache, "--output-dir": output, "TMPDIR": Path(tempfile.gettempdir())}
    try:
        with trouble.explained(directories):
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
    outcomes = _outcomes(request, store, output, keep_container=keep_container)
    click.echo(err=True)  # parts the summary from what went before it
    seconds = time.monotonic() - started
    show(summary.render(outcomes, seconds, output_dir=output, width=columns()))
    step_summary.append(outcomes, seconds)
    return workplace.exit_code(outcomes)


def _outcomes(
    request: _Request, store: "Store", output: Path, *, keep_container: bool
) -> tuple[Outcome, ...]:
    from crosswheel import pipeline, plan

    with store.scratch() as scratch, workplace.opened(request.package, scratch) as project:
        configuration = workplace.configuration(request, project.path)
        with watch(sys.stderr, os.environ, verbose=request.verbose) as progress:
            finished = _Finished(progress)
            try:
                sources = pipeline.sources(
                    store,
                    finished,
                    source=configuration.source,
                    mirror=request.mirror,
                    options=configuration.options_for,
                )
                made = plan.make(project, configuration, sources=sources, no_test=request.no_test)
                made = pipeline.recall(made, store)
                for remark in _remarks(made):
                    finished(remark)
                return pipeline.run(
                    made,
                    store=store,
                    sources=sources,
                    output_dir=output,
                    progress=finished,
                    no_test=request.no_test,
                    mirror=request.mirror,
                    sandboxing=Sandboxing(configuration.sandbox, keep=keep_container),
                )
            except BaseException as error:
                finished.note(error, output)
                raise


def _remarks(plan: Plan) -> list[Noted]:
    """What a person should know of the plan before it is carried out."""
    remarks = [Noted(warning, warning=True) for warning in plan.warnings]
    if plan.left_out:
        names = [identifier for identifier, _ in plan.left_out]
        shown = ", ".join(names[:_SHOWN]) + (" and more" if len(names) > _SHOWN else "")
        remarks.append(Noted(f"{count(len(names), 'wheel')} left out: {shown}; crosswheel plan tells why"))
    return remarks


class _Finished:
    """Passes events on and counts the wheels, so that a run cut short can say what it leaves."""

    def __init__(self, progress: Callable[[Event], None]) -> None:
        self._progress = progress
        self._wheels = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, JobFinished) and event.outcome.wheel is not None:
            self._wheels += 1
        self._progress(event)

    def note(self, error: BaseException, output: Path) -> None:
        if self._wheels:
            verb = "is" if self._wheels == 1 else "are"
            error.add_note(f"{count(self._wheels, 'wheel')} finished before {verb} in {output}")
