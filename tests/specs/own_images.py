"""Images in manylinux layout, made of a Debian root of the cache, in a storage of the tests' own podman."""

import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_INNER = "opt/_internal/cpython-3.11"
_MOVED = ("usr/bin/python3.11", "usr/lib/python3.11", "usr/include/python3.11")
_LINKS = {
    f"{_INNER}/bin/python": "python3.11",
    f"{_INNER}/bin/python3": "python3.11",
    "opt/python/cp311-cp311": f"/{_INNER}",
}
_ENTRYPOINT = b'#!/bin/bash\nexec "$@"\n'


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


def manylinux(root: Path, archive: Path) -> Path:
    """The archive of a Debian root with its CPython 3.11 where the official images have theirs."""
    with tarfile.open(archive, "w") as tar:
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            if name != "usr/bin/python3" and (path.is_symlink() or path.is_file() or path.is_dir()):
                _add(tar, path, name)
        for name, target in _LINKS.items():
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


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    place = next((old for old in _MOVED if name == old or name.startswith(f"{old}/")), None)
    if place is not None:
        name = f"{_INNER}/{name.removeprefix('usr/')}"
    if place is not None and path.name.startswith("_sysconfigdata_") and path.suffix == ".py":
        text = path.read_text(encoding="utf-8")
        for old in _MOVED:
            text = text.replace(f"/{old}", f"/{_INNER}/{old.removeprefix('usr/')}")
        _add_text(tar, name, text.replace("'/usr'", f"'/{_INNER}'").encode(), 0o644)
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
