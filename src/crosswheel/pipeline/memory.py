"""What an earlier run learnt of a project."""

import json
import os
from pathlib import Path

from crosswheel.model import Project
from crosswheel.store import Store, digest


class Memory:
    """A small note per project in the store; losing it costs time, never correctness."""

    def __init__(self, store: Store, project: Project) -> None:
        self._file: Path = (
            store.shared("memory") / f"{digest({'project': str(Path(project.label).resolve())})}.json"
        )

    def several_cpp_modules(self) -> bool:
        """Whether its wheels hold several C++ modules."""
        return bool(self._read().get("several_cpp_modules"))

    def note_several_cpp_modules(self) -> None:
        partial = self._file.with_suffix(f".{os.getpid()}")  # another run may write its own
        partial.write_text(json.dumps({**self._read(), "several_cpp_modules": True}))
        partial.rename(self._file)

    def _read(self) -> dict[str, object]:
        try:
            note = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}
