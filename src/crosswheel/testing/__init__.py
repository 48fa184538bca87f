"""Wheel + fresh site -> tested: its requirements unpacked natively, only the test command emulated."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dependency_groups import resolve

from crosswheel.errors import ConfigurationError, Fault, StepError
from crosswheel.options import Options
from crosswheel.seams import Mount, Sandbox
from crosswheel.site import places
from crosswheel.site.commands import fill, shell
from crosswheel.site.environments import TargetEnvironment, installer_programs
from crosswheel.site.site import Site
from crosswheel.testing import sources

_VENV = f"{places.BASE}/venv"
_WHEEL = f"{places.BASE}/wheel"
_ELSEWHERE = f"{places.BASE}/test"  # not the project: the test must import what is installed


@dataclass(frozen=True)
class Prepared:
    """A wheel installed where it is tested, and the command that tests it.

    :param sandbox: makes the sandbox, given further mounts.
    :param text: the command for people.
    :param mounts: what the sandbox sees beyond the project.
    """

    sandbox: Callable[[tuple[Mount, ...]], Sandbox]
    argv: tuple[str, ...]
    text: str
    env: Mapping[str, str]
    mounts: tuple[Mount, ...]
    cwd: str = _ELSEWHERE


def test(
    site: Site, wheel: Path, modules: tuple[str, ...], options: Options, package: str, env: Mapping[str, str]
) -> None:
    """Install the wheel into a fresh environment of the target and run the test command.

    Without a test command every module in ``modules`` is imported.

    :param package: the package's directory relative to the project.
    :param env: the variables of the test; nothing of the build's comes in.
    :raises StepError: a requirement cannot be had, the wheel cannot be installed, or the test failed.
    """
    prepared = prepare(site, wheel, modules, options, package, env)
    done = prepared.sandbox(()).run(prepared.argv, cwd=prepared.cwd, env=prepared.env)
    if done.returncode != 0:
        raise StepError("test", prepared.text, done.returncode, done.tail)


def prepare(
    site: Site,
    wheel: Path,
    modules: tuple[str, ...],
    options: Options,
    package: str,
    env: Mapping[str, str],
    *,
    installed: bool = False,
) -> Prepared:
    """Everything before the test command; see :func:`test`.

    :param installed: the site is what an earlier test left: nothing is installed or run.
    """
    environment = TargetEnvironment(site, _VENV, env)
    wheel_mount = Mount(wheel, f"{_WHEEL}/{wheel.name}")
    elsewhere = Mount(site.directory("test"), _ELSEWHERE, writable=True)

    mounts = (environment.mount, wheel_mount, elsewhere)

    def sandbox(further: tuple[Mount, ...]) -> Sandbox:
        return site.make_sandbox(site.target_view(*mounts, *further))

    variables = {**env, "VIRTUAL_ENV": _VENV, "PATH": f"{_VENV}/bin:{env.get('PATH', places.SYSTEM_PATH)}"}
    if not installed:
        _install(site, environment, sandbox(()), wheel_mount, options, package, variables)
    if options.test_command:
        command = fill(options.test_command, package=package, wheel=wheel_mount.target)
        return Prepared(sandbox, ("sh", "-c", command), command, variables, mounts)
    statement = "; ".join(f"import {module}" for module in modules)
    return Prepared(
        sandbox, (environment.python, "-c", statement), f"python -c '{statement}'", variables, mounts
    )


def _install(
    site: Site,
    environment: TargetEnvironment,
    sandbox: Sandbox,
    wheel: Mount,
    options: Options,
    package: str,
    variables: Mapping[str, str],
) -> None:
    assert isinstance(wheel.source, Path)
    if options.before_test and options.test_command:
        environment.install(installer_programs(options.build_frontend))
        command = fill(options.before_test, package=package, wheel=wheel.target)
        shell(sandbox, command, variables, "before-test")
    wanted = _wanted(wheel.source, wheel.target, options, site.directory("project") / package)
    try:
        environment.install(wanted, mounts=(wheel,))
    except StepError as error:  # a lower rung of the ladder would install the same
        raise StepError("test", error.command, error.returncode, error.tail) from None
    if options.test_command:
        sources.lay_out(site.directory("project"), options.test_sources, site.directory("test"))


def _wanted(wheel: Path, place: str, options: Options, package: Path) -> list[str]:
    """What a test needs; an import needs the wheel alone, as the rest is for a test command."""
    if not options.test_command:
        return [f"{_name(wheel)} @ file://{place}"]
    extras = f"[{','.join(options.test_extras)}]" if options.test_extras else ""
    groups = _grouped(package, options.test_groups)
    return [f"{_name(wheel)}{extras} @ file://{place}", *options.test_requires, *groups]


def _grouped(package: Path, groups: tuple[str, ...]) -> tuple[str, ...]:
    """The requirements of dependency groups (PEP 735)."""
    if not groups:
        return ()
    table = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))
    try:
        return resolve(table.get("dependency-groups", {}), *groups)
    except (LookupError, TypeError, ValueError) as error:  # what dependency-groups raises for a wrong table
        raise ConfigurationError((Fault("dependency-groups", str(error)),)) from None


def _name(wheel: Path) -> str:
    return wheel.name.split("-", 1)[0]
