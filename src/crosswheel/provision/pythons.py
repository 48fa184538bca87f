"""Native Pythons of this machine: on PATH, of pyenv, of uv."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel import process
from crosswheel.model import Python
from crosswheel.seams import Mount

_ELF = b"\x7fELF"
_SEEN = ("/usr/", "/opt/")  # what every sandbox of the machine's own programs sees
# Prints where it stands and what it is, flags included (d for a debug build); fails where it has not 64 bits.
_QUESTION = (
    "import sys; assert sys.maxsize > 2**32; print(sys.base_prefix); "
    "print(sys.implementation.name, '%d.%d' % sys.version_info[:2] + getattr(sys, 'abiflags', ''))"
)
_IMPLEMENTATIONS = {"cp": "cpython", "pp": "pypy", "gp": "graalpy"}  # sys.implementation.name


@dataclass(frozen=True)
class MachinePython:
    """A Python of this machine.

    :param prefix: its ``sys.base_prefix``.
    """

    executable: Path
    prefix: Path

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What a sandbox must see of it beyond ``/usr`` and ``/opt``."""
        return hidden_places({self.prefix, self.executable.parent})


def hidden_places(places: Iterable[Path]) -> tuple[Mount, ...]:
    """Mounts, each at its own path, of the directories that sandboxes of the machine do not see by themselves."""
    hidden = sorted(place for place in places if not f"{place}/".startswith(_SEEN))
    outermost = [place for place in hidden if not any(other in place.parents for other in hidden)]
    return tuple(Mount(place, str(place)) for place in outermost)


def candidates(python: Python, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Executables that by their name are this Python; without running any."""
    return tuple(dict.fromkeys(_executables(python, environ)))


def _executables(python: Python, environ: Mapping[str, str]) -> Iterator[Path]:
    name, kind = python.directory, _IMPLEMENTATIONS[python.implementation]
    home = Path(environ.get("HOME", "/nonexistent"))
    on_path = [Path(place) / name for place in environ.get("PATH", "").split(os.pathsep) if place]
    pyenv = Path(environ.get("PYENV_ROOT", home / ".pyenv")) / "versions"
    uv = Path(environ.get("UV_PYTHON_INSTALL_DIR", home / ".local/share/uv/python"))
    # 3.14.0t and cpython-3.14.0+freethreaded-linux-x86_64-gnu; pypy3.11-7.3.19
    variant = "+freethreaded" if python.is_free_threaded else ""
    own = "" if kind == "cpython" else kind
    installed = [
        *_matching(pyenv, f"{own}{python.version}[.-]*{python.suffix}"),
        *_matching(uv, f"{kind}-{python.version}.*{variant}-linux-*"),
    ]
    for path in (*on_path, *(place / "bin" / name for place in installed)):
        if _is_program(path):
            yield path.resolve()


def _matching(directory: Path, pattern: str) -> list[Path]:
    try:
        return sorted(directory.glob(pattern))
    except OSError:  # PYENV_ROOT may name another user's directory
        return []


def _is_program(path: Path) -> bool:
    """Whether it is an executable itself, not a shim of pyenv or a script that may start any other version."""
    try:
        with path.open("rb") as file:
            return os.access(path, os.X_OK) and file.read(4) == _ELF
    except OSError:
        return False


def find(python: Python, environ: Mapping[str, str]) -> MachinePython | None:
    """The first of the candidates that runs and is what its name says."""
    expected = f"{_IMPLEMENTATIONS[python.implementation]} {python.version}{python.suffix}"
    for path in candidates(python, environ):
        done = process.run([path, "-IS", "-c", _QUESTION], capture=True, env={})
        lines = done.output.splitlines()
        if done.returncode == 0 and len(lines) == 2 and lines[1] == expected:
            return MachinePython(path, Path(lines[0]))
    return None


def own() -> MachinePython:
    """The Python that runs crosswheel."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    return MachinePython(Path(shutil.which(base) or base).resolve(), Path(sys.base_prefix))
