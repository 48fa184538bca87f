"""What build systems are told of a target, one file each, all from one record (``engines/record.py``).

A build system joins by a function from a record to a :class:`Recipe` and a place in ``_BUILD_SYSTEMS``. Autoconf
needs none: ``uname`` and ``CC`` answer for the target, and what it starts is emulated.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from crosswheel.engines.backends import cargo, cmake, meson, parallel, pkg_config
from crosswheel.engines.backends.names import name_of
from crosswheel.engines.backends.recipe import Recipe
from crosswheel.engines.record import TargetRecord

__all__ = ["Recipe", "cargo", "lay", "merged", "parallel", "recipes", "settings"]

_BUILD_SYSTEMS = (meson.recipe, cmake.recipe, pkg_config.recipe)


def recipes(record: TargetRecord) -> tuple[Recipe, ...]:
    """What every build system is told of the target."""
    return tuple(recipe(record) for recipe in _BUILD_SYSTEMS)


def lay(told: Iterable[Recipe], job: Path) -> dict[str, str]:
    """Write the files.

    :param job: the job's directory on the host, seen as ``/crosswheel/job``.
    :return: the variables that name them.
    """
    env: dict[str, str] = {}
    for recipe in told:
        for name, text in recipe.files.items():
            (job / name).parent.mkdir(parents=True, exist_ok=True)
            (job / name).write_text(text, encoding="utf-8")
        env.update(recipe.env)
    return env


def settings(told: Iterable[Recipe], requires: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The config settings for the backend among these requirements (``requires`` of ``[build-system]``)."""
    names = {name_of(text) for text in requires}
    return {key: values for one in told if one.package in names for key, values in one.settings.items()}


def merged(
    first: Mapping[str, tuple[str, ...]], own: Iterable[tuple[str, tuple[str, ...]]]
) -> dict[str, str | list[str]]:
    """Config settings as PEP 517 hands them on, the project's ``own`` behind: the last word is the project's."""
    values = dict(first)
    for key, further in own:
        values[key] = (*values.get(key, ()), *further)
    return {key: found[0] if len(found) == 1 else list(found) for key, found in values.items()}
