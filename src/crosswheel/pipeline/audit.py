"""``audit-command``: a project's own checks of its wheels, after the repair and before the test."""

from pathlib import Path

from crosswheel.errors import AuditError, StepError
from crosswheel.model import Python
from crosswheel.options import DependencyVersions, Options
from crosswheel.seams import Mount
from crosswheel.site import places
from crosswheel.site.commands import fill, shell
from crosswheel.site.environments import NativeEnvironment
from crosswheel.site.site import Site

_ENVIRONMENT = f"{places.BASE}/audit"
_CONSTRAINTS = "audit-constraints.txt"
_WHEEL_IN = f"{places.BASE}/wheel"


def commands(options: Options, *, abi3: bool) -> tuple[str, ...]:
    """The audit commands that a wheel is to pass; one that names no wheel is for every one.

    :param abi3: whether it is for the stable ABI, for which ``{abi3_wheel}`` stands.
    """
    return tuple(line for line in options.audit_command if abi3 or "{abi3_wheel}" not in line)


def audit(site: Site, wheel: Path, lines: tuple[str, ...], options: Options, package: str) -> None:
    """Run audit commands on this machine: they read the wheel, they do not run it.

    :param package: the package's directory relative to the project.
    :raises AuditError: one of them failed.
    :raises StepError: what they require cannot be installed.
    """
    environment = NativeEnvironment(site, _ENVIRONMENT, _constraints(site, options))
    environment.install(options.audit_requires)
    mount = Mount(wheel, f"{_WHEEL_IN}/{wheel.name}")
    sandbox = site.make_sandbox(site.native_view(environment.mount, mount))
    env = {
        "PATH": f"{_ENVIRONMENT}/bin:{places.SYSTEM_PATH}",
        "VIRTUAL_ENV": _ENVIRONMENT,
        "HOME": places.HOME,
    }
    for line in lines:
        command = fill(line, package=package, wheel=mount.target, abi3_wheel=mount.target)
        try:
            shell(sandbox, command, env, "audit")
        except StepError as error:
            raise AuditError("audit", error.command, error.returncode, error.tail) from None


def constraints(versions: DependencyVersions, python: Python) -> str:
    """The lines of ``dependency-versions`` for a Python; nothing where it names none.

    Beside ``constraints.txt`` there may be a ``constraints-python311.txt``, which then holds for that Python.

    :raises OSError: the file cannot be read.
    """
    if not versions.file:
        return "\n".join(versions.packages)
    file = Path(versions.file)
    own = file.with_name(f"{file.stem}-python{python.major}{python.minor}{file.suffix}")
    return (own if own.exists() else file).read_text(encoding="utf-8")


def _constraints(site: Site, options: Options) -> dict[str, str]:
    """As cibuildwheel: for its default requirement alone, which is not the project's to pin."""
    text = constraints(options.dependency_versions, site.target.python)
    if not text or options.audit_requires != Options().audit_requires:
        return {}
    (site.directory("job") / _CONSTRAINTS).write_text(text, encoding="utf-8")
    return {"UV_CONSTRAINT": f"{places.JOB}/{_CONSTRAINTS}"}
