"""A wheel by way of a build backend's PEP 517 hooks, called in a workshop.

Whatever frontend a project names, these are the calls it would make.
"""

import json
import shutil
import tempfile
import tomllib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyproject_hooks

from crosswheel.engines.workshop import Workshop
from crosswheel.errors import ConfigurationError, CrosswheelError, Fault, NoWheelError, StepError
from crosswheel.seams import Mount
from crosswheel.site import places
from crosswheel.site.environments import Environment

_SCRIPT = Path(pyproject_hooks.__file__).parent / "_in_process"
# What frontends take where pyproject.toml names no backend (PEP 517, "source trees").
_LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
_LEGACY_REQUIRES = ("setuptools>=40.8.0",)


@dataclass(frozen=True)
class BuildSystem:
    """The ``[build-system]`` table (PEP 518)."""

    requires: tuple[str, ...] = _LEGACY_REQUIRES
    backend: str = _LEGACY_BACKEND
    backend_path: tuple[str, ...] = ()


def build_system(package: Path) -> BuildSystem:
    """Read ``[build-system]`` of the package.

    :raises ConfigurationError: the table breaks PEP 518.
    """
    try:
        table = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8")).get("build-system")
    except FileNotFoundError:
        return BuildSystem()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError((Fault("pyproject.toml", f"is not TOML: {error}"),)) from None
    if table is None:
        return BuildSystem()
    if not isinstance(table, dict):
        raise ConfigurationError((Fault("build-system", "must be a table (PEP 518)"),))
    backend = table.get("build-backend", _LEGACY_BACKEND)
    faults = [
        Fault(f"build-system.{key}", "must be a list of strings (PEP 518)")
        for key in ("requires", "backend-path")
        if key in table and not _strings(table[key])
    ]
    if "requires" not in table:
        faults.append(Fault("build-system.requires", "is missing (PEP 518)"))
    if not isinstance(backend, str):
        faults.append(Fault("build-system.build-backend", "must be a string (PEP 517)"))
    if faults:
        raise ConfigurationError(tuple(faults))
    return BuildSystem(tuple(table["requires"]), backend, tuple(table.get("backend-path", ())))


def _strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


@dataclass(frozen=True)
class Call:
    """A hook as a command in the sandbox, with its whole environment."""

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]


class _KeptError(Exception):
    """A call was kept instead of being made."""


class Backend:
    """Calls one project's build backend.

    :param package: the package's directory on the host, somewhere in ``project``.
    :param project: the directory seen as ``/crosswheel/project``.
    """

    def __init__(
        self, workshop: Workshop, package: Path, project: Path, environments: Sequence[Environment]
    ) -> None:
        self._workshop = workshop
        self._environments = tuple(environments)
        self._project = project
        self.system = build_system(package)
        try:
            self._caller = pyproject_hooks.BuildBackendHookCaller(
                str(package),
                self.system.backend,
                backend_path=list(self.system.backend_path) or None,
                runner=self._run,
                python_executable=self._environments[0].python,
            )
        except ValueError as error:
            raise ConfigurationError((Fault("build-system.backend-path", str(error)),)) from None

    def requires(self, settings: Mapping[str, str | list[str]]) -> list[str]:
        """What the backend wants installed before it builds (``get_requires_for_build_wheel``)."""
        with _told():
            return list(self._caller.get_requires_for_build_wheel(self._seen(settings)))

    def wheel(self, settings: Mapping[str, str | list[str]], dist: Path) -> Path:
        """Build the wheel into ``/crosswheel/dist``, which is ``dist`` on the host.

        :raises NoWheelError: the backend named a wheel that is not there.
        """
        with _told():
            name = self._caller.build_wheel(self._workshop.seen(places.DIST), self._seen(settings))
        wheel = dist / Path(name).name
        if not wheel.is_file():
            raise NoWheelError(
                f"the build backend {self.system.backend} said it built {name}, which is not there"
            )
        return wheel

    def wheel_call(self, settings: Mapping[str, str | list[str]], control: Path) -> Call:
        """The call that :meth:`wheel` makes, for a person to make it.

        :param control: gets what the hook is told; it must be seen at ``/crosswheel/control``.
        """
        calls: list[Call] = []

        def keep(
            cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
        ) -> None:
            shutil.copytree(cmd[-1], control, dirs_exist_ok=True)
            calls.append(self._call(cmd, cwd, extra_environ))
            raise _KeptError

        with suppress(_KeptError), prepared(self._project.parent), self._caller.subprocess_runner(keep):
            self._caller.build_wheel(self._workshop.seen(places.DIST), self._seen(settings))
        return calls[0]

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What a call needs to see, but for the control directory."""
        return (*(one.mount for one in self._environments), Mount(_SCRIPT, places.HOOKS))

    def _seen(self, settings: Mapping[str, str | list[str]]) -> dict[str, str | list[str]]:
        seen = self._workshop.seen
        return {
            key: seen(value) if isinstance(value, str) else [seen(one) for one in value]
            for key, value in settings.items()
        }

    def _call(self, cmd: Sequence[str], cwd: str | None, extra_environ: Mapping[str, str] | None) -> Call:
        """A call of pyproject_hooks': its paths of the host become the sandbox's."""
        python, _, hook, _ = cmd
        here, there = str(self._project), places.PROJECT
        env = self._workshop.variables(*self._environments)
        in_json = json.dumps(here)[1:-1]  # as backend paths are handed on
        for name, value in (extra_environ or {}).items():
            env[name] = value.replace(in_json, there).replace(here, there)
        env.update(self._workshop.hook_env)
        argv = (python, f"{places.HOOKS}/_in_process.py", hook, places.CONTROL)
        return Call(argv, (cwd or here).replace(here, there), env)

    def _run(
        self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        """pyproject_hooks' runner."""
        hook, control = cmd[2:]
        call = self._call(cmd, cwd, extra_environ)
        done = self._workshop.sandbox(self.mounts).run(
            call.argv, cwd=call.cwd, env=call.env, binds={places.CONTROL: Path(control)}
        )
        if done.returncode != 0:
            step = "build" if hook == "build_wheel" else "requirements"
            raise StepError(step, f"{self.system.backend} {hook}", done.returncode, done.tail)
        if not Path(control, "output.json").is_file():
            raise CrosswheelError(
                f"the build backend {self.system.backend} ended its process in {hook} without a result",
                cause=" ".join(done.tail[-1:]),
            )


@contextmanager
def prepared(directory: Path) -> Iterator[None]:
    """Prepare this process for calls of hooks, by whichever threads run in the block.

    pyproject_hooks repeats as warnings of this process what a backend warned of, which is in the log already.

    :param directory: where pyproject_hooks makes its own, not in /tmp: the next run cleans it up after a kill.
    """
    before, tempfile.tempdir = tempfile.tempdir, str(directory)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pyproject_hooks.BuildBackendWarning)
            yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _told() -> Iterator[None]:
    """Say in our own words what pyproject_hooks found wrong."""
    try:
        yield
    except pyproject_hooks.BackendUnavailable as error:
        raise CrosswheelError(
            f"the build backend {error.backend_name} cannot be imported",
            cause=(error.traceback or "").strip().rsplit("\n", 1)[-1],
            remedy="correct build-backend, backend-path and requires in [build-system] of pyproject.toml",
        ) from None
