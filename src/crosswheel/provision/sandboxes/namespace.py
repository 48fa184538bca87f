"""A sandbox of user, mount, pid and IPC namespaces with a binfmt_misc of its own: no root, no daemon.

Order of things, each inherited by the next: ``unshare`` makes the user and mount namespaces; in them a private
binfmt_misc is mounted and QEMU registered, and the root is laid under a writable layer; ``bwrap`` then makes the
view and the pid namespace. When ``bwrap`` ends, for whatever reason, the kernel ends every process inside and
all mounts vanish. Nothing of the host changes at any time.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crosswheel import process
from crosswheel.architectures import HOST
from crosswheel.errors import ProvisionError
from crosswheel.process import Completed
from crosswheel.provision.emulation import binfmt
from crosswheel.provision.sandboxes import machine
from crosswheel.provision.sandboxes.seccomp import ownership_filter
from crosswheel.seams import Layered, Mount, View

_NOT_SET_UP = "the sandbox cannot be set up"
_FAILED = f"crosswheel: {_NOT_SET_UP}"
_OTHER_DISK = "keep the cache on an ordinary local disk (--cache-dir): not every file system can hold layers"
# $1 registration line or nothing; then layers up to "--"; the rest is run. Names are relative to a layer: a path
# may hold what separates mount options. ``userxattr`` is what a user namespace may use (Linux 5.11).
_SET_UP = rf"""
set -e
trap 'echo "{_FAILED}" >&2' EXIT
if [ -n "$1" ]; then
  mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  printf %s "$1" > /proc/sys/fs/binfmt_misc/register
fi
shift
while [ "$1" != -- ]; do
  (cd -- "$1"; mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work,userxattr merged)
  shift
done
shift
exec "$@"
"""
# How names are looked up here and which authorities this machine trusts; a root has its own idea of neither.
_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt")
_TRUSTED_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# What package managers need over the one mapped id. Above all not CAP_SYS_ADMIN, which could mount read-only places
# of the machine anew: harmless to an ordinary user's machine, not where root runs this.
_CAPABILITIES = tuple(
    f"CAP_{name}"
    for name in "CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETFCAP SYS_CHROOT".split()  # noqa: SIM905
)
# The first process of the pid namespace: it waits for the command and for orphans. bwrap's own would exit without
# waiting for the command, and the kernel then loses the figures of what ran (wait4's rusage).
_INIT = ("sh", "-c", '"$@"; exit $?', "sh")
# The same for a command with a terminal: the session of its own (bwrap's --new-session) takes the terminal by
# opening it. Signals of that terminal are for the command; a shell's traps are not its children's.
_INIT_ATTACHED = (
    "sh",
    "-c",
    "{ true <>/proc/self/fd/0; } 2>/dev/null; trap : INT QUIT TERM; "
    'command -v -- "$1" >/dev/null || exit 127; "$@"; exit $?',
    "sh",
)


@dataclass(frozen=True)
class Tools:
    """The programs that make sandboxes: bubblewrap and, for each architecture, QEMU."""

    bubblewrap: Path
    qemu: Mapping[str, Path]


class Namespace:
    """Runs commands in a view. Writes to the root stay in the view's layer from one command to the next.

    :param log: gets every line that a command prints.
    """

    def __init__(self, tools: Tools, view: View, log: IO[str] | None = None) -> None:
        self._tools = tools
        self._view = view
        self._log = log

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        binds: Mapping[str, Path] | None = None,
        on_line: Callable[[str], None] | None = None,
        capture: bool = False,
    ) -> Completed:
        """Run a command to its end; see :class:`crosswheel.seams.Sandbox`."""
        further = tuple(Mount(source, target, writable=True) for target, source in (binds or {}).items())
        with self._started(env, cwd, further) as (words, descriptors):
            done = process.run(
                [*words, "--", *_INIT, *argv],
                env={"PATH": _TRUSTED_PATH},
                cwd=Path("/"),
                on_line=on_line,
                log=self._log,
                capture=capture,
                stdout_only=capture,
                pass_fds=descriptors,
            )
        if done.returncode != 0:
            _check_set_up(done.tail)
        return process.of_a_shell(done)

    def attach(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> int:
        """Run a command that has this process's terminal; see :class:`crosswheel.seams.Sandbox`."""
        with self._started(env, cwd, ()) as (words, descriptors), tempfile.TemporaryFile() as status:

            def told() -> dict[str, int]:
                # Its offset is bwrap's too: read without moving it.
                lines = os.pread(status.fileno(), 1 << 16, 0).decode().splitlines()
                return {key: value for line in lines for key, value in json.loads(line).items()}

            further = ["--new-session", "--json-status-fd", str(status.fileno())]
            code = process.attach(
                [*words, *further, "--", *_INIT_ATTACHED, *argv],
                env={"PATH": _TRUSTED_PATH},
                cwd=Path("/"),
                pass_fds=(*descriptors, status.fileno()),
                group=lambda: told().get("child-pid"),
            )
            if code >= 0 and "exit-code" not in told():
                raise ProvisionError(_NOT_SET_UP, cause="the lines above say why", remedy=_OTHER_DISK)
        return code if code >= 0 else 128 - code

    @contextmanager
    def _started(
        self, env: Mapping[str, str], cwd: str, further: tuple[Mount, ...]
    ) -> Iterator[tuple[list[str | Path], tuple[int, ...]]]:
        """The words that begin a sandbox, and the descriptors that they name."""
        with (
            _pipe_of(ownership_filter()) as filter_fd,
            _pipe_of(self._arguments(env, cwd, further)) as args_fd,
        ):
            options = ["--seccomp", str(filter_fd), "--args", str(args_fd)]
            yield [*self._set_up(), self._tools.bubblewrap, *options], (filter_fd, args_fd)

    def _set_up(self) -> list[str]:
        view = self._view
        line = ""
        if view.emulate is not None:
            line = binfmt.registration(view.emulate, self._tools.qemu[view.emulate.name])
        layers = [_prepared(layered) for layered in self._layered()]
        unshare = ["unshare", "--user", "--map-root-user", "--mount"]
        return [*_personality(view), *unshare, "sh", "-c", _SET_UP, "sh", line, *layers, "--"]

    def _layered(self) -> list[Layered]:
        places = (self._view.root, *(mount.source for mount in self._view.mounts))
        return [place for place in places if isinstance(place, Layered)]

    def _arguments(self, env: Mapping[str, str], cwd: str, further: tuple[Mount, ...]) -> bytes:
        """bwrap's options. Given by a pipe: an environment may hold secrets, and ``ps`` shows arguments."""
        view = self._view
        words = ["--unshare-pid", "--as-pid-1", "--unshare-ipc", "--die-with-parent", "--clearenv"]
        words += ["--cap-drop", "ALL", *(word for name in _CAPABILITIES for word in ("--cap-add", name))]
        if view.root is None:
            words += _machine_view(development=view.development)
        else:
            words += ["--bind", str(_seen(view.root)), "/"]
        words += ["--dev", "/dev", "--proc", "/proc", "--ro-bind-try", "/sys", "/sys", "--tmpfs", "/tmp"]  # noqa: S108
        for place in _NETWORK if view.root is not None else ():
            words += ["--ro-bind-try", place, place]
        for mount in (*view.mounts, *further):
            words += ["--bind" if mount.writable else "--ro-bind", str(_seen(mount.source)), mount.target]
        for name, value in {**view.emulation(), **env}.items():
            words += ["--setenv", name, value]
        words += ["--chdir", cwd]
        if any("\0" in word for word in words):
            # It would end a word, and what follows would be an option of bwrap's.
            raise ProvisionError("a variable or a path of the sandbox holds a null byte")
        return b"".join(os.fsencode(word) + b"\0" for word in words)


def _personality(view: View) -> list[str]:
    """What has the kernel name another architecture to its programs that run as they are: i686 on x86_64.

    As the entry point of the official images does (``linux32``).
    """
    if view.root is None or view.emulate is not None or view.root.arch == HOST:
        return []
    return ["setarch", view.root.arch.name]


def _seen(source: Path | Layered) -> Path:
    return source.layer / "merged" if isinstance(source, Layered) else source


def _check_set_up(tail: tuple[str, ...]) -> None:
    """:raises ProvisionError: the last lines are those of a set-up that failed, not of a command."""
    if tail and (tail[-1] == _FAILED or tail[-1].startswith("bwrap: ")):
        raise ProvisionError(
            _NOT_SET_UP, cause=" ".join(line for line in tail[-3:] if line != _FAILED), remedy=_OTHER_DISK
        )


def _prepared(layered: Layered) -> str:
    """The layer's directory, with all that is needed to lay it over the root."""
    for name in ("upper", "work", "merged"):
        (layered.layer / name).mkdir(parents=True, exist_ok=True)
    lower = layered.layer / "lower"
    lower.unlink(missing_ok=True)
    lower.symlink_to(layered.lower.absolute())
    return str(layered.layer.absolute())


def _machine_view(*, development: bool) -> list[str]:
    words = ["--tmpfs", "/"]
    for link, target in machine.links():
        words += ["--symlink", target, link]
    for place in (*machine.directories(), "/etc"):
        words += ["--ro-bind", place, place]
    resolver = Path("/etc/resolv.conf")
    if resolver.is_symlink():  # into /run, where a resolver of the machine writes it
        words += ["--ro-bind-try", str(resolver.resolve()), str(resolver.resolve())]
    if development:
        return words
    for place in machine.development_directories():
        words += ["--tmpfs", place]
    for program in machine.development_programs():
        words += ["--ro-bind", "/dev/null", program]
    return words


@contextmanager
def _pipe_of(data: bytes) -> Iterator[int]:
    """A descriptor that yields ``data``; a file, since a pipe holds only 64 KiB."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield file.fileno()


_PROBES = (
    (
        ["unshare", "--user", "--map-root-user", "--mount", "true"],
        "this machine does not let an ordinary user make user namespaces",
        "allow them (sysctl kernel.unprivileged_userns_clone=1 or user.max_user_namespaces; on Ubuntu "
        "kernel.apparmor_restrict_unprivileged_userns=0), or run where they are allowed",
    ),
    (
        ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "binfmt_misc", "none",
         "/proc/sys/fs/binfmt_misc"],
        "this kernel has no binfmt_misc of its own for a user namespace",
        "use Linux 6.7 or newer with binfmt_misc (modprobe binfmt_misc)",
    ),
)  # fmt: skip


def probe(*, emulate: bool) -> None:
    """Find out by doing whether sandboxes can be made here.

    :raises ProvisionError: they cannot; with the cause as the kernel says it.
    """
    for argv, fact, remedy in _PROBES if emulate else _PROBES[:1]:
        if shutil.which(argv[0]) is None:
            raise ProvisionError(f"{argv[0]} is not on PATH", remedy="install util-linux")
        done = process.run(argv, env={"PATH": _TRUSTED_PATH})
        if done.returncode != 0:
            raise ProvisionError(fact, cause=" ".join(done.tail), remedy=remedy)


def probe_layers(directory: Path) -> None:
    """Find out by doing whether the file system of a directory can hold the layers of sandboxes.

    :param directory: an empty one.
    :raises ProvisionError: it cannot, or no sandbox can be made here.
    :raises OSError: nothing can be written there.
    """
    (directory / "root").mkdir()
    layer = _prepared(Layered(directory / "root", directory / "layer"))
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    write = ["--", "touch", f"{layer}/merged/written"]
    done = process.run([*unshare, "sh", "-c", _SET_UP, "sh", "", layer, *write], env={"PATH": _TRUSTED_PATH})
    if done.returncode != 0:
        raise ProvisionError(
            f"the file system of {directory} cannot hold the layers of a sandbox",
            cause=" ".join(line for line in done.tail if line != _FAILED),
            remedy=_OTHER_DISK,
        )
