"""A live view: what runs now at the bottom, what is finished scrolls above it."""

import threading
import time
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from crosswheel.events import (
    Downloading,
    Event,
    JobFinished,
    JobStarted,
    Noted,
    Printed,
    StepFinished,
    SteppedDown,
)
from crosswheel.model import Outcome
from crosswheel.report import failure
from crosswheel.report.board import Board, Running
from crosswheel.report.outlook import Outlook
from crosswheel.report.plain import progress
from crosswheel.report.text import clean, clock, duration, size

_REFRESH = 8  # times a second: a spinner moves smoothly, a slow link is not busy


class TerminalReporter:
    """Draws on a terminal by rich.

    :param color: whether colours are used; bold and dim are, all the same (https://no-color.org).
    :param width: columns; None follows the terminal.
    :param verbose: show the output of the commands too.
    """

    def __init__(self, stream: TextIO, *, color: bool, width: int | None, verbose: bool = False) -> None:
        self._console = Console(
            file=stream, force_terminal=True, no_color=not color, width=width, highlight=False, markup=False
        )
        self._ascii = self._console.options.ascii_only
        self._verbose = verbose
        self._board = Board()
        self._outlook = Outlook()
        self._lock = threading.Lock()
        self._spinner = Spinner("line" if self._ascii else "dots", style="cyan")
        self._live = Live(
            get_renderable=self._view,
            console=self._console,
            refresh_per_second=_REFRESH,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        with self._lock:
            running = self._board.running.get(event.identifier) if isinstance(event, StepFinished) else None
            now = time.monotonic()
            self._board.see(event, now)
            self._outlook.see(event, now)
        lines = self._above(event, running)
        if lines:
            # Outside the lock: drawing takes it. Drawn anew first, lest the old view stays under the lines.
            self._live.refresh()
            self._console.print(Text("\n").join(lines), soft_wrap=True)

    def _view(self) -> RenderableType:
        now = time.monotonic()
        with self._lock:
            running = list(self._board.running.values())
            downloads = list(self._board.downloads.values())
            heads = [self._head(step, self._more(step, now), now) for step in running]
            total = self._outlook.line(now)
        rows: list[RenderableType] = []
        # What does not fit is cut off below: a line for each job comes before what its command writes.
        spoken = 2 * len(running) + len(downloads) + bool(total) < self._console.height
        for step, head in zip(running, heads, strict=True):
            rows += [head, *([_cropped(f"    {clean(step.line or step.detail)}", "dim")] if spoken else ())]
        rows += [_bar(download) for download in downloads]
        rows += [_cropped(total, "bold")] if total else []
        # The terminal echoes ^C after the last line: without room it would begin a row that nobody erases.
        return Constrain(Group(*rows), self._console.width - len("^C^C"))

    def _head(self, step: Running, more: str, now: float) -> RenderableType:
        grid = Table.grid(padding=(0, 1))
        words = Text.assemble(
            (step.identifier, "bold"), "  " if step.identifier else "", step.name, no_wrap=True
        )
        took = Text(f" {clock(now - step.started)}", "cyan")
        grid.add_row(self._spinner, words, took, Text(more, "dim", no_wrap=True, overflow="ellipsis"))
        return grid

    def _more(self, step: Running, now: float) -> str:
        """The job's own time, and its memory."""
        job = self._outlook.of(step.identifier, now)
        words = (f"job {job}" if job else "", size(step.memory) if step.memory else "")
        return "  ".join(["", *filter(None, words)])

    def _above(self, event: Event, running: Running | None) -> list[Text]:
        match event:
            case JobStarted():
                number = f"  {event.number} of {event.total}" if event.total > 1 else ""
                return [Text.assemble((event.identifier, "bold"), (number, "dim"))]
            case StepFinished():
                return [self._done(event, running)]
            case SteppedDown():
                step = event.step
                arrow = "->" if self._ascii else "→"
                how = f"  {self._whose(event.identifier)}{step.engine} {arrow} {step.below}: "
                return [Text.assemble((how, "yellow"), clean(step.reason))]
            case Printed() if self._verbose or event.wanted:
                return [Text(f"    {clean(event.line)}", "dim")]
            case Noted():
                kind, style = ("warning", "yellow") if event.warning else ("note", "cyan")
                return [
                    Text.assemble((f"  {self._whose(event.identifier)}{kind}: ", style), clean(event.text))
                ]
            case JobFinished():
                return self._finished(event.outcome)
            case _:
                return []

    def _done(self, event: StepFinished, running: Running | None) -> Text:
        name, detail = (running.name, running.detail) if running else (event.step, "")
        took = duration(event.seconds)
        words = f"{self._whose(event.identifier)}{clean(detail)}".rstrip()
        return Text.assemble(self._mark(event.ok), f"{name:<18} {took:>12}  ", (words, "dim"))

    def _whose(self, identifier: str) -> str:
        """The job of a line, where there are others."""
        return f"{identifier}  " if identifier and self._outlook.several else ""

    def _mark(self, ok: bool) -> tuple[str, str]:
        good, bad = ("ok", "no") if self._ascii else ("✓", "✗")
        return (f"  {good} ", "green") if ok else (f"  {bad} ", "red")

    def _finished(self, outcome: Outcome) -> list[Text]:
        if outcome.failure is not None:
            first, *rest = failure.render(outcome.failure, label=f"{outcome.identifier}  FAILED").splitlines()
            return [Text(first, "bold red"), *map(Text, rest)]
        if outcome.wheel is None:
            return []
        return [Text.assemble("  ", (outcome.wheel.path.name, "bold green"))]


def _cropped(line: str, style: str) -> RenderableType:
    """A line that never takes a second row: the view keeps its height, so that nothing jumps."""
    return Text(line, style, no_wrap=True, overflow="ellipsis")


def _bar(download: Downloading) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    bar = ProgressBar(
        total=download.total or None, completed=download.done, width=24, pulse=not download.total
    )
    grid.add_row(bar, _cropped(f"{progress(download)}  {clean(download.what)}", ""))
    return Padding(grid, (0, 0, 0, 4), expand=False)
