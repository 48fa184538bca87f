"""What became of every job, at the end of a run."""

from collections.abc import Sequence
from pathlib import Path

from crosswheel.errors import ConfigurationError, CrosswheelError, VerificationError
from crosswheel.model import Outcome
from crosswheel.report.text import NO_BREAK, clean, count, duration, size, table, wrap

_INDENT = "  "  # names of wheels are long: most still fit in 80 columns


def render(outcomes: Sequence[Outcome], seconds: float, *, output_dir: Path | None, width: int = 80) -> str:
    """The summary as plain text; the last line says how the run ended.

    :param seconds: wall time of the whole run.
    :param output_dir: where the wheels are; None where they are not kept.
    :param width: columns that sentences are wrapped to. The name of a file is never broken.
    """
    heads = table([_head(outcome) for outcome in outcomes])
    lines: list[str] = []
    for head, outcome in zip(heads, outcomes, strict=True):
        lines += [head, *_body(outcome, width)]
    return "\n".join([*lines, "", *wrap(total(outcomes, seconds, output_dir), width=width, indent="")])


def _head(outcome: Outcome) -> tuple[str, ...]:
    tested = "tested" if outcome.tested else "not tested"
    return (
        "ok    " if outcome.ok else "FAILED",
        outcome.identifier,
        "reused" if outcome.reused else outcome.engine or "-",
        tested if outcome.ok else "",
        duration(sum(step.seconds for step in outcome.steps)),
    )


def _body(outcome: Outcome, width: int) -> list[str]:
    lines = []
    if outcome.wheel is not None:
        lines += [
            f"{_INDENT}{outcome.wheel.path.name}",
            f"{_INDENT}{size(outcome.wheel.size)}, {outcome.wheel.policy}",
        ]
    sentences = [_steps(outcome), *remarks(outcome)]
    if outcome.failure is not None:
        sentences.append(clean(_fact(outcome.failure)))
    for sentence in sentences:
        lines += wrap(sentence, width=width, indent=_INDENT)
    if outcome.failure is not None and outcome.log is not None:
        lines.append(f"{_INDENT}log: {outcome.log}")
    return lines


def remarks(outcome: Outcome) -> list[str]:
    """A sentence for each engine that did not serve, and for each thing to know of the wheel."""
    notes = (*outcome.notes, outcome.floor_note) if outcome.ok else ()
    if outcome.ok and outcome.kept:
        notes = (*notes, "an earlier run built it from the same; --no-cache builds it anew")
    return [
        *(f"{s.engine} was left out, since it failed before: {clean(s.reason)}" for s in outcome.skipped),
        *(f"stepped down from {s.engine} to {s.below}: {clean(s.reason)}" for s in outcome.step_downs),
        *(f"note: {clean(note)}" for note in notes if note),
    ]


def _steps(outcome: Outcome) -> str:
    peak = max((step.peak for step in outcome.steps), default=0)
    memory = f"; peak memory {size(peak).replace(' ', NO_BREAK)}" if peak else ""
    steps = (f"{step.step} {duration(step.seconds)}".replace(" ", NO_BREAK) for step in outcome.steps)
    return ", ".join(steps) + memory


def _fact(error: CrosswheelError) -> str:
    match error:
        case ConfigurationError():
            return str(error)
        case VerificationError():
            return f"{error.fact}: {error.cause}"
        case _:
            return error.fact


def total(outcomes: Sequence[Outcome], seconds: float, output_dir: Path | None) -> str:
    """How the run ended, in one line; parameters as of :func:`render`."""
    # A wheel that serves several targets is one wheel.
    built = len({outcome.wheel.path for outcome in outcomes if outcome.wheel is not None})
    reused = sum(outcome.reused for outcome in outcomes)
    failed = sum(not outcome.ok for outcome in outcomes)
    where = f" in {output_dir}" if built and output_dir else ""
    number = count(built, "wheel") if not failed else f"{built} of {count(len(outcomes) - reused, 'wheel')}"
    number += f" for {count(len(outcomes) - failed, 'target')}" if reused else ""
    end = f"; {failed} failed" if failed else ""
    return f"{number}{where} after {duration(seconds)}{end}"
