"""The table of options: for each what it takes, how it inherits, where it may stand.

The names, defaults and rules are those of cibuildwheel 4.3 (its options.py and defaults.toml).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from crosswheel.architectures import ARCHITECTURES
from crosswheel.config import forms, tools
from crosswheel.config.environment import Assignments
from crosswheel.config.patterns import Patterns
from crosswheel.options import ContainerEngine, DependencyVersions, Frontend, Options

T = TypeVar("T")

REPAIR = "auditwheel repair -w {dest_dir} {wheel}"


@dataclass(frozen=True)
class Option(Generic[T]):
    """One option.

    :param name: its key in TOML.
    :param about: what it says, one sentence for people.
    :param read: makes its value from a form of it; raises MalformedError.
    :param join: puts two values together for ``inherit``; None where it does not inherit.
    :param whole: it is read once for the whole project, so an override cannot set it.
    :param linux_variable: whether ``CIBW_X_LINUX`` is read.
    :param variable_adds: its variable adds to the value in the file instead of replacing it.
    :param skips_empty: an empty value counts as unset.
    :param linux_table: whether it may stand in ``[tool.cibuildwheel.linux]``.
    :param elsewhere: checks the values that other platforms take; None where they are the same.
    """

    name: str
    about: str
    read: Callable[[object], T]
    default: T
    join: Callable[[T, T], T] | None = None
    whole: bool = False
    linux_variable: bool = True
    variable_adds: bool = False
    skips_empty: bool = False
    linux_table: bool = True
    elsewhere: Callable[[object], object] | None = None

    @property
    def read_elsewhere(self) -> Callable[[object], object]:
        return self.elsewhere or self.read

    @property
    def variable(self) -> str:
        return "CIBW_" + self.name.upper().replace("-", "_")


def _join_patterns(before: Patterns, after: Patterns) -> Patterns:
    return Patterns(before.texts + after.texts)


def _join_tuples(before: tuple[T, ...], after: tuple[T, ...]) -> tuple[T, ...]:
    return before + after


def _join_commands(before: str, after: str) -> str:
    return " && ".join(part for part in (before, after) if part)


def _join_groups(before: frozenset[str], after: frozenset[str]) -> frozenset[str]:
    return before | after


def _join_architectures(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    return forms.ordered({*before, *after})


def _join_settings(before: forms.Settings, after: forms.Settings) -> forms.Settings:
    return tuple({**dict(before), **dict(after)}.items())


def _keep_last(_before: object, after: object) -> object:
    return after


def _patterns(name: str, about: str, default: Patterns) -> Option[Patterns]:
    return Option(name, about, forms.patterns, default, _join_patterns, whole=True, linux_variable=False)


def _command(
    name: str, about: str, read: Callable[[object], str] = forms.command, default: str = ""
) -> Option[str]:
    return Option(name, about, read, default, _join_commands)


def _list(name: str, about: str, read: Callable[[object], tuple[str, ...]]) -> Option[tuple[str, ...]]:
    return Option(name, about, read, (), _join_tuples)


def _assignments(name: str, about: str) -> Option[Assignments]:
    return Option(name, about, forms.assignments, (), _join_tuples)


BUILD = _patterns("build", "Patterns of the identifiers to build.", Patterns(("*",)))
SKIP = _patterns("skip", "Patterns of the identifiers to leave out.", Patterns())
TEST_SKIP = _patterns("test-skip", "Patterns of the identifiers that are built and not tested.", Patterns())
ENABLE: Option[frozenset[str]] = Option(
    "enable",
    "Groups of identifiers that are not built by themselves.",
    forms.groups,
    frozenset(),
    _join_groups,
    whole=True,
    linux_variable=False,
    variable_adds=True,
)
ARCHS = Option(
    "archs",
    "The architectures to build for.",
    forms.architectures,
    forms.architectures("auto"),
    _join_architectures,
    whole=True,
    skips_empty=True,
    elsewhere=forms.architectures_elsewhere,
)
ENVIRONMENT = _assignments("environment", "Variables of the build; their values are expanded as in bash.")
ENVIRONMENT_PASS = _list(
    "environment-pass", "Names of variables of this machine that the build sees.", forms.words
)
BEFORE_ALL = _command("before-all", "A shell command run once before the first build in a root.")
BEFORE_BUILD = _command("before-build", "A shell command run before each build.", forms.modern_command)
BUILD_FRONTEND = Option(
    "build-frontend",
    "The tool that builds the wheel, with its arguments.",
    tools.frontend,
    Frontend(),
    linux_variable=False,
    elsewhere=tools.frontend_elsewhere,
)
BUILD_VERBOSITY = Option("build-verbosity", "How much the frontend says, from -3 to 3.", forms.verbosity, 0)
CONFIG_SETTINGS: Option[forms.Settings] = Option(
    "config-settings", "Settings for the build backend (PEP 517).", forms.settings, (), _join_settings
)
REPAIR_WHEEL_COMMAND = _command(
    "repair-wheel-command", "A shell command that repairs each wheel; empty for none.", default=REPAIR
)
BEFORE_TEST = _command("before-test", "A shell command run before each test.")
TEST_COMMAND = _command("test-command", "A shell command that tests each wheel.", forms.modern_command)
TEST_REQUIRES = _list("test-requires", "What to install for the test.", forms.requirements)
TEST_EXTRAS = _list("test-extras", "Extras of the wheel to install for the test.", forms.names)
TEST_GROUPS = _list("test-groups", "Dependency groups to install for the test (PEP 735).", forms.words)
TEST_SOURCES = _list(
    "test-sources", "Files of the project to copy to where the test runs.", forms.requirements
)
TEST_ENVIRONMENT = _assignments("test-environment", "Variables of the test, above those of the build.")


def _image(name: str) -> Option[str]:
    return Option(
        name,
        "An image or its alias; the policy named is the floor of glibc.",
        forms.image,
        "",
        skips_empty=True,
    )


IMAGES = {
    (libc, arch): _image(f"{libc}-{arch}-image")
    for libc in ("manylinux", "musllinux")
    for arch in ARCHITECTURES
}
# cibuildwheel takes these too, but builds every PyPy in the image of its architecture.
PYPY_IMAGES = tuple(_image(f"manylinux-pypy_{arch}-image") for arch in ("x86_64", "i686", "aarch64"))

AUDIT_COMMAND = Option(
    "audit-command",
    "Shell commands that audit each {wheel}, or each {abi3_wheel} alone, after its repair.",
    tools.audit_commands,
    Options().audit_command,
    _join_tuples,
)
AUDIT_REQUIRES = Option(
    "audit-requires",
    "What to install for the audit.",
    forms.requirements,
    Options().audit_requires,
    _join_tuples,
)
DEPENDENCY_VERSIONS = Option(
    "dependency-versions",
    "Versions of the tools that build: pinned, latest, a file or packages.",
    tools.dependency_versions,
    DependencyVersions(),
    linux_table=False,
)
CONTAINER_ENGINE = Option(
    "container-engine",
    "The program that runs images, with its arguments.",
    tools.container_engine,
    ContainerEngine(),
)

_OTHER_PLATFORMS: tuple[Option[Any], ...] = (
    Option("xbuild-tools", "Programs that a build for iOS sees.", forms.words, None, _keep_last),
    Option("xbuild-files", "Files of packages that a build for iOS or Android sees.", forms.settings, None),
    Option("test-runtime", "Arguments of what runs the tests of iOS and Android.", tools.test_runtime, None),
    Option("pyodide-version", "The version of Pyodide.", forms.text, None, linux_variable=False),
)

_SUPPORTED: tuple[Option[Any], ...] = (
    *(BUILD, SKIP, TEST_SKIP, ENABLE, ARCHS),
    *(ENVIRONMENT, ENVIRONMENT_PASS, BEFORE_ALL, BEFORE_BUILD),
    *(BUILD_FRONTEND, BUILD_VERBOSITY, CONFIG_SETTINGS, REPAIR_WHEEL_COMMAND),
    *(BEFORE_TEST, TEST_COMMAND, TEST_REQUIRES, TEST_EXTRAS, TEST_GROUPS, TEST_SOURCES, TEST_ENVIRONMENT),
    *(AUDIT_COMMAND, AUDIT_REQUIRES, DEPENDENCY_VERSIONS, CONTAINER_ENGINE),
    *(*IMAGES.values(), *PYPY_IMAGES),
)

OPTIONS: Mapping[str, Option[Any]] = {option.name: option for option in (*_SUPPORTED, *_OTHER_PLATFORMS)}

PLATFORMS = ("linux", "macos", "windows", "pyodide", "android", "ios")
