"""Patterns that match nothing: an error in ``build``, a warning in ``skip``, ``test-skip`` and ``select``."""

from itertools import chain

from crosswheel.errors import ConfigurationError, Fault
from crosswheel.plan.identifiers import FOREIGN, TARGETS, unknown
from crosswheel.plan.selectors import GROUPS, enabled
from crosswheel.plan.settings import Patterns, Settings


def check_build(settings: Settings, *, lenient: bool) -> None:
    """Find patterns of ``build`` that cannot match, as cibuildwheel does.

    :param lenient: leave out wildcards that match nothing known; the caller says that nothing is selected.
    :raises ConfigurationError: with every such pattern.
    """
    faults = []
    for pattern in settings.build:
        if _means_something(pattern, settings.enable):
            continue
        group = _group_missing(pattern, settings.enable)
        if group:
            problem = f"{pattern.texts[0]} selects identifiers of the group {group}, which is not enabled"
            faults.append(Fault("build", problem, f"add {group} to enable"))
        elif pattern.exact:
            faults += [unknown(name, "build") for name in sorted(pattern.exact)]
        elif not lenient:
            faults.append(Fault("build", f"{pattern.texts[0]} matches no build identifier", _hint(pattern)))
    if faults:
        raise ConfigurationError(tuple(faults))


def warnings(settings: Settings) -> tuple[str, ...]:
    """A sentence for each pattern elsewhere that cannot match."""
    places = (("skip", settings.skip), ("test-skip", settings.test_skip), *settings.selects)
    return tuple(
        f"{place}: {pattern.texts[0]} matches no build identifier and has no effect"
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
    old = any(f"p{version}" in pattern.texts[0] for version in ("27", "35", "36", "37", "38"))
    return "cibuildwheel 4 begins with Python 3.9" if old else "see --print-build-identifiers --archs all"
