"""What jobs share: roots, native Pythons, emulators and toolchains, each fetched at first need."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from crosswheel import sample
from crosswheel.architectures import HOST
from crosswheel.engines.foresight import compiles
from crosswheel.errors import ProvisionError
from crosswheel.events import Noted
from crosswheel.model import ZIG_ENGINES, EngineName, Job, Python, Target
from crosswheel.once import once
from crosswheel.options import AUTO_SANDBOX, ContainerEngine, Sandboxing
from crosswheel.pipeline.catalogue import GCC_ENGINE
from crosswheel.pipeline.sandboxes import Sandboxes
from crosswheel.plan.fit import about_compilers
from crosswheel.provision import cargo, native_programs, own_rust, pythons, uv
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.own_rust import OwnRust
from crosswheel.provision.roots import Root as UnpackedRoot
from crosswheel.provision.standalone import StandaloneSource
from crosswheel.provision.steps import told
from crosswheel.provision.this_machine import ThisMachine
from crosswheel.provision.toolchains import ccache, zig
from crosswheel.provision.toolchains.ccache import Compilations
from crosswheel.provision.toolchains.gcc import Gcc
from crosswheel.seams import Layered, Mount, NativePrograms, Progress, Root, Rust, Source, Toolchain, View
from crosswheel.site import places
from crosswheel.site.site import NativePython, RootUv
from crosswheel.store import Store
from crosswheel.wheels.exports import libc_exports, python_exports

Cxx = zig.Cxx


class NoNativePythonError(ProvisionError):
    """There is no Python of this machine that could describe a target of the same version."""


class Parts:
    """Hands out parts; asks for each at most once in a run.

    :param sources: those of the plan.
    :param debian: where the programs come from that make sandboxes, whatever source the jobs have.
    :param keep: whether compilations are kept, and those of earlier runs used.
    """

    def __init__(
        self,
        store: Store,
        sources: Sequence[Source],
        debian: DebianSource,
        progress: Progress,
        sandboxing: Sandboxing = AUTO_SANDBOX,
        *,
        keep: bool = True,
    ) -> None:
        self.store = store
        self.machine = ThisMachine()
        self._sources = {source.name: source for source in sources}
        self._debian = debian
        self._progress = progress
        self.sandboxes = Sandboxes(store, debian, progress, sandboxing)
        self.native = once(self._native)
        self.zig = once(lambda: zig.fetch(store, progress))
        self.python_exports = once(python_exports)
        self.libc_exports = once(libc_exports)
        self.keep = keep
        self._ccache = once(self._fetched_ccache)
        self._runtime = once(debian.runtime)
        self._tell_of_own = once(self._told_of_own)
        self._tell = once(lambda text: progress(Noted(text, warning=True)))

    def root(self, job: Job) -> Root:
        """The target's root with its Python."""
        python = job.target.python
        source = self._sources[job.source]
        engine = job.options.container_engine
        root = source.root(job.target, finish=lambda root: self._compile(root, python, engine))
        if job.root_libc != root.libc_version:  # only now can it be told what it means
            for text in about_compilers([replace(job, root_libc=root.libc_version)]):
                self._tell(text)
        return root

    def lay_lists(self, root: Root, upper: Path) -> None:
        """Let a Debian root's apt install without an update before it; where it cannot, apt itself will say so.

        :param upper: what is written over the root.
        """
        if isinstance(root, UnpackedRoot):
            with contextlib.suppress(ProvisionError):
                self._debian.lay_lists(root.suite, root.arch, upper)

    def _native(self, python: Python, engine: ContainerEngine) -> tuple[Path | None, str, tuple[Mount, ...]]:
        """A native Python of the same minor: root (None: the machine), executable, mounts."""
        found = pythons.find(python, os.environ)
        if found is not None:
            return None, str(found.executable), found.mounts
        native = Target(python, "manylinux", HOST)
        if not self._debian.offers(native) and (standalone := self._standalone(python)) is not None:
            own = standalone.native(python)
            return None, str(own.executable), own.mounts
        root = self._debian.root(native, finish=lambda root: self._compile(root, python, engine))
        return root.path, root.python, ()

    def _standalone(self, python: Python) -> StandaloneSource | None:
        """Where a native Python is had from that neither the machine nor Debian has."""
        found = self._sources.get(StandaloneSource.name)
        return found if isinstance(found, StandaloneSource) and found.offers_native(python) else None

    def native_python(
        self, python: Python, layer: Path, engine: ContainerEngine, *, exact: bool = True
    ) -> NativePython:
        """The native Python for one attempt.

        :param layer: takes what is written to its root.
        :param engine: of containers, where sandboxes are such.
        :param exact: whether it must be of the same minor version: where only uv uses it, any serves.
        :raises NoNativePythonError: it must be, and nobody has one.
        """
        if not (
            pythons.candidates(python, os.environ)
            or self._debian.offers(Target(python, "manylinux", HOST))
            or (exact and self._standalone(python))
        ):
            if exact:
                raise NoNativePythonError(f"no {python.title} for {HOST.name} is known to be had")
            own = pythons.own()
            return NativePython(None, str(own.executable), own.mounts)
        root, executable, mounts = self.native(python, engine)
        return NativePython(Layered(root, layer) if root else None, executable, mounts)

    def toolchain(self, job: Job, engine: EngineName, cxx: Cxx, record: str) -> Toolchain | None:
        """The compilers of an engine; None where it uses the root's own.

        :raises ProvisionError: they cannot be had.
        """
        arch = job.target.arch
        if engine == GCC_ENGINE:
            root = self.root(job)
            assert isinstance(root, UnpackedRoot), "a plan has this engine only for Debian's roots"
            return Gcc(self._debian.cross_gcc(root.suite, arch), arch)
        if engine not in ZIG_ENGINES:
            return None
        layout = zig.Layout(
            sysroot=places.SYSROOT if engine == "cross" else "/",
            host_dirs="drop" if engine == "cross" else "target",
            record=record,
        )
        if cxx == "libstdc++" and job.target.libc == "musllinux":
            cxx = "shared libc++"
        cxx_root = self._debian.cxx_root(arch) if cxx == "libstdc++" else None
        return zig.toolchain(
            self.store, self.zig(), arch=arch, libc=job.target.libc, floor=job.floor, cxx=cxx, cxx_root=cxx_root,
            layout=layout, progress=self._progress,
        )  # fmt: skip

    def compilations(self, project: Path) -> Compilations | None:
        """ccache; None where it is not wanted, cannot be had (which is said once), or has nothing to do.

        :param project: where nothing in it is compiled, ccache is not fetched.
        """
        if not self.keep or not (ccache.present(self.store) or compiles(project)):
            return None
        return self._ccache()

    def _fetched_ccache(self) -> Compilations | None:
        try:
            return ccache.fetch(self.store, self._progress)
        except ProvisionError as error:
            text = f"{error.fact}, so what is compiled now is not kept for later runs"
            self._progress(Noted(text, warning=True))
            return None

    def rust(self, job: Job, engine: EngineName) -> Rust | None:
        """Rust for the target; None where the root's own is used.

        The user's own, where it has the target's library; in a root of another architecture or C library Debian's,
        which brings its C library along.

        :raises ProvisionError: it cannot be had.
        """
        if engine == "emulated":
            return None
        target = job.target
        registry = cargo.registry(self.store, os.environ)
        native = None if target.rust == HOST.rust else self._native_compilers()
        in_root = engine != "cross" and native is not None
        own = own_rust.find(os.environ)
        mounts: tuple[Mount, ...]
        if own is not None and own.serves(target.rust) and not in_root:
            binaries, mounts = f"{places.RUST}/bin", (Mount(own.sysroot, places.RUST),)
        else:
            if own is not None and not own.serves(target.rust):
                self._tell_of_own(own, target.rust)
            mounts = self._debian.rust.mounts(target, in_root=in_root, native=native)
            binaries = f"{places.RUST}/usr/bin"
        further = native.mounts if native else ()
        return Rust(binaries, (*mounts, *registry.mounts, *further), registry.env, native)

    def _told_of_own(self, own: OwnRust, triple: str) -> None:
        text = (
            f"your Rust ({own.name}) has no library for {triple}, so Debian's is used; "
            f"rustup target add {triple} makes it yours"
        )
        self._progress(Noted(text))

    def _native_compilers(self) -> Toolchain:
        """zig for this machine, beside the target's compilers."""
        layout = zig.Layout(bin=places.NATIVE_BIN, sysroot="", record="")
        return zig.toolchain(
            self.store, self.zig(), arch=HOST, floor=HOST.floor, cxx="libc++", layout=layout,
            progress=self._progress,
        )  # fmt: skip

    def warm_cxx(self, job: Job) -> None:
        """Have zig make its C++ library for the job's target, once and visibly: a minute or two."""
        zig.warm(
            self.store, self.zig(), arch=job.target.arch, libc=job.target.libc, floor=job.floor,
            progress=self._progress, cxx=True,
        )  # fmt: skip

    def native_programs(self, name: str, version: str) -> NativePrograms | None:
        """This machine's programs of a wheel, for a root of another architecture; None where there is no wheel.

        :raises ProvisionError: what they run with cannot be had.
        """
        return native_programs.fetched(self.store, self._progress, self._runtime, name, version)

    def _compile(self, root: Root, python: Python, engine: ContainerEngine) -> None:
        """Byte-compile a new root's library: otherwise every emulated start does it.

        By a native Python; where nobody has one, by the root's own, emulated once in place of each time. Pyc files
        that need no check of their sources (PEP 552): the library of a root does not change.
        """
        assert root.path is not None, "a new root has files"
        arch, prefix = root.arch, Path(root.python).parents[1]
        with self.store.scratch() as scratch:
            layer, runs = scratch / "layer", HOST
            native = NativePython(Layered(root.path, layer, arch), root.python)
            if arch != HOST:
                try:
                    native = self.native_python(python, layer, engine)
                except NoNativePythonError:
                    runs = arch
            emulate = runs if not sample.runs_here(runs) else None
            mounts = (*native.mounts, Mount(root.path, places.SYSROOT, writable=True))
            view = View(native.root, mounts, emulate=emulate)
            library = f"{places.SYSROOT}{prefix}/lib/{python.directory}"
            # Some files of the library are wrong on purpose: its status says nothing.
            with (
                told(self._progress, "compile", f"the library of {python.title} for {arch.name}"),
                self.sandboxes.opened(runs, engine, scratch) as make_sandbox,
            ):
                make_sandbox(view).run(
                    [native.executable, "-m", "compileall", "-q", "-j2", "-s", places.SYSROOT,
                     "--invalidation-mode", "unchecked-hash", "-x", "/(test|tests|lib2to3)/", library],
                    cwd="/",
                    env={"PATH": places.SYSTEM_PATH},
                )  # fmt: skip

    def uv_mounts(self) -> tuple[Mount, ...]:
        """uv and its cache, for any sandbox."""
        return uv.mounts(self.store, os.environ)

    def uv_in_root(self, target: Target) -> RootUv:
        """How uv runs in a root of the target.

        :raises ProvisionError: what it runs with cannot be had.
        """
        return uv.in_root(None if uv.runs_in_root(target) else self._runtime(), os.environ)

    def uv_env(self) -> Mapping[str, str]:
        """The variables uv runs with."""
        return uv.environment(os.environ)
