"""A place where a build backend runs: what every engine makes, and what ``hooks.py`` uses."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from crosswheel.seams import Mount, Sandbox
from crosswheel.site import places
from crosswheel.site.environments import Environment


@dataclass(frozen=True)
class Workshop:
    """Where a job's build backend runs.

    :param sandbox: makes the sandbox, given further mounts (environments).
    :param environment: makes an environment at a place in the sandbox, with the project's own variables.
    :param env: variables of every command of the build.
    :param hook_env: further variables of the build backend's process alone.
    :param settings: config settings for the backend among these requirements, put before the project's own.
    :param prepare: done to the isolated environment before anything is installed into it.
    :param complete: done to it when everything is installed.
    :param seen: a text for the backend to read, with paths as its process sees them.
    """

    sandbox: Callable[[tuple[Mount, ...]], Sandbox]
    environment: Callable[[str, Mapping[str, str]], Environment]
    env: Mapping[str, str]
    hook_env: Mapping[str, str] = field(default_factory=dict)
    settings: Callable[[Iterable[str]], Mapping[str, tuple[str, ...]]] = lambda _: {}
    prepare: Callable[[Environment], None] = lambda _: None
    complete: Callable[[Environment], None] = lambda _: None
    seen: Callable[[str], str] = lambda text: text

    def variables(self, *environments: Environment) -> dict[str, str]:
        """The variables of a command that finds these environments' programs first."""
        binaries = [environment.python.rsplit("/", 1)[0] for environment in environments]
        return {**self.env, "PATH": ":".join([*binaries, self.env.get("PATH", places.SYSTEM_PATH)])}
