"""The options of a job: values of ``[tool.cibuildwheel]`` and ``[tool.crosswheel]``, frozen."""

from dataclasses import dataclass, field
from typing import Literal, get_args

SandboxChoice = Literal["auto", "namespace", "container", "host"]
SANDBOX_CHOICES: tuple[SandboxChoice, ...] = get_args(SandboxChoice)


@dataclass(frozen=True)
class Frontend:
    """``build-frontend``: a name and further arguments."""

    name: Literal["build", "build[uv]", "uv", "pip"] = "build"
    args: tuple[str, ...] = ()

    @property
    def isolated(self) -> bool:
        return not {"--no-isolation", "-n", "--no-build-isolation", "-nx", "-xn"} & set(self.args)

    @property
    def verbose(self) -> bool:
        """Whether a person wants to see the build backend's output."""
        return bool({"--verbose", "-v", "-vv", "-vvv"} & set(self.args))


@dataclass(frozen=True)
class ContainerEngine:
    """``container-engine``: the program that runs images, with further arguments of its ``create``.

    :param disable_host_mount: whether files are copied into containers and out of them, never mounted.
    :param named: whether the configuration says so, or this is the default.
    """

    name: Literal["docker", "podman"] = "docker"
    create_args: tuple[str, ...] = ()
    disable_host_mount: bool = False
    named: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Sandboxing:
    """Where commands run.

    :param keep: whether containers stay when their commands have ended (``CIBW_DEBUG_KEEP_CONTAINER``).
    """

    choice: SandboxChoice = "auto"
    keep: bool = False


AUTO_SANDBOX = Sandboxing()


@dataclass(frozen=True)
class DependencyVersions:
    """``dependency-versions``: constraints for the tools that are installed around a build.

    :param file: a file of constraints, relative to the working directory; empty for none.
    """

    file: str = ""
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """All options of one job after precedence and overrides; names as in ``[tool.cibuildwheel]``.

    Commands are one shell line (lists are already joined by ``&&``) with placeholders not yet filled in.

    :param environment: bash assignments in order, ``(name, value in bash syntax)``.
    :param config_settings: PEP 517 config settings; a key given more than once has several values.
    :param repair_wheel_command: None for the built-in repair, an empty string for no repair.
    :param test_sources: files and directories of the project that are copied to where the test runs.
    :param audit_command: shell lines, each with ``{wheel}`` or, for abi3 wheels alone, ``{abi3_wheel}``.
    :param image: the policy or image named for the target's architecture (``manylinux_2_28``); may be empty.
    """

    environment: tuple[tuple[str, str], ...] = ()
    environment_pass: tuple[str, ...] = ()
    before_all: str = ""
    before_build: str = ""
    build_frontend: Frontend = Frontend()
    build_verbosity: int = 0
    config_settings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    repair_wheel_command: str | None = None
    before_test: str = ""
    test_command: str = ""
    test_requires: tuple[str, ...] = ()
    test_extras: tuple[str, ...] = ()
    test_groups: tuple[str, ...] = ()
    test_sources: tuple[str, ...] = ()
    test_environment: tuple[tuple[str, str], ...] = ()
    test_skip: bool = False
    audit_command: tuple[str, ...] = ("abi3audit --strict --report {abi3_wheel}",)
    audit_requires: tuple[str, ...] = ("abi3audit",)
    dependency_versions: DependencyVersions = DependencyVersions()
    container_engine: ContainerEngine = ContainerEngine()
    image: str = ""
