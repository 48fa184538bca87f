"""Numbers and foreign lines as text for people."""

import re
import textwrap
from collections.abc import Sequence

# ECMA-48: control sequences (colours, cursor), operating system commands (titles, links), two-byte escapes.
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
NO_BREAK = "\N{NO-BREAK SPACE}"
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def clean(line: str) -> str:
    """A line of a program's output that is safe to show: no escape sequence, no control character."""
    return _CONTROL.sub("", _ESCAPE.sub("", line)).expandtabs(8).rstrip()


def size(count: int) -> str:
    """A number of bytes in decimal units, as package indexes show it: ``24.1 kB``."""
    for unit, name in _UNITS:
        if count >= unit:
            value = count / unit
            return f"{value:.1f} {name}" if value < 100 else f"{value:.0f} {name}"
    return f"{count} bytes"


def duration(seconds: float) -> str:
    """Seconds for people: ``5.0 s``, ``1 min 24 s``, ``2 h 3 min``."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def clock(seconds: float) -> str:
    """``0:05``, ``1:02:05``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def count(number: int, noun: str) -> str:
    """``1 wheel``, ``2 wheels``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def wrap(text: str, *, width: int, indent: str, hang: int = 2) -> list[str]:
    """Lines of at most ``width`` columns; a word that is longer (a file name) stays whole.

    :param text: words joined by no-break spaces stay on one line, and come out joined by plain ones.
    :param indent: stands before the first line.
    :param hang: columns that the lines after it are further in.
    """
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent + " " * hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(NO_BREAK, " ") for line in lines]


def table(rows: Sequence[tuple[str, ...]], *, gap: str = "  ") -> list[str]:
    """Rows with their columns aligned to the left."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
