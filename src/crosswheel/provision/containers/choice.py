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

# cibuildwheel's (oci_container.py): docker 20.10 has API 1.41, where --platform left its trial; podman has it since
# its version 3.
_DOCKER_API, _PODMAN = (1, 41), (3,)
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
    _check_version(asked, _lowered(asked.ask("tell its version", "version", "--format", "{{json .}}")))
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


def _check_version(asked: Client, said: dict[str, Any]) -> None:
    server = said.get("server") or said.get("client", {})
    key, wanted = ("apiversion", _DOCKER_API) if asked.name == "docker" else ("version", _PODMAN)
    found = min((str(one.get(key, "")) for one in (said.get("client", {}), server)), key=_numbers)
    if _numbers(found) < wanted:
        what = "API " if asked.name == "docker" else ""
        raise faults.too_old(asked.name, f"{what}{found}", what + ".".join(map(str, wanted)))


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
