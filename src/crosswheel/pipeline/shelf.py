"""The finished wheels of a run: each name once, whichever job is first."""

import threading
from pathlib import Path

from crosswheel.errors import DuplicateWheelError
from crosswheel.model import Job, Outcome
from crosswheel.pipeline.publication import published
from crosswheel.pipeline.reuse import serves, serving


class Shelf:
    """Takes wheels that passed; jobs of several threads look at it.

    :param output_dir: where the wheels go.
    """

    def __init__(self, output_dir: Path) -> None:
        self.output_dir = output_dir
        self._lock = threading.Lock()
        self._makers: dict[Path, str] = {}

    def serving(self, job: Job) -> Path | None:
        """A finished wheel that serves the job's target too."""
        with self._lock:
            return serving(job.target, self._makers)

    def check(self, wheel: Path, job: Job) -> None:
        """:raises DuplicateWheelError: a wheel of this name is finished that does not serve the job's target."""
        with self._lock:
            self._twin(wheel, job)

    def put(self, wheel: Path, job: Job) -> Outcome:
        """Publish a wheel, or take the one of its name that another job finished meanwhile and that serves as well.

        :raises DuplicateWheelError: that one does not serve the job's target.
        :raises OSError: the directory cannot be written.
        """
        with self._lock:
            if twin := self._twin(wheel, job):
                return published(twin, job, None, reused=True)
            outcome = published(wheel, job, self.output_dir)
            assert outcome.wheel is not None, "it has just been published"
            self._makers[outcome.wheel.path] = job.identifier
            return outcome

    def _twin(self, wheel: Path, job: Job) -> Path | None:
        path = self.output_dir / wheel.name
        if path not in self._makers:
            return None
        if not serves(path, job.target):
            raise DuplicateWheelError(
                f"{wheel.name} came out a second time",
                cause=f"{self._makers[path]} made it before, and its tags do not serve {job.identifier}",
                remedy="let the build name what the wheel depends on in its tags, or skip one of the two",
            )
        return path
