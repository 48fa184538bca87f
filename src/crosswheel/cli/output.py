"""Where text goes: results to standard output, what is going on to standard error."""

import os
import shutil
import sys
from collections.abc import Mapping
from typing import TextIO

import click

from crosswheel.report.reporter import Reporter, reporter


def say(text: str) -> None:
    """Write a result. A reader that left (``| head``) does not undo what was built."""
    try:
        click.echo(text)
    except BrokenPipeError:
        # The interpreter flushes standard output once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def columns() -> int:
    """How wide a result may be: the terminal's width, or 80 where nobody watches."""
    watched = sys.stdout is not None and sys.stdout.isatty()
    return min(shutil.get_terminal_size().columns, 120) if watched else 80


def watch(stream: TextIO, environ: Mapping[str, str], *, verbose: bool) -> Reporter:
    """The reader of events for this stream: a live view only where a person watches.

    ``CI`` is set by the services of continuous integration; ``NO_COLOR`` is https://no-color.org.
    """
    automatic = environ.get("CI", "").lower() not in ("", "0", "false")
    interactive = stream.isatty() and not automatic and environ.get("TERM") != "dumb"
    return reporter(stream, interactive=interactive, color=not environ.get("NO_COLOR"), verbose=verbose)
