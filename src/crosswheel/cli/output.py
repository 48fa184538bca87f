"""Where text goes: results to standard output, what is going on to standard error."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from crosswheel.events import Event
    from crosswheel.report.folding import Dialect
    from crosswheel.report.reporter import Reporter
    from crosswheel.seams import Progress


def say(text: str) -> None:
    """Write a result. A reader that left (``| head``) does not undo what was built."""
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        # The interpreter flushes standard output once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show(text: str) -> None:
    """Write a result for people. It may quote what a build wrote: no line of it is a command to a CI service."""
    dialect = _dialect(sys.stdout, os.environ)
    say(dialect.safe(text) if dialect else text)


def warn(text: str) -> None:
    """Write a warning to standard error."""
    import click

    dialect = _dialect(sys.stderr, os.environ)
    if dialect is not None and dialect.warning is not None:
        click.echo(dialect.warning(text), err=True)
    else:
        click.echo(f"crosswheel: warning: {text}", err=True)


def complain(text: str) -> None:
    """Write an error to standard error, and once more as the CI service marks errors.

    :param text: as :func:`crosswheel.cli.trouble.present` gives it: perhaps with a traceback before it.
    """
    import click

    from crosswheel.report.failure import LABEL

    dialect = _dialect(sys.stderr, os.environ)
    click.echo(dialect.safe(text) if dialect else text, err=True)
    if dialect is not None and dialect.error is not None:
        fact = text[text.find(LABEL) :].replace(f"{LABEL}: ", "")
        click.echo(dialect.error("crosswheel", fact), err=True)


def columns() -> int:
    """How wide a result may be: the terminal's width, or 80 where nobody watches."""
    import shutil

    watched = sys.stdout is not None and sys.stdout.isatty()
    return min(shutil.get_terminal_size().columns, 120) if watched else 80


def watch(stream: TextIO, environ: Mapping[str, str], *, verbose: bool) -> "Reporter":
    """The reader of events for this stream: a live view only where a person watches.

    The dialect of a service that reads along makes lines of its groups, and never a live view.

    ``CI`` is set by the services of continuous integration; ``NO_COLOR`` is https://no-color.org.
    """
    from crosswheel.report.reporter import reporter

    return reporter(
        stream,
        interactive=on_terminal(stream, environ),
        color=not environ.get("NO_COLOR"),
        verbose=verbose,
        dialect=_dialect(stream, environ),
    )


@contextmanager
def watch_at_need(stream: TextIO, environ: Mapping[str, str]) -> "Iterator[Progress]":
    """The same, begun by the first event: where nothing is to be told, a terminal stays as it is."""
    from crosswheel.events import EmulatorFound

    with ExitStack() as begun:
        readers: list[Reporter] = []

        def tell(event: "Event") -> None:
            if isinstance(event, EmulatorFound):  # for reports, not for people
                return
            if not readers:
                readers.append(begun.enter_context(watch(stream, environ, verbose=False)))
            readers[0](event)

        yield tell


def on_terminal(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Whether a person watches a terminal that can draw, and no service reads along."""
    automatic = environ.get("CI", "").lower() not in ("", "0", "false")
    watched = stream is not None and stream.isatty() and not automatic and environ.get("TERM") != "dumb"
    return watched and _dialect(stream, environ) is None


def _dialect(stream: TextIO | None, environ: Mapping[str, str]) -> "Dialect | None":
    from crosswheel.report.folding import spoken

    return spoken(environ, watched=stream is not None and stream.isatty())
