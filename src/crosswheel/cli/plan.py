"""``crosswheel plan``: what would be built, how, and what has to be fetched for it."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from crosswheel.cli import trouble, workplace
from crosswheel.cli.budget import budget
from crosswheel.cli.options import JOBS, SHARD, SectionedCommand, Selection, option, selection
from crosswheel.cli.output import columns, say, show, warn
from crosswheel.events import Event, Noted
from crosswheel.model import Estimate, Plan
from crosswheel.report import plan_table

_EXAMPLES = """\
Examples:

\b
  crosswheel plan --archs aarch64               a table
  crosswheel plan --archs aarch64 --json        the same for programs
"""


@dataclass(frozen=True)
class _Request(Selection):
    json: bool
    jobs: str | None
    shard: str | None


@click.command(
    cls=SectionedCommand, epilog=_EXAMPLES, short_help="Show what would be built, and fetch nothing."
)
@selection(JOBS, SHARD, option("Output", "--json", is_flag=True, help="Print the plan as JSON."))
def plan(**values: Any) -> None:
    """Show what would be built from PACKAGE, a directory or an sdist, and how.

    Each wheel with the engines to try, the source of its Python, the glibc it is compiled against, what still
    has to be fetched, and how long it may take by what earlier runs took. Nothing is fetched or run.
    """
    request = _Request(**values)
    made, estimate = _make(request)
    for warning in made.warnings:
        warn(warning)
    if request.json:
        say(plan_table.to_json(made, estimate))
    else:
        show(plan_table.render(made, estimate, width=columns()))


def _make(request: _Request) -> tuple[Plan, Estimate]:
    from crosswheel import config, pipeline
    from crosswheel.store import Store

    cache = workplace.cache_dir(request, config.switches(os.environ))
    with (
        trouble.explained({"--cache-dir": cache, "TMPDIR": Path(tempfile.gettempdir())}),
        tempfile.TemporaryDirectory(prefix="crosswheel-") as scratch,
        workplace.opened(request.package, Path(scratch)) as project,
    ):
        configuration = workplace.configuration(request, project.path)
        store = Store(cache)
        sources, made = workplace.planned(
            project, configuration, store, _warn, mirror=request.mirror, no_test=request.no_test, asking=False
        )
        if request.shard is not None:
            made = pipeline.part(made, request.shard)
        at_once = budget(configuration.own.jobs, wheels=len(made.jobs)).jobs
        made = pipeline.complete(pipeline.recall(made, store), store, sources)
        done = pipeline.done(made, store, sources) if (store.root / "wheels").is_dir() else frozenset()
        return made, pipeline.estimate(made, store, at_once, done)


def _warn(event: Event) -> None:
    if isinstance(event, Noted) and event.warning:
        warn(event.text)
