"""Wheel + fresh site -> tested: its requirements unpacked natively, only the test command emulated."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from dependency_groups import resolve

from crosswheel.errors import ConfigurationError, Fault, StepError
from crosswheel.model import Options
from crosswheel.seams import Mount, Sandbox
from crosswheel.site import places
from crosswheel.site.commands import fill, shell
from crosswheel.site.environments import TargetEnvironment, installer_programs
from crosswheel.site.site import Site
from crosswheel.testing import sources

_VENV = f"{places.BASE}/venv"
_WHEEL = f"{places.BASE}/wheel"
_ELSEWHERE = f"{places.BASE}/test"  # not the project: the test must import what is installed


def test(
    site: Site, wheel: Path, modules: tuple[str, ...], options: Options, package: str, env: Mapping[str, str]
) -> None:
    """Install the wheel into a fresh environment of the target and run the test command.

    Without a test command every module in ``modules`` is imported.

    :param package: the package's directory relative to the project.
    :param env: the variables of the test; nothing of the build's comes in.
    :raises StepError: a requirement cannot be had, the wheel cannot be installed, or the test failed.
    """
    environment = TargetEnvironment(site, _VENV, env)
    wheel_mount = Mount(wheel, f"{_WHEEL}/{wheel.name}")
    elsewhere = Mount(site.directory("test"), _ELSEWHERE, writable=True)
    sandbox = site.make_sandbox(site.target_view(environment.mount, wheel_mount, elsewhere))
    variables = {**env, "VIRTUAL_ENV": _VENV, "PATH": f"{_VENV}/bin:{env.get('PATH', places.SYSTEM_PATH)}"}
    if options.before_test and options.test_command:
        environment.install(installer_programs(options.build_frontend))
        command = fill(options.before_test, package=package, wheel=wheel_mount.target)
        shell(sandbox, command, variables, "before-test")
    wanted = _wanted(wheel, wheel_mount.target, options, site.directory("project") / package)
    try:
        environment.install(wanted, mounts=(wheel_mount,))
    except StepError as error:  # a lower rung of the ladder would install the same
        raise StepError("test", error.command, error.returncode, error.tail) from None
    if options.test_command:
        sources.lay_out(site.directory("project"), options.test_sources, site.directory("test"))
        command = fill(options.test_command, package=package, wheel=wheel_mount.target)
        shell(sandbox, command, variables, "test", cwd=_ELSEWHERE)
    else:
        _import(sandbox, environment.python, modules, variables)


def _wanted(wheel: Path, place: str, options: Options, package: Path) -> list[str]:
    """What a test needs; an import needs the wheel alone, as the rest is for a test command."""
    if not options.test_command:
        return [f"{_name(wheel)} @ file://{place}"]
    extras = f"[{','.join(options.test_extras)}]" if options.test_extras else ""
    groups = _grouped(package, options.test_groups)
    return [f"{_name(wheel)}{extras} @ file://{place}", *options.test_requires, *groups]


def _import(sandbox: Sandbox, python: str, modules: tuple[str, ...], env: Mapping[str, str]) -> None:
    statement = "; ".join(f"import {module}" for module in modules)
    done = sandbox.run([python, "-c", statement], cwd=_ELSEWHERE, env=env)
    if done.returncode != 0:
        raise StepError("test", f"python -c '{statement}'", done.returncode, done.tail)


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
