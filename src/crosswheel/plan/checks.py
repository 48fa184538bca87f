"""Patterns that match nothing: an error in ``build``, a warning in ``skip``, ``test-skip`` and ``select``."""

from dataclasses import replace
from itertools import chain

from crosswheel.errors import ConfigurationError, DeprecatedError, Fault
from crosswheel.plan.identifiers import FOREIGN, TARGETS, unknown
from crosswheel.plan.selectors import GROUPS, enabled
from crosswheel.plan.settings import Patterns, Settings

# Pythons that cibuildwheel once built for; it ends with a code of its own for a pattern that holds one of these.
_GONE = ("p2", "p35", "p36", "p37", "p38", "cp313t")


def check_build(settings: Settings) -> None:
    """Find patterns of ``build`` that cannot match, as cibuildwheel does.

    :raises ConfigurationError: with every such pattern.
    :raises DeprecatedError: the same, where the first of them is for a Python that is gone.
    """
    faults: list[Fault] = []
    gone = False
    place = settings.place_of("build")
    for pattern in settings.build:
        if _means_something(pattern, settings.enable):
            continue
        gone = gone or (not faults and any(name in pattern.texts[0] for name in _GONE))
        group = _group_missing(pattern, settings.enable)
        if group:
            problem = f"{pattern.texts[0]} selects identifiers of the group {group}, which is not enabled"
            faults.append(Fault(place, problem, f"add {group} to enable"))
        elif pattern.exact:
            faults += [unknown(name, place) for name in sorted(pattern.exact)]
        else:
            problem = f"{pattern.texts[0]} matches no build identifier"
            faults.append(Fault(place, problem, _hint(pattern)))
    if faults:
        where = settings.line_of(place)
        told = tuple(replace(fault, where=where) for fault in faults)
        raise (DeprecatedError if gone else ConfigurationError)(told)


def warnings(settings: Settings) -> tuple[str, ...]:
    """A sentence for each pattern elsewhere that cannot match."""
    whole = (("skip", settings.skip), ("test-skip", settings.test_skip))
    places = (*((settings.place_of(option), patterns) for option, patterns in whole), *settings.selects)
    return tuple(
        f"{settings.located(place)}: {pattern.texts[0]} matches no build identifier and has no effect"
        for place, patterns in places
        for pattern in patterns
        if not _means_something(pattern, settings.enable)
    )


def _means_something(pattern: Patterns, groups: frozenset[str]) -> bool:
    here = (target.identifier for target in TARGETS)
    return any(
        pattern.matches(identifier) and enabled(identifier.partition("-")[0], groups)
        for identifier in chain(here, FOREIGN)
    )


def _group_missing(pattern: Patterns, groups: frozenset[str]) -> str:
    for target in TARGETS:
        if not enabled(target.python.tag, groups) and pattern.matches(target.identifier):
            return GROUPS[target.python.tag]
    return ""


def _hint(pattern: Patterns) -> str:
    if "cp313t" in pattern.texts[0]:
        return "cibuildwheel 4 builds free-threaded Pythons from 3.14 on"
    old = any(name in pattern.texts[0] for name in _GONE)
    return "cibuildwheel 4 begins with Python 3.9" if old else "see --print-build-identifiers --archs all"
