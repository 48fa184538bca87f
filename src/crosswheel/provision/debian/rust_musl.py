"""Rust's standard library for musl, of which Debian has the source alone: compiled once by Debian's rustc.

As Rust's own bootstrap does it: the crates that it needs lie beside it (``library/vendor``), and RUSTC_BOOTSTRAP
lets a stable compiler use what else only a nightly one may. Nothing is linked for the target.
"""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from crosswheel.architectures import HOST
from crosswheel.errors import ProvisionError
from crosswheel.model import Target
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.unpack import unpack_files
from crosswheel.provision.failing import failed
from crosswheel.provision.sandboxes.namespace import Namespace, Tools
from crosswheel.provision.steps import told
from crosswheel.seams import Mount, Toolchain, View
from crosswheel.site import places
from crosswheel.store import Store, digest

__all__ = ["SIZE", "Release", "library", "present"]

SIZE = 46_000_000
_KIND = "rust-musl"
_SOURCE = "rust-src"
_LIBRARY = "./usr/src/rustc-*/library"  # a fifth of the source
_CRATES = f"{places.BASE}/library"
_WORK = f"{places.BASE}/work"
# Bitcode, which cargo leaves out, is for projects that set `lto`. With crt-static, which not every target has by
# default, no shared library is linked; what links a wheel says the contrary. The paths are those of Debian's other
# libraries.
_FLAGS = (
    "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes -Ctarget-feature=+crt-static "
    "--remap-path-prefix={here}={there}"
)
_OPTIONS = ("--release", "--offline", "--locked", "--features", "panic-unwind,backtrace")


@dataclass(frozen=True)
class Release:
    """A Rust of a suite of Debian.

    :param tree: its programs, made to run at ``/crosswheel/rust``.
    """

    suite: str
    version: str
    tree: Path


def present(store: Store, target: Target) -> bool:
    """Whether a library for a target is there, of whichever version; where Debian's is newer it is made anew."""
    return any(store.path(_KIND, "").glob(f"*/{target.rust}"))


def library(archive: Archive, bubblewrap: Path, release: Release, target: Target, native: Toolchain) -> Path:
    """The directory of a target in ``rustlib``, compiled at first need: about 100 seconds of a processor.

    :param bubblewrap: makes the sandbox that it is compiled in.
    :param native: compilers for this machine: build scripts are linked by them.
    :raises ProvisionError: its source cannot be had, or it cannot be compiled.
    :raises OSError: the store cannot be written.
    """
    inputs = {"version": release.version, "target": target.rust, "flags": _FLAGS, "options": _OPTIONS}

    def make(entry: Path) -> None:
        what = f"Rust's library for musl on {target.arch.name}"
        with (
            archive.fetched(release.suite, HOST, (_SOURCE,), closure=False, label="Rust's source") as fetched,
            archive.store.scratch() as scratch,
        ):
            if (version := fetched.packages[0].version) != release.version:
                raise ProvisionError(
                    f"Debian {release.suite} has Rust {release.version} and the source of {version}",
                    cause="the archive is being updated",
                    remedy="try again in some hours",
                )
            with told(archive.progress, "unpack", "Rust's source"):
                unpack_files(fetched.files, scratch / "source", only=_LIBRARY)
            (crates,) = (scratch / "source/usr/src").glob("rustc-*/library")
            with told(archive.progress, "compile", f"{what}, once"):
                _compile(crates, scratch, Tools(bubblewrap, {}), release, target, native)
            made = scratch / "work" / target.rust / "release/deps"
            shutil.copytree(made, entry / target.rust / "lib", ignore=_all_but_libraries)

    return archive.store.ensure(_KIND, digest(inputs), make) / target.rust


def _compile(
    crates: Path, scratch: Path, tools: Tools, release: Release, target: Target, native: Toolchain
) -> None:
    (scratch / "work").mkdir()
    mounts = (
        Mount(release.tree, places.RUST),
        *native.mounts,
        Mount(crates, _CRATES),
        Mount(scratch / "work", _WORK, writable=True),
    )
    there = f"/usr/src/{crates.parent.name}/library"
    linker = f"CARGO_TARGET_{HOST.rust.replace('-', '_').upper()}_LINKER"
    env = {
        "PATH": f"{places.RUST}/usr/bin:{places.SYSTEM_PATH}",
        "HOME": _WORK,
        "CARGO_HOME": f"{_WORK}/cargo",
        "CARGO_TARGET_DIR": _WORK,
        "RUSTC_BOOTSTRAP": "1",
        "RUSTFLAGS": _FLAGS.format(here=_CRATES, there=there),
        linker: native.env()["CC"],
    }
    command = [
        "cargo",
        "build",
        "--manifest-path",
        f"{_CRATES}/std/Cargo.toml",
        "--target",
        target.rust,
        *_OPTIONS,
    ]
    done = Namespace(tools, View(None, mounts)).run(command, cwd=_CRATES, env=env)
    if done.returncode != 0:
        errors = tuple(line.strip() for line in done.tail if line.lstrip().startswith("error"))
        done = replace(done, tail=errors or done.tail)
        raise failed(f"Rust's library for musl on {target.arch.name} cannot be compiled", done)


def _all_but_libraries(_: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".rlib")]
