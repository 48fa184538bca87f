"""An error as text: the fact, the cause, the next step."""

from crosswheel.errors import ConfigurationError, CrosswheelError, Fault, StepError, VerificationError
from crosswheel.report.text import clean

LABEL = "crosswheel: error"
_LINES = 40  # of a command's output; its cause was looked for in more


def render(error: CrosswheelError, *, label: str = LABEL) -> str:
    """The lines for an error, without a line end after the last one.

    A configuration's faults stand one on a line, as compilers show theirs:
    ``LABEL: FILE:LINE: PLACE: PROBLEM (HINT)``.

    :param label: what stands before the fact, without the colon.
    """
    if isinstance(error, ConfigurationError):
        lines = [f"{label}: {_fault(fault)}" for fault in error.faults]
        return "\n".join([*lines, *_field("next", error.remedy)])
    return "\n".join([f"{label}: {clean(error.fact)}", *_details(error)])


def outline(error: CrosswheelError) -> list[str]:
    """The fact, the cause and the next step, a line each: for places that have no room for more."""
    fields = (("", error.fact), ("cause: ", error.cause), ("next: ", error.remedy))
    return [f"{label}{' '.join(clean(text).split())}" for label, text in fields if text]


def _fault(fault: Fault) -> str:
    hint = f" ({fault.hint})" if fault.hint else ""
    where = f"{fault.where}: " if fault.where else ""
    return clean(f"{where}{fault.place}: {fault.problem}{hint}")


def _details(error: CrosswheelError) -> list[str]:
    match error:
        case VerificationError():
            middle = [f"  - {clean(problem)}" for problem in error.problems]
        case StepError():
            middle = [*_field("cause", error.cause), *_step(error)]
        case _:
            middle = _field("cause", error.cause)
    return [*middle, *_field("next", error.remedy), *_field("look around", error.look)]


def _step(error: StepError) -> list[str]:
    lines = _field("command", error.command)
    if error.tail:
        lines.append("  the last lines of its output:")
        lines += [f"    | {clean(line)}".rstrip() for line in error.tail[-_LINES:]]
    if error.log is not None:
        lines += _field("whole log", str(error.log))
    return lines


def _field(name: str, value: str) -> list[str]:
    first, *rest = value.splitlines() or [""]
    return [f"  {name}: {clean(first)}", *(f"    {clean(line)}" for line in rest)] if value else []
