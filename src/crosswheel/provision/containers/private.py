"""podman in a user namespace of ours, with a binfmt_misc of its own: no root, and no trace of it afterwards.

The kernel runs foreign programs that were registered in such a namespace alone (Linux 6.7), so that nobody has to
register them for the whole machine. One user id is mapped, as in the sandbox ``namespace``: nobody needs a range
of them. podman keeps its containers in a directory of the run and never sees those of the user. Its pid namespace
ends with this process, however that ends.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from crosswheel import companion
from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.provision.containers import faults
from crosswheel.provision.containers.client import Client
from crosswheel.provision.emulation import binfmt
from crosswheel.provision.sandboxes.seccomp import ownership_profile

_TRUSTED_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_READY_WITHIN = 9.0  # seconds
# podman and its sockets want a short name for what they keep while they run: a place that nobody needs here.
_SHORT = ("/boot", "/media", "/mnt", "/srv")
# Its number outside is told before /proc is that of the new pid namespace. crun wants cgroup v2 alone, which is not
# what every machine has; no cgroup is made in it.
_HOLD = r"""
set -e
read -r pid rest < /proc/self/stat
if [ -n "$1" ]; then
  mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  printf %s "$1" > /proc/sys/fs/binfmt_misc/register
fi
mount --bind -- "$2" "$3"
mount -t proc proc /proc
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null || :
echo "$pid"
exec cat
"""
_SETTINGS = """\
[containers]
cgroups = "disabled"
log_driver = "none"
seccomp_profile = {seccomp}

[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
image_copy_tmp_dir = {scratch}
"""


@contextmanager
def private_podman(
    scratch: Path, images: Path, emulate: tuple[Architecture, Path] | None
) -> Iterator[tuple[Client, Client]]:
    """A podman that runs containers, and one that keeps images for it.

    :param scratch: an empty directory that ends with the run.
    :param images: a directory that keeps images between runs.
    :param emulate: an architecture, and the QEMU that runs its programs.
    :raises ProvisionError: there is no podman, or the kernel does not let it be.
    """
    podman = shutil.which("podman", path=_TRUSTED_PATH)
    if podman is None:
        raise faults.absent("podman")
    line = binfmt.registration(*emulate) if emulate else ""
    running, short = scratch / "run", _short(scratch)
    running.mkdir(parents=True)
    holder = companion.beside(
        ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--cgroup", "--fork", "--kill-child",
         "sh", "-c", _HOLD, "sh", line, running, short],
        env={"PATH": _TRUSTED_PATH},
    )  # fmt: skip
    try:
        pid = holder.line(re.compile(r"\d+"), _READY_WITHIN)
        if pid is None:
            cause = " ".join(holder.said)
            raise ProvisionError("podman cannot be started in a user namespace", cause=cause)
        enter = (
            "nsenter",
            "--target",
            pid,
            "--user",
            "--mount",
            "--pid",
            "--cgroup",
            "--preserve-credentials",
        )
        yield (
            _client((*enter, podman), scratch / "containers", short / "c", images),
            _client((*enter, podman), scratch / "images", short / "i", None, graph=images),
        )
    finally:
        holder.end(1.0)


def _short(scratch: Path) -> Path:
    return next(
        place for place in map(Path, _SHORT) if place.is_dir() and place.resolve() not in scratch.parents
    )


def _client(
    argv: tuple[str, ...], directory: Path, running: Path, images: Path | None, graph: Path | None = None
) -> Client:
    """podman with a configuration of its own.

    :param directory: gets the files that say where podman keeps what.
    :param running: what it keeps while it runs.
    :param images: a directory of another podman, of which it takes images.
    :param graph: what it keeps; a directory in ``directory`` if it is not named.
    """
    graph = graph or directory / "graph"
    graph.mkdir(parents=True, exist_ok=True)
    directory.mkdir(exist_ok=True)
    seccomp = directory / "seccomp.json"
    seccomp.write_text(json.dumps(ownership_profile()))
    (directory / "storage.conf").write_text('[storage]\ndriver = "overlay"\n')
    (directory / "containers.conf").write_text(
        _SETTINGS.format(seccomp=_toml(seccomp), scratch=_toml(directory))
    )
    places: tuple[str, ...] = ("--root", str(graph), "--runroot", str(running), "--storage-driver", "overlay")
    if images is not None:
        places = (*places, "--storage-opt", f"overlay.imagestore={images}")
    return Client("podman", (*argv, *places), _variables(directory, running), own=True)


def _variables(directory: Path, running: Path) -> Mapping[str, str]:
    return {
        "PATH": _TRUSTED_PATH,
        "HOME": str(directory),
        "XDG_RUNTIME_DIR": str(running),
        "CONTAINERS_STORAGE_CONF": str(directory / "storage.conf"),
        "CONTAINERS_CONF": str(directory / "containers.conf"),
        # As podman marks for itself that it is root of a user's namespace only.
        "_CONTAINERS_USERNS_CONFIGURED": "done",
        "_CONTAINERS_ROOTLESS_UID": str(os.getuid()),
        "_CONTAINERS_ROOTLESS_GID": str(os.getgid()),
    }


def _toml(path: Path) -> str:
    return json.dumps(str(path))  # a string of JSON is one of TOML
