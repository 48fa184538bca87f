"""``crosswheel certify``: one wheel by two engines, compared."""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crosswheel.cli import trouble, workplace
from crosswheel.cli.budget import budget
from crosswheel.cli.options import SectionedCommand, Selection, option, selection
from crosswheel.cli.output import columns, say, show, watch
from crosswheel.errors import ConfigurationError, ExitCode, Fault
from crosswheel.events import Noted
from crosswheel.report import certificate as report
from crosswheel.report import summary

if TYPE_CHECKING:
    from crosswheel.inspection import Certificate
    from crosswheel.store import Store

_EXAMPLES = """\
Examples:

\b
  crosswheel certify --only cp311-manylinux_aarch64
  crosswheel certify --only cp311-manylinux_aarch64 --engines hybrid,emulated

Exit codes: 0 certified; 1 something that matters differs; those of crosswheel build where a build failed.
"""


@dataclass(frozen=True)
class _Request(Selection):
    engines: str | None
    output_dir: Path | None
    verbose: bool


@click.command(
    cls=SectionedCommand, epilog=_EXAMPLES, short_help="Build a wheel by two engines and compare the two."
)
@selection(
    option(
        "How",
        "--engines",
        metavar="TWO",
        help="Judge the first by the second: the one configured, or the first of the ladder, by emulated.",
    ),
    option(
        "Output",
        "--output-dir",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Keep the wheels here, in a directory for each engine.",
    ),
    option("Output", "--verbose", "-v", is_flag=True, help="Show the output of the commands that are run."),
    engine=False,
)
def certify(**values: Any) -> int:
    """Say whether a fast engine makes the wheel of PACKAGE that the reference makes.

    Builds the one wheel named by --only with both engines, tests both, and compares their files, tags,
    requirements, exports, libraries, floors, processors and texts.
    """
    from crosswheel import config
    from crosswheel.store import Store

    request = _Request(engine=None, **values)
    if request.only is None:
        raise ConfigurationError((Fault("--only", "is missing: it names the one wheel to build twice"),))
    workplace.require_machine(sys.platform, os.uname().machine)
    store = Store(workplace.cache_dir(request, config.switches(os.environ)))
    directories = {"--cache-dir": store.root, "TMPDIR": Path(tempfile.gettempdir())}
    if request.output_dir is not None:
        directories["--output-dir"] = request.output_dir
    with trouble.explained(directories), store.scratch() as scratch:
        return _certify(request, store, scratch)


def _certify(request: _Request, store: "Store", scratch: Path) -> int:
    started = time.monotonic()
    output = request.output_dir or scratch / "wheels"
    made = _made(request, store, scratch, output)
    click.echo(err=True)  # parts the summary from what went before it
    seconds = time.monotonic() - started
    show(summary.render(made.outcomes, seconds, output_dir=request.output_dir, width=columns()))
    say("")
    show(report.render(made, width=columns()))
    return workplace.exit_code(made.outcomes) or (ExitCode.OK if made.holds else ExitCode.FATAL)


def _made(request: _Request, store: "Store", scratch: Path, output: Path) -> "Certificate":
    from crosswheel import pipeline, plan
    from crosswheel.pipeline.certify import certify as certified

    package = scratch / "package"
    package.mkdir()
    with workplace.opened(request.package, package) as project:
        configuration = workplace.configuration(request, project.path)
        if configuration.sandbox == "host":
            problem = "host has one engine, and two are compared"
            raise ConfigurationError((Fault(configuration.sandbox_place, problem, "leave it out"),))
        with watch(sys.stderr, os.environ, verbose=request.verbose) as progress:
            sources, made = workplace.planned(
                project, configuration, store, progress, mirror=request.mirror, no_test=request.no_test
            )
            (job,) = made.jobs
            engines = plan.pair(job.target, request.engines, job.ladder[0], job.source)
            for warning in made.warnings:
                progress(Noted(warning, warning=True))
            run = pipeline.Run(
                store,
                sources,
                output,
                progress,
                budget("1", wheels=1),
                test=not request.no_test,
                mirror=request.mirror,
                kept=False,  # what is judged is built now, and so is what it is judged by
            )
            return certified(made, engines, run)
