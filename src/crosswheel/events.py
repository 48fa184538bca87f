"""What happened, as data. The terminal, the log and the report only read these."""

from dataclasses import dataclass

from crosswheel.model import UNKNOWN, EngineName, Estimate, Limited, Outcome, StepDown


@dataclass(frozen=True)
class RunStarted:
    """A run began.

    :param estimate: how long it may take, if nothing is kept of an earlier run.
    :param limited: what each job may use; None without limits.
    """

    identifiers: tuple[str, ...]
    estimate: Estimate = UNKNOWN
    limited: Limited | None = None


@dataclass(frozen=True)
class JobStarted:
    """A job began.

    :param cores: how many compilers it may run at once.
    :param source: of its Python and root; ``source_reason`` says why that one.
    """

    identifier: str
    number: int
    total: int
    cores: int = 1
    source: str = ""
    source_reason: str = ""


@dataclass(frozen=True)
class EngineChosen:
    identifier: str
    engine: EngineName


@dataclass(frozen=True)
class SteppedDown:
    identifier: str
    step: StepDown


@dataclass(frozen=True)
class StepStarted:
    """A step of a job began.

    :param identifier: the job's; empty for what serves all jobs (fetching QEMU, zig).
    :param step: one of the pipeline's names (``fetch``, ``before-all``, ``build``, ``test``, ...).
    :param detail: what is run or fetched, for people.
    """

    identifier: str
    step: str
    detail: str = ""


@dataclass(frozen=True)
class StepFinished:
    """A step ended.

    :param ok: whether it did what it was for.
    """

    identifier: str
    step: str
    seconds: float
    ok: bool = True


@dataclass(frozen=True)
class Printed:
    """A line that a command of a step wrote.

    :param wanted: whether the project's configuration asks to see it (``build-verbosity``).
    """

    identifier: str
    line: str
    wanted: bool = False


@dataclass(frozen=True)
class Used:
    """What the programs of a job use together now.

    :param memory: bytes.
    """

    identifier: str
    memory: int


@dataclass(frozen=True)
class Downloading:
    """Progress of a download; ``total`` is 0 where it is not known."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class EmulatorFound:
    """Programs of an architecture are emulated, by a QEMU of this version."""

    architecture: str
    version: str


@dataclass(frozen=True)
class Noted:
    """Something that a person should know; ``warning`` where it may matter to the result."""

    text: str
    warning: bool = False
    identifier: str = ""


@dataclass(frozen=True)
class JobFinished:
    outcome: Outcome


@dataclass(frozen=True)
class RunFinished:
    outcomes: tuple[Outcome, ...]
    seconds: float


Event = (
    RunStarted
    | JobStarted
    | EngineChosen
    | SteppedDown
    | StepStarted
    | StepFinished
    | Printed
    | Used
    | Downloading
    | EmulatorFound
    | Noted
    | JobFinished
    | RunFinished
)
