"""How sources are chosen in a run: who is asked on the network, and what is noted for the next run."""

import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from crosswheel.errors import CrosswheelError
from crosswheel.model import Project, Target
from crosswheel.once import once
from crosswheel.plan.origin import Choice, Earlier, choose
from crosswheel.seams import Reach, Source
from crosswheel.store import Store, digest

_KIND = "sources"


class Origins:
    """Chooses the source of each target of a project; see :mod:`crosswheel.plan.origin`.

    :param sources: those to choose among.
    :param asking: whether it may ask on the network, and notes what it chose.
    """

    def __init__(self, store: Store, project: Project, sources: Sequence[Source], *, asking: bool) -> None:
        place = str(Path(project.label).resolve())
        self._file = store.path(_KIND, f"{digest({'project': place})}.json")
        self._sources = sources
        self._asking = asking
        self._chosen: dict[str, Earlier] = {}
        self._ask = once(_why_not)

    def __call__(self, target: Target, image: str) -> Choice | None:
        """The source of a target, and why.

        :param image: what the project names for its architecture.
        """
        ask = self._ask if self._asking else None
        choice = choose(target, image, self._sources, earlier=self._earlier, ask=ask)
        if choice is not None and choice.lasting:
            self._chosen[target.identifier] = Earlier(choice.source.name, choice.reason)
        return choice

    def remember(self) -> None:
        """Note what was chosen, for the next run.

        :raises OSError: the store cannot be written.
        """
        if not self._asking or not self._chosen.keys() - self._earlier.keys():
            return
        rows = {name: [one.source, one.reason] for name, one in {**self._earlier, **self._chosen}.items()}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(f".{os.getpid()}")  # another run may write its own
        partial.write_text(json.dumps(rows), encoding="utf-8")
        partial.rename(self._file)

    @cached_property
    def _earlier(self) -> dict[str, Earlier]:
        try:
            rows = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(name): Earlier(str(source), str(reason)) for name, (source, reason) in rows.items()}
        except (OSError, ValueError, AttributeError, TypeError):  # none, or damaged
            return {}


def _why_not(reach: Reach) -> str:
    """Why somebody cannot be reached; empty where they can."""
    try:
        reach.ask()
    except CrosswheelError as error:
        return error.fact
    return ""
