"""What the configuration says, after precedence."""

from dataclasses import dataclass, field
from typing import TypeVar

from crosswheel.config import options as table
from crosswheel.config.files import Files
from crosswheel.config.layers import Layer, resolve
from crosswheel.config.options import Option
from crosswheel.config.own import Own
from crosswheel.config.patterns import Patterns
from crosswheel.model import EngineChoice, Libc
from crosswheel.options import Options, SandboxChoice

T = TypeVar("T")


@dataclass(frozen=True)
class Flags:
    """What the command line says; it wins over files and variables.

    :param archs: as ``--archs``: names parted by commas.
    :param only: one identifier.
    :param enable: groups, each value as the flag was given.
    :param platform: ``linux`` or ``auto``.
    :param engine: the engine of every wheel; so is ``source`` that of every Python, and ``sandbox`` of commands.
    """

    archs: str | None = None
    only: str | None = None
    enable: tuple[str, ...] = ()
    platform: str | None = None
    engine: str | None = None
    source: str | None = None
    sandbox: str | None = None
    jobs: str | None = None
    memory: str | None = None
    time_limit: str | None = None


@dataclass(frozen=True)
class Configuration:
    """The configuration of one project.

    :param only: the identifier of ``--only``; else empty.
    :param enable: names of groups of identifiers that are not on by themselves.
    :param architectures: names, in the order of the table of architectures.
    :param requires_python: a PEP 440 specifier, or None.
    :param layers: the values set, lowest first.
    :param files: where the values come from.
    :param own: what ``[tool.crosswheel]`` and its like say.
    :param warnings: what a person should know, a sentence each.
    """

    build: Patterns
    skip: Patterns
    test_skip: Patterns
    only: str
    enable: frozenset[str]
    architectures: tuple[str, ...]
    requires_python: str | None
    layers: tuple[Layer, ...]
    own: Own
    warnings: tuple[str, ...]
    files: Files = field(default_factory=lambda: Files({}))

    @property
    def selects(self) -> tuple[tuple[str, Patterns], ...]:
        """The patterns of the overrides, each with its key path."""
        selects = [layer.select for layer in self.layers if layer.select is not None]
        return (
            *((f"tool.cibuildwheel.overrides[{number}].select", one) for number, one in enumerate(selects)),
            *self.own.selects,
        )

    def place_of(self, option: str) -> str:
        """The key path or variable that sets an option of the whole project; its name where nothing does."""
        return next(
            (layer.places[option] for layer in reversed(self.layers) if option in layer.places), option
        )

    def line_of(self, place: str) -> str:
        """``pyproject.toml:12`` for a key path; nothing for the place of a variable or a flag."""
        return self.files.line_of(place)

    def located(self, place: str) -> str:
        """A place with its line before it, as sentences begin."""
        return self.files.located(place)

    @property
    def source(self) -> str:
        """Where target Pythons come from: one of ``SOURCE_CHOICES``."""
        return self.own.source

    @property
    def sandbox(self) -> SandboxChoice:
        """Where commands run."""
        return self.own.sandbox

    @property
    def sandbox_place(self) -> str:
        """The flag, variable or key path that says so."""
        return self.own.sandbox_place

    def engine_for(self, identifier: str) -> tuple[EngineChoice, str]:
        """The engine of an identifier, or ``auto``, and the place that says so."""
        return self.own.engine_for(identifier)

    def options_for(self, identifier: str) -> Options:
        """The options of one identifier.

        :param identifier: a Linux identifier: ``cp311-manylinux_aarch64``.
        """

        def get(option: Option[T]) -> T:
            return resolve(option, self.layers, identifier)

        repair = get(table.REPAIR_WHEEL_COMMAND)
        return Options(
            environment=get(table.ENVIRONMENT),
            environment_pass=get(table.ENVIRONMENT_PASS),
            before_all=get(table.BEFORE_ALL),
            before_build=get(table.BEFORE_BUILD),
            build_frontend=get(table.BUILD_FRONTEND),
            build_verbosity=get(table.BUILD_VERBOSITY),
            config_settings=get(table.CONFIG_SETTINGS),
            repair_wheel_command=None if repair == table.REPAIR else repair,
            before_test=get(table.BEFORE_TEST),
            test_command=get(table.TEST_COMMAND),
            test_requires=get(table.TEST_REQUIRES),
            test_extras=get(table.TEST_EXTRAS),
            test_groups=get(table.TEST_GROUPS),
            test_sources=get(table.TEST_SOURCES),
            test_environment=get(table.TEST_ENVIRONMENT),
            test_skip=self.test_skip.matches(identifier),
            audit_command=get(table.AUDIT_COMMAND),
            audit_requires=get(table.AUDIT_REQUIRES),
            dependency_versions=get(table.DEPENDENCY_VERSIONS),
            container_engine=get(table.CONTAINER_ENGINE),
            image=get(_image(identifier)),
        )


def _image(identifier: str) -> Option[str]:
    libc, _, arch = identifier.partition("-")[2].partition("_")
    found: Libc = "musllinux" if libc == "musllinux" else "manylinux"
    return table.IMAGES[found, arch]
