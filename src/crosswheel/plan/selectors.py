"""Which identifiers a configuration selects: the rules of cibuildwheel's selector.py."""

import re
from collections.abc import Callable

from crosswheel.errors import NothingToBuildError
from crosswheel.model import Target
from crosswheel.plan.identifiers import TARGETS, parse
from crosswheel.plan.settings import Settings

# Pythons that are built only when their group is enabled. cpython-prerelease has none at present.
GROUPS = {
    "pp39": "pypy-eol",
    "pp310": "pypy-eol",
    "pp311": "pypy",
    "pp312": "pypy",
    "gp312_250": "graalpy",
    "gp313_253": "graalpy",
}


def select(settings: Settings) -> tuple[Target, ...]:
    """The targets selected, in the order of the table of identifiers, whether any source has them or not.

    :raises ConfigurationError: ``--only`` names no identifier.
    """
    if settings.only:
        parse(settings.only)
    rules = _rules(settings)
    return tuple(target for target in TARGETS if all(allows(target) for _, allows in rules))


def nothing(settings: Settings) -> NothingToBuildError:
    """The error for a configuration that selects nothing, with the rule that took the last target away."""
    left = TARGETS
    reason = ""
    for name, allows in _rules(settings):
        kept = tuple(filter(allows, left))
        if not kept:
            reason = name
            break
        left = kept
    build = " ".join(settings.build.texts)
    skip = " ".join(settings.skip.texts)
    patterns = f'build = "{build}"' + (f' and skip = "{skip}"' if skip else "")
    return NothingToBuildError(
        f"{patterns} selects nothing to build",
        cause=reason,
        remedy="see what there is with --print-build-identifiers --archs all",
    )


def _rules(settings: Settings) -> tuple[tuple[str, Callable[[Target], bool]], ...]:
    """Every rule that a target has to pass, with what is the case when none passes it."""
    archs = ", ".join(settings.architectures)
    return (
        ("no identifier matches build", lambda target: settings.build.matches(target.identifier)),
        ("skip matches all that build does", lambda target: not settings.skip.matches(target.identifier)),
        (f"none of them is for {archs} (archs)", lambda target: target.arch.name in settings.architectures),
        ("their group is not enabled (enable)", lambda target: enabled(target.python.tag, settings.enable)),
        (f"requires-python is {settings.requires_python}", _supports(settings.requires_python)),
    )


def enabled(tag: str, groups: frozenset[str]) -> bool:
    """Whether a Python is built without being asked for, or its group was.

    :param tag: the Python's tag: ``pp311``.
    """
    group = GROUPS.get(tag)
    return group is None or group in groups


def _supports(requires_python: str | None) -> Callable[[Target], bool]:
    if requires_python is None:
        return lambda _target: True
    at_least = re.fullmatch(r">=3\.(\d+)", requires_python)
    if at_least:  # nearly always; saves the import
        return lambda target: target.python.minor >= int(at_least[1])
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 -- slow to import

    specifier = SpecifierSet(requires_python)
    # As cibuildwheel does: the latest patch release of a minor version is meant.
    versions = {target.python.version for target in TARGETS}
    supported = {version for version in versions if specifier.contains(f"{version}.99")}
    return lambda target: target.python.version in supported
