"""A compiled wrapper in a directory with a configuration, for tests."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.provision.toolchains import wrappers, zig
from crosswheel.store import Store

_CC = shutil.which("cc")
TRIPLET = "aarch64-linux-gnu"
MARKS = [] if _CC else [pytest.mark.network]  # without a C compiler here, zig is fetched to compile it
CONSTANT = (
    7  # words of zig's command before those that are of interest: `-c ...`, or what follows `-shared a.o`
)


@dataclass(frozen=True)
class Wrapper:
    """The wrapper in a directory of its own, with a configuration."""

    directory: Path

    def run(self, name: str, *arguments: str | Path) -> process.Completed:
        return process.run([self.directory / name, *arguments], capture=True)

    def rewritten(self, name: str, *arguments: str | Path) -> list[str]:
        """The command that zig would get."""
        done = self.run(name, "--crosswheel-print", *arguments)
        assert done.returncode == 0, done.output
        return done.output.splitlines()

    def cc(self, *arguments: str | Path) -> list[str]:
        return self.rewritten("cc", *arguments)

    @property
    def record(self) -> str:
        return (self.directory / "record").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Maker:
    """Makes wrappers of one program."""

    program: Path
    directory: Path

    def __call__(self, **configuration: str) -> Wrapper:
        """:param configuration: keys of ``toolchain.conf`` beside the usual ones."""
        number = len(list(self.directory.glob("bin*")))
        directory = self.directory / f"bin{number}"
        directory.mkdir()
        usual = {
            "zig": "/zig/zig",
            "target": f"{TRIPLET}.2.17",
            "triplet": TRIPLET,
            "clang": "22.1.8",
            "cache": "/zig-cache",
            "record": str(directory / "record"),
        }
        wrappers.install(self.program, directory, TRIPLET, {**usual, **configuration})
        return Wrapper(directory)


def compiled(directory: Path) -> Path:
    """The wrapper, compiled without warnings by the machine's C compiler, else by zig."""
    if _CC is None:
        store = Store(directory)
        return wrappers.compiled(store, zig.fetch(store, lambda _: None).directory)
    source = Path(wrappers.__file__).parent / "wrapper"
    done = process.run(
        [_CC, "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-nostdlib", "-static",
         "-fno-stack-protector", *sorted(source.glob("*.c")), "-o", directory / "wrapper"],
        capture=True,
    )  # fmt: skip
    assert done.returncode == 0, done.output
    return directory / "wrapper"
