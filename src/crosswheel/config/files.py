"""The files that a configuration was read from, so that what is told of it can name a line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Files:
    """The files of a configuration, by the first key of the paths in them."""

    paths: Mapping[str, Path]
    _lines: dict[Path, Mapping[str, int]] = field(
        default_factory=dict, compare=False, repr=False
    )  # read so far

    def line_of(self, place: str) -> str:
        """``pyproject.toml:12`` for a key path; nothing for the place of a variable or a flag."""
        path = self.paths.get(re.split(r"[.\[]", place, maxsplit=1)[0])
        if path is None:
            return ""
        from crosswheel.config import lines  # noqa: PLC0415 -- only what is told pays for the import

        here = Path.cwd()
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        if path not in self._lines:
            self._lines[path] = lines.places(path.read_text(encoding="utf-8"))
        line = lines.find(self._lines[path], place)
        return f"{shown}:{line}" if line else ""

    def located(self, place: str) -> str:
        """A place as sentences begin with it: ``pyproject.toml:12: tool.cibuildwheel.skip``, ``CIBW_SKIP``."""
        line = self.line_of(place)
        return f"{line}: {place}" if line else place
