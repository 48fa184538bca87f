"""Why a rung of the ladder failed, and whether a lower one can cure it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crosswheel.engines.causes import CAUSES, MISSING, OF_MACHINE, VENDORED, Cause, Cure
from crosswheel.engines.debian_names import PACKAGES
from crosswheel.errors import StepError, VerificationError
from crosswheel.model import EngineName
from crosswheel.recognition.symptoms import Found, Shipped, Symptom, match, output, texts
from crosswheel.site import places


@dataclass(frozen=True)
class Descent:
    """Why to step down, and how far.

    :param own_compilers: only a rung with the root's own compilers can do better.
    """

    reason: str
    own_compilers: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """A recognised cause, in words.

    :param cure: which rungs may do better.
    :param symptom: the machine's trouble that it is, where it is one.
    """

    reason: str
    cure: Cure
    remedy: str
    symptom: Found | None = None


# Steps that a lower rung does in another way; a failed test or repair would fail there too.
_STEPS = ("before-build", "requirements", "build")
_REMEDIES = {
    "build": "read the whole log; --engine emulated tells, by the root's own compilers, whether ours are to blame",
    "test": "read the whole log; --no-test keeps the wheel without a test",
    "repair": 'correct repair-wheel-command; an empty one ("") leaves the wheel as it was built',
}
_KILLED = -9
_INSTALLER = (places.UV, "uv pip install")
_BUILDS = "Failed to build"  # uv's words for a requirement whose own build failed
_OUTSIDE_ROOT: tuple[EngineName, ...] = ("cross",)  # engines whose build does not run in the target's root


def curable(
    error: StepError | VerificationError, engine: EngineName, shipped: Shipped = lambda _: False
) -> Descent | None:
    """The reason to step down the ladder, or None where a lower rung would fail alike.

    :param engine: the one that failed.
    """
    if isinstance(error, VerificationError):
        found = diagnose(error.problems, shipped)
        told = Diagnosis(f"the wheel is not correct: {error.problems[0]}", Cure.BELOW, "")
        return descent(replace(told, cure=found.cure) if found else told, engine)
    if error.step not in _STEPS or error.returncode == _KILLED:
        return None
    if error.command.startswith(_INSTALLER) and not any(_BUILDS in line for line in error.tail):
        return None  # the index, the network or a name is to blame: a lower rung asks for the same
    found = of_step(error, shipped)
    if found is not None:
        return descent(found, engine)
    last = next((line for line in reversed(error.tail) if line.strip()), "no output")
    return Descent(f"the {error.step} step failed in a way not known to crosswheel: {last.strip()[:160]}")


def explain(
    error: StepError | VerificationError, engine: EngineName | None, shipped: Shipped = lambda _: False
) -> None:
    """Give a failure that ends its job a cause and a next step, where they are not known yet."""
    if isinstance(error, VerificationError):
        found = diagnose(error.problems, shipped)
        error.remedy = error.remedy or (found.remedy if found else "")
        return
    found = of_step(error, shipped)
    usual = _REMEDIES.get(error.step, "read the whole log") if engine != "emulated" else "read the whole log"
    error.cause = error.cause or (found.reason if found else "")
    error.remedy = error.remedy or (found.remedy if found else "") or usual


def of_step(error: StepError, shipped: Shipped = lambda _: False) -> Diagnosis | None:
    """The cause that a failed command tells, by its output and its status."""
    return diagnose(output(error.tail, error.returncode), shipped)


def diagnose(lines: Sequence[str], shipped: Shipped = lambda _: False) -> Diagnosis | None:
    """The cause that lines of output tell, their last ones first; None where none is known."""
    for text in texts(lines):
        for cause in CAUSES:
            told = (
                _of_machine(cause, text, shipped)
                if isinstance(cause, Symptom)
                else _of_tool(cause, text, shipped)
            )
            if told is not None:
                return told
    return None


def _of_machine(symptom: Symptom, text: str, shipped: Shipped) -> Diagnosis | None:
    found = match(symptom, text, shipped)
    return Diagnosis(found.fact, OF_MACHINE.get(found.kind, Cure.NONE), "", found) if found else None


def _of_tool(cause: Cause, text: str, shipped: Shipped) -> Diagnosis | None:
    found = re.search(cause.pattern, text)
    if found is None:
        return None
    package = next((PACKAGES[name] for name in found.groups() if name in PACKAGES), "...")
    told = Diagnosis(found.expand(cause.reason), cause.cure, cause.remedy.replace(MISSING, package))
    alien = found.groupdict().get("object")
    if alien and shipped(alien):
        return Diagnosis(f"{told.reason}: the project itself ships it", Cure.NONE, VENDORED)
    return told


def descent(found: Diagnosis, engine: EngineName) -> Descent | None:
    """The way down from an engine that such a cause leaves, if any."""
    if found.cure is Cure.NONE or (found.cure is Cure.ROOT and engine not in _OUTSIDE_ROOT):
        return None
    return Descent(found.reason, own_compilers=found.cure is Cure.COMPILERS)
