"""The reader of events that fits the place where they are shown."""

from types import TracebackType
from typing import Protocol, Self, TextIO

from crosswheel.events import Event
from crosswheel.report.folding import Dialect
from crosswheel.report.plain import PlainReporter


class Reporter(Protocol):
    """A :data:`crosswheel.seams.Progress` that is shown from the start of a ``with`` block to its end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def __call__(self, event: Event) -> None: ...


def reporter(
    stream: TextIO,
    *,
    interactive: bool,
    color: bool,
    width: int | None = None,
    verbose: bool = False,
    dialect: Dialect | None = None,
) -> Reporter:
    """The live view for a terminal, lines with times for everything else.

    :param interactive: whether a person watches the stream on a terminal that can redraw lines.
    :param color: whether colours are wanted; lines with times have none.
    :param width: columns; None follows the terminal.
    :param verbose: show the output of the commands too.
    :param dialect: how the service is spoken to that shows the lines with times.
    """
    if not interactive:
        return PlainReporter(stream, verbose=verbose, dialect=dialect)
    from crosswheel.report.terminal import TerminalReporter  # noqa: PLC0415 (rich takes 0.1 s to import)

    return TerminalReporter(stream, color=color, width=width, verbose=verbose)
