"""zig's libc++ as one shared library, for wheels of several C++ modules where the target has no libstdc++ to link.

zig links libc++ statically and hidden into each module, so that an exception of one is not caught in another. The
library that is made here goes into such a wheel once, as auditwheel does with any that the user's machine lacks.
"""

from pathlib import Path

from crosswheel import process
from crosswheel.provision.failing import failed
from crosswheel.provision.steps import told
from crosswheel.provision.toolchains import warming
from crosswheel.seams import Progress
from crosswheel.store import Store, digest

KIND = "cxx-roots"
SONAME = "libc++.so.1"
# As zig's src/libs/libcxx.zig compiles it, but for all symbols to be seen; and types are the same whose names are,
# as with libstdc++: every module has its own copy of the types in its headers.
_OPTIONS = (
    "-shared", "-fPIC", "-O2", "-g0", "-s", "-fno-sanitize=all", "-std=c++23", "-DNDEBUG",
    "-D_LIBCPP_BUILDING_LIBRARY", "-DLIBCXX_BUILDING_LIBCXXABI", "-D_LIBCXXABI_BUILDING_LIBRARY",
    "-DLIBC_NAMESPACE=__llvm_libc_common_utils", "-D_LIBCPP_TYPEINFO_COMPARISON_IMPLEMENTATION=2", "-w",
)  # fmt: skip
_HEADERS = ("libcxx/src", "libcxx/libc", "libcxxabi/src", "libcxxabi/include")
# Of other systems, and what is not part of the library.
_NOT_OURS = ("win32", "ibm", "pstl", "experimental")
_NOT_THESE = ("int128_builtins.cpp", "cxa_noexception.cpp")


def key(zig: Path, target: str, cpu: str, link: Path) -> str:
    inputs = {"target": target, "cpu": cpu, "options": _OPTIONS, "link": link.name}
    return digest({"zig": zig.parent.name, **inputs})


def sources(zig: Path) -> tuple[Path, ...]:
    """The files that make it."""
    found = (path for part in ("libcxx", "libcxxabi") for path in (zig / "lib" / part / "src").rglob("*.cpp"))
    return tuple(
        sorted(path for path in found if path.parent.name not in _NOT_OURS and path.name not in _NOT_THESE)
    )


def made(store: Store, zig: Path, target: str, cpu: str, link: Path, progress: Progress) -> Path:
    """A directory with the library, made at first need: about two minutes of a processor.

    :param zig: the directory with the program ``zig``.
    :param target: zig's name of it (``aarch64-linux-musl``).
    :param cpu: in zig's words: the oldest that wheels are for.
    :param link: what stands for the target's C library in a link.
    :raises ProvisionError: zig does not compile it.
    """
    cache = str(store.shared(warming.CACHE))

    def make(entry: Path) -> None:
        headers = [f"-I{zig / 'lib' / place}" for place in _HEADERS]
        with told(progress, "compile", f"libc++ for {target} as a shared library"):
            done = process.run(
                [zig / "zig", "c++", "-target", target, f"-mcpu={cpu}", "-dynamic", *_OPTIONS, *headers,
                 *sources(zig), "-lunwind", "-Wl,--no-as-needed", link, f"-Wl,-soname,{SONAME}",
                 "-o", entry / SONAME],
                env={"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache, "PATH": "/usr/bin:/bin"},
            )  # fmt: skip
        if done.returncode != 0:
            raise failed(f"zig does not compile its libc++ for {target}", done)

    return store.ensure(KIND, key(zig, target, cpu, link), make)
