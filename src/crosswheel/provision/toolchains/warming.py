"""zig makes the libraries of a target (stubs of libc, compiler-rt, libc++) at the first link: here, shown.

Measured on two quiet cores with zig 0.17.1: 8 s for C, 60 to 80 s more for C++; a warm link takes 0.03 s.
"""

from pathlib import Path

from crosswheel import process
from crosswheel.provision.failing import failed
from crosswheel.provision.steps import told
from crosswheel.seams import Progress
from crosswheel.store import Store, digest

KIND = "zig-warm"
CACHE = "zig-cache"
_LIBRARIES = ("-lm", "-lpthread", "-ldl", "-lrt", "-lutil")
_C = ("int answer(void) { return 42; }\n", "int main(void) { return 0; }\n")
_CXX = ('#include <stdexcept>\nint answer(int n) { if (n) throw std::runtime_error(""); return 42; }\n',)


def key(zig: Path, target: str, cpu: str, *, cxx: bool) -> str:
    return digest({"zig": zig.parent.name, "target": target, "cpu": cpu, "cxx": cxx})


def warmed(store: Store, zig: Path, target: str, cpu: str, progress: Progress, *, cxx: bool) -> None:
    """Have zig make the libraries of a target, once.

    :param zig: the directory with the program ``zig``.
    :param target: zig's name of it with the glibc (``aarch64-linux-gnu.2.17``).
    :param cpu: in zig's words; its libraries are made for that.
    :param cxx: libc++ and its unwinder, instead of what C wants.
    :raises ProvisionError: zig does not compile for the target.
    """

    def make(entry: Path) -> None:
        language = "C++" if cxx else "C"
        with told(progress, "warm", f"zig's {language} libraries for {target}"):
            for index, source in enumerate(_CXX if cxx else _C):
                _link(store, zig, (target, cpu), entry, source, shared=index == 0, cxx=cxx)

    # The marker's lock makes runs at once wait for each other: parallel cold starts of zig race.
    store.ensure(KIND, key(zig, target, cpu, cxx=cxx), make)


def _link(
    store: Store, zig: Path, target: tuple[str, str], entry: Path, text: str, *, shared: bool, cxx: bool
) -> None:
    name, cpu = target
    cache = str(store.shared(CACHE))
    source, result = entry / ("probe.cpp" if cxx else "probe.c"), entry / "probe"
    source.write_text(text, encoding="utf-8")
    done = process.run(
        [zig / "zig", "c++" if cxx else "cc", "-target", name, f"-mcpu={cpu}", "-fno-sanitize=all", "-O2",
         "-g0", "-s", *(["-shared", "-fPIC"] if shared else ["-dynamic"]), source, *_LIBRARIES, "-o", result],
        env={"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache, "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    if done.returncode != 0:
        raise failed(f"zig does not compile for {name}", done)
    source.unlink()
    result.unlink()
