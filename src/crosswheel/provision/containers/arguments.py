"""The words with which docker and podman are told of a container: pure, and the same for both."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from crosswheel.architectures import HOST, Architecture
from crosswheel.seams import Mount

# The first process: it says that it runs, and ends when our end of its standard input does, even by kill -9.
READY = "crosswheel: ready"
_FIRST = ("-c", f"echo '{READY}'; exec cat >/dev/null")
# Variables that change how a client itself works: never taken from its own environment.
_CLIENTS_OWN = (
    "LD_",
    "DOCKER_",
    "BUILDKIT_",
    "CONTAINER",
    "_CONTAINERS_",
    "PODMAN_",
    "XDG_",
    "GO",
    "SSH_",
    "SSL_",
)


@dataclass(frozen=True)
class Box:
    """What a container is made of.

    :param mounts: of directories and files of this machine, by a path in the container.
    :param network: whether it has this machine's network.
    """

    image: str
    arch: Architecture
    mounts: tuple[Mount, ...] = ()
    network: bool = True


def create(box: Box, name: str, label: str, further: tuple[str, ...], *, keep: bool) -> list[str]:
    """``create`` and its arguments.

    :param label: by which containers of ours are found.
    :param further: the user's own, of ``create_args``.
    :param keep: whether the container stays when it has ended.
    """
    words = ["create", "--interactive", "--name", name, "--pull=never", "--platform", box.arch.docker]
    words += [] if keep else ["--rm"]
    words += ["--label", label]
    if box.network and not any(word.startswith(("--network", "--net")) for word in further):
        words += ["--network", "host"]
    for mount in box.mounts:
        words += ["--mount", _mount(mount)]
    return [*words, "--workdir", "/", *_without_platform(further), "--entrypoint", "sh", box.image, *_FIRST]


def execute(
    name: str,
    arch: Architecture,
    argv: tuple[str, ...],
    cwd: str,
    env: Mapping[str, str],
    client: Mapping[str, str],
) -> tuple[list[str], dict[str, str]]:
    """``exec`` and its arguments, and what the client's own environment needs.

    A value goes by the client's environment wherever that does not change the client: arguments are seen by
    everybody on the machine, and values may be secret.

    :param arch: of the container's programs.
    :param env: of the command.
    :param client: the client's environment.
    """
    words, further = ["exec", "--workdir", cwd], {}
    for variable, value in env.items():
        if client.get(variable) == value:
            words += ["--env", variable]
        elif variable in client or variable.startswith(_CLIENTS_OWN):
            words += ["--env", f"{variable}={value}"]
        else:
            words += ["--env", variable]
            further[variable] = value
    return [*words, name, *_personality(arch), *argv], further


def _personality(arch: Architecture) -> tuple[str, ...]:
    """What has a kernel of x86_64 call itself i686 to programs of i686, as cibuildwheel does it.

    ``linux32`` is util-linux's and busybox's; where QEMU runs the programs, it changes nothing.
    """
    return ("linux32",) if arch != HOST and HOST.name in arch.runs_on else ()


def _mount(mount: Mount) -> str:
    assert not hasattr(mount.source, "lower"), "a root under a layer is made a directory first"
    fields = ["type=bind", f"source={mount.source}", f"target={mount.target}"]
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([*fields, *([] if mount.writable else ["readonly"])])
    return text.getvalue()


def _without_platform(words: tuple[str, ...]) -> list[str]:
    """The user's arguments without a platform, which cibuildwheel ignores too: the target says it."""
    kept, skip = [], False
    for word in words:
        if not skip and word != "--platform" and not word.startswith("--platform="):
            kept.append(word)
        skip = word == "--platform"
    return kept
