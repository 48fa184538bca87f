"""What became of every job, as GitHub Markdown: for the summary page of a workflow's run."""

import re
from collections.abc import Mapping, Sequence

from crosswheel.model import Outcome
from crosswheel.report import failure, summary
from crosswheel.report.text import clean, duration, size

# A character reference is text and never structure (CommonMark, "Entity and numeric character references"), also
# the pipe in a table. Between two letters or digits an underscore is text by itself.
_STRUCTURE = re.compile(r"[&<>|\\`*~\[\]!#$@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_HEAD = (
    "| Wheel | Size | Identifier | Engine | Time | SHA-256 |",
    "| :--- | ---: | :--- | :--- | ---: | :--- |",
)


def render(
    outcomes: Sequence[Outcome], seconds: float, found: Mapping[str, Sequence[str]] | None = None
) -> str:
    """A table of the wheels, what else there is to know of them, the failures, what was found, the total.

    :param seconds: wall time of the whole run.
    :param found: sentences by a heading of theirs.
    """
    rows = [_row(outcome) for outcome in outcomes]
    remarks = [
        f"- {escape(outcome.identifier)}: {escape(remark)}"
        for outcome in outcomes
        for remark in summary.remarks(outcome)
    ]
    blocks = [["### crosswheel"], [*_HEAD, *rows], remarks]
    blocks += [_failed(outcome) for outcome in outcomes]
    for heading, sentences in (found or {}).items():
        blocks.append([f"{heading}:\n", *(f"- {escape(one)}" for one in sentences)] if sentences else [])
    blocks.append([escape(summary.total(outcomes, seconds, None))])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def escape(text: str) -> str:
    """Somebody else's text as one line in which nothing is Markdown or HTML."""
    line = " ".join(clean(text).split())
    return _STRUCTURE.sub(lambda match: f"&#{ord(match[0])};", line)


def _row(outcome: Outcome) -> str:
    wheel = outcome.wheel
    digest = wheel.sha256 if wheel else ""
    cells = (
        escape(wheel.path.name) if wheel else "**FAILED**" if not outcome.ok else "",
        size(wheel.size) if wheel else "",
        escape(outcome.identifier),
        "reused" if outcome.reused else outcome.engine or "",
        duration(sum(step.seconds for step in outcome.steps)),
        f"`{digest}`" if digest else "",
    )
    return f"| {' | '.join(cells)} |"


def _failed(outcome: Outcome) -> list[str]:
    if outcome.failure is None:
        return []
    fact, *rest = failure.outline(outcome.failure)
    return [
        f"**{escape(outcome.identifier)} FAILED**: {escape(fact)}",
        *(f"- {escape(line)}" for line in rest),
    ]
