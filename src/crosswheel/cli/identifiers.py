"""``--print-build-identifiers`` by a short way: shells and CI matrices ask for it, and click alone takes longer."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.cli import workplace
from crosswheel.cli.output import say

if TYPE_CHECKING:
    from crosswheel.config import Flags

_SWITCH = "--print-build-identifiers"
_VALUED = ("--archs", "--only", "--enable", "--platform", "--config-file")


def plainly(args: Sequence[str]) -> "tuple[Path, Flags, str | None] | None":
    """The package, the flags and the file of a command line that asks for identifiers and nothing else.

    :param args: without the program's name.
    :return: None for any other, and for one that has something wrong: those go the long way.
    """
    if args[:1] != ["build"] or args.count(_SWITCH) != 1:
        return None
    rest = [arg for arg in args[1:] if arg != _SWITCH]
    values: dict[str, list[str]] = {}
    packages: list[str] = []
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not name.startswith("-"):
            packages.append(name + equals + value)
        elif name not in _VALUED or not (equals or rest):
            return None
        else:
            values.setdefault(name, []).append(value if equals else rest.pop(0))
    platform = _last(values, "--platform")
    if len(packages) > 1 or platform not in (None, "auto", "linux"):
        return None
    from crosswheel.config import Flags

    flags = Flags(
        archs=_last(values, "--archs"),
        only=_last(values, "--only"),
        enable=tuple(values.get("--enable", ())),
        platform=platform,
    )
    return Path(*packages), flags, _last(values, "--config-file")


def _last(values: dict[str, list[str]], name: str) -> str | None:
    return values.get(name, [None])[-1]


def show(package: Path, flags: "Flags", config_file: str | None) -> None:
    """Print what is selected, a line for each.

    :raises CrosswheelError: the package or its configuration cannot be used.
    """
    from crosswheel import config, plan

    with workplace.directory_of(package) as directory:
        found = config.load(directory, config_file=config_file, environ=os.environ, flags=flags)
        for target in plan.select(found):
            say(target.identifier)
