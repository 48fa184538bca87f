"""The life of one container: made, started, used, ended."""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from crosswheel import process
from crosswheel.companion import Companion
from crosswheel.errors import CrosswheelError, ProvisionError
from crosswheel.process import Completed
from crosswheel.provision.containers import arguments, faults, trees
from crosswheel.provision.containers.arguments import Box
from crosswheel.provision.containers.client import Client
from crosswheel.provision.containers.foreign import refused
from crosswheel.provision.containers.leftovers import LABEL

_READY = re.compile(re.escape(arguments.READY))
_READY_WITHIN = 9.0  # seconds
_END_WITHIN = 3.0
# What engines write into every container.
_ENGINES_OWN = ("/dev", "/proc", "/sys", "/.dockerenv", "/run/.containerenv", "/run/secrets", "/etc/hosts",
                "/etc/hostname", "/etc/resolv.conf", "/etc/mtab")  # fmt: skip
_ENGINE_FAILED = (
    125  # statuses from here on may be the engine's, or of a command that was killed with all others
)


@dataclass(frozen=True)
class Changes:
    """What was written since the image.

    :param added: paths that are new or not what they were.
    :param removed: paths of the image that are gone.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Container:
    """A container that is up; ``end`` takes it down."""

    def __init__(self, client: Client, box: Box, name: str, companion: Companion) -> None:
        self.client = client
        self.box = box
        self.name = name
        self._companion = companion

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        on_line: Callable[[str], None] | None,
        log: IO[str] | None,
        capture: bool,
    ) -> Completed:
        """Run a command in it to its end.

        :raises ProvisionError: the container itself came to an end.
        """
        words, further = arguments.execute(self.name, self.box.arch, tuple(argv), cwd, env, self.client.env)
        done = self.client.run(words, further, on_line=on_line, log=log, capture=capture)
        if done.returncode >= _ENGINE_FAILED and not self.is_up():
            raise ProvisionError(
                f"the container of {self.client.name} ended while a command ran in it",
                cause=_why(done.tail) or "it was killed from outside, or the machine ran out of memory",
                remedy="run it again; give the engine more memory where that is what it lacks",
            )
        return done

    def attach(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> int:
        """Run a command in it that has this process's terminal; its exit code as a shell gives it."""
        words, further = arguments.execute(self.name, self.box.arch, tuple(argv), cwd, env, self.client.env)
        at_terminal = ("--interactive", "--tty") if os.isatty(0) else ("--interactive",)
        code = process.attach(
            [*self.client.argv, words[0], *at_terminal, *words[1:]], env={**self.client.env, **further}
        )
        return 128 - code if code < 0 else code

    def is_up(self) -> bool:
        """Whether it still runs."""
        try:
            said = self.client.ask(
                "tell of a container", "inspect", "--format", "{{.State.Running}}", self.name
            )
        except CrosswheelError:
            return False
        return said.strip() == "true"

    def put(self, places: Mapping[str, Path]) -> None:
        """Copy trees and files in, each to its place."""
        with tempfile.TemporaryFile() as file:
            trees.pack(places, file)
            file.seek(0)
            self.client.move("copy files into a container", "cp", "-", f"{self.name}:/", stdin=file)

    def take(self, place: str, destination: Path) -> None:
        """Copy a directory out."""
        with tempfile.TemporaryFile() as file:
            self.client.move(
                "copy files out of a container", "cp", f"{self.name}:{place}/.", "-", stdout=file
            )
            file.seek(0)
            trees.unpack(file, destination)

    def remove(self, places: Iterable[str]) -> None:
        """Remove paths in it."""
        if words := list(places):
            self._command("remove files of a container", "rm", "-rf", "--", *words)

    def give_back(self) -> None:
        """Make what it wrote into directories of this machine the user's own."""
        places = [mount.target for mount in self.box.mounts if mount.writable]
        if self.client.binds and self.client.owner and places:
            self._command("give files back", "chown", "-R", "-h", self.client.owner, "--", *places)

    def changes(self) -> Changes:
        """What was written in it, outside of its mounts."""
        said = self.client.ask("tell what a container wrote", "diff", self.name)
        targets = tuple(mount.target for mount in self.box.mounts)
        added: list[str] = []
        removed: list[str] = []
        for line in said.splitlines():
            kind, _, path = line.partition(" ")
            if kind in ("A", "C", "D") and not _of_mounts(path, targets):
                (removed if kind == "D" else added).append(path)
        return Changes(tuple(added), tuple(removed))

    def take_paths(self, paths: Iterable[str], destination: Path) -> None:
        """Copy these paths out, each without what is below it; by the tar of its own image."""
        with tempfile.TemporaryFile() as names, tempfile.TemporaryFile() as file:
            names.write("".join(f".{path}\n" for path in paths).encode(errors="surrogateescape"))
            names.seek(0)
            self.client.move(
                "copy files out of a container",
                *(
                    "exec",
                    "--interactive",
                    self.name,
                    "tar",
                    "-C",
                    "/",
                    "-cf",
                    "-",
                    "--no-recursion",
                    "-T",
                    "-",
                ),
                stdin=names,
                stdout=file,
                allowed=(0, 1),  # 1: a file changed or went away meanwhile
            )
            file.seek(0)
            trees.unpack(file, destination)

    def _command(self, what: str, *words: str) -> None:
        self.client.move(what, "exec", self.name, *words)

    def end(self) -> None:
        """Take it down with everything that runs in it; one that is not to be kept is removed then."""
        if self._companion.end(_END_WITHIN):
            return
        now = ("--time", "0") if self.client.name == "podman" else ()
        with contextlib.suppress(CrosswheelError):  # it has ended after all
            self.client.ask("remove a container", "rm", "--force", *now, self.name)


def started(client: Client, box: Box, name: str, further: tuple[str, ...], *, keep: bool) -> Container:
    """A container whose first process runs.

    :raises ProvisionError: the engine cannot make it, or the kernel cannot run its programs.
    """
    made = box if client.binds else replace(box, mounts=())  # where it sees nothing of here, files are copied
    client.ask("create a container", *arguments.create(made, name, LABEL, further, keep=keep))
    companion = client.beside("start", "--attach", "--interactive", name)
    container = Container(client, box, name, companion)
    try:
        if companion.line(_READY, _READY_WITHIN):
            return container
    except BaseException:
        container.end()
        raise
    container.end()
    if faults.is_foreign(companion.said):
        raise refused(client, box.arch)
    raise faults.explained(client.name, "start a container", companion.said)


def _of_mounts(path: str, targets: tuple[str, ...]) -> bool:
    """Whether a path is an engine's own, a place of a mount, or the way to one."""
    one = PurePosixPath(path)
    if any(one.is_relative_to(own) for own in _ENGINES_OWN):
        return True
    return any(one.is_relative_to(target) or PurePosixPath(target).is_relative_to(one) for target in targets)


def _why(tail: tuple[str, ...]) -> str:
    return next((line for line in reversed(tail) if "ontainer" in line), "")
