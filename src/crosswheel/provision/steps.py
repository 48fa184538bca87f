"""A step that serves all jobs, told as events."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from crosswheel.events import StepFinished, StepStarted
from crosswheel.seams import Progress


@contextmanager
def told(progress: Progress, step: str, detail: str) -> Iterator[None]:
    """Say that a step began and, however it ends, that it finished."""
    progress(StepStarted("", step, detail))
    started = time.monotonic()
    ok = False
    try:
        yield
        ok = True
    finally:
        progress(StepFinished("", step, time.monotonic() - started, ok=ok))
