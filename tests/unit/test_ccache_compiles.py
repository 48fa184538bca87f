"""ccache before zig: an object of earlier is taken where it is the same, and never where it would be another."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.provision.toolchains import ccache, zig
from crosswheel.provision.toolchains.ccache import Compilations
from crosswheel.seams import Mount
from crosswheel.site import places
from crosswheel.site.paths import on_machine
from crosswheel.store import Store

pytestmark = [pytest.mark.network, pytest.mark.slow]
HIT, MISS = "preprocessed_cache_hit", "cache_miss"


@dataclass(frozen=True)
class Bench:
    """Compilers with ccache before them, laid out at their paths on this machine, and a directory to work in.

    :param plain: the same without ccache.
    """

    cc: Path
    plain: Path
    cwd: Path
    kept: Path
    log: Path

    def write(self, name: str, text: str) -> None:
        (self.cwd / name).parent.mkdir(exist_ok=True)
        (self.cwd / name).write_text(text)

    def compiled(self, source: str, *options: str, by: Path | None = None, to: str = "made.o") -> bytes:
        """The object of a source."""
        subprocess.run(self.command(source, *options, by=by, to=to), cwd=self.cwd, check=True)
        return (self.cwd / to).read_bytes()

    def command(
        self, source: str, *options: str, by: Path | None = None, to: str = "made.o"
    ) -> list[str | Path]:
        return [by or self.cc, "-O2", *options, "-c", source, "-o", to]

    @property
    def results(self) -> list[str]:
        """What ccache did, call by call."""
        calls = self.log.read_text().split("# ")[1:]
        return [next((one for one in (HIT, MISS) if one in call.splitlines()), call) for call in calls]


Make = Callable[..., Bench]


@dataclass(frozen=True)
class Laid:
    """What tests share: wrappers of targets, each with the directory where it looks for ccache's settings."""

    program: Path
    wrappers: Mapping[str, tuple[Path, Path]]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Laid:
    store = Store(Path(os.environ.get("CROSSWHEEL_CACHE") or Path.home() / ".cache" / "crosswheel"))
    fetched = zig.fetch(store, lambda _: None)
    program = ccache.fetch(store, lambda _: None).program
    directory = tmp_path_factory.mktemp("laid")

    def wrapper(name: str) -> tuple[Path, Path]:
        row, job = ARCHITECTURES[name.partition("-")[0]], directory / name
        layout = zig.Layout(
            zig=str(fetched.directory), cache=str(store.shared("zig-cache")), sysroot="", record="",
            objects=str(directory / "objects"), ccache=str(program / "ccache"),
            ccache_conf=str(job / "ccache.conf"),
        )  # fmt: skip
        made = zig.toolchain(
            store, fetched, arch=row, floor=row.floor, cxx="libc++", layout=layout, progress=lambda _: None
        )
        return made.bin / "cc", job

    return Laid(program, {name: wrapper(name) for name in ("aarch64", "x86_64", "aarch64-plain")})


@pytest.fixture
def make(laid: Laid, tmp_path: Path) -> Make:
    cwd = tmp_path / "cwd"
    cwd.mkdir()

    def made(arch: str = "aarch64") -> Bench:
        (cc, job), kept, here = laid.wrappers[arch], tmp_path / "kept", tmp_path / arch
        zigs: Any = SimpleNamespace(mounts=(), libraries=(), env=dict)
        Compilations(laid.program, kept).before_zig(zigs, job)
        mounts = (Mount(here, places.COMPILATIONS_OF_JOB), Mount(kept, places.COMPILATIONS))
        settings = job / "ccache.conf"
        settings.write_text(on_machine(settings.read_text(), mounts))
        here.mkdir()
        return Bench(cc, laid.wrappers["aarch64-plain"][0], cwd, kept, here / ccache.LOG)

    return made


def test_the_second_time_there_is_the_same_object_and_the_same_dependencies(make: Make) -> None:
    bench = make()
    bench.write("b.h", "#define B 7\n")
    bench.write("a.c", '#include "b.h"\nint a(void) { int unused; return B; }\n')
    first = bench.compiled("a.c", "-MD", "-MF", "first.d", to="first.o")
    assert bench.compiled("a.c", "-MD", "-MF", "second.d", to="second.o") == first
    assert bench.compiled("a.c", "-MD", "-MF", "plain.d", by=bench.plain) == first
    assert bench.results == [MISS, HIT]
    dependencies = [(bench.cwd / name).read_text().split() for name in ("first.d", "second.d")]
    assert dependencies == [["first.o:", "a.c", "b.h"], ["second.o:", "a.c", "b.h"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [("later/b.h", "#define B 8\n"),
     ("earlier/b.h", "#define B 8\n"),  # new, in a directory that is searched before the other
     ("earlier/c.h", "")],  # asked for by __has_include
)  # fmt: skip
def test_a_header_that_is_another_or_new_makes_another_object(make: Make, name: str, text: str) -> None:
    bench = make()
    (bench.cwd / "earlier").mkdir()
    bench.write("later/b.h", "#define B 7\n")
    bench.write(
        "a.c", "#include <b.h>\n#if __has_include(<c.h>)\nint c;\n#endif\nint a(void) { return B; }\n"
    )
    before = bench.compiled("a.c", "-Iearlier", "-Ilater")
    bench.write(name, text)
    after = bench.compiled("a.c", "-Iearlier", "-Ilater")
    assert bench.results == [MISS, MISS]
    assert after == bench.compiled("a.c", "-Iearlier", "-Ilater", by=bench.plain) != before


def test_a_file_that_is_embedded_counts_as_the_source_does(make: Make) -> None:
    bench = make()
    bench.write("a.c", 'const char a[] = {\n#embed "data"\n};\n')
    bench.write("b.c", '__asm__(".section .rodata\\n.incbin \\"data\\"\\n");\n')
    made = []
    for data in ("one", "two"):
        bench.write("data", data)
        made.append((bench.compiled("a.c", "-std=c23"), bench.compiled("b.c")))
    assert made[0][0] != made[1][0]
    assert made[0][1] != made[1][1]


def test_each_target_has_objects_of_its_own(make: Make) -> None:
    arm, intel = make("aarch64"), make("x86_64")
    arm.write("a.c", "int a(void) { return 1; }\n")
    assert arm.compiled("a.c") != intel.compiled("a.c")
    assert arm.results == intel.results == [MISS]


def test_options_that_change_the_object_are_told_apart(make: Make) -> None:
    bench = make()
    bench.write("a.c", "int a(int *p) { return p[0] + p[1]; }\n")
    for options in (("-fPIC",), ("-O0",), ("-march=armv8.2-a",), ("-g",)):
        assert bench.compiled("a.c", *options) == bench.compiled("a.c", *options, by=bench.plain)
    assert bench.results == [MISS] * 4


@pytest.mark.parametrize(
    "spoil", [lambda whole: whole[:-9], lambda whole: whole[:-9] + b"123456789", lambda _: b""]
)
def test_an_object_that_is_spoilt_on_the_disk_is_made_again(
    make: Make, spoil: Callable[[bytes], bytes]
) -> None:
    bench = make()
    bench.write("a.c", "int a(void) { return 1; }\n")
    first = bench.compiled("a.c")
    (entry,) = (path for path in bench.kept.glob("?/?/*") if path.name != "stats")
    entry.write_bytes(spoil(entry.read_bytes()))
    assert bench.compiled("a.c") == first
    assert bench.compiled("a.c") == first
    assert bench.results == [MISS, MISS, HIT]


def test_many_at_once_get_each_its_own_object(make: Make) -> None:
    bench = make()
    for number in range(6):
        bench.write(f"f{number}.c", f"int f{number}(void) {{ return {number}; }}\n")
    jobs = [(number, turn) for number in range(6) for turn in range(3)]

    def compiled(job: tuple[int, int]) -> bytes:
        number, turn = job
        return bench.compiled(f"f{number}.c", to=f"f{number}-{turn}.o")

    with ThreadPoolExecutor(len(jobs)) as pool:
        made = dict(zip(jobs, pool.map(compiled, jobs), strict=True))
    assert len(set(made.values())) == 6
    assert all(made[number, turn] == made[number, 0] for number, turn in jobs)
    assert bench.compiled("f3.c", to="f3-0.o") == made[3, 0]
    assert bench.results[-1] == HIT


@pytest.mark.parametrize("after", [0.03, 0.1])
def test_a_compilation_that_was_killed_leaves_nothing_wrong(make: Make, after: float) -> None:
    bench = make()
    bench.write(
        "a.c", "#include <stdio.h>\n" + "".join(f"int f{n}(void) {{ return {n}; }}\n" for n in range(800))
    )
    with subprocess.Popen(bench.command("a.c"), cwd=bench.cwd, start_new_session=True) as killed:
        time.sleep(after)
        os.killpg(killed.pid, signal.SIGKILL)
    assert bench.compiled("a.c") == bench.compiled("a.c", by=bench.plain)
    assert bench.compiled("a.c") == bench.compiled("a.c", by=bench.plain)
    assert bench.results[-1] == HIT


def test_an_error_is_told_each_time(make: Make) -> None:
    bench = make()
    bench.write("a.c", "int a(\n")
    for _ in range(2):
        done = subprocess.run(
            bench.command("a.c"), cwd=bench.cwd, capture_output=True, text=True, check=False
        )
        assert done.returncode != 0
        assert "a.c:1:" in done.stderr


def test_a_warning_is_told_again_with_the_kept_object(make: Make) -> None:
    bench = make()
    bench.write("a.c", "int a(void) { int unused; return 1; }\n")
    command = bench.command("a.c", "-Wall")
    told = [subprocess.run(command, cwd=bench.cwd, capture_output=True, check=True).stderr for _ in range(2)]
    assert b"unused variable" in told[0]
    assert told[0] == told[1]
    assert bench.results == [MISS, HIT]
