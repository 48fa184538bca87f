"""Any command in a target's root: its Python with pip, its compilers, and the user's directory."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel import sample
from crosswheel.errors import CommandMissingError
from crosswheel.model import Job, Target
from crosswheel.options import Options
from crosswheel.pipeline import sites
from crosswheel.pipeline.parts import Parts
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.host import Machine
from crosswheel.seams import Layered, Mount, Progress, Root, Sandbox, Source, View
from crosswheel.site import places
from crosswheel.site.environments import TargetEnvironment
from crosswheel.store import Store, digest

_PYTHON = f"{places.BASE}/python"
_KIND = "pythons"
_MISSING = 127  # of shells: there is no such command (POSIX, "Exit Status for Commands")


@dataclass(frozen=True)
class Command:
    """What a user wants to run.

    :param directory: is seen as ``/project``, where the command runs.
    :param env: variables of the user's choice.
    """

    argv: tuple[str, ...]
    directory: Path
    writable: bool
    env: Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """A target's root, ready for commands.

    :param python: a directory with its Python and pip.
    """

    target: Target
    root: Root
    python: Path
    parts: Parts


def prepared(
    target: Target, source: Source, *, store: Store, progress: Progress, mirror: str | None = None
) -> Place:
    """Fetch what is not there yet.

    :param source: where the target's root comes from.
    :param mirror: of Debian, in place of the machine's own.
    :raises ProvisionError: it cannot be had, or sandboxes cannot be made here.
    """
    parts = Parts(store, (source,), DebianSource(store, progress, mirror), progress)
    no_wheel = (99, 0)  # a policy that any root holds: there is nothing to say of what a wheel would need
    job = Job(target, Options(), ("emulated",), source.name, target.arch.floor, policy=no_wheel)
    parts.sandboxes.tools(target.arch)  # first: it finds out whether sandboxes can be made here at all
    root = parts.root(job)
    return Place(target, root, _python(job, root, parts), parts)


def run(place: Place, command: Command) -> int:
    """Run a command with this process's terminal; what it writes outside ``/project`` ends with it.

    :return: its exit code.
    :raises CommandMissingError: there is no such command.
    :raises ProvisionError: the sandbox cannot be set up.
    """
    with place.parts.store.scratch() as scratch:
        sandbox = sites.sandboxes(place.parts, place.target.arch)(_view(place, command, scratch))
        env = {
            "PATH": f"{_PYTHON}/bin:{places.SYSTEM_PATH}",
            "HOME": places.HOME,
            "LANG": "C.UTF-8",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            **command.env,
        }
        return attached(sandbox, command.argv, places.USUAL_PROJECT, env, place.target)


def attached(
    sandbox: Sandbox, argv: tuple[str, ...], cwd: str, env: Mapping[str, str], target: Target
) -> int:
    """Run a command with this process's terminal.

    :return: its exit code.
    :raises CommandMissingError: there is no command of that name; one may also give 127 itself.
    :raises ProvisionError: the sandbox cannot be set up.
    """
    code = sandbox.attach(argv, cwd=cwd, env=env)
    look = ["sh", "-c", 'command -v -- "$1"', "sh", argv[0]]
    if code == _MISSING and sandbox.run(look, cwd=cwd, env=env).returncode != 0:
        raise CommandMissingError(
            f"there is no command {argv[0]} for {target.arch.name} with Python {target.python.version}",
            remedy="name one that is there: python, pip, gcc, sh, apt-get, or a file of the project as ./NAME",
        )
    return code


def _view(place: Place, command: Command, scratch: Path) -> View:
    for name in ("home", "tmp"):
        (scratch / name).mkdir()
    root, arch = place.root, place.target.arch
    return View(
        Layered(root.path, scratch / "layer", arch) if root.path else None,
        mounts=(
            *(root.mounts if isinstance(root, Machine) else ()),
            Mount(Layered(place.python, scratch / "python-layer"), _PYTHON, writable=True),
            Mount(scratch / "home", places.HOME, writable=True),
            Mount(scratch / "tmp", "/tmp", writable=True),  # noqa: S108 -- of the sandbox
            Mount(command.directory, places.USUAL_PROJECT, writable=command.writable),
        ),
        development=root.path is None,
        emulate=arch if not sample.runs_here(arch) else None,
    )


def _python(job: Job, root: Root, parts: Parts) -> Path:
    """The root's Python as ``python``, with pip, as the official images have it; kept, since every run needs it."""

    def make(entry: Path) -> None:
        with parts.store.scratch() as scratch:
            site = sites.site(parts, job, scratch, sites.sandboxes(parts, job.target.arch))
            TargetEnvironment(site, _PYTHON).install(["pip"])
            site.directory(Path(_PYTHON).name).rename(entry / "python")

    key = digest({"root": str(root.path or ""), "python": root.python, "place": _PYTHON})
    return parts.store.ensure(_KIND, key, make) / "python"
