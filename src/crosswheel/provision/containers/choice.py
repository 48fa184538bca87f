"""Which container engine answers here, and how it is reached."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from typing import Any

from crosswheel.errors import CrosswheelError, ProvisionError
from crosswheel.options import ContainerEngine
from crosswheel.provision.containers import faults
from crosswheel.provision.containers.client import Client, Name

# Those that know --platform (cibuildwheel 4.3.3, oci_container.py): docker's API, where it left its trial with
# docker 20.10; podman's version.
OLDEST: Mapping[str, tuple[int, int]] = {"docker": (1, 41), "podman": (3, 0)}
_ELSEWHERE = ("tcp://", "ssh://", "http://", "https://")


def answering(engine: ContainerEngine, environ: Mapping[str, str]) -> Client:
    """The engine that ``container-engine`` names; where it says nothing, the first of docker and podman.

    :raises ProvisionError: none answers, with the cause for each that was asked.
    :raises EngineTooOldError: it is too old.
    """
    names: tuple[Name, ...] = (engine.name,) if engine.named else ("docker", "podman")
    refusals: list[CrosswheelError] = []
    for name in names:
        try:
            return client(name, environ, binds=not engine.disable_host_mount)
        except CrosswheelError as error:
            refusals.append(error)
    if len(refusals) == 1:
        raise refusals[0]
    raise ProvisionError(
        "no container engine answers",
        cause="; ".join(error.fact for error in refusals),
        remedy="start or install docker or podman, or take --sandbox namespace, which needs neither",
    )


def client(name: Name, environ: Mapping[str, str], *, binds: bool = True) -> Client:
    """An engine of this machine, or one that it is told to speak to.

    :param binds: whether directories of this machine may be mounted, where they can.
    :raises ProvisionError: it is not there or does not answer.
    :raises EngineTooOldError: it is too old.
    """
    program = shutil.which(name, path=environ.get("PATH"))
    if program is None:
        raise faults.absent(name)
    asked = Client(name, (program,), dict(environ))
    found = version(name, asked.ask("tell its version", "version", "--format", "{{json .}}"))
    if found < OLDEST[name]:
        raise faults.too_old(name, described(name, found), described(name, OLDEST[name]))
    rootless, remote = (_docker if name == "docker" else _podman)(asked)
    owner = "" if rootless or os.getuid() == 0 else f"{os.getuid()}:{os.getgid()}"
    return Client(name, (program,), dict(environ), here=not remote, binds=binds and not remote, owner=owner)


def _docker(asked: Client) -> tuple[bool, bool]:
    """Whether it is rootless, and whether it runs on another machine."""
    options = asked.ask("describe itself", "info", "--format", "{{json .SecurityOptions}}")
    host = asked.env.get("DOCKER_HOST") or asked.ask(
        "name its endpoint", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"
    )
    return "rootless" in options, host.startswith(_ELSEWHERE)


def _podman(asked: Client) -> tuple[bool, bool]:
    """The same; podman itself is not asked for more than it must, since that starts a process of the user's."""
    service = asked.env.get("CONTAINER_HOST", "")
    if not service:
        return True, False  # it is the user who runs it
    said = asked.ask("describe itself", "info", "--format", "{{.Host.Security.Rootless}}")
    return said.strip() == "true", service.startswith(_ELSEWHERE)


def version(name: str, said: str) -> tuple[int, ...]:
    """The lower of the versions of client and server, as :data:`OLDEST` has them; empty where it tells none.

    :param said: what ``version --format {{json .}}`` printed.
    """
    told = _lowered(said)
    sides = [side for side in (told.get("client"), told.get("server")) if isinstance(side, dict)]
    key = "apiversion" if name == "docker" else "version"
    return min((_numbers(str(side.get(key, ""))) for side in sides), default=())


def described(name: str, version: tuple[int, ...]) -> str:
    """A version for people: ``API 1.41``, ``3.0``."""
    return f"{'API ' if name == 'docker' else ''}{'.'.join(map(str, version))}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:2]))


def _lowered(text: str) -> dict[str, Any]:
    """JSON with keys in small letters: docker and podman differ in them from version to version."""
    try:
        value = json.loads(text, object_pairs_hook=_lowering)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _lowering(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key.lower(): value for key, value in pairs}
