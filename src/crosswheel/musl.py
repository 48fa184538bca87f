"""How musl's things are called where glibc's are called otherwise.

Sources: musl's ``configure`` (the loader), Alpine's package ``musl`` (the library's soname, which auditwheel's
policies and the official images know), CPython's ``Misc/platform_triplet.c``.
"""

from crosswheel.architectures import Architecture

# musl's own names of architectures, where the table's differ.
_LOADERS = {"i686": "i386", "armv7l": "armhf", "ppc64le": "powerpc64le"}
_ALPINE = {"i686": "x86", "armv7l": "armv7"}
# Where long double is not as with glibc, in the words of the table (musl's ``arch/ARCH/bits/float.h``).
LONG_DOUBLES = {"ppc64le": "IEEE_DOUBLE_LE"}


# CPython before calls itself after glibc with musl too: in the suffix of modules, in ``MULTIARCH`` and in the name
# of ``_sysconfigdata`` (python/cpython#87278). What is published is named so: in musllinux wheels, MarkupSafe 3.0.2
# for cp39 has a ``_speedups.cpython-39-aarch64-linux-gnu.so``, kiwisolver for cp310 and i686 a
# ``_cext.cpython-310-i386-linux-gnu.so``.
OWN_TRIPLETS_SINCE = (3, 11)


def renamed(name: str) -> str:
    """The name for musl of what is called after glibc: ``arm-linux-gnueabihf``, ``aarch64-unknown-linux-gnu``."""
    return name.replace("-gnu", "-musl")


def loader(arch: Architecture) -> str:
    """The path of the loader, which is the whole C library too: ``/lib/ld-musl-aarch64.so.1``."""
    return f"/lib/ld-musl-{_LOADERS.get(arch.name, arch.name)}.so.1"


def soname(arch: Architecture) -> str:
    """What objects call the library: ``libc.musl-aarch64.so.1``."""
    return f"libc.musl-{_ALPINE.get(arch.name, arch.name)}.so.1"


def is_musl(library: str) -> bool:
    """Whether an object that needs this library is linked against musl.

    ``libc.so`` is its own name, which zig and distributions other than Alpine have.
    """
    return library == "libc.so" or library.startswith(("libc.musl-", "ld-musl-"))


# Functions that came after musl 1.2.2, the oldest that a musllinux_1_2 wheel may meet (Alpine 3.13), with the
# release of musl and the Alpine that has it first. Source: musl's WHATSNEW.
NEWER = {
    "qsort_r": ("1.2.3", "3.16"),
    "pthread_getname_np": ("1.2.3", "3.16"),
    "preadv2": ("1.2.5", "3.20"),
    "pwritev2": ("1.2.5", "3.20"),
    "statx": ("1.2.5", "3.20"),
}
