"""What a report of runs says. The keys of ``report.json`` are the names here; the texts are those of its schema."""

from dataclasses import dataclass
from typing import Annotated, Literal

from crosswheel.model import Guard

SCHEMA_VERSION: Literal[1] = 1

Result = Literal["passed", "failed", "interrupted", "not begun"]


@dataclass(frozen=True)
class Step:
    """One step of a job."""

    step: Annotated[str, "fetch, prepare, before-all, requirements, build, repair, verify, audit, test, ..."]
    began: Annotated[float, "seconds after its run began"]
    seconds: Annotated[float, "wall time"]
    cpu: Annotated[float, "CPU seconds of all its programs"] = 0.0
    emulated: Annotated[float, "the part of its CPU time that was seen in QEMU, 0 to 1"] = 0.0
    peak: Annotated[int, "the most memory that its programs used together, in bytes"] = 0
    read: Annotated[int, "bytes read from disks"] = 0
    written: Annotated[int, "bytes written to disks"] = 0


@dataclass(frozen=True)
class WheelFile:
    """A wheel that passed."""

    name: Annotated[str, "its file name"]
    size: Annotated[int, "bytes"]
    sha256: Annotated[str, "in hexadecimal"]
    policy: Annotated[str, "the oldest policy that it holds: manylinux_2_17"]


@dataclass(frozen=True)
class Down:
    """An engine that did not serve."""

    engine: Annotated[str, "the one that failed"]
    below: Annotated[str, "the one that was tried next"]
    reason: Annotated[str, "a sentence without a full stop"]


@dataclass(frozen=True)
class Failure:
    """Why a job has no wheel."""

    fact: Annotated[str, "a sentence without a full stop"]
    cause: Annotated[str, "may be empty"]
    remedy: Annotated[str, "the next step; may be empty"]
    output: Annotated[tuple[str, ...], "the last lines that its command wrote"] = ()


@dataclass(frozen=True)
class JobReport:
    """What became of a job."""

    identifier: Annotated[str, "cp311-manylinux_aarch64"]
    result: Annotated[Result, "interrupted: it began, and the run was ended before it was done"]
    run: Annotated[int, "the number of its run in `runs`, from 0"] = 0
    began: Annotated[float | None, "seconds after its run began; null where it did not begin"] = None
    seconds: Annotated[float, "wall time from its beginning to its end"] = 0.0
    slot: Annotated[int | None, "the place that it had among the jobs that ran at once, from 0"] = None
    cores: Annotated[int, "how many compilers it might run at once"] = 0
    engine: Annotated[str | None, "the engine that served, or failed last"] = None
    source: Annotated[
        str, "where its Python and root came from: debian, host, image, standalone; may be empty"
    ] = ""
    source_reason: Annotated[str, "why this one, a clause without a full stop; may be empty"] = ""
    wheel: WheelFile | None = None
    tested: Annotated[bool, "whether a test ran and passed, in this run or an earlier one"] = False
    reused: Annotated[bool, "whether the wheel is another job's of this run, and serves this target too"] = (
        False
    )
    kept: Annotated[bool, "whether an earlier run built the wheel from the same"] = False
    step_downs: Annotated[tuple[Down, ...], "engines that failed in this run"] = ()
    skipped: Annotated[tuple[Down, ...], "engines left out, since they failed in an earlier run"] = ()
    notes: Annotated[tuple[str, ...], "what a person should know, a sentence each"] = ()
    failure: Failure | None = None
    log: Annotated[str | None, "the path of its log on the machine that it ran on"] = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Machine:
    """What a run ran on."""

    cores: Annotated[int, "those that it might use"]
    memory: Annotated[int, "bytes"]
    kernel: Annotated[str, "6.18.5"]
    qemu: Annotated[str | None, "the version of QEMU; null where nothing was emulated"] = None


@dataclass(frozen=True)
class Limits:
    """What each job of a run might use."""

    memory: Annotated[int, "bytes for all its programs together; 0 for no limit"]
    seconds: Annotated[float, "wall time; 0 for no limit"]
    guard: Annotated[Guard, "what held the limit of memory: the kernel, or whoever looked each second"]


@dataclass(frozen=True)
class Run:
    """One run of ``crosswheel build``; a merged report has several."""

    began: Annotated[float, "Unix time, of the machine's clock when it began"]
    seconds: Annotated[float, "wall time, on a clock that never jumps"]
    at_once: Annotated[int, "how many jobs might run at once"]
    machine: Machine
    interrupted: Annotated[bool, "whether it was ended before all jobs were done"] = False
    limits: Limits | None = None


@dataclass(frozen=True)
class Report:
    """A report of crosswheel: what became of the jobs of one project."""

    crosswheel: Annotated[str, "the version that wrote it"]
    project: Annotated[str, "the name of the project"]
    runs: tuple[Run, ...]
    jobs: Annotated[tuple[JobReport, ...], "in the order of the plan, each identifier once"]
    schema_version: Annotated[Literal[1], "grows when a key changes or goes"] = SCHEMA_VERSION
