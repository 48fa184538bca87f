"""zig behind the wrapper compiles and links what builds of Python packages do: real compilers, real files."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.model import Libc
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.toolchains import zig
from crosswheel.store import Store
from crosswheel.wheels.elf import read_elf
from crosswheel.wheels.facts import ElfFacts

pytestmark = [pytest.mark.network, pytest.mark.slow]
AARCH64, X86_64 = ARCHITECTURES["aarch64"], ARCHITECTURES["x86_64"]
FLOOR = (2, 17)

C = """
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
static void *work(void *p) { return p; }
double f(double x) {
    pthread_t t;
    char b[64];
    memset(b, (int)x, sizeof b);
    printf("%d", pthread_create(&t, 0, work, b));
    return pow(x, 2.5) + b[3];
}
"""
CPP = """
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>
extern "C" int f(int n) {
    if (n < 0) throw std::runtime_error("negative");
    std::vector<std::string> v(n, "x");
    std::cout << v.size();
    return 0;
}
"""
CATCHER = """
#include <cstdio>
#include <exception>
extern "C" int f(int);
int main() {
    try { f(-1); } catch (const std::exception &error) { return std::puts(error.what()) < 0; }
    return 1;
}
"""


def store() -> Store:
    return Store(Path(os.environ.get("CROSSWHEEL_CACHE") or Path.home() / ".cache" / "crosswheel"))


@dataclass(frozen=True)
class Bench:
    """A toolchain laid out at its paths on this machine, and a directory to work in."""

    toolchain: zig.Toolchain
    cwd: Path

    def run(self, name: str, *arguments: str) -> str:
        done = process.run([self.toolchain.bin / name, *arguments], cwd=self.cwd, capture=True)
        assert done.returncode == 0, done.output
        return done.output

    def write(self, name: str, text: str) -> None:
        (self.cwd / name).write_text(text, encoding="utf-8")

    def elf(self, name: str) -> ElfFacts:
        return read_elf(name, (self.cwd / name).read_bytes())


Make = Callable[..., Bench]


def nothing(_: object) -> None:
    return None


@pytest.fixture
def bench(tmp_path: Path) -> Make:
    def make(arch: Architecture = AARCH64, cxx: zig.Cxx = "libc++", libc: Libc = "manylinux") -> Bench:
        parts = store()
        fetched = zig.fetch(parts, nothing)
        cxx_root = DebianSource(parts, nothing, None).cxx_root(arch) if cxx == "libstdc++" else None
        layout = zig.Layout(
            zig=str(fetched.directory), cache=str(parts.shared("zig-cache")), sysroot="",
            cxx=str(cxx_root), musl=str(tmp_path), objects=str(tmp_path / "objects"),
            record=str(tmp_path / "links"),
        )  # fmt: skip
        toolchain = zig.toolchain(
            parts,
            fetched,
            arch=arch,
            floor=FLOOR,
            libc=libc,
            cxx=cxx,
            cxx_root=cxx_root,
            layout=layout,
            progress=nothing,
        )
        for mount in toolchain.mounts:  # where a sandbox would show it
            if mount.target == layout.musl:
                for library in mount.source.iterdir():  # type: ignore[union-attr]
                    (tmp_path / library.name).symlink_to(library)
        return Bench(toolchain, tmp_path)

    return make


def glibc_versions(elf: ElfFacts) -> set[tuple[int, ...]]:
    names = {symbol.version for symbol in elf.undefined if symbol.version.startswith("GLIBC_")}
    return {tuple(map(int, name.removeprefix("GLIBC_").split("."))) for name in names}


def test_a_c_module_needs_no_glibc_newer_than_the_floor(bench: Make) -> None:
    here = bench()
    here.write("a.c", C)
    here.run("cc", "-O2", "-fPIC", "-c", "a.c", "-o", "a.o")
    here.run("cc", "-shared", "a.o", "-o", "a.so", "-lm", "-lpthread")
    elf = here.elf("a.so")
    assert (elf.machine, elf.bits) == (AARCH64.machine, 64)
    assert glibc_versions(elf)
    assert max(glibc_versions(elf)) <= FLOOR
    assert (here.cwd / "a.so").stat().st_size < 10_000  # stripped


def test_a_cpp_module_holds_zigs_library_and_is_recorded(bench: Make) -> None:
    here = bench()
    here.write("a.cpp", CPP)
    here.run("c++", "-O2", "-fPIC", "-c", "a.cpp", "-o", "a.o")
    here.run("c++", "-shared", "a.o", "-o", "a.so")
    here.run("cc", "-shared", "a.o", "-o", "b.so", "-lstdc++")
    for name in ("a.so", "b.so"):
        assert not [library for library in here.elf(name).needed if "stdc++" in library or "gcc" in library]
        assert max(glibc_versions(here.elf(name))) <= FLOOR
    assert (here.cwd / "links").read_text(encoding="utf-8") == "c++ a.so\nc++ b.so\n"


def test_a_cpp_module_can_use_the_targets_libstdcpp(bench: Make) -> None:
    here = bench(cxx="libstdc++")
    here.write("a.cpp", CPP)
    here.run("cc", "-O2", "-fPIC", "-c", "a.cpp", "-o", "a.o")
    here.run("c++", "-shared", "a.o", "-o", "a.so")
    here.run("cc", "-shared", "a.o", "-o", "b.so", "-lstdc++")
    for name in ("a.so", "b.so"):
        assert {"libstdc++.so.6", "libgcc_s.so.1"} <= set(here.elf(name).needed)


def test_an_exception_crosses_from_one_object_to_another_with_libstdcpp(bench: Make) -> None:
    here = bench(arch=X86_64, cxx="libstdc++")
    here.write("thrower.cpp", CPP)
    here.write("catcher.cpp", CATCHER)
    here.run("c++", "-shared", "-fPIC", "thrower.cpp", "-o", "libthrower.so")
    here.run("c++", "catcher.cpp", "-o", "catcher", "-L.", "-lthrower", "-Wl,-rpath,$ORIGIN")
    done = process.run([here.cwd / "catcher"], capture=True)
    assert (done.returncode, done.output) == (0, "negative")


def test_response_files_and_archives_work(bench: Make) -> None:
    here = bench()
    here.write("a.c", C)
    here.write(
        "arguments", '-O2 -fPIC -march=armv8.2-a+fp16 "-Wp,-D_FORTIFY_SOURCE=2" -flto=auto -c a.c -o a.o\n'
    )
    here.run("cc", "@arguments")
    here.run("ar", "rcs", "liba.a", "a.o")
    here.run("ranlib", "liba.a")
    here.run("cc", "-shared", "-Wl,--whole-archive,liba.a,--no-whole-archive", "-o", "a.so", "-lm")
    assert "f" in here.elf("a.so").defined


PROBE = "#include <features.h>\nint main(void) { return __GLIBC__ * 100 + __GLIBC_MINOR__; }\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-E", "-P", "probe.c"], "return 2 * 100 + 17;"),
        (["-E", "-P", "-x", "c", "probe.c"], "return 2 * 100 + 17;"),
        (["-dM", "-E", "probe.c"], "#define __aarch64__ 1"),
        (["-E", "-dM", "-"], "#define __aarch64__ 1"),
        (["-MM", "probe.c"], "probe.o: probe.c"),
    ],
)
def test_the_preprocessor_tells_configure_scripts_of_the_target(
    bench: Make, arguments: list[str], expected: str
) -> None:
    here = bench()
    here.write("probe.c", PROBE)
    assert expected in here.run("cc", *arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-fsyntax-only", "probe.c"],
        ["-o", "conftest", "-g", "-O2", "probe.c"],
        ["-o", "conftest", "-pthread", "probe.c", "-lm", "-ldl", "-lrt", "-lutil", "-lresolv", "-lgcc_s"],
        ["-shared", "-Wl,--gc-sections,--as-needed", "-Wl,-z,relro,-z,now,-z,defs", "probe.c", "-o", "a.so"],
    ],
)
def test_probes_of_configure_scripts_compile_without_a_word(bench: Make, arguments: list[str]) -> None:
    here = bench()
    here.write("probe.c", PROBE)
    assert here.run("cc", *arguments) == ""


def test_assertions_stay_in_optimised_code_until_ndebug_is_said(bench: Make) -> None:
    here = bench()
    here.write("a.c", "#ifdef NDEBUG\nint ndebug;\n#else\nint debug;\n#endif\n")
    for flags, expected in ((("-O2",), {"debug"}), (("-O2", "-DNDEBUG"), {"ndebug"})):
        here.run("cc", *flags, "-shared", "a.c", "-o", "a.so")
        assert here.elf("a.so").defined & {"debug", "ndebug"} == expected


def test_a_module_for_musl_takes_musl_from_the_system_and_has_none_of_it_inside(bench: Make) -> None:
    here = bench(libc="musllinux")
    here.write("a.c", C)
    here.run("cc", "-O2", "-fPIC", "-c", "a.c", "-o", "a.o")
    here.run("cc", "-shared", "a.o", "-o", "a.so", "-lm", "-lpthread")
    here.write("main.c", "int main(void) { return 0; }\n")
    here.run("cc", "main.c", "-o", "main")
    module, program = here.elf("a.so"), here.elf("main")
    assert (module.needed, program.needed) == (("libc.musl-aarch64.so.1",),) * 2
    assert program.loader == "/lib/ld-musl-aarch64.so.1"
    assert module.defined == {"f"}
    assert {"pow", "printf", "pthread_create"} <= {symbol.name for symbol in module.undefined}
    here.run("cc", "-shared", "-nostdlib", "a.o", "-o", "b.so", "-lc")
    assert here.elf("b.so").needed == module.needed
