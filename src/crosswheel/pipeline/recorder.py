"""What a job's commands did, as events and figures: around every sandbox of the job."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from crosswheel import process
from crosswheel.controlgroups import ControlGroup
from crosswheel.errors import CrosswheelError
from crosswheel.events import Noted, Printed, StepFinished, StepStarted, Used
from crosswheel.model import StepTime
from crosswheel.process import Completed
from crosswheel.seams import Progress, Sandbox
from crosswheel.usage import OverMemoryError, Watch

_KEPT = 20_000  # lines of a step


class Recorder:
    """Times a job's steps, adds up what their commands used, and hands on what they print.

    :param wanted: the steps whose output the project's configuration asks to see.
    :param memory: bytes that the programs of a step may use together; 0 for no limit.
    """

    def __init__(
        self,
        identifier: str,
        progress: Progress,
        log: IO[str],
        wanted: frozenset[str] = frozenset(),
        memory: int = 0,
    ) -> None:
        self._wanted = wanted
        self._memory = memory
        self.name = ""  # of the step that runs, or ran last
        self._identifier = identifier
        self.group: ControlGroup | None = None  # of the job's programs, where the kernel holds its memory
        self._progress = progress
        self._log = log
        self._used: list[Completed] = []  # by the step that runs
        self.steps: list[StepTime] = []
        self.notes: list[str] = []
        self.output: deque[str] = deque(maxlen=_KEPT)  # of the step that runs, or ran last

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A step of the job, from its first command to its last."""
        self._used, self.name = [], name
        self.output.clear()
        started = time.monotonic()
        self._log.write(f"--- {name}\n")
        self._progress(StepStarted(self._identifier, name))
        ok = False
        watch = Watch(0 if self.group else self._memory)
        try:
            with process.watched(partial(self._look, watch)):
                yield
            self._check_group()
            ok = True
        except CrosswheelError:
            self._check_group()
            raise
        finally:
            seconds = time.monotonic() - started
            self.steps.append(self._sum(name, started, seconds, watch))
            self._progress(StepFinished(self._identifier, name, seconds, ok))

    def _check_group(self) -> None:
        """See that no program of the step was ended for want of memory: what came of that is not to be used.

        :raises OverMemoryError: the kernel has ended one.
        """
        if self.group is not None and self.group.over:
            raise OverMemoryError(self.group.peak)

    def _look(self, watch: Watch, pid: int) -> None:
        watch(pid)
        self._progress(Used(self._identifier, watch.used))

    def _sum(self, name: str, began: float, seconds: float, watch: Watch) -> StepTime:
        return StepTime(
            name,
            seconds,
            cpu=sum(done.cpu for done in self._used),
            peak=max([watch.peak, *(done.peak for done in self._used)]),
            emulated=watch.share,
            read=sum(done.read for done in self._used),
            written=sum(done.written for done in self._used),
            began=began,
        )

    def around(self, sandbox: Sandbox) -> Sandbox:
        """The same sandbox, recorded."""
        return _Recorded(sandbox, self)

    def note(self, text: str, *, warning: bool = False) -> None:
        """Something about the wheel: told now, and again in the summary."""
        self.notes.append(text)
        self.remark(text, warning=warning)

    def remark(self, text: str, *, warning: bool = False) -> None:
        """Something about the work on it: told now."""
        self._log.write(f"{'warning' if warning else 'note'}: {text}\n")
        self._progress(Noted(text, warning, self._identifier))

    def ran(self, argv: Sequence[str]) -> None:
        self._log.write(f"$ {' '.join(argv)}\n")

    def printed(self, line: str) -> None:
        self.output.append(line)
        self._progress(Printed(self._identifier, line, self.name in self._wanted))

    def completed(self, done: Completed) -> None:
        self._used.append(done)


class _Recorded:
    def __init__(self, sandbox: Sandbox, recorder: Recorder) -> None:
        self._sandbox = sandbox
        self._recorder = recorder

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        binds: Mapping[str, Path] | None = None,
        on_line: Callable[[str], None] | None = None,
        capture: bool = False,
    ) -> Completed:
        def line(text: str) -> None:
            self._recorder.printed(text)
            if on_line is not None:
                on_line(text)

        self._recorder.ran(argv)
        done = self._sandbox.run(argv, cwd=cwd, env=env, binds=binds or {}, on_line=line, capture=capture)
        self._recorder.completed(done)
        return done

    def attach(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> int:
        self._recorder.ran(argv)
        return self._sandbox.attach(argv, cwd=cwd, env=env)
