"""The nearest right name for one that is not known."""

from collections.abc import Iterable

from crosswheel.errors import did_you_mean


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for people: the nearest known name, or all of them where none is near."""
    names = list(known)
    return did_you_mean(name.lower(), names) or f"one of {', '.join(names)}"
