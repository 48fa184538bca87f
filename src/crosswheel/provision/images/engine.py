"""docker and podman, as far as images are had from them: asked for, pulled, exported."""

import json
import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel import process
from crosswheel.architectures import Architecture
from crosswheel.errors import EngineTooOldError, ProvisionError
from crosswheel.events import Noted
from crosswheel.process import Completed
from crosswheel.provision.containers import choice
from crosswheel.provision.images import refusals
from crosswheel.provision.images.manifest import fits
from crosswheel.provision.images.unpack import Layer
from crosswheel.provision.steps import told
from crosswheel.seams import Progress

_TRIES = 3
_PAUSES = (0.5, 1.5)  # seconds before a further try
_PATIENCE = 8.0  # seconds for all tries until a registry answers
ONLY_HERE = "localhost/"  # podman's registry of what was built on the machine
# What an engine says first when the registry has answered; a slow download goes on for as long as it takes.
_ANSWERED = re.compile(r"Pulling from|Getting image source signatures|Copying blob|Pulling fs layer")


@dataclass(frozen=True)
class LocalImage:
    """An image that an engine has.

    :param name: by which it was asked for.
    :param identity: the digest of its configuration, by which any engine finds exactly this one.
    :param platform: what it says that it is for (``linux/arm64``).
    """

    name: str
    identity: str
    platform: str


@dataclass(frozen=True)
class EngineImage:
    """An image that an engine has, as one layer of all its files."""

    engine: "Engine"
    local: LocalImage

    @property
    def identity(self) -> str:
        return f"sha256:{self.local.identity}"

    @property
    def origin(self) -> str:
        return self.engine.name

    digest = ""  # of a manifest: engines keep none

    def layers(self, scratch: Path) -> tuple[Layer, ...]:
        """Its files.

        :param scratch: an empty directory that gets them.
        :raises ProvisionError: the engine fails.
        """
        archive = scratch / "image.tar"
        with told(self.engine.progress, "fetch", f"the files of {self.local.name} from {self.engine.name}"):
            self.engine.export(self.local, archive, f"crosswheel-{self.local.identity[:32]}")
        return (Layer(archive),)

    def discard(self) -> None:
        """Nothing of it is kept."""


class _SilentError(Exception):
    """The registry did not answer in time."""


class Engine:
    """A container engine of this machine, or one elsewhere that it is a client of (``DOCKER_HOST``).

    :param name: ``docker`` or ``podman``.
    :param environ: of the user: it says where the engine and its images are.
    """

    def __init__(self, name: str, environ: Mapping[str, str], progress: Progress = lambda _: None) -> None:
        self.name = name
        self.progress = progress
        self._environ = environ

    def check(self) -> None:
        """Find out by asking whether it is there and new enough.

        :raises ProvisionError: it is not there, or does not answer.
        :raises EngineTooOldError: it does not know platforms.
        """
        if shutil.which(self.name, path=self._environ.get("PATH")) is None:
            others = [other for other in choice.OLDEST if shutil.which(other, path=self._environ.get("PATH"))]
            use = f'set container-engine = "{others[0]}"' if others else f"install {self.name}"
            raise ProvisionError(
                f"there is no {self.name} on this machine, which images are had from",
                cause=f"{self.name} is not on PATH",
                remedy=f"{use}, or name no container engine: none is needed",
            )
        done = self._run("version", "--format", "{{json .}}")
        found = choice.version(self.name, done.output) if done.returncode == 0 else ()
        if not found:
            raise refusals.of_engine(self.name, done.tail)
        if found < (oldest := choice.OLDEST[self.name]):
            wanted = choice.described(self.name, oldest)
            raise EngineTooOldError(
                f"{self.name} is too old for images of other architectures",
                cause=f"it is {choice.described(self.name, found)}, and {wanted} is wanted",
                remedy=f"install a newer {self.name}, or name no container engine: none is needed",
            )

    def had(self, name: str) -> LocalImage | None:
        """The image of a name that the engine has already, of whatever architecture.

        :return: None where it has none, is not there or does not answer.
        """
        started = time.monotonic()

        def watch() -> None:
            if time.monotonic() - started > _PATIENCE:
                raise _SilentError

        try:
            done = self._run("image", "inspect", name, on_second=watch)
        except (OSError, _SilentError):
            return None
        if done.returncode != 0:
            return None
        try:
            (facts,) = json.loads(done.output)
            identity = str(facts["Id"])
        except (ValueError, TypeError, LookupError):  # what answers is no docker; a later command tells
            return None
        platform = "/".join(filter(None, (facts.get("Os"), facts.get("Architecture"), facts.get("Variant"))))
        return LocalImage(name, identity.removeprefix("sha256:"), platform)

    def image(self, name: str, arch: Architecture, *, pull: bool = True) -> LocalImage:
        """The image of a name for an architecture, pulled where the engine does not have it.

        :param pull: whether a registry may be asked.
        :raises ProvisionError: it cannot be had, or is for another architecture.
        """
        here, refused = self.had(name), None
        if here is None or not fits(here.platform, arch):
            if name.startswith(ONLY_HERE) or not pull:
                refused = refusals.of_absence(self.name, name)
            else:
                self.progress(Noted(f"{self.name} pulls {name} for {arch.docker}"))
                refused = self._pull(name, arch)
            here = self.had(name) or here
        if here is None:
            raise refused or refusals.of_absence(self.name, name)
        if not fits(here.platform, arch):
            raise refusals.of_architecture(name, here.platform, arch)
        return here

    def export(self, image: LocalImage, archive: Path, container: str) -> None:
        """Write the file system of an image as a tar archive. Nothing of the image is run.

        :param container: a name for the container that is made for it and removed again.
        :raises ProvisionError: the engine fails.
        """
        self._run("rm", "--force", container)  # of a run that was killed
        try:
            created = self._run("create", "--name", container, image.identity, "true")
            exported = created if created.returncode else self._run("export", "-o", str(archive), container)
        finally:
            self._run("rm", "--force", container)
        if exported.returncode != 0:
            raise refusals.of_export(self.name, image.name, exported.tail)

    def _pull(self, name: str, arch: Architecture) -> ProvisionError | None:
        """Pull, again where the registry may only be down for a moment.

        :return: why it could not be pulled.
        """
        started = time.monotonic()
        refused = None
        for pause in (*_PAUSES, 0.0)[:_TRIES]:
            try:
                done = self._pulled(name, arch, _PATIENCE - (time.monotonic() - started))
            except _SilentError:
                return refused or refusals.of_silence(name, _PATIENCE)
            if done.returncode == 0:
                return None
            refused = refusals.of_pull(self.name, name, arch, done.tail)
            left = _PATIENCE - (time.monotonic() - started) - pause
            if not refusals.may_pass(done.tail) or refusals.tried_again(done.tail) or left <= 1:
                break
            time.sleep(pause)
        return refused

    def _pulled(self, name: str, arch: Architecture, patience: float) -> Completed:
        started = time.monotonic()
        answered = False

        def listen(line: str) -> None:
            nonlocal answered
            answered = answered or _ANSWERED.search(line) is not None

        def watch() -> None:
            if not answered and time.monotonic() - started > patience:
                raise _SilentError

        return self._run("pull", "--platform", arch.docker, name, on_line=listen, on_second=watch)

    def _run(
        self,
        *arguments: str,
        on_line: Callable[[str], None] | None = None,
        on_second: Callable[[], None] | None = None,
    ) -> Completed:
        argv, env = (self.name, *arguments), self._environ
        return process.run(
            argv, env=env, capture=True, stdout_only=True, on_line=on_line, on_second=on_second
        )
