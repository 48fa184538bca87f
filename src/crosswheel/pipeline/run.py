"""How a plan is carried out, as one value."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crosswheel.options import AUTO_SANDBOX, Sandboxing
from crosswheel.pipeline.limits import UNLIMITED, Limits
from crosswheel.pipeline.scheduling import Budget
from crosswheel.seams import Progress, Source
from crosswheel.store import Store


@dataclass(frozen=True)
class Run:
    """What a run has and what it may use.

    :param sources: those that the plan was made with.
    :param output_dir: gets each wheel the moment it passed; made where it is missing.
    :param test: whether wheels are tested; they are verified always.
    :param sandboxing: where commands run.
    :param mirror: of Debian, in place of the machine's own.
    :param budget: what its jobs may use together; ``limits`` what each may use.
    :param kept: whether wheels, tests and compilations of earlier runs are used.
    :param keep_going: whether jobs begin after one has failed.
    """

    store: Store
    sources: Sequence[Source]
    output_dir: Path
    progress: Progress
    budget: Budget
    limits: Limits = UNLIMITED
    test: bool = True
    mirror: str | None = None
    sandboxing: Sandboxing = AUTO_SANDBOX
    kept: bool = True
    keep_going: bool = True
