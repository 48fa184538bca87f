"""``crosswheel run``: any command in a target's root."""

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosswheel.cli import trouble, workplace
from crosswheel.cli.options import DEBUG, SectionedCommand, one_of, option
from crosswheel.cli.output import watch_at_need
from crosswheel.errors import ConfigurationError, Fault
from crosswheel.model import SOURCE_CHOICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crosswheel.architectures import Architecture
    from crosswheel.pipeline.command import Place
    from crosswheel.seams import Source
    from crosswheel.store import Store

_EXAMPLES = """\
Examples:

\b
  crosswheel run --arch aarch64 -- python -c "import platform; print(platform.machine())"
  crosswheel run --arch s390x --python 3.13 -- python            interactive
  crosswheel run --arch armv7l -- sh -c "pip install . && python -m pytest"
"""
_WHERE, _WHAT = "Where", "What it sees"


@click.command(
    "run",
    cls=SectionedCommand,
    epilog=_EXAMPLES,
    short_help="Run any command in a target's root.",
    context_settings={"allow_interspersed_args": False},
)
@option(
    _WHERE, "--arch", metavar="ARCH", required=True, help="aarch64, or as others say: arm64, linux/arm/v7."
)
@option(
    _WHERE,
    "--python",
    metavar="VERSION",
    help="3.11 or cp311; by default the one that runs crosswheel, or the newest.",
)
@option(
    _WHERE,
    "--source",
    metavar="NAME",
    default="auto",
    callback=one_of(SOURCE_CHOICES),
    help=f"Where the root comes from: one of {', '.join(SOURCE_CHOICES)}.",
)
@option(_WHERE, "--mirror", metavar="URL", help="Fetch Debian's packages from this mirror.")
@option(
    _WHERE,
    "--cache-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Keep fetched parts here (CROSSWHEEL_CACHE, CIBW_CACHE_PATH).",
)
@option(_WHAT, "--read-only", is_flag=True, help="Do not let the command write to the current directory.")
@option(
    _WHAT,
    "--env",
    "-e",
    metavar="NAME[=VALUE]",
    multiple=True,
    help="Pass a variable in, or set one; no other of yours is seen.",
)
@DEBUG
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
def run_command(
    arch: str,
    python: str | None,
    source: str,
    mirror: str | None,
    cache_dir: Path | None,
    read_only: bool,
    env: tuple[str, ...],
    debug_traceback: bool,  # noqa: ARG001 -- read from the command line (trouble.wants_traceback)
    command: tuple[str, ...],
) -> int:
    """Run COMMAND on another architecture, emulated, with your terminal.

    It finds the target's python and pip, as in the official images, and the root's own compilers. The current
    directory is /project there: the command runs in it and may write to it, as with docker run -v. All else that
    it writes is gone when it ends. The exit code is the command's own: 128 + n for signal n, 127 where there is no
    such command.
    """
    from crosswheel import config
    from crosswheel.architectures import named
    from crosswheel.pipeline.command import Command, run
    from crosswheel.store import Store

    target = named(arch)
    wanted = Command(command, Path.cwd(), not read_only, _variables(env))
    workplace.require_machine(sys.platform, os.uname().machine)
    store = Store(workplace.cache_of_machine(cache_dir, config.switches(os.environ)))
    with trouble.explained({"--cache-dir": store.root, "TMPDIR": Path(tempfile.gettempdir())}):
        place = _place(target, python, source, mirror, store)
        return run(place, wanted)


def _place(
    arch: "Architecture", python: str | None, source: str, mirror: str | None, store: "Store"
) -> "Place":
    from crosswheel import pipeline, plan
    from crosswheel.pipeline.command import prepared

    with watch_at_need(sys.stderr, os.environ) as progress:
        sources = _asked(pipeline.sources(store, progress, source=source, mirror=mirror), python)
        target, found = plan.choose(arch, python, sys.version_info[:2], sources)
        return prepared(target, found, store=store, progress=progress, mirror=mirror)


def _asked(sources: "Sequence[Source]", python: str | None) -> "Sequence[Source]":
    """Without a project there is no image; a further Python is fetched where one is asked for."""
    if len(sources) == 1:
        return sources
    further = ("standalone",) if python else ()
    return [source for source in sources if source.name in ("debian", "host", *further)]


def _variables(names: tuple[str, ...]) -> dict[str, str]:
    """The variables that were named; with a terminal, also what kind it is.

    :raises ConfigurationError: a name that can be none, or that of a variable that is not set.
    """
    found = {"TERM": os.environ["TERM"]} if sys.stdin.isatty() and "TERM" in os.environ else {}
    faults = []
    for text in names:
        name, equals, value = text.partition("=")
        if not name or "\0" in text:
            faults.append(Fault("--env", f"is {text!r}", "as NAME, or NAME=VALUE"))
        elif not equals and name not in os.environ:
            faults.append(Fault("--env", f"{name} is not set here", f"set it there by --env {name}=VALUE"))
        else:
            found[name] = value if equals else os.environ[name]
    if faults:
        raise ConfigurationError(tuple(faults))
    return found
