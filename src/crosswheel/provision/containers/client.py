"""docker or podman as a program that is asked something."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from crosswheel import companion, process
from crosswheel.companion import Companion
from crosswheel.process import Completed
from crosswheel.provision.containers import faults

_PATIENCE = 8.0  # seconds for what an engine does at once

Name = Literal["docker", "podman"]


@dataclass(frozen=True)
class Client:
    """An engine that answers.

    :param argv: the program, with what it runs under.
    :param env: its whole environment.
    :param here: whether it runs on this machine.
    :param binds: whether containers are to see directories of this machine.
    :param owner: to whom what containers write into such directories is to be given (``1000:1000``); empty where
        it is the user's by itself.
    :param own: whether it is ours alone: its containers end with this process, and it keeps nothing of them.
    """

    name: Name
    argv: tuple[str, ...]
    env: Mapping[str, str]
    here: bool = True
    binds: bool = True
    owner: str = ""
    own: bool = False

    def ask(self, what: str, *words: str | Path, within: float = _PATIENCE) -> str:
        """What it prints.

        :param what: what is asked of it, for people: ``list its containers``.
        :raises ProvisionError: it cannot, or does not answer in time.
        """
        done = self.brief(*words, within=within)
        if done.returncode != 0:
            raise faults.explained(self.name, what, done.tail)
        return done.output

    def brief(self, *words: str | Path, within: float = _PATIENCE) -> Completed:
        """How it ended.

        :raises ProvisionError: it does not answer in time.
        """
        try:
            return process.briefly([*self.argv, *words], env=self.env, within=within, stdout_only=True)
        except TimeoutError:
            raise faults.silent(self.name, within) from None

    def move(
        self,
        what: str,
        *words: str | Path,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        allowed: tuple[int, ...] = (0,),
    ) -> None:
        """Let it move files.

        :param stdin: what it reads; ``stdout`` is what it writes.
        :param allowed: the statuses that are no failure.
        :raises ProvisionError: it cannot.
        """
        done = process.run([*self.argv, *words], env=self.env, stdin=stdin, stdout=stdout)
        if done.returncode not in allowed:
            raise faults.explained(self.name, what, done.tail)

    def run(
        self,
        words: Sequence[str],
        env: Mapping[str, str],
        *,
        on_line: Callable[[str], None] | None,
        log: IO[str] | None,
        capture: bool,
    ) -> Completed:
        """Run a command in a container to its end.

        :param env: further variables of the client itself.
        """
        return process.run(
            [*self.argv, *words],
            env={**self.env, **env},
            cwd=Path("/"),
            on_line=on_line,
            log=log,
            capture=capture,
            stdout_only=capture,
        )

    def beside(self, *words: str) -> Companion:
        """A client that stays; one that is killed would tell a daemon nothing."""
        return companion.beside([*self.argv, *words], env=self.env, guarded=self.own)
