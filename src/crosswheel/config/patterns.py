"""Patterns that select identifiers: fnmatch with the shell's braces, as in cibuildwheel."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from crosswheel.config.malformed import MalformedError


@dataclass(frozen=True)
class Patterns:
    """Several patterns, of which one has to match.

    :param texts: as the user wrote them: ``cp3{11,13}-*``.
    """

    texts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(self.texts)

    def __iter__(self) -> Iterator["Patterns"]:
        """Each pattern on its own."""
        return (Patterns((text,)) for text in self.texts)

    @cached_property
    def expanded(self) -> tuple[str, ...]:
        """The patterns without braces."""
        return tuple(name for text in self.texts for name in _expand(text))

    @property
    def exact(self) -> frozenset[str]:
        """What is named in full, without a wildcard."""
        return frozenset(name for name in self.expanded if not set("*?[") & set(name))

    def matches(self, identifier: str) -> bool:
        return any(fnmatchcase(identifier, pattern) for pattern in self.expanded)

    def check(self) -> None:
        """:raises MalformedError: a bracket is not closed, or braces stand for too many names."""
        for text in self.texts:
            for opening, closing in ("{}", "[]"):
                if text.count(opening) != text.count(closing):
                    raise MalformedError(
                        f"has the pattern {text!r} with an unequal number of {opening} and {closing}"
                    )
        _ = self.expanded


def _expand(text: str) -> list[str]:
    if not set("{\\") & set(text):
        return [text]
    import bracex  # noqa: PLC0415 -- slow to import, seldom wanted

    try:
        return bracex.expand(text)
    except bracex.ExpansionLimitException:
        raise MalformedError(
            f"has the pattern {text!r}, whose braces stand for more than 1000 names"
        ) from None
