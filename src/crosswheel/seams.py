"""The Protocols between rooms, each as small as its callers need."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from crosswheel.events import Event
from crosswheel.model import Part, Target
from crosswheel.process import Completed

Progress = Callable[[Event], None]


class Sandbox(Protocol):
    """Where a command runs. Paths in it are the sandbox's own."""

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        binds: Mapping[str, Path] = ...,
        on_line: Callable[[str], None] | None = None,
        capture: bool = False,
    ) -> Completed:
        """Run a command to its end.

        :param env: the whole environment; nothing of the host's comes in by itself.
        :param binds: further directories of the host, writable, by their path in the sandbox.
        :raises ProvisionError: the sandbox cannot be set up.
        """
        ...


class Source(Protocol):
    """Where target Pythons and roots come from."""

    name: str

    def offers(self, target: Target) -> bool:
        """Whether it has the target's Python; without asking the network."""
        ...

    def parts(self, target: Target) -> tuple[Part, ...]:
        """What it fetches for the target; without asking the network."""
        ...
