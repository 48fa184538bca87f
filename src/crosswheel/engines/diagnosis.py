"""Why a rung of the ladder failed, and whether a lower one can cure it."""

import re
from dataclasses import dataclass

from crosswheel.errors import StepError, VerificationError


@dataclass(frozen=True)
class Descent:
    """Why to step down, and how far.

    :param own_compilers: only a rung with the root's own compilers can do better.
    """

    reason: str
    own_compilers: bool = False


_REFUSAL = r"crosswheel: cannot compile here: (.*)"  # printed by the compilers' wrapper


@dataclass(frozen=True)
class _Cause:
    """A recognisable cause.

    :param pattern: found in the last lines of the output.
    :param reason: said to people; groups of the pattern may be used in it.
    :param curable: whether a lower rung can do better.
    """

    pattern: str
    reason: str
    curable: bool


_CAUSES = tuple(
    _Cause(*row)
    for row in (
        (_REFUSAL, r"\1", True),
        (r"(?i)exec format error|cannot execute binary file", "it ran a program of another architecture", True),
        (r"No space left on device", "there is no space left on the device", False),
        (r"Could not (?:resolve host|connect)|Temporary failure in name resolution", "the network failed", False),
        (r"(\S+\.(?:c|cc|cpp|cxx|h|hpp|pyx)):\d+:\d+: error: expected",
         r"\1 does not compile", False),
        (r"fatal error: '?([\w./+-]+\.h\w*)'?(?: file not found|: No such file)",
         r"the header \1 was not found", True),
        (r"unable to find (?:dynamic )?(?:system )?library '?([\w.+-]+)'?", r"the library \1 was not found", True),
        (r"cannot find -l([\w.+-]+)", r"the library \1 was not found", True),
        (r"undefined symbol: (\S+)", r"the symbol \1 is missing", True),
        (r"ImportError: .*?([\w.-]+\.so)\S*: (?:cannot open|wrong ELF|invalid ELF)",
         r"it imported \1, which is of the target", True),
        (r"(?:ModuleNotFoundError|ImportError): (.*)", r"an import failed: \1", True),
    )
)  # fmt: skip
# Steps that a lower rung does in another way; a failed test or repair would fail there too.
_STEPS = ("before-build", "requirements", "build")


def curable(error: StepError | VerificationError) -> Descent | None:
    """The reason to step down the ladder, or None where a lower rung would fail alike."""
    if isinstance(error, VerificationError):
        return Descent(f"the wheel is not correct: {error.problems[0]}")
    if error.step not in _STEPS:
        return None
    output = "\n".join(error.tail)
    for cause in _CAUSES:
        found = re.search(cause.pattern, output)
        if found:
            descent = Descent(found.expand(cause.reason), own_compilers=cause.pattern == _REFUSAL)
            return descent if cause.curable else None
    last = next((line for line in reversed(error.tail) if line.strip()), "no output")
    return Descent(f"the {error.step} step failed in a way not known to crosswheel: {last.strip()[:160]}")
