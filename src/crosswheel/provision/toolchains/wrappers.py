"""The wrapper is compiled by zig itself, once, and linked under the names of GCC's programs."""

import shutil
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

from crosswheel import process
from crosswheel.provision.failing import failed
from crosswheel.store import Store, digest

KIND = "wrapper"
PROGRAM = "crosswheel-wrapper"
CONFIGURATION = "toolchain.conf"
# With a triplet before them they are found by build systems that are told only --host.
_NAMES = ("cc", "gcc", "clang", "cpp", "c++", "g++", "clang++", "ar", "ranlib", "strip", "ld",
          "gfortran", "f77", "f95", "zig-cc", "zig-c++")  # fmt: skip
NAMES = (*_NAMES, "gcc-ar", "gcc-ranlib")
# Without a C library, of which zig would have to build all first: a minute for a program of 30 kB.
_OPTIONS = ("-std=gnu11", "-Os", "-s", "-static", "-ffreestanding", "-nostdlib", "-fno-stack-protector",
            "-fno-sanitize=all")  # fmt: skip
_NATIVE = "x86_64-linux-musl"  # static: it also runs inside a root of another architecture


def sources() -> dict[str, str]:
    """The wrapper's source files by name."""
    directory = files(__package__).joinpath("wrapper")
    found = (file for file in directory.iterdir() if file.name.endswith((".c", ".h", ".S")))
    return {file.name: file.read_text(encoding="utf-8") for file in found}


def key(zig: Path) -> str:
    """What the compiled wrapper depends on.

    :param zig: zig's directory, which is named by its digest.
    """
    return digest({"sources": sources(), "options": _OPTIONS, "zig": str(zig.parent.name)})


def compiled(store: Store, zig: Path) -> Path:
    """The wrapper, compiled at first need.

    :param zig: the directory with the program ``zig``.
    :raises ProvisionError: zig does not run here.
    """
    return store.ensure(KIND, key(zig), lambda entry: _compile(store, zig, entry)) / PROGRAM


def _compile(store: Store, zig: Path, entry: Path) -> None:
    cache = str(store.shared("zig-cache"))
    with as_file(files(__package__).joinpath("wrapper")) as directory:
        done = process.run(
            [zig / "zig", "cc", "-target", _NATIVE, *_OPTIONS, *sorted(directory.glob("*.c")),
             "-o", entry / PROGRAM],
            env={"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    if done.returncode != 0:
        raise failed("zig does not compile on this machine", done)


def install(program: Path, directory: Path, triplet: str, configuration: Mapping[str, str]) -> None:
    """Fill a directory with the wrapper, its names and its configuration.

    :param configuration: the keys of ``toolchain.conf`` (documented in ``wrapper/conf.c``).
    """
    shutil.copy2(program, directory / PROGRAM)
    for name in (*_NAMES, *(f"{triplet}-{name}" for name in NAMES)):
        (directory / name).symlink_to(PROGRAM)
    lines = [f"{name}={value}\n" for name, value in configuration.items() if value]
    (directory / CONFIGURATION).write_text("".join(lines), encoding="utf-8")
