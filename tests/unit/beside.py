"""The real cibuildwheel beside crosswheel: the same project, variables and flags given to both."""

from collections.abc import Mapping
from pathlib import Path

from cibuildwheel.frontend import parse_config_settings
from cibuildwheel.options import BuildOptions, CommandLineArguments, _get_pinned_container_images
from cibuildwheel.options import Options as TheirOptions
from cibuildwheel.platforms import get_build_identifiers, linux
from cibuildwheel.util.packaging import DependencyConstraints

from crosswheel import config, plan
from crosswheel.config import environment
from crosswheel.config.options import REPAIR
from crosswheel.options import Options

_BASE = {"B": "base", "PATH": "/bin"}


def theirs(project: Path, environ: Mapping[str, str], flags: config.Flags) -> TheirOptions:
    arguments = CommandLineArguments.defaults()
    arguments.package_dir = project
    arguments.archs = flags.archs
    arguments.only = flags.only
    arguments.enable = list(flags.enable)
    return TheirOptions(platform="linux", command_line_arguments=arguments, env=environ)


def their_identifiers(project: Path, environ: Mapping[str, str], flags: config.Flags) -> list[str]:
    found = theirs(project, environ, flags).globals
    return get_build_identifiers(
        platform_module=linux, build_selector=found.build_selector, architectures=found.architectures
    )


def ours(project: Path, environ: Mapping[str, str], flags: config.Flags) -> config.Configuration:
    return config.load(project, config_file=None, environ=environ, flags=flags)


def our_identifiers(project: Path, environ: Mapping[str, str], flags: config.Flags) -> list[str]:
    return [target.identifier for target in plan.select(ours(project, environ, flags))]


def of_theirs(options: TheirOptions, identifier: str) -> dict[str, object]:
    """All options of one identifier that mean something on Linux, in plain values."""
    found = options.build_options(identifier)
    return {
        "before-all": found.before_all,
        "before-build": found.before_build,
        "before-test": found.before_test,
        "test-command": found.test_command,
        "test-skip": not options.globals.test_selector(identifier),
        "repair-wheel-command": found.repair_command,
        "test-requires": sorted(found.test_requires),
        "test-extras": tuple(filter(None, found.test_extras.strip("[]").split(","))),
        "test-groups": tuple(found.test_groups),
        "test-sources": tuple(found.test_sources),
        "build-verbosity": found.build_verbosity,
        "build-frontend": (found.build_frontend.name, tuple(found.build_frontend.args)),
        "config-settings": {
            key: tuple(held) if isinstance(held, list) else (held,)
            for key, held in parse_config_settings(found.config_settings).items()
        },
        "image": _image(found, identifier),
        "audit-command": tuple(found.audit_command),
        "audit-requires": tuple(found.audit_requires),
        "dependency-versions": _versions(found.dependency_constraints),
        "container-engine": (
            found.container_engine.name,
            found.container_engine.create_args,
            found.container_engine.disable_host_mount,
        ),
        "environment": found.environment.as_dictionary(_BASE, fake),
        "test-environment": found.test_environment.as_dictionary(_BASE, fake),
    }


def of_ours(
    found: Options, identifier: str, groups: tuple[str, ...], environ: Mapping[str, str]
) -> dict[str, object]:
    """The same of crosswheel.

    :param groups: the requirements of the dependency groups, which cibuildwheel puts into ``test-requires``.
    """
    repair = REPAIR if found.repair_wheel_command is None else found.repair_wheel_command
    passed = {name: environ[name] for name in found.environment_pass if name in environ}
    versions = found.dependency_versions
    return {
        "before-all": found.before_all,
        "before-build": found.before_build,
        "before-test": found.before_test,
        "test-command": found.test_command,
        "test-skip": found.test_skip,
        "repair-wheel-command": repair,
        "test-requires": sorted((*found.test_requires, *groups)),
        "test-extras": found.test_extras,
        "test-groups": found.test_groups,
        "test-sources": found.test_sources,
        "build-verbosity": found.build_verbosity,
        "build-frontend": (found.build_frontend.name, found.build_frontend.args),
        "config-settings": dict(found.config_settings),
        "image": pinned(found.image, identifier),
        "audit-command": found.audit_command,
        "audit-requires": found.audit_requires,
        "dependency-versions": (Path(versions.file).name, versions.packages),
        "container-engine": (
            found.container_engine.name,
            found.container_engine.create_args,
            found.container_engine.disable_host_mount,
        ),
        "environment": environment.evaluate(found.environment, {**_BASE, **passed}, fake),
        "test-environment": environment.evaluate(found.test_environment, _BASE, fake),
    }


def fake(argv: list[str], env: Mapping[str, str]) -> str:
    return f"<{'|'.join(argv)} {env.get('A', '')}>"


def pinned(image: str, identifier: str) -> str:
    """What cibuildwheel takes for an image; crosswheel runs none, and its default is empty."""
    libc, _, arch = identifier.partition("-")[2].partition("_")
    name = image or {"manylinux": _default(arch), "musllinux": "musllinux_1_2"}[libc]
    return _get_pinned_container_images()[arch].get(name, name)


def _default(arch: str) -> str:
    return {"armv7l": "manylinux_2_31", "riscv64": "manylinux_2_39"}.get(arch, "manylinux_2_28")


def _image(found: BuildOptions, identifier: str) -> str:
    libc, _, arch = identifier.partition("-")[2].partition("_")
    images = found.musllinux_images if libc == "musllinux" else found.manylinux_images
    assert images is not None
    return images[arch]


def _versions(found: DependencyConstraints) -> tuple[str, tuple[str, ...]]:
    """The name of the file and the packages; cibuildwheel's own pinned file counts as none."""
    if found == DependencyConstraints.pinned() or found.base_file_path is None:
        return "", tuple(found.packages)
    return found.base_file_path.name, tuple(found.packages)
