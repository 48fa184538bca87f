"""What one family of build systems is told of a target."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recipe:
    """Files, variables and config settings that make a build system build for a target.

    Files and variables are there in every build: a ``setup.py`` may start any build system.

    :param files: texts by their names in the job's directory.
    :param env: variables of every command of the build; a project's own come on top.
    :param settings: config settings (PEP 517), put before the project's own.
    :param package: the build backend that takes ``settings``, by its normalized name; others may refuse them.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    package: str = ""
