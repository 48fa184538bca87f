"""Rust for a target: whose it is, where it comes from, and what cargo is told."""

import tomllib
from ast import literal_eval
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES, HOST, Architecture
from crosswheel.engines.backends import cargo as recipes
from crosswheel.engines.foresight import needs_rust
from crosswheel.errors import ProvisionError
from crosswheel.model import Libc, Python, Target
from crosswheel.process import Completed
from crosswheel.provision import cargo, own_rust
from crosswheel.provision.debian import rust, rust_musl
from crosswheel.provision.debian.apt import Package
from crosswheel.provision.debian.archive import Fetched
from crosswheel.provision.debian.mirror import Mirror
from crosswheel.provision.sandboxes.namespace import Tools
from crosswheel.seams import Mount, Rust, View
from crosswheel.store import Store

AARCH64 = ARCHITECTURES["aarch64"]
GLIBC = Target(Python("cp", 3, 11), "manylinux", AARCH64)
MUSL = Target(Python("cp", 3, 11), "musllinux", AARCH64)
TOOLS = {name: f"/t/{name.lower()}" for name in ("CC", "CXX", "AR", "RANLIB", "STRIP", "LD", "PATH")}


class Compilers:
    """This machine's."""

    mounts: tuple[Mount, ...] = ()

    def env(self) -> dict[str, str]:
        return {name: f"/n/{name.lower()}" for name in TOOLS}


# Whether a project needs it.


@pytest.mark.parametrize(
    "requires", ['"maturin>=1,<2"', '"setuptools", "setuptools-rust"', '"setuptools_rust >= 1"', '"Maturin"']
)
def test_a_project_whose_backend_is_of_rust_needs_it(tmp_path: Path, requires: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[build-system]\nrequires = [{requires}]\n")
    assert needs_rust(tmp_path)


@pytest.mark.parametrize("place", [".", "src", "src/_native"])
def test_a_project_with_a_crate_near_its_top_needs_it(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    (tmp_path / place / "Cargo.toml").touch()
    assert needs_rust(tmp_path)


@pytest.mark.parametrize(
    "text", ['[build-system]\nrequires = ["setuptools"]\n', "[build-system", "", "x = 1\n"]
)
def test_others_do_not(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert not needs_rust(tmp_path)


# The user's own.


def own_toolchain(home: Path, *archs: str, name: str = f"stable-{HOST.rust}") -> Path:
    sysroot = home / ".rustup/toolchains" / name
    for arch in archs:
        library = sysroot / "lib/rustlib" / ARCHITECTURES[arch].rust / "lib"
        library.mkdir(parents=True)
        (library / "libstd-0123456789abcdef.rlib").touch()
    (sysroot / "bin").mkdir(parents=True)
    (sysroot / "bin/cargo").touch()
    (home / ".rustup/settings.toml").write_text(f'default_toolchain = "{name}"\nversion = "12"\n')
    return sysroot


def test_the_default_toolchain_of_rustup_serves_the_targets_it_has_a_library_for(tmp_path: Path) -> None:
    sysroot = own_toolchain(tmp_path, "x86_64", "aarch64")
    found = own_rust.find({"HOME": str(tmp_path)})
    assert found is not None
    assert found.sysroot == sysroot
    assert (found.serves(AARCH64.rust), found.serves(ARCHITECTURES["s390x"].rust)) == (True, False)


def test_rustup_toolchain_names_another_one_with_or_without_the_machine(tmp_path: Path) -> None:
    own_toolchain(tmp_path, "x86_64", name="1.90.0-x86_64-unknown-linux-gnu")
    (tmp_path / ".rustup/settings.toml").write_text('default_toolchain = "stable"\n')
    environ = {"HOME": str(tmp_path), "RUSTUP_TOOLCHAIN": "1.90.0"}
    found = own_rust.find(environ)
    assert found is not None
    assert found.name == "1.90.0-x86_64-unknown-linux-gnu"


@pytest.mark.parametrize(
    "settings", ["", "not TOML [", "default_toolchain = 3\n", 'default_toolchain = "gone"\n']
)
def test_a_rustup_without_a_toolchain_is_no_rust(tmp_path: Path, settings: str) -> None:
    (tmp_path / ".rustup").mkdir()
    (tmp_path / ".rustup/settings.toml").write_text(settings)
    assert own_rust.find({"HOME": str(tmp_path)}) is None


def test_no_rustup_is_no_rust(tmp_path: Path) -> None:
    assert own_rust.find({"HOME": str(tmp_path)}) is None


# Debian's.


class FakeArchive:
    """An archive with these versions, by suite and architecture."""

    mirror = None

    def __init__(self, store: Store, versions: dict[tuple[str, str], str]) -> None:
        self.store, self.versions = store, versions
        self.progress = lambda event: None
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []

    @contextmanager
    def fetched(self, suite: str, arch: Architecture, names: Sequence[str], **_: object) -> Iterator[Fetched]:
        self.asked.append((suite, arch.name, tuple(names)))
        if (suite, arch.name) not in self.versions:
            raise ProvisionError(f"Debian {suite} has no package {names[0]} for {arch.name}")
        version = self.versions[suite, arch.name]
        packages = tuple(Package(name, version, f"{name}.deb", 1, "0") for name in names)
        yield Fetched(packages, (), Mirror("http://d.invalid", Path("/k")))


def debian_rust(archive: FakeArchive) -> rust.DebianRust:
    return rust.DebianRust(archive, lambda: Path("/programs/bwrap"))  # type: ignore[arg-type]


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages hold the directory of a library; nothing is made movable."""

    def lay(archives: tuple[Path, ...], root: Path) -> None:
        (root / "usr/lib/rustlib" / AARCH64.rust / "lib").mkdir(parents=True)

    monkeypatch.setattr(rust, "unpack_files", lay)
    monkeypatch.setattr(rust, "make_movable", lambda tree, place: None)


@pytest.mark.usefixtures("unpacked")
def test_programs_and_library_come_from_the_newest_suite_and_are_kept(tmp_path: Path) -> None:
    archive = FakeArchive(
        Store(tmp_path), {("forky", "x86_64"): "1.97.1-1", ("forky", "aarch64"): "1.97.1-1+b2"}
    )
    debian = debian_rust(archive)
    assert not debian.part(GLIBC).present
    mounts = debian.mounts(GLIBC, in_root=False, native=Compilers())
    assert debian.part(GLIBC).present
    assert debian.mounts(GLIBC, in_root=False, native=Compilers()) == mounts
    assert archive.asked == [
        ("forky", "aarch64", ("libstd-rust-dev",)),
        ("forky", "x86_64", ("rustc", "cargo")),
    ]
    assert [mount.target for mount in mounts] == [
        "/crosswheel/rust",
        "/crosswheel/rust/usr/lib/rustlib/aarch64-unknown-linux-gnu",
    ]
    # A directory to mount the library on: what is mounted read-only takes no new ones.
    assert (Path(str(mounts[0].source)) / "usr/lib/rustlib" / ARCHITECTURES["s390x"].rust).is_dir()


@pytest.mark.usefixtures("unpacked")
def test_a_root_of_another_architecture_gets_the_c_library_of_this_machines_programs(tmp_path: Path) -> None:
    versions = {("forky", "x86_64"): "1.97.1-1", ("forky", "aarch64"): "1.97.1-1"}
    debian = debian_rust(FakeArchive(Store(tmp_path), versions))
    targets = [mount.target for mount in debian.mounts(GLIBC, in_root=True, native=Compilers())]
    assert targets[2:] == ["/usr/lib/x86_64-linux-gnu", "/usr/lib64/ld-linux-x86-64.so.2"]


@pytest.mark.usefixtures("unpacked")
def test_a_suite_with_two_versions_is_passed_over(tmp_path: Path) -> None:
    versions = {
        ("forky", "x86_64"): "1.98.0-1",
        ("forky", "aarch64"): "1.97.1-1",
        ("trixie", "x86_64"): "1.85.1-1",
        ("trixie", "aarch64"): "1.85.1-1",
    }
    archive = FakeArchive(Store(tmp_path), versions)
    debian_rust(archive).mounts(GLIBC, in_root=False, native=Compilers())
    assert archive.asked[-1] == ("trixie", "x86_64", ("rustc", "cargo"))


def test_where_no_suite_has_it_the_error_names_the_way_of_rustup(tmp_path: Path) -> None:
    debian = debian_rust(FakeArchive(Store(tmp_path), {}))
    with pytest.raises(ProvisionError) as caught:
        debian.mounts(GLIBC, in_root=False, native=Compilers())
    assert caught.value.fact == (
        "Rust for aarch64 cannot be had: Debian forky has no package libstd-rust-dev for aarch64"
    )
    assert "rustup target add aarch64-unknown-linux-gnu" in caught.value.remedy


# Its library for musl.

FOR_MUSL = {("forky", "x86_64"): "1.97.1-1"}


@dataclass
class Cargo:
    """Stands for the sandbox that the library is compiled in, and for what cargo leaves there."""

    status: int = 0
    commands: list[tuple[str, ...]] = field(default_factory=list)
    env: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, tools: Tools, view: View) -> "Cargo":
        self.view = view
        return self

    def run(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> Completed:
        self.commands.append(tuple(argv))
        self.env = env
        (work,) = (mount.source for mount in self.view.mounts if mount.writable)
        directory = Path(str(work)) / MUSL.rust / "release/deps"
        directory.mkdir(parents=True)
        for name in ("libstd-1.rlib", "libstd-1.rmeta", "std-1.d"):
            (directory / name).touch()
        return Completed(self.status, 0.0, 0.0, 0, ("error: no room",))


@pytest.fixture
def cargo_runs(unpacked: None, monkeypatch: pytest.MonkeyPatch) -> Cargo:
    def lay(archives: tuple[Path, ...], root: Path, *, only: str) -> None:
        (root / "usr/src/rustc-1.97.1/library/std").mkdir(parents=True)

    runs = Cargo()
    monkeypatch.setattr(rust_musl, "unpack_files", lay)
    monkeypatch.setattr(rust_musl, "Namespace", runs)
    return runs


def test_for_musl_debians_source_of_the_library_is_compiled_once(tmp_path: Path, cargo_runs: Cargo) -> None:
    archive = FakeArchive(Store(tmp_path), FOR_MUSL)
    debian = debian_rust(archive)
    assert not debian.part(MUSL).present
    mounts = debian.mounts(MUSL, in_root=False, native=Compilers())
    assert debian.part(MUSL).present
    assert debian.mounts(MUSL, in_root=False, native=Compilers()) == mounts
    assert [names for _, _, names in archive.asked] == [("rustc",), ("rustc", "cargo"), ("rust-src",)]
    assert mounts[1].target == "/crosswheel/rust/usr/lib/rustlib/aarch64-unknown-linux-musl"
    assert [path.name for path in (Path(str(mounts[1].source)) / "lib").iterdir()] == ["libstd-1.rlib"]
    (command,) = cargo_runs.commands
    assert command[command.index("--target") + 1] == "aarch64-unknown-linux-musl"
    assert "--offline" in command
    # What needs a compiler of this machine is told of one; wheels get bitcode for `lto`, and no path of this build.
    assert cargo_runs.env["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "/n/cc"
    flags = cargo_runs.env["RUSTFLAGS"].split()
    assert {"-Cembed-bitcode=yes", "-Ctarget-feature=+crt-static"} <= set(flags)
    assert flags[-1].endswith("=/usr/src/rustc-1.97.1/library")


def test_a_root_with_musl_gets_the_loader_of_this_machines_programs_where_it_has_no_link(
    tmp_path: Path, cargo_runs: Cargo
) -> None:
    debian = debian_rust(FakeArchive(Store(tmp_path), FOR_MUSL))
    targets = [mount.target for mount in debian.mounts(MUSL, in_root=True, native=Compilers())]
    assert targets[2:] == ["/usr/lib/x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2"]


def test_a_library_that_cannot_be_compiled_is_told_with_what_cargo_said_and_not_kept(
    tmp_path: Path, cargo_runs: Cargo
) -> None:
    cargo_runs.status = 101
    debian = debian_rust(FakeArchive(Store(tmp_path), FOR_MUSL))
    with pytest.raises(ProvisionError) as caught:
        debian.mounts(MUSL, in_root=False, native=Compilers())
    assert caught.value.fact == "Rust's library for musl on aarch64 cannot be compiled"
    assert "no room" in str(caught.value.cause)
    assert not debian.part(MUSL).present


# What cargo is told.


def told(arch: str, libc: Libc = "manylinux") -> dict[str, str]:
    target = Target(Python("cp", 3, 11), libc, ARCHITECTURES[arch])
    rust_ = Rust("/r/bin", (), {"CARGO_HOME": "/c"}, None if target.rust == HOST.rust else Compilers())
    return dict(recipes.recipe(target, rust_, TOOLS, {"EXT_SUFFIX": ".so"}).env)


def test_what_is_built_for_the_target_and_for_this_machine_have_compilers_of_their_own() -> None:
    env = told("armv7l")
    assert env["CARGO_BUILD_TARGET"] == "armv7-unknown-linux-gnueabihf"
    assert env["CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_LINKER"] == "/t/cc"
    assert env["CXX_armv7_unknown_linux_gnueabihf"] == "/t/cxx"
    assert env["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "/n/cc"
    assert (env["CC_x86_64_unknown_linux_gnu"], env["HOST_CC"], env["HOST_AR"]) == ("/n/cc", "/n/cc", "/n/ar")


def test_a_build_for_musl_on_this_machine_is_a_cross_build_too() -> None:
    env = told("x86_64", "musllinux")
    assert env["CARGO_BUILD_TARGET"] == "x86_64-unknown-linux-musl"
    assert env["CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER"] == "/t/cc"
    assert env["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "/n/cc"


def test_a_build_for_this_machine_is_no_cross_build() -> None:
    env = told("x86_64")
    assert env["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "/t/cc"
    assert not [name for name in env if name.startswith(("PYO3", "CARGO_BUILD", "HOST"))]


def test_pyo3_reads_the_target_python_from_a_module_that_python_can_read() -> None:
    rust_ = Rust("/r/bin", (), {}, Compilers())
    variables = {"SOABI": "cpython-311-aarch64-linux-gnu", "Py_ENABLE_SHARED": 1}
    recipe = recipes.recipe(Target(Python("cp", 3, 11), "manylinux", AARCH64), rust_, TOOLS, variables)
    text = recipe.files["pyo3/_sysconfigdata__linux_aarch64-linux-gnu.py"]
    assert literal_eval(text.removeprefix("build_time_vars = ")) == {"prefix": "/usr", **variables}
    assert recipe.env["PYO3_CROSS_LIB_DIR"] == "/crosswheel/job/pyo3"
    assert recipe.env["PYO3_CROSS_PYTHON_VERSION"] == "3.11"


# The registry.

CONFIG = """\
[source.crates-io]
replace-with = "mirror"
[source.mirror]
registry = "sparse+https://mirror.invalid/"
[source.here]
directory = "{here}"
[registries.company]
index = "https://company.invalid/git"
token = "secret"
[registry]
token = "secret"
[http]
multiplexing = false
[build]
rustflags = ["-Ctarget-cpu=native"]
"""


def test_the_users_mirrors_are_seen_without_credentials_and_flags(tmp_path: Path) -> None:
    crates = tmp_path / "crates"
    crates.mkdir()
    (tmp_path / "config.toml").write_text(CONFIG.format(here=crates))
    found = cargo.registry(Store(tmp_path / "store"), {"CARGO_HOME": str(tmp_path)})
    _, configuration, local = found.mounts
    assert tomllib.loads(Path(str(configuration.source)).read_text()) == {
        "source": {
            "crates-io": {"replace-with": "mirror"},
            "mirror": {"registry": "sparse+https://mirror.invalid/"},
            "here": {"directory": str(crates)},
        },
        "registries": {"company": {"index": "https://company.invalid/git"}},
        "http": {"multiplexing": False},
    }
    assert (configuration.target, configuration.writable) == ("/crosswheel/cargo/config.toml", False)
    assert local == Mount(crates, str(crates))


def test_variables_of_networks_are_passed_and_tokens_are_not(tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "CARGO_NET_RETRY": "0",
        "CARGO_REGISTRIES_COMPANY_INDEX": "https://company.invalid/",
        "CARGO_REGISTRIES_COMPANY_TOKEN": "secret",
        "CARGO_REGISTRY_TOKEN": "secret",
        "HTTPS_PROXY": "http://proxy.invalid",
        "CARGO_BUILD_RUSTFLAGS": "-Ctarget-cpu=native",
    }
    env = cargo.registry(Store(tmp_path / "store"), environ).env
    assert set(env) - {"CARGO_HTTP_CAINFO"} == {
        "CARGO_HOME", "CARGO_NET_RETRY", "CARGO_REGISTRIES_COMPANY_INDEX", "HTTPS_PROXY"
    }  # fmt: skip
