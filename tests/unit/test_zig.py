"""zig as a part: what is fetched, what a toolchain is made of, how failures are said. Nothing is fetched."""

import errno
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.errors import ProvisionError
from crosswheel.events import Event, StepFinished, StepStarted
from crosswheel.process import Completed
from crosswheel.provision.toolchains import fetching, zig
from crosswheel.seams import Mount
from crosswheel.store import Store

AARCH64 = ARCHITECTURES["aarch64"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """zig and uv do nothing but leave what they were asked to make; the commands, in order."""
    commands: list[list[str]] = []

    def run(argv: list[str | Path], **_: object) -> Completed:
        words = [str(word) for word in argv]
        commands.append(words)
        if "--target" in words:
            program = Path(words[words.index("--target") + 1]) / "ziglang/zig"
            program.parent.mkdir()
            program.write_bytes(b"zig")
        else:
            Path(words[words.index("-o") + 1]).write_bytes(b"made")
        return Completed(0, 0.0, 0.0, 0, ())

    monkeypatch.setattr(process, "run", run)
    return commands


def make(store: Store, *, cxx: zig.Cxx = "libc++", cxx_root: Path | None = None) -> zig.Toolchain:
    fetched = zig.fetch(store, lambda _: None)
    return zig.toolchain(
        store, fetched, arch=AARCH64, floor=(2, 17), cxx=cxx, cxx_root=cxx_root, layout=zig.Layout(),
        progress=lambda _: None,
    )  # fmt: skip


def test_modules_of_a_musl_wheel_share_a_libcpp_for_the_oldest_cpu(
    store: Store, ran: list[list[str]]
) -> None:
    arch = ARCHITECTURES["s390x"]
    made = zig.toolchain(
        store, zig.fetch(store, lambda _: None), arch=arch, libc="musllinux", floor=(1, 2), cxx="shared libc++",
        layout=zig.Layout(), progress=lambda _: None,
    )  # fmt: skip
    (command,) = [words for words in ran if "-Wl,-soname,libc++.so.1" in words]
    assert {"s390x-linux-musl", f"-mcpu={arch.zig_cpu}", "-lunwind"} <= set(command)
    (library,) = made.libraries
    assert library.name == "libc++.so.1"
    assert configuration(made)["cxx_library"] == "/crosswheel/cxx/libc++.so.1"
    assert configuration(made)["musl"] == "/crosswheel/musl/libc.musl-s390x.so.1"


def configuration(toolchain: zig.Toolchain) -> dict[str, str]:
    lines = (toolchain.bin / "toolchain.conf").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_zig_is_fetched_once_by_version_and_hash_and_said(store: Store, ran: list[list[str]]) -> None:
    events: list[Event] = []
    assert not zig.present(store)
    first, second = zig.fetch(store, events.append), zig.fetch(store, events.append)
    assert first == second
    assert zig.present(store)
    assert len(ran) == 1
    assert {"--require-hashes", "--no-deps", ":all:"} <= set(ran[0])
    assert events[0] == StepStarted("", "fetch", "zig 0.17.1 (about 101 MB)")
    assert len(events) == 2


def test_a_failed_fetch_leaves_nothing_that_a_later_run_would_trust(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Completed(2, 0.0, 0.0, 0, ("error: Request failed after 3 retries",))
    monkeypatch.setattr(process, "run", lambda *_, **__: failed)
    events: list[Event] = []
    with pytest.raises(ProvisionError, match="cannot be reached"):
        zig.fetch(store, events.append)
    assert not zig.present(store)
    assert isinstance(events[-1], StepFinished)
    assert not events[-1].ok


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ("error: Hash mismatch for `ziglang==0.17.1`", "is not the one known"),
        (
            "  Caused by: invalid peer certificate: UnknownIssuer",
            "certificate of the package index is not trusted",
        ),
        (
            "error: Failed to fetch: `https://index.example/simple/ziglang/`",
            "package index cannot be reached",
        ),
        ("  Because there is no version of ziglang==0.17.1", "has no ziglang 0.17.1 for this machine"),
        ("something new", "uv could not install ziglang 0.17.1"),
    ],
)
def test_what_uv_prints_becomes_a_fact_and_a_cause(line: str, fact: str) -> None:
    error = fetching.fault(["Resolved 1 package in 5ms", line])
    assert fact in error.fact
    assert error.cause == line.strip().removeprefix("error: ")


def test_a_full_disk_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match="space") as raised:
        fetching.fault(["error: failed to write: No space left on device (os error 28)"])
    assert raised.value.errno == errno.ENOSPC


def test_pips_index_serves_where_uvs_own_is_not_set(tmp_path: Path) -> None:
    environ = {"PIP_INDEX_URL": "https://index.example/simple", "HOME": "/home/x", "PATH": "/bin"}
    env = fetching.environment(environ, tmp_path)
    assert env["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert env["UV_CACHE_DIR"] == str(tmp_path)
    assert env["UV_SYSTEM_CERTS"] == "true"
    assert env["HOME"] == "/home/x"


def test_uvs_own_settings_win(tmp_path: Path) -> None:
    environ = {
        "PIP_INDEX_URL": "https://a.example",
        "UV_DEFAULT_INDEX": "https://b.example",
        "UV_SYSTEM_CERTS": "0",
    }
    env = fetching.environment(environ, tmp_path)
    assert (env["UV_DEFAULT_INDEX"], env["UV_SYSTEM_CERTS"]) == ("https://b.example", "0")


def test_a_toolchain_names_its_compilers_as_the_sandbox_sees_them(store: Store, ran: list[list[str]]) -> None:
    toolchain = make(store)
    assert toolchain.env() == {
        "CC": "/crosswheel/bin/cc",
        "CXX": "/crosswheel/bin/c++",
        "AR": "/crosswheel/bin/ar",
        "RANLIB": "/crosswheel/bin/ranlib",
        "STRIP": "/crosswheel/bin/strip",
        "LD": "/crosswheel/bin/ld",
        "PATH": "/crosswheel/bin",
    }
    for name in ("cc", "g++", "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-gcc-ar"):
        assert (toolchain.bin / name).read_bytes() == b"made"


def test_its_configuration_holds_paths_of_the_sandbox_and_its_mounts_bring_them(
    store: Store, ran: list[list[str]]
) -> None:
    toolchain = make(store)
    assert configuration(toolchain) == {
        "zig": "/crosswheel/zig/zig",
        "target": "aarch64-linux-gnu.2.17",
        "triplet": "aarch64-linux-gnu",
        "clang": "22.1.8",
        "cxx": "libc++",
        "sysroot": "/crosswheel/sysroot",
        "host_dirs": "drop",
        "cache": "/crosswheel/zig-cache",
        "cpu": "generic",
        "objects": "/crosswheel/job/zig",
        "ccache": "/crosswheel/ccache/ccache",
        "ccache_conf": "/crosswheel/job/compilations/ccache.conf",
        "record": "/crosswheel/job/links",
    }
    assert toolchain.mounts == (
        Mount(zig.fetch(store, lambda _: None).directory, "/crosswheel/zig"),
        Mount(store.shared("zig-cache"), "/crosswheel/zig-cache", writable=True, cache=True),
        Mount(toolchain.bin, "/crosswheel/bin"),
    )


def test_libstdcpp_is_taken_from_the_tree_given(store: Store, ran: list[list[str]], tmp_path: Path) -> None:
    (tmp_path / "usr/include/c++/10/").mkdir(parents=True)
    (tmp_path / "usr/include/c++/10/vector").write_bytes(b"")
    (tmp_path / "usr/include/aarch64-linux-gnu/c++/10").mkdir(parents=True)
    toolchain = make(store, cxx="libstdc++", cxx_root=tmp_path)
    written = configuration(toolchain)
    assert (written["cxx_root"], written["cxx_version"]) == ("/crosswheel/cxx", "10")
    assert toolchain.mounts[-1] == Mount(tmp_path, "/crosswheel/cxx")


def test_a_tree_without_libstdcpp_for_the_target_is_refused(
    store: Store, ran: list[list[str]], tmp_path: Path
) -> None:
    with pytest.raises(ProvisionError, match="libstdc\\+\\+ for aarch64 is not in"):
        make(store, cxx="libstdc++", cxx_root=tmp_path)


def test_a_target_is_warmed_once_and_cpp_only_when_asked(store: Store, ran: list[list[str]]) -> None:
    events: list[Event] = []
    fetched = zig.fetch(store, lambda _: None)
    for cxx in (False, False, True, True):
        zig.warm(store, fetched, arch=AARCH64, floor=(2, 17), progress=events.append, cxx=cxx)
    assert [event.detail for event in events if isinstance(event, StepStarted)] == [
        "zig's C libraries for aarch64-linux-gnu.2.17",
        "zig's C++ libraries for aarch64-linux-gnu.2.17",
    ]


@pytest.mark.parametrize("arch", ARCHITECTURES.values(), ids=lambda arch: arch.name)
def test_its_cxx_library_serves_where_its_long_double_is_the_targets(arch: Architecture) -> None:
    assert zig.has_cxx_library(arch, "manylinux") == (arch.name != "ppc64le")
    assert zig.has_cxx_library(arch, "musllinux")
