"""The source ``musl``: what it says that it has, what a root of it depends on, and what is compiled with what."""

import re
import subprocess
from pathlib import Path

import pytest
from test_debian_suites import target
from test_plan import Shelf, make

from crosswheel.architectures import ARCHITECTURES, HOST
from crosswheel.errors import ConfigurationError, ProvisionError
from crosswheel.pipeline.catalogue import sources
from crosswheel.plan import choose
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.debian.suites import suite_with
from crosswheel.provision.musl import MuslSource, compilation
from crosswheel.provision.musl.system import lay
from crosswheel.provision.musl.table import table
from crosswheel.store import Store

RECIPE = Path(compilation.__file__).parent / "recipe"


@pytest.fixture
def source(tmp_path: Path) -> MuslSource:
    store = Store(tmp_path / "cache")
    return MuslSource(store, lambda event: None, debian=DebianSource(store, lambda event: None))


@pytest.mark.parametrize("arch", [name for name in ARCHITECTURES if name != "loongarch64"])
@pytest.mark.parametrize("tag", ["cp39", "cp311", "cp313"])
def test_it_offers_what_was_compiled_once_for_every_architecture_of_cibuildwheel(
    source: MuslSource, tag: str, arch: str
) -> None:
    wanted = target(tag, arch, "musllinux")
    assert source.offers(wanted)
    assert source.libc_version(wanted) == (1, 2)


@pytest.mark.parametrize(
    ("tag", "libc"),
    [("cp311", "manylinux"), ("cp310", "musllinux"), ("cp314t", "musllinux"), ("pp311", "musllinux")],
)
def test_it_offers_nothing_else(source: MuslSource, tag: str, libc: str) -> None:
    other = target(tag, "aarch64", libc)
    assert not source.offers(other)
    assert source.parts(other) == ()
    with pytest.raises(ProvisionError):
        source.root(other)


@pytest.mark.parametrize("tag", table().pythons)
def test_every_python_of_the_table_has_a_suite_that_compiles_it(tag: str) -> None:
    builder = compilation.builder(target(tag, "aarch64").python)
    assert builder == target(tag, "x86_64")
    assert suite_with(builder.python, HOST) is not None


def test_a_root_is_another_one_for_another_python_architecture_or_recipe(
    source: MuslSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [
        ("cp311", "aarch64"),
        ("cp313", "aarch64"),
        ("cp311", "s390x"),
    ]
    keys = [source.key(target(tag, arch, "musllinux")) for tag, arch in tags]
    assert len(set(keys)) == len(keys)
    assert source.key(target("cp311", "aarch64", "musllinux")) == keys[0]
    scripts = {**compilation.recipe(), "cpython.sh": "exit 1\n"}
    monkeypatch.setattr(compilation, "recipe", lambda: scripts)
    assert source.key(target("cp311", "aarch64", "musllinux")) != keys[0]


def test_the_libraries_of_an_architecture_serve_all_its_pythons(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    source = MuslSource(store, lambda event: None, debian=DebianSource(store, lambda event: None))
    made = source._compilation
    before = made.libraries_key(ARCHITECTURES["aarch64"])
    scripts = {**compilation.recipe(), "cpython.sh": "exit 1\n"}
    monkeypatch.setattr(compilation, "recipe", lambda: scripts)
    assert made.libraries_key(ARCHITECTURES["aarch64"]) == before
    assert made.libraries_key(ARCHITECTURES["s390x"]) != before
    monkeypatch.setattr(compilation, "recipe", lambda: {**scripts, "libraries.sh": "exit 1\n"})
    assert made.libraries_key(ARCHITECTURES["aarch64"]) != before


def test_a_plan_shows_what_is_fetched_until_the_root_is_there(source: MuslSource) -> None:
    wanted = target("cp311", "aarch64", "musllinux")
    root, *others = source.parts(wanted)
    assert root.name == "musl for aarch64 with CPython 3.11, compiled once"
    assert not root.present
    assert root.size > table().pythons["cp311"]
    assert "Debian bookworm for x86_64 with CPython 3.11" in [part.name for part in others]
    source._store.ensure("musl-roots", source.key(wanted), lambda entry: None)
    root, *others = source.parts(wanted)
    assert root.present
    assert "Debian bookworm for x86_64 with CPython 3.11" not in [part.name for part in others]


def test_auto_asks_it_after_the_others(tmp_path: Path) -> None:
    store = Store(tmp_path)
    asked = sources(store, lambda event: None, source="auto", mirror=None)
    wanted = target("cp311", "aarch64", "musllinux")
    names = [source.name for source in asked if source.offers(wanted)]
    assert names == ["standalone", "musl", "image"]
    assert next(source.name for source in asked if source.offers(target("cp311", "aarch64"))) == "debian"
    assert [source.name for source in sources(store, lambda event: None, source="musl", mirror=None)] == [
        "musl"
    ]


def test_a_command_gets_it_where_it_is_the_source_that_is_asked(source: MuslSource) -> None:
    wanted, found = choose(ARCHITECTURES["s390x"], "3.13", (3, 11), (source,))
    assert (wanted, found) == (target("cp313", "s390x", "musllinux"), source)


@pytest.mark.parametrize("name", ["musl", "standalone"])
@pytest.mark.parametrize(("arch", "ladder"), [("aarch64", ("cross", "hybrid")), ("i686", ("native",))])
def test_only_engines_with_zig_build_in_roots_with_musl_alone(
    tmp_path: Path, name: str, arch: str, ladder: tuple[str, ...]
) -> None:
    shelf = Shelf(name, ("cp311",), (arch,), libc="musllinux")
    environ = {"CIBW_ARCHS": arch, "CIBW_BUILD": "cp311-musl*"}
    assert make(tmp_path, environ, sources=(shelf,)).jobs[0].ladder == ladder


@pytest.mark.parametrize(
    ("name", "roots"), [("musl", "the source musl"), ("standalone", "the source standalone with musl")]
)
def test_an_engine_that_wants_the_compilers_of_a_root_is_a_fault(
    tmp_path: Path, name: str, roots: str
) -> None:
    shelf = Shelf(name, ("cp311",), ("aarch64",), libc="musllinux")
    environ = {"CIBW_ARCHS": "aarch64", "CIBW_BUILD": "cp311-musl*"}
    with pytest.raises(ConfigurationError) as caught:
        make(tmp_path, environ, engine="emulated", sources=(shelf,))
    (fault,) = caught.value.faults
    assert fault.problem == f"emulated is not for {roots}: there is no compiler in its roots"
    assert fault.hint == "use one of auto, cross, hybrid"


def test_what_only_a_wildcard_selects_and_such_an_engine_cannot_build_is_left_out(tmp_path: Path) -> None:
    shelves = (
        Shelf("debian", ("cp311",), ("aarch64",)),
        Shelf("musl", ("cp313",), ("aarch64",), libc="musllinux"),
    )
    environ = {"CIBW_ARCHS": "aarch64", "CIBW_BUILD": "cp311-many* cp313-musl*"}
    plan = make(tmp_path, environ, engine="emulated", sources=shelves)
    assert [job.identifier for job in plan.jobs] == ["cp311-manylinux_aarch64"]
    reason = "emulated is not for the source musl: there is no compiler in its roots"
    assert plan.left_out == (("cp313-musllinux_aarch64", reason),)
    with pytest.raises(ConfigurationError):
        make(tmp_path, {**environ, "CIBW_BUILD": "cp311-many* cp313-musllinux_aarch64"}, engine="emulated",
             sources=shelves)  # fmt: skip


def test_every_library_that_is_fetched_is_compiled() -> None:
    unpacked = re.findall(r"^ +unpack (\S+)$", (RECIPE / "libraries.sh").read_text(), re.MULTILINE)
    assert sorted(unpacked) == sorted(table().libraries)


@pytest.mark.parametrize("script", sorted(path.name for path in RECIPE.iterdir()))
def test_a_recipe_is_a_script_that_a_plain_shell_reads(script: str) -> None:
    assert subprocess.run(["sh", "-n", RECIPE / script], check=False).returncode == 0


def test_the_compiler_drops_what_is_of_the_machine_that_compiles(tmp_path: Path) -> None:
    text = (RECIPE / "compiler.sh").read_text().replace("exec /crosswheel/zig/zig", "printf '%s\\n'")
    (tmp_path / "gcc").write_text(text)
    words = ["-I/usr/include", "-Iusr", "-L/usr/lib", "-static", "-DA=b c", "-g", "x.c"]
    env = {"ZIG_TARGET": "arm-linux-musleabihf"}
    done = subprocess.run(
        ["sh", tmp_path / "gcc", *words], env=env, capture_output=True, text=True, check=True
    )
    given = done.stdout.splitlines()
    assert given[:4] == ["cc", "-target", "arm-linux-musleabihf", "-dynamic"]
    assert given[-5:] == ["-Iusr", "-DA=b c", "-g", "x.c", "-g0"]


def test_a_root_has_what_programs_look_for_in_etc(tmp_path: Path) -> None:
    root = tmp_path / "root"
    authority = root / "usr/share/ca-certificates/one.crt"
    authority.parent.mkdir(parents=True)
    authority.write_text("a certificate")
    lay((), root)
    assert (root / "etc/ssl/cert.pem").read_text() == "a certificate\n"
    assert (root / "etc/passwd").read_text().startswith("root:x:0:0:")
    assert (root / "etc/group").read_text().startswith("root:x:0:")
    assert (root / "etc/hosts").read_text().startswith("127.0.0.1\tlocalhost\n")
    assert (root / "tmp").stat().st_mode & 0o1777 == 0o1777
