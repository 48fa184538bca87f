"""Commands on the machine itself, where neither user namespaces nor containers are to be had, or wanted.

Nothing is isolated: a command sees the whole machine and may write where its user may. What crosswheel tells it
(paths, variables, the home and temporary directories) lies in the attempt's own directories.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from crosswheel import process
from crosswheel.errors import ProvisionError
from crosswheel.process import Completed
from crosswheel.provision.sandboxes import keeper
from crosswheel.seams import Layered, Mount, View
from crosswheel.site import places
from crosswheel.site.paths import on_machine

_HARMLESS = re.compile(r"[A-Za-z0-9_./+@-]{1,180}")
_TEMPORARY = "/tmp"  # noqa: S108 -- of the view: the attempt's own
_KEPT = (sys.executable, "-I", "-S", keeper.__file__)
# A command that is missing is the shell's to tell, with 127, as in the other sandboxes.
_STARTED = ("/bin/sh", "-c", 'exec "$@"', "sh")
# A session's first process has the terminal once it opens it.
_ATTACHED = ("/bin/sh", "-c", '{ true <>/proc/self/fd/0; } 2>/dev/null; exec "$@"', "sh")


def check_place(directory: Path) -> None:
    """See that commands can work below a directory: its path gets into shell lines, PATH, first lines of scripts.

    :raises ProvisionError: they cannot. The kernel reads 255 bytes of such a first line (execve(2)).
    """
    if not _HARMLESS.fullmatch(str(directory)):
        raise ProvisionError(
            f"commands on the machine itself cannot work in {directory}",
            cause="its path stands in scripts, where only letters, digits and . / + @ - _ do no harm, "
            "180 of them at most",
            remedy="name another directory with --cache-dir",
        )


class OnMachine:
    """Runs commands on the machine itself, with the paths of a view translated to where they lead.

    :param log: gets every line that a command prints.
    :raises ProvisionError: the view has another root than the machine's.
    """

    def __init__(self, view: View, log: IO[str] | None = None) -> None:
        layered = view.root or next(
            (one.source for one in view.mounts if isinstance(one.source, Layered)), None
        )
        if layered is not None or view.emulate is not None:
            raise ProvisionError(
                "commands on the machine itself have only its own programs",
                cause="another root was asked for",
                remedy="use --sandbox namespace or container",
            )
        self._mounts = view.mounts
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
        mounts = (*self._mounts, *(Mount(source, target) for target, source in (binds or {}).items()))
        done = process.run(
            [*_KEPT, *_STARTED, *(on_machine(word, mounts) for word in argv)],
            cwd=Path(on_machine(cwd, mounts)),
            env=_environment(env, mounts),
            on_line=on_line,
            log=self._log,
            capture=capture,
            stdout_only=capture,
        )
        return process.of_a_shell(done)

    def attach(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> int:
        """Run a command that has this process's terminal; see :class:`crosswheel.seams.Sandbox`."""
        code = process.attach(
            [*_KEPT, *_ATTACHED, *(on_machine(word, self._mounts) for word in argv)],
            cwd=Path(on_machine(cwd, self._mounts)),
            env=_environment(env, self._mounts),
        )
        return code if code >= 0 else 128 - code


def _environment(env: Mapping[str, str], mounts: Iterable[Mount]) -> dict[str, str]:
    """The variables of a command; what keeps it from the user's own directories on top of them."""
    mounted = {mount.target for mount in mounts}
    # Python writes what it compiled beside its sources, which for a Python in a home directory is there.
    own = {"PYTHONDONTWRITEBYTECODE": "1"}
    own |= {"TMPDIR": _TEMPORARY} if _TEMPORARY in mounted else {}
    own |= {"HOME": places.HOME} if places.HOME in mounted else {}
    return {name: on_machine(value, mounts) for name, value in {**own, **env}.items()}
