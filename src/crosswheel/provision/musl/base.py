"""The file system that a CPython for musl stands in: musl's loader, a shell, certificates; no Python."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from crosswheel import sample
from crosswheel.architectures import Architecture
from crosswheel.model import Part
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.failing import failed
from crosswheel.provision.musl.system import lay
from crosswheel.provision.musl.table import table
from crosswheel.provision.roots import BaseRoot
from crosswheel.provision.sandboxes.namespace import Namespace, Tools
from crosswheel.provision.steps import told
from crosswheel.seams import Layered, Progress, Reach, View
from crosswheel.site import places
from crosswheel.store import Store, digest

__all__ = ["MuslBase"]

RECIPE = 1  # of how it is laid
_BASES = "musl-bases"


class MuslBase:
    """Roots with musl and without a Python, one an architecture.

    :param store: keeps them.
    :param debian: has the programs that run those of a root.
    :param mirror: an address to use in place of the machine's own mirror of Debian.
    """

    def __init__(
        self, store: Store, progress: Progress, *, debian: DebianSource, mirror: str | None = None
    ) -> None:
        self._store = store
        self._progress = progress
        self._debian = debian
        self._archive = Archive(store, progress, mirror)

    def key(self, arch: Architecture) -> str:
        """The suite and its packages; their versions are those of the suite."""
        rows = table()
        inputs = {"suite": rows.suite, "packages": rows.system, "recipe": RECIPE}
        return digest({**inputs, "arch": arch.name, "mirror": self._archive.mirror})

    def part(self, arch: Architecture, *, needed: bool) -> Part:
        """A root as a part of a plan."""
        present = not needed or self._store.has(_BASES, self.key(arch))
        return Part(f"musl for {arch.name} without Python", table().system_size, present)

    def reaches(self, arch: Architecture) -> tuple[Reach, ...]:
        """The mirror, unless the root is in the store."""
        return () if self._store.has(_BASES, self.key(arch)) else (self.mirror(arch),)

    def mirror(self, arch: Architecture) -> Reach:
        """The mirror, whatever is in the store."""
        suites = {table().suite: arch}
        return Reach("the Debian mirror", lambda: self._archive.ask(suites))

    def root(self, arch: Architecture) -> BaseRoot:
        """The root of an architecture, laid if it is not there yet.

        :raises ProvisionError: a part cannot be had, or its shell does not run.
        :raises OSError: the store cannot be written.
        """
        rows = table()
        entry = self._store.ensure(_BASES, self.key(arch), lambda entry: self._make(arch, entry))
        return BaseRoot(entry / "root", rows.suite, rows.musl)

    def _make(self, arch: Architecture, entry: Path) -> None:
        entry.chmod(0o700)  # its /tmp is open to all: nobody else may reach it
        rows, root = table(), entry / "root"
        with self._archive.fetched(rows.suite, arch, rows.system, closure=False, label="musl") as fetched:
            lay(fetched.files, root)
        packages = {package.name: package.version for package in fetched.packages}
        (entry / "manifest.json").write_text(json.dumps(packages, indent=1) + "\n", encoding="utf-8")
        # Links to its programs, which it alone can tell.
        self.run(arch, root, ["/usr/bin/busybox", "--install", "-s", "/usr/bin"], "a shell")

    def run(self, arch: Architecture, root: Path, argv: Sequence[str], what: str) -> None:
        """Run a program of a new root, and keep what it wrote to ``/usr/bin``.

        :param what: the program, for people.
        :raises ProvisionError: it does not run.
        """
        foreign = not sample.runs_here(arch)
        qemu: Mapping[str, Path] = {arch.name: self._debian.programs.qemu(arch).path} if foreign else {}
        tools = Tools(self._debian.programs.bubblewrap().path, qemu)
        with self._store.scratch() as scratch:
            view = View(Layered(root, scratch / "layer", arch), emulate=arch if foreign else None)
            with told(self._progress, "check", f"{what} for musl on {arch.name}"):
                done = Namespace(tools, view).run(argv, cwd="/", env={"PATH": places.SYSTEM_PATH})
            if done.returncode != 0:
                raise failed(f"{what} for musl on {arch.name} does not run", done)
            for link in (scratch / "layer/upper/usr/bin").glob("*"):
                link.rename(root / "usr/bin" / link.name)
