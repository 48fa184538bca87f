"""``crosswheel shell``: look around in a job's site."""

import os
import shlex
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crosswheel.cli import trouble, workplace
from crosswheel.cli.options import SectionedCommand, Selection, one_of, option, selection
from crosswheel.cli.output import watch_at_need
from crosswheel.options import AUTO_SANDBOX, Sandboxing
from crosswheel.report.text import clean, duration

if TYPE_CHECKING:
    from crosswheel.pipeline.failed import Left
    from crosswheel.pipeline.inside import Inside
    from crosswheel.store import Store

_EXAMPLES = """\
Examples:

\b
  crosswheel shell cp311-manylinux_aarch64                       as the build of the project here sees it
  crosswheel shell cp311-manylinux_aarch64 lz4-4.4.4.tar.gz --engine hybrid
  crosswheel shell cp311-manylinux_aarch64 --step test           the wheel installed, ready for its test
  crosswheel shell cp311-manylinux_aarch64 -- build-wheel        the build step, and nothing else
"""


@dataclass(frozen=True)
class _Request(Selection):
    step: Any
    fresh: bool
    command: tuple[str, ...]


class _Command(SectionedCommand):
    """Takes a command of the user's after ``--``, whatever stands before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own, dashes, command = (*_split(args),)
        ctx.params["command"] = command
        if dashes and not command:
            raise click.UsageError("there is no command after --", ctx)
        return super().parse_args(ctx, own)


def _split(args: list[str]) -> tuple[list[str], bool, tuple[str, ...]]:
    if "--" not in args:
        return args, False, ()
    at = args.index("--")
    return args[:at], True, tuple(args[at + 1 :])


@click.command(
    cls=_Command,
    epilog=_EXAMPLES,
    short_help="Look around where a wheel is built or tested.",
    options_metavar="[OPTIONS]",
)
@click.argument("identifier")
@selection(
    option(
        "Where",
        "--step",
        metavar="NAME",
        callback=one_of(("build", "test")),
        help="build or test; by default the one that failed, or build.",
    ),
    option("Where", "--fresh", is_flag=True, help="Begin anew, whatever a failed build left."),
    which=False,
)
def shell(identifier: str, **values: Any) -> int:
    """Open a shell where the wheel IDENTIFIER of PACKAGE is built, or run a command there: [-- COMMAND...].

    After a failed build it is what that build left, kept for a week; else a new site: the project copied,
    before-all and before-build done, the build requirements installed. The engine's compilers and variables are
    set as in the build, and build-wheel makes the build step again (run-test the test, where the test failed).
    """
    from crosswheel import config
    from crosswheel.plan import parse
    from crosswheel.store import Store

    request = _Request(
        archs=None,
        only=parse(identifier, place="IDENTIFIER").identifier,
        enable=(),
        platform=None,
        no_test=False,
        **values,
    )
    workplace.require_machine(sys.platform, os.uname().machine)
    store = Store(workplace.cache_dir(request, config.switches(os.environ)))
    with trouble.explained({"--cache-dir": store.root, "TMPDIR": Path(tempfile.gettempdir())}):
        return _shell(request, store)


def _shell(request: _Request, store: "Store") -> int:
    from crosswheel import pipeline
    from crosswheel.pipeline.inside import opened

    with ExitStack() as stack:
        scratch, package = stack.enter_context(store.scratch()), stack.enter_context(store.scratch())
        project = stack.enter_context(workplace.opened(request.package, package))
        configuration = workplace.configuration(request, project.path)
        with watch_at_need(sys.stderr, os.environ) as progress:
            sources, made = workplace.planned(
                project, configuration, store, progress, mirror=request.mirror, no_test=False
            )
            # A terminal is lent to a namespace or to the machine itself, not to a container.
            sandboxing = Sandboxing("host") if configuration.sandbox == "host" else AUTO_SANDBOX
            inside, left = stack.enter_context(
                opened(
                    pipeline.recall(made, store), store=store, sources=sources, progress=progress, scratch=scratch,
                    engine=None if request.engine == "auto" else request.engine, step=request.step,
                    fresh=request.fresh, mirror=request.mirror, sandboxing=sandboxing,
                )
            )  # fmt: skip
        for line in (*_left(left), *([] if request.command else _banner(request, inside, left))):
            click.echo(line, err=True)
        terminal = {"TERM": os.environ["TERM"]} if sys.stdin.isatty() and "TERM" in os.environ else {}
        return inside.enter(request.command, terminal)


def _left(left: "Left | None") -> list[str]:
    if left is None:
        return []
    what = f"the {left.step} step" if left.step else "the build"
    ago = duration(max(time.time() - left.time, 0))
    return [f"crosswheel: this is where {what} failed {ago} ago; --fresh begins anew"]


def _banner(request: _Request, inside: "Inside", left: "Left | None") -> list[str]:
    """What is where, and what can be done."""
    name, about = inside.again
    width = max(len(place) for place, _ in (*inside.seen, inside.again))
    rows = [f"  {place:{width}}  {what}" for place, what in (*inside.seen, (name, about))]
    other = "test" if name == "build-wheel" else "build"
    words = ["crosswheel", "shell", inside.target.identifier, str(request.package), "--step", other]
    words += ["--sandbox", request.sandbox] if request.sandbox else []
    kept = (
        "What you change here is kept until the wheel is built, for a week at most."
        if left
        else "What you change here is gone when you leave."
    )
    return [
        f"crosswheel: {inside.target.identifier} by engine {inside.engine}",
        *rows,
        clean(
            f"The {other} step is elsewhere: {shlex.join(words)}{' --fresh' if left and other == 'test' else ''}"
        ),
        f"{kept} Leave with exit.",
    ]
