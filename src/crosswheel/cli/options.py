"""Options that commands share, and how they are grouped in the help."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from crosswheel.cli.names import nearest
from crosswheel.errors import ConfigurationError, Fault
from crosswheel.model import ENGINE_CHOICES, SOURCE_CHOICES, EngineChoice
from crosswheel.options import SANDBOX_CHOICES, SandboxChoice

Number = TypeVar("Number", int, float)
Decorator = Callable[[Callable[..., Any]], Any]


class SectionedCommand(click.Command):
    """A command whose help lists its options by section."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "section", "Output"), []).append(record)
        for section, records in sections.items():
            with formatter.section(section):
                formatter.write_dl(records)


class Group(click.Group):
    """Commands under one name: alone it prints its help; for one that is not known it names the nearest."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:  # click would print it as an error
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name in self.commands or name.startswith("-"):
            return super().resolve_command(ctx, args)
        raise ConfigurationError((Fault(name, "is not a command", self.hint(name)),))

    def hint(self, name: str) -> str:
        """What may be meant by a command that is not known."""
        return nearest(name, self.commands)


class _Option(click.Option):
    def __init__(self, *args: Any, section: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


def option(section: str, *names: str, **settings: Any) -> Decorator:
    """An option that the help lists under ``section``; the rest as in ``click.option``."""
    return click.option(*names, cls=_Option, section=section, **settings)


@dataclass(frozen=True)
class Selection:
    """What every command is told: what to build, and from what. None where the user said nothing."""

    package: Path
    archs: str | None
    only: str | None
    enable: tuple[str, ...]
    platform: str | None
    config_file: str | None
    engine: EngineChoice | None
    source: str | None
    sandbox: SandboxChoice | None
    mirror: str | None
    cache_dir: Path | None
    no_test: bool
    debug_traceback: bool


def one_of(names: tuple[str, ...]) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """A callback that lets only these names through."""

    def check(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        if value is None or value in names:
            return value
        raise ConfigurationError(
            (Fault(parameter.opts[-1], f"is {value!r}, which is not known", nearest(value, names)),)
        )

    return check


def quantity(name: str, form: Callable[[object], Number], value: str) -> Number:
    """The value of an option by a form of :mod:`crosswheel.config.forms`.

    :raises ConfigurationError: it is none.
    """
    from crosswheel.config.malformed import MalformedError

    try:
        return form(value)
    except MalformedError as error:
        raise ConfigurationError((Fault(name, error.problem, error.hint),)) from None


_PACKAGE = click.argument("package", default=".", type=click.Path(path_type=Path))
_WHICH, _HOW = "Which wheels", "How"
_ENGINE = option(
    _HOW,
    "--engine",
    metavar="NAME",
    callback=one_of(ENGINE_CHOICES),
    help="auto (the fastest that serves), native, cross, hybrid, hybrid-gcc or emulated (CROSSWHEEL_ENGINE).",
)
_CACHE = option(
    _HOW,
    "--cache-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Keep fetched parts here (CROSSWHEEL_CACHE, CIBW_CACHE_PATH).",
)
_OF_SEVERAL = (
    option(
        _WHICH, "--archs", metavar="LIST", help="Architectures, by commas: aarch64,armv7l; auto, native, all."
    ),
    option(_WHICH, "--only", metavar="IDENTIFIER", help="One wheel, as cp311-manylinux_aarch64."),
    option(
        _WHICH, "--enable", metavar="GROUP", multiple=True, help="Add a group: cpython-prerelease, pypy, ..."
    ),
    option(_WHICH, "--platform", metavar="auto|linux", help="Only Linux is built from here."),
)
_NO_TEST = option(_HOW, "--no-test", is_flag=True, help="Neither test nor import the wheels.")
_SELECTION = (
    *_OF_SEVERAL,
    option(_WHICH, "--config-file", metavar="FILE", help="Read this TOML file, not pyproject.toml."),
    _ENGINE,
    option(
        _HOW,
        "--source",
        metavar="NAME",
        callback=one_of(SOURCE_CHOICES),
        help=f"Where target Pythons come from: one of {', '.join(SOURCE_CHOICES)} (CROSSWHEEL_SOURCE).",
    ),
    option(
        _HOW,
        "--sandbox",
        metavar="NAME",
        callback=one_of(SANDBOX_CHOICES),
        help="Where commands run: auto, namespace, container (docker, podman) or host: on this machine without "
        "isolation, for its own architecture (CROSSWHEEL_SANDBOX).",
    ),
    option(_HOW, "--mirror", metavar="URL", help="Fetch Debian's packages from this mirror."),
    _CACHE,
    _NO_TEST,
)
JOBS = option(
    _HOW,
    "--jobs",
    "-j",
    metavar="N|auto",
    help="How many wheels are built at once (CROSSWHEEL_JOBS; auto: as many as there are cores).",
)
SHARD = option(
    _WHICH,
    "--shard",
    metavar="2/5",
    help="The second of five parts of about the same work; the same parts on every machine.",
)
DEBUG = option("Output", "--debug-traceback", is_flag=True, help="Show Python's traceback of an error.")


def selection(*further: Decorator, engine: bool = True, which: bool = True, cache: bool = True) -> Decorator:
    """PACKAGE, the options of :class:`Selection`, and a command's own options.

    :param engine: whether ``--engine`` is one of them; so is ``cache`` for ``--cache-dir``.
    :param which: whether those are that select several wheels, and leave their test out.
    """
    kept = ((engine, (_ENGINE,)), (which, (*_OF_SEVERAL, _NO_TEST)), (cache, (_CACHE,)))
    left_out = [one for wanted, options in kept if not wanted for one in options]
    shared = tuple(one for one in _SELECTION if one not in left_out)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        # A decorator nearer to the function comes later in the help.
        decorators: tuple[Decorator, ...] = (_PACKAGE, *shared, *further, DEBUG)
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate
