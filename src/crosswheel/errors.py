"""What can go wrong, as data: a fact, its cause, the next step, and an exit code.

Text for people is made at the edge (``crosswheel.cli``). The exit codes are those of cibuildwheel, on which
CI scripts already rely.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """Exit codes of cibuildwheel 4 (its documentation, "Exit codes")."""

    OK = 0
    FATAL = 1
    CONFIGURATION = 2
    NOTHING_TO_BUILD = 3
    DEPRECATED = 4
    PURE_WHEEL = 5
    DUPLICATE_WHEEL = 6
    ENGINE_TOO_OLD = 7
    REPAIR_COUNT = 8
    AUDIT = 9
    NO_WHEEL = 10
    COMMAND_MISSING = 127  # of shells, for a command of the user's own
    INTERRUPTED = 130


class CrosswheelError(Exception):
    """A failure that a user can act on.

    :param fact: what is the case, one sentence without a full stop.
    :param cause: why, where it is known.
    :param remedy: the next step, as an instruction.
    """

    exit_code = ExitCode.FATAL
    look = ""  # the command that looks around in what a failed build left

    def __init__(self, fact: str, *, cause: str = "", remedy: str = "") -> None:
        super().__init__(fact)
        self.fact = fact
        self.cause = cause
        self.remedy = remedy


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input.

    :param place: a key path (``tool.cibuildwheel.overrides[2].select``), a variable or a file.
    :param problem: what is wrong with it, one sentence without a full stop.
    :param hint: the nearest right name or form, or nothing.
    :param where: the file and the line of the place (``pyproject.toml:12``), where it is in a file.
    :param deprecated: whether an older cibuildwheel, or one of another platform, took it.
    """

    place: str
    problem: str
    hint: str = ""
    where: str = ""
    deprecated: bool = False


class ConfigurationError(CrosswheelError):
    """An input that cannot be used. All faults of the input are collected before this is raised."""

    exit_code = ExitCode.CONFIGURATION

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.place}: {fault.problem}" for fault in faults))
        self.faults = faults


class DeprecatedError(ConfigurationError):
    """An input that an older cibuildwheel took and the present one does not."""

    exit_code = ExitCode.DEPRECATED


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A question with the name nearest to a wrong one, or nothing where none is near: the hint of a fault."""
    from difflib import get_close_matches  # noqa: PLC0415 -- only a wrong input pays for the import

    matches = get_close_matches(name, list(names), 1, 0.6)
    return f"did you mean {matches[0]}?" if matches else ""


class NothingToBuildError(CrosswheelError):
    exit_code = ExitCode.NOTHING_TO_BUILD


class PureWheelError(CrosswheelError):
    exit_code = ExitCode.PURE_WHEEL


class DuplicateWheelError(CrosswheelError):
    exit_code = ExitCode.DUPLICATE_WHEEL


class RepairCountError(CrosswheelError):
    exit_code = ExitCode.REPAIR_COUNT


class NoWheelError(CrosswheelError):
    exit_code = ExitCode.NO_WHEEL


class CommandMissingError(CrosswheelError):
    exit_code = ExitCode.COMMAND_MISSING


class EngineTooOldError(CrosswheelError):
    """A container engine that does not know what is asked of it."""

    exit_code = ExitCode.ENGINE_TOO_OLD


class ProvisionError(CrosswheelError):
    """A part (root, Python, toolchain, emulator) could not be had."""


class VerificationError(CrosswheelError):
    """A wheel that must not leave.

    :param problems: every problem found, each a sentence naming the file.
    """

    def __init__(self, wheel: str, problems: tuple[str, ...], *, remedy: str = "") -> None:
        super().__init__(
            f"{wheel} is not a correct wheel for its target", cause="; ".join(problems), remedy=remedy
        )
        self.problems = problems


class StepError(CrosswheelError):
    """A command of a build or a test that failed.

    :param step: the step it belongs to (``build``, ``test``, ...).
    :param command: what was run, for people.
    :param returncode: its status; negative for a signal, as in ``subprocess``.
    :param tail: the last lines of its output.
    :param log: the file with the whole output, where one is kept.
    """

    def __init__(
        self,
        step: str,
        command: str,
        returncode: int,
        tail: tuple[str, ...] = (),
        *,
        log: Path | None = None,
        cause: str = "",
        remedy: str = "",
    ) -> None:
        how = f"was killed by signal {-returncode}" if returncode < 0 else f"failed with status {returncode}"
        super().__init__(f"the {step} step {how}", cause=cause, remedy=remedy)
        self.step = step
        self.command = command
        self.returncode = returncode
        self.tail = tail
        self.log = log


class AuditError(StepError):
    """An ``audit-command`` that a wheel did not pass."""

    exit_code = ExitCode.AUDIT


class LimitError(CrosswheelError):
    """A job went over a limit that the user set, and was ended."""
