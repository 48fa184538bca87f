"""Names that a user gives: what they mean, and the nearest right one for one that is not known."""

from collections.abc import Iterable

from crosswheel import sample
from crosswheel.architectures import ARCHITECTURES, Architecture, named
from crosswheel.errors import ConfigurationError, Fault, did_you_mean


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for people: the nearest known name, or all of them where none is near."""
    names = list(known)
    return did_you_mean(name.lower(), names) or f"one of {', '.join(names)}"


def architectures(words: Iterable[str]) -> tuple[Architecture, ...]:
    """Architectures by any of their names, each once, in the order given.

    :param words: each one name, or several by commas; ``all`` stands for those that need an emulator here.
    :raises ConfigurationError: some are not known; with all of them.
    """
    found: dict[str, Architecture] = {}
    faults: list[Fault] = []
    for name in (name.strip() for word in words for name in word.split(",") if name.strip()):
        try:
            found |= {one.name: one for one in (_foreign() if name.lower() == "all" else (named(name),))}
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(tuple(faults))
    return tuple(found.values())


def _foreign() -> tuple[Architecture, ...]:
    return tuple(row for row in ARCHITECTURES.values() if not sample.runs_here(row))
