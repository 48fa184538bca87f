"""What stands for musl when something is linked: a library with every name of it and none of its code.

zig makes one too, named ``libc.so``. auditwheel's policies and the official images know musl by the name that
Alpine gave it, so that modules must ask for that. zig's own then has nothing to add and is left out.
"""

from importlib.resources import as_file, files
from pathlib import Path

from crosswheel import process
from crosswheel.provision.failing import failed
from crosswheel.provision.toolchains import wrappers
from crosswheel.store import Store, digest

KIND = "toolchains"
_NAMES = "lib/libc/musl"  # in zig's directory: libc.S


def library(store: Store, zig: Path, target: str, soname: str) -> Path:
    """The library, made at first need.

    :param zig: the directory with the program ``zig``.
    :param target: zig's name of it (``aarch64-linux-musl``).
    :param soname: its file name too.
    :raises ProvisionError: zig does not compile for the target.
    """
    key = digest({"wrapper": wrappers.key(zig), "target": target, "soname": soname})
    return store.ensure(KIND, key, lambda entry: _make(store, zig, target, entry / soname)) / soname


def _make(store: Store, zig: Path, target: str, result: Path) -> None:
    cache = str(store.shared("zig-cache"))
    with as_file(files(__package__).joinpath("wrapper", "musl.S")) as path:
        done = process.run(
            [zig / "zig", "cc", "-target", target, "-shared", "-nostdlib", "-fno-sanitize=all", "-s",
             "-I", zig / _NAMES, path, f"-Wl,-soname,{result.name}", "-o", result],
            env={"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    if done.returncode != 0:
        raise failed(f"zig does not compile for {target}", done)
