"""Images in manylinux and musllinux layout, made of roots of the cache; podman with a storage of the tests' own."""

import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ENTRYPOINT = b'#!/bin/sh\nexec "$@"\n'


@dataclass(frozen=True)
class Layout:
    """Where the official images have a Python, and where a root has it.

    :param tags: its directory in ``/opt/python``.
    :param inner: what that leads to.
    :param prefix: of the root's Python.
    :param name: of its program, and of the directory of its library.
    """

    tags: str = "cp311-cp311"
    inner: str = "opt/_internal/cpython-3.11"
    prefix: str = "usr"
    name: str = "python3.11"

    @property
    def moved(self) -> tuple[str, ...]:
        """What of the root becomes part of ``inner``."""
        return tuple(f"{self.prefix}/{place}/{self.name}" for place in ("bin", "lib", "include"))

    @property
    def links(self) -> dict[str, str]:
        names = {f"{self.inner}/bin/{name}": self.name for name in ("python", "python3")}
        return {**names, f"opt/python/{self.tags}": f"/{self.inner}"}

    def place(self, name: str) -> str:
        """Where a file of the root is in the image; empty where it is left out."""
        if name in (f"{self.prefix}/bin/python", f"{self.prefix}/bin/python3"):
            return ""
        is_moved = any(name == old or name.startswith(f"{old}/") for old in self.moved)
        return f"{self.inner}/{name.removeprefix(self.prefix + '/')}" if is_moved else name


CPYTHON = Layout()
MUSL = Layout(prefix="usr/local")
PYPY = Layout("pp311-pypy311_pp73", "opt/_internal/pp311-pypy311_pp73", name="pypy3.11")


@dataclass(frozen=True)
class Podman:
    """podman with a storage of its own, for tests and for the crosswheel that they run.

    :param env: the variables that say where it is.
    """

    env: Mapping[str, str]

    def __call__(self, *arguments: str | Path) -> str:
        done = subprocess.run(
            ["podman", *map(str, arguments)], check=True, env=self.env, capture_output=True, text=True
        )
        return done.stdout

    def add(self, archive: Path, name: str, arch: str) -> str:
        """Take an archive as an image.

        :param arch: what the image says that it is for (``arm64``), be it true or not.
        """
        self("import", "--arch", arch, "--change", 'ENTRYPOINT ["manylinux-entrypoint"]', archive, name)
        return name


@contextmanager
def podman(directory: Path, variables: Mapping[str, str]) -> Iterator[Podman]:
    """podman in an empty directory; what it keeps there ends with the block.

    :param variables: of the user.
    """
    directory.mkdir(mode=0o700, exist_ok=True)
    storage = directory / "storage.conf"
    # One mapped id is enough: not every user has a range of them.
    storage.write_text('[storage]\ndriver = "vfs"\n[storage.options.vfs]\nignore_chown_errors = "true"\n')
    (directory / "runtime").mkdir(mode=0o700)
    env = {
        "HOME": variables["HOME"],
        "PATH": variables["PATH"],
        "CONTAINERS_STORAGE_CONF": str(storage),
        "XDG_DATA_HOME": str(directory / "data"),
        "XDG_CONFIG_HOME": str(directory / "config"),
        "XDG_RUNTIME_DIR": str(directory / "runtime"),
    }
    made = Podman(env)
    try:
        yield made
    finally:
        made("unshare", "rm", "-rf", directory / "data")


def archived(root: Path, archive: Path, layout: Layout = CPYTHON, left_out: tuple[str, ...] = ()) -> Path:
    """The archive of a root with its Python where the official images have theirs.

    :param left_out: what a test does not need, by the beginnings of paths.
    """
    with tarfile.open(archive, "w") as tar:
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            place = "" if name.startswith(left_out) else layout.place(name)
            if place and (path.is_symlink() or path.is_file() or path.is_dir()):
                _add(tar, path, place, layout)
        for name, target in layout.links.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
        _add_text(tar, "usr/local/bin/manylinux-entrypoint", _ENTRYPOINT, 0o755)
    return archive


def tiny(archive: Path) -> Path:
    """The archive of an image with nothing of use."""
    with tarfile.open(archive, "w") as tar:
        _add_text(tar, "etc/motd", b"hello\n", 0o644)
    return archive


def _add(tar: tarfile.TarFile, path: Path, name: str, layout: Layout) -> None:
    if name.startswith(layout.inner) and path.name.startswith("_sysconfigdata_") and path.suffix == ".py":
        text = path.read_text(encoding="utf-8")
        for old in layout.moved:
            text = text.replace(f"/{old}", f"/{layout.place(old)}")
        text = text.replace(f"'/{layout.prefix}'", f"'/{layout.inner}'")
        _add_text(tar, name, text.encode(), 0o644)
        return
    entry = tar.gettarinfo(path, name)
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    if entry.isreg():
        with path.open("rb") as file:
            tar.addfile(entry, file)
    else:
        tar.addfile(entry)


def _add_text(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))
