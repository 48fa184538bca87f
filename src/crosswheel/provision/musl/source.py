"""The source ``musl``."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from crosswheel.errors import ProvisionError
from crosswheel.model import LibcVersion, Part, Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.musl.base import RECIPE, MuslBase
from crosswheel.provision.musl.compilation import Compilation, builder
from crosswheel.provision.musl.system import MuslRoot
from crosswheel.provision.musl.table import table
from crosswheel.seams import Progress, Reach, Root
from crosswheel.store import Store, digest

_ROOTS = "musl-roots"
# What does not run, or does not know for what it is, is not kept.
_CHECK = """\
import _hashlib, bz2, ctypes, hashlib, lzma, sqlite3, ssl, sysconfig, zlib
ctypes.CDLL(None).strlen(b"")
assert hashlib.sha256(b"").digest() == _hashlib.openssl_sha256(b"").digest()
assert sqlite3.connect(":memory:").execute("select 1").fetchone() == (1,)
assert ssl.create_default_context().cert_store_stats()["x509_ca"]
assert sysconfig.get_config_var("MULTIARCH")
"""


class MuslSource:
    """Roots with musl and a CPython that zig compiled.

    :param store: keeps the roots.
    :param debian: has the root that the compilers run in, and the programs that make sandboxes.
    :param mirror: an address to use in place of the machine's own mirror of Debian.
    """

    name = "musl"

    def __init__(
        self, store: Store, progress: Progress, *, debian: DebianSource, mirror: str | None = None
    ) -> None:
        self._store = store
        self._progress = progress
        self.debian = debian
        self._archive = Archive(store, progress, mirror)
        self.base = MuslBase(store, progress, debian=debian, mirror=mirror)
        self._compilation = Compilation(store, progress, debian, self._archive)

    def offers(self, target: Target) -> bool:
        """Whether the target's Python can be compiled; without asking the network."""
        return target.libc == "musllinux" and table().has(target.python, target.arch)

    def libc_version(self, target: Target) -> LibcVersion | None:
        """The musl of every root."""
        return table().musl if self.offers(target) else None

    def describe(self) -> str:
        """Which Pythons it has for what, as a sentence without a full stop."""
        rows = table()
        return f"musl has {', '.join(rows.pythons)} for musl on {', '.join(rows.architectures)}"

    def key(self, target: Target) -> str:
        """The suites, zig, the recipes and the base's; the versions of the packages are those of the suites."""
        rows, python = table(), self._compilation.key(target.python, target.arch)
        inputs = {"python": python, "suite": rows.suite, "packages": rows.system, "recipe": RECIPE}
        return digest({**inputs, "arch": target.arch.name, "mirror": self._archive.mirror})

    def parts(self, target: Target) -> tuple[Part, ...]:
        """The root, the one it is compiled in, and the programs that run it; without asking the network."""
        if not self.offers(target):
            return ()
        python, rows = target.python, table()
        present = self._store.has(_ROOTS, self.key(target))
        name = f"musl for {target.arch.name} with CPython {python.version}{python.suffix}, compiled once"
        size = rows.system_size + rows.libraries_size + rows.pythons[python.tag]
        compilers = () if present else self.debian.parts(builder(python))
        return (Part(name, size, present), *compilers, *self.debian.programs.parts(target.arch))

    def reaches(self, target: Target) -> tuple[Reach, ...]:
        """The mirror, unless the target's root is in the store."""
        if self._store.has(_ROOTS, self.key(target)):
            return ()
        return (self.base.mirror(target.arch),)

    def root(
        self,
        target: Target,
        finish: Callable[[Root], None] | None = None,  # noqa: ARG002 -- CPython compiled its library itself
    ) -> MuslRoot:
        """The root with a target's Python, compiled if it is not there yet: some minutes.

        :raises ProvisionError: a part cannot be had, or the Python cannot be compiled or does not run.
        :raises OSError: the store cannot be written.
        """
        if not self.offers(target):
            raise ProvisionError(
                f"no CPython {target.python.tag} can be compiled for musl on {target.arch.name}",
                cause=self.describe(),
                remedy="leave it out with CIBW_SKIP, or choose another source with --source",
            )
        entry = self._store.ensure(_ROOTS, self.key(target), lambda entry: self._make(target, entry))
        return MuslRoot(entry / "root", target.arch, table().musl, _executable(target.python))

    def _make(self, target: Target, entry: Path) -> None:
        entry.chmod(0o700)  # its /tmp is open to all: nobody else may reach it
        root, arch = entry / "root", target.arch
        shutil.copytree(self.base.root(arch).path, root, symlinks=True, copy_function=os.link)
        python = self._compilation.cpython(target.python, arch)
        shutil.copytree(python, root, symlinks=True, dirs_exist_ok=True, copy_function=os.link)
        program = _executable(target.python)
        self.base.run(arch, root, [program, "-c", _CHECK], f"CPython {target.python.version}")


def _executable(python: Python) -> str:
    return f"/usr/local/bin/python{python.version}{python.suffix}"
