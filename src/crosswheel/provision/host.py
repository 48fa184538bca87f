"""The source ``host``: this machine's own CPythons, for wheels of its own architecture."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crosswheel.architectures import HOST, Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import LibcVersion, Part, Python, Target
from crosswheel.provision import pythons
from crosswheel.seams import Mount, Reach, Root


@dataclass(frozen=True)
class Machine:
    """This machine as a root: its own Python and C library."""

    python: str
    libc_version: LibcVersion
    mounts: tuple[Mount, ...]
    arch: Architecture = HOST
    path: None = None


class HostSource:
    """CPythons on PATH, of pyenv and of uv.

    :param environ: where they are looked for (PATH, HOME, PYENV_ROOT, UV_PYTHON_INSTALL_DIR).
    """

    name = "host"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def offers(self, target: Target) -> bool:
        """Whether an executable of that name is there; it is not run yet."""
        plain = target.python.implementation == "cp" and not target.python.suffix
        native = target.libc == "manylinux" and target.arch == HOST
        return plain and native and bool(pythons.candidates(target.python, self._environ))

    def parts(self, target: Target) -> tuple[Part, ...]:  # noqa: ARG002
        """Nothing: what it offers is here."""
        return ()

    def key(self, target: Target) -> str:
        """The executable, by its path, size and time, and the C library."""
        found = pythons.candidates(target.python, self._environ)[:1]
        facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in found]
        return str((facts, os.confstr("CS_GNU_LIBC_VERSION")))

    def libc_version(self, target: Target) -> LibcVersion:  # noqa: ARG002 -- it has one
        """This machine's."""
        return _glibc()

    def reaches(self, target: Target) -> tuple[Reach, ...]:  # noqa: ARG002
        """Nobody: what it offers is here."""
        return ()

    def describe(self) -> str:
        """What is here, for people."""
        minors = [Python("cp", 3, minor) for minor in range(9, 16)]
        found = [python.version for python in minors if pythons.candidates(python, self._environ)]
        return f"host has CPython {', '.join(found) or '(none)'} for {HOST.name}"

    def root(
        self,
        target: Target,
        finish: Callable[[Root], None] | None = None,  # noqa: ARG002 -- nothing is made
    ) -> Machine:
        """This machine with one of its Pythons.

        :raises ProvisionError: none of that name works.
        """
        found = pythons.find(target.python, self._environ) if target.arch == HOST else None
        if found is None:
            raise ProvisionError(
                f"no CPython {target.python.version} of this machine works", cause=self.describe()
            )
        return Machine(str(found.executable), _glibc(), found.mounts)


def _glibc() -> LibcVersion:
    version = (os.confstr("CS_GNU_LIBC_VERSION") or "glibc 0.0").split()[-1].split(".")
    return int(version[0]), int(version[1])
