"""The source ``musl``."""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from crosswheel.architectures import HOST
from crosswheel.errors import ProvisionError
from crosswheel.model import LibcVersion, Part, Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.failing import failed
from crosswheel.provision.musl.compilation import Compilation, builder
from crosswheel.provision.musl.system import MuslRoot, lay
from crosswheel.provision.musl.table import table
from crosswheel.provision.sandboxes.namespace import Namespace, Tools
from crosswheel.provision.steps import told
from crosswheel.seams import Layered, Progress, Reach, Root, View
from crosswheel.site import places
from crosswheel.store import Store, digest

RECIPE = 1  # of the file system around CPython; CPython's own is in recipe/
_ROOTS = "musl-roots"
# What does not run, or does not know for what it is, is not kept.
_CHECK = (
    "import bz2, ctypes, hashlib, lzma, sysconfig, zlib; ctypes.CDLL(None).strlen(b''); hashlib.sha256(); "
    "assert sysconfig.get_config_var('MULTIARCH')"
)


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
        """The suites, zig, and the recipes; the versions of the packages are those of the suites."""
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
        suites = {table().suite: target.arch}
        return (Reach("the Debian mirror", lambda: self._archive.ask(suites)),)

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
        rows, root = table(), entry / "root"
        with self._archive.fetched(
            rows.suite, target.arch, rows.system, closure=False, label="musl"
        ) as fetched:
            lay(fetched.files, root)
        packages = {package.name: package.version for package in fetched.packages}
        (entry / "manifest.json").write_text(json.dumps(packages, indent=1) + "\n", encoding="utf-8")
        # Links to its programs, which it alone can tell.
        self._run(target, root, ["/usr/bin/busybox", "--install", "-s", "/usr/bin"], "a shell")
        python = self._compilation.cpython(target.python, target.arch)
        shutil.copytree(python, root, symlinks=True, dirs_exist_ok=True, copy_function=os.link)
        self._run(
            target, root, [_executable(target.python), "-c", _CHECK], f"CPython {target.python.version}"
        )

    def _run(self, target: Target, root: Path, argv: Sequence[str], what: str) -> None:
        """Run a program of a new root, and keep what it wrote to ``/usr/bin``.

        :param what: the program, for people.
        """
        arch = target.arch
        foreign = HOST.name not in arch.runs_on
        qemu: Mapping[str, Path] = {arch.name: self.debian.programs.qemu(arch).path} if foreign else {}
        tools = Tools(self.debian.programs.bubblewrap().path, qemu)
        with self._store.scratch() as scratch:
            view = View(Layered(root, scratch / "layer", arch), emulate=arch if foreign else None)
            with told(self._progress, "check", f"{what} for musl on {arch.name}"):
                done = Namespace(tools, view).run(argv, cwd="/", env={"PATH": places.SYSTEM_PATH})
            if done.returncode != 0:
                raise failed(f"{what} for musl on {arch.name} does not run", done)
            for link in (scratch / "layer/upper/usr/bin").glob("*"):
                link.rename(root / "usr/bin" / link.name)


def _executable(python: Python) -> str:
    return f"/usr/local/bin/python{python.version}{python.suffix}"
