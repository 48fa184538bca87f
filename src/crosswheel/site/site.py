"""What an engine works with: every part of one job, provisioned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel import sample
from crosswheel.model import Target
from crosswheel.seams import Layered, MakeSandbox, Mount, Root, View
from crosswheel.site import places
from crosswheel.site.paths import on_machine


@dataclass(frozen=True)
class NativePython:
    """A Python of this machine's architecture and of the target's minor version.

    :param root: the root it stands in, under a layer; None where it is the machine's own.
    :param executable: its path there.
    :param mounts: what must be seen for it to start.
    """

    root: Layered | None
    executable: str
    mounts: tuple[Mount, ...] = ()


@dataclass(frozen=True)
class RootUv:
    """How uv, a program of this machine, runs in a target's root.

    :param command: the words that begin it.
    :param mounts: what must be seen for it beyond uv itself.
    :param env: further variables.
    """

    command: tuple[str, ...] = (places.UV,)
    mounts: tuple[Mount, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """The parts of one job.

    :param work: a directory of the host for this attempt: ``project``, ``home``, ``dist``, ``job`` and
        environments are made in it.
    :param root: the target's root; ``layered`` is the same under this attempt's layer (None: the machine).
    :param uv_mounts: with which uv runs in any sandbox, as with the variables ``uv_env``.
    :param uv_in_root: how it runs in the target's root.
    :param isolated: whether sandboxes see what they mount at its own path; else they are the machine itself.
    """

    target: Target
    work: Path
    root: Root
    layered: Layered | None
    native: NativePython
    make_sandbox: MakeSandbox
    uv_mounts: tuple[Mount, ...]
    uv_env: Mapping[str, str]
    isolated: bool = True
    uv_in_root: RootUv = RootUv()

    def directory(self, name: str) -> Path:
        """A directory of this attempt, made on first use."""
        path = self.work / name
        path.mkdir(exist_ok=True)
        return path

    @property
    def prefix(self) -> str:
        """Where the target's Python is installed in its root."""
        return str(Path(self.root.python).parents[1])

    def common_mounts(self) -> tuple[Mount, ...]:
        """What every sandbox of the job sees: the project's copy, a home, the wheel directory, the job's notes."""
        return (
            Mount(self.directory("project"), places.PROJECT, writable=True),
            Mount(self.directory("project"), places.USUAL_PROJECT, writable=True),
            Mount(self.directory("home"), places.HOME, writable=True),
            Mount(self.directory("dist"), places.DIST, writable=True),
            Mount(self.directory("job"), places.JOB, writable=True),
            Mount(self.directory("tmp"), "/tmp", writable=True),  # noqa: S108 -- on disk: builds fill it
        )

    def seen(self, text: str, *mounts: Mount) -> str:
        """What is written for commands to read: with every path as they see it.

        :param mounts: those beyond the common ones.
        """
        return text if self.isolated else on_machine(text, (*self.common_mounts(), *mounts))

    @property
    def base(self) -> str:
        """The directory that commands see all of the job below."""
        return places.BASE if self.isolated else str(self.work)

    def target_view(self, *mounts: Mount) -> View:
        """The target's root, its programs emulated where they are foreign."""
        arch = self.target.arch
        foreign = not sample.runs_here(arch)
        return View(
            self.layered,
            mounts=(*self.common_mounts(), *mounts, *(self.native.mounts if self.layered is None else ())),
            development=self.layered is None,
            emulate=arch if foreign else None,
        )

    def native_view(self, *mounts: Mount) -> View:
        """The native Python's surroundings."""
        return View(self.native.root, mounts=(*self.common_mounts(), *self.native.mounts, *mounts))
