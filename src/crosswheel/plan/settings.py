"""What this room needs of a configuration."""

from collections.abc import Iterator
from typing import Protocol

from crosswheel.model import EngineChoice
from crosswheel.options import Options, SandboxChoice


class Patterns(Protocol):
    """Patterns that select identifiers."""

    @property
    def texts(self) -> tuple[str, ...]: ...
    @property
    def exact(self) -> frozenset[str]:
        """The identifiers named in full."""
        ...

    def __iter__(self) -> Iterator["Patterns"]:
        """Each pattern on its own."""
        ...

    def matches(self, identifier: str) -> bool: ...


class Settings(Protocol):
    """A configuration after precedence; see ``crosswheel.config.Configuration``."""

    @property
    def build(self) -> Patterns: ...
    @property
    def skip(self) -> Patterns: ...
    @property
    def test_skip(self) -> Patterns: ...
    @property
    def only(self) -> str: ...
    @property
    def enable(self) -> frozenset[str]: ...
    @property
    def architectures(self) -> tuple[str, ...]: ...
    @property
    def requires_python(self) -> str | None: ...
    @property
    def selects(self) -> tuple[tuple[str, Patterns], ...]: ...

    @property
    def sandbox(self) -> SandboxChoice: ...
    @property
    def sandbox_place(self) -> str:
        """The flag, variable or key path that says so."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]: ...

    def place_of(self, option: str) -> str:
        """The key path or variable that sets an option of the whole project."""
        ...

    def line_of(self, place: str) -> str:
        """``pyproject.toml:12`` for a key path; nothing for a variable or a flag."""
        ...

    def located(self, place: str) -> str:
        """A place with its line before it, as sentences begin."""
        ...

    def options_for(self, identifier: str) -> Options: ...

    def engine_for(self, identifier: str) -> tuple[EngineChoice, str]:
        """The engine to use, or ``auto``, and the place that says so."""
        ...
