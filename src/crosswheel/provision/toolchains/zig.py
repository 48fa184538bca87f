"""zig as the C and C++ compiler of a target, behind the names of GCC's programs.

The programs are one static wrapper (``wrapper/``) that rewrites arguments and becomes zig. They run natively
on this machine and inside a root of another architecture alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crosswheel import musl
from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import Libc, LibcVersion
from crosswheel.provision.toolchains import fetching, shared_cxx, warming, wrappers
from crosswheel.provision.toolchains import musl as link_musl
from crosswheel.provision.toolchains.pin import PIN
from crosswheel.seams import Mount, Progress
from crosswheel.store import Store, digest

__all__ = [
    "SIZE",
    "VERSION",
    "Cxx",
    "HostDirs",
    "Layout",
    "Toolchain",
    "Zig",
    "fetch",
    "present",
    "target_name",
    "toolchain",
    "warm",
]

VERSION = PIN.version
SIZE = PIN.size
KIND = "toolchains"
Cxx = Literal["libc++", "libstdc++", "shared libc++"]
HostDirs = Literal["drop", "target"]


@dataclass(frozen=True)
class Zig:
    """A zig in the store.

    :param directory: it holds the program ``zig`` and its ``lib``.
    """

    directory: Path
    version: str


@dataclass(frozen=True)
class Layout:
    """Paths as the sandbox sees them.

    :param bin: the directory of the compilers' names.
    :param sysroot: the target's root; ``/`` where the compilers run inside it.
    :param cxx: the tree with libstdc++ (seen only where that is the C++ library).
    :param record: a file that gets a line for every C++ link of a shared object (``c++ OUTPUT``), every
        argument left out (``drop ARGUMENT: REASON``) and every refusal (``refuse ARGUMENT: REASON``).
    :param objects: where zig puts what it makes of sources; no call finds there what another left.
    :param ccache: the program that keeps objects, called where there are settings (``ccache_conf``) for it.
    :param host_dirs: what ``/usr`` holds: ``drop`` where it is the build machine's and must not be used.
    """

    zig: str = "/crosswheel/zig"
    cache: str = "/crosswheel/zig-cache"
    bin: str = "/crosswheel/bin"
    sysroot: str = "/crosswheel/sysroot"
    cxx: str = "/crosswheel/cxx"
    musl: str = "/crosswheel/musl"
    record: str = "/crosswheel/job/links"
    objects: str = "/crosswheel/job/zig"
    ccache: str = "/crosswheel/ccache/ccache"
    ccache_conf: str = "/crosswheel/job/compilations/ccache.conf"
    host_dirs: HostDirs = "drop"


@dataclass(frozen=True)
class Toolchain:
    """Compilers for one target.

    :param bin: the directory of their names on this machine.
    :param mounts: what a sandbox must see for them to run.
    """

    bin: Path
    mounts: tuple[Mount, ...]
    layout: Layout
    libraries: tuple[Path, ...] = ()  # others are linked statically, or are in every root

    @property
    def cc(self) -> str:
        """The C compiler's path in the sandbox."""
        return f"{self.layout.bin}/cc"

    @property
    def cxx(self) -> str:
        """The C++ compiler's path in the sandbox."""
        return f"{self.layout.bin}/c++"

    def env(self) -> Mapping[str, str]:
        """``CC`` and its like as paths in the sandbox; ``PATH`` is only the compilers' own directory."""
        tools = {name.upper(): f"{self.layout.bin}/{name}" for name in ("ar", "ranlib", "strip", "ld")}
        return {"CC": self.cc, "CXX": self.cxx, **tools, "PATH": self.layout.bin}


def present(store: Store) -> bool:
    """Whether zig is in the store."""
    return fetching.present(store)


def fetch(store: Store, progress: Progress) -> Zig:
    """The pinned zig, fetched at first need.

    :raises ProvisionError: it cannot be had: no network, an index without it, a file that is another.
    :raises OSError: the disk is full.
    """
    return Zig(fetching.fetched(store, progress), VERSION)


def target_name(arch: Architecture, floor: LibcVersion, libc: Libc = "manylinux") -> str:
    """zig's name of a target: ``aarch64-linux-gnu.2.17``, ``aarch64-linux-musl`` (zig has one musl)."""
    return musl.renamed(arch.zig) if libc == "musllinux" else f"{arch.zig}.{floor[0]}.{floor[1]}"


def warm(
    store: Store,
    zig: Zig,
    *,
    arch: Architecture,
    floor: LibcVersion,
    progress: Progress,
    cxx: bool = False,
    libc: Libc = "manylinux",
) -> None:
    """Have zig make a target's libraries, visibly; at once where that is done.

    :param cxx: zig's libc++ too, which takes a minute or more: for projects with C++ only.
    :raises ProvisionError: zig does not compile for the target.
    """
    for language in (False, True) if cxx else (False,):
        name = target_name(arch, floor, libc)
        warming.warmed(store, zig.directory, name, arch.zig_cpu, progress, cxx=language)


def toolchain(
    store: Store,
    zig: Zig,
    *,
    arch: Architecture,
    floor: LibcVersion,
    cxx: Cxx,
    layout: Layout,
    progress: Progress,
    cxx_root: Path | None = None,
    libc: Libc = "manylinux",
) -> Toolchain:
    """Compilers for a target, its C libraries made.

    :param floor: the glibc compiled against; for musl nothing depends on it.
    :param cxx: ``libc++`` is zig's, linked statically into each module; exceptions then cannot cross modules.
        ``libstdc++`` is the one in ``cxx_root``, linked dynamically. ``shared libc++`` is for musl, where Debian
        has no libstdc++: zig's in a library of its own.
    :param cxx_root: an unpacked Debian tree with libstdc++, libgcc_s and their headers.
    :raises ProvisionError: ``cxx_root`` lacks them, or zig does not run.
    """
    warm(store, zig, arch=arch, floor=floor, libc=libc, progress=progress)
    program = wrappers.compiled(store, zig.directory)
    target, triplet = target_name(arch, floor, libc), arch.triplet
    link: Path | None = None
    if libc == "musllinux":
        triplet, link = (
            musl.renamed(triplet),
            link_musl.library(store, zig.directory, target, musl.soname(arch)),
        )
        if cxx == "shared libc++":
            cxx_root = shared_cxx.made(store, zig.directory, target, arch.zig_cpu, link, progress)
    configuration = {
        "zig": f"{layout.zig}/zig",
        "target": target,
        "cpu": arch.zig_cpu,
        "abi": _long_double_abi(arch, libc),
        "triplet": triplet,
        "musl": f"{layout.musl}/{link.name}" if link else "",
        "clang": PIN.clang,
        "cxx": "libc++" if cxx == "shared libc++" else cxx,
        "cxx_root": layout.cxx if cxx == "libstdc++" else "",
        "cxx_library": f"{layout.cxx}/{shared_cxx.SONAME}" if cxx == "shared libc++" else "",
        "cxx_version": _gnu_cxx_version(cxx_root, arch) if cxx == "libstdc++" else "",
        "sysroot": layout.sysroot,
        "host_dirs": layout.host_dirs,
        "cache": layout.cache,
        "objects": layout.objects,
        "ccache": layout.ccache,
        "ccache_conf": layout.ccache_conf,
        "record": layout.record,
    }
    key = digest({"wrapper": wrappers.key(zig.directory), "names": wrappers.NAMES, "conf": configuration})
    directory = store.ensure(
        KIND, key, lambda entry: wrappers.install(program, entry, triplet, configuration)
    )
    mounts = (
        Mount(zig.directory, layout.zig),
        Mount(store.shared(warming.CACHE), layout.cache, writable=True, cache=True),
        Mount(directory, layout.bin),
        *((Mount(link.parent, layout.musl),) if link else ()),
        *((Mount(cxx_root, layout.cxx),) if cxx_root and cxx != "libc++" else ()),
    )
    shared = (cxx_root / shared_cxx.SONAME,) if cxx_root and cxx == "shared libc++" else ()
    return Toolchain(directory, mounts, layout, shared)


def has_cxx_library(arch: Architecture, libc: Libc) -> bool:
    """Whether zig's libc++ is of any use: it is made with zig's long double, whatever ``-mabi`` says."""
    return not _long_double_abi(arch, libc)


def _long_double_abi(arch: Architecture, libc: Libc) -> str:
    """What ``-mabi`` must say: zig means IEEE's on ppc64le, whose functions only glibc 2.32 and newer have."""
    return "ibmlongdouble" if arch.long_double.startswith("IBM_") and libc == "manylinux" else ""


def _gnu_cxx_version(cxx_root: Path | None, arch: Architecture) -> str:
    """The name of the directory of libstdc++'s headers (``10``)."""
    found = sorted((cxx_root or Path("/nonexistent")).glob("usr/include/c++/*/vector"))
    for header in reversed(found):
        version = header.parent.name
        assert cxx_root is not None
        if (cxx_root / "usr/include" / arch.triplet / "c++" / version).is_dir():
            return version
    raise ProvisionError(
        f"libstdc++ for {arch.name} is not in {cxx_root}",
        cause="it has no usr/include/c++/VERSION with a directory of the target beside it",
    )
