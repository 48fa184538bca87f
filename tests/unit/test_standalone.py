"""The source ``standalone``: what uv knows, and what its words mean."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.model import Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.musl import MuslBase, base
from crosswheel.provision.standalone import StandaloneSource, faults, fetching, table
from crosswheel.store import Store

CP310 = Python("cp", 3, 10)
HERE = {"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}
KEY = "cpython-3.10.9-linux-aarch64-gnu"


def row(key: str, **changes: object) -> dict[str, object]:
    """A row of uv's table."""
    name, version, system, arch, libc = key.split("-")
    major, minor, patch = version.split(".")
    return {
        "name": name, "arch": {"family": arch, "variant": None}, "os": system, "libc": libc, "major": int(major),
        "minor": int(minor), "patch": int(patch), "prerelease": "", "sha256": "0" * 64, "variant": None,
        "url": "http://127.0.0.1:9/20261110/cpython.tar.gz", "build": "20261110", **changes,
    }  # fmt: skip


def named(directory: Path, rows: Mapping[str, object]) -> dict[str, str]:
    """Variables that name a table of one's own."""
    file = directory / "downloads.json"
    file.write_text(json.dumps(rows))
    return {**HERE, "UV_PYTHON_DOWNLOADS_JSON_URL": str(file)}


def source(store: Path, environ: Mapping[str, str]) -> StandaloneSource:
    debian = DebianSource(Store(store), lambda _: None)
    musl = MuslBase(Store(store), lambda _: None, debian=debian)
    return StandaloneSource(Store(store), lambda _: None, environ=environ, debian=debian, musl=musl)


def target(python: Python, arch: str = "aarch64", libc: str = "manylinux") -> Target:
    return Target(python, "musllinux" if libc == "musllinux" else "manylinux", ARCHITECTURES[arch])


# What uv knows


@pytest.mark.parametrize("arch", [name for name in ARCHITECTURES if name not in ("i686", "loongarch64")])
@pytest.mark.parametrize("minor", range(9, 16))
def test_uv_knows_every_version_for_every_architecture_but_i686_and_loongarch64(
    arch: str, minor: int, offered: StandaloneSource
) -> None:
    assert offered.offers(target(Python("cp", 3, minor), arch))


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> StandaloneSource:
    """What uv itself has in its table."""
    return source(tmp_path_factory.mktemp("store"), HERE)


def test_for_i686_the_newest_is_311_and_for_loongarch64_there_is_none(offered: StandaloneSource) -> None:
    assert offered.offers(target(Python("cp", 3, 11), "i686"))
    assert not offered.offers(target(Python("cp", 3, 12), "i686"))
    assert not offered.offers(target(Python("cp", 3, 12), "loongarch64"))


def test_a_python_without_the_gil_is_another_build(offered: StandaloneSource) -> None:
    plain, free = Python("cp", 3, 14), Python("cp", 3, 14, "t")
    assert offered.offers(target(free, "s390x"))
    assert offered.key(target(plain, "s390x")) != offered.key(target(free, "s390x"))
    assert not offered.offers(target(Python("cp", 3, 12, "t"), "s390x"))
    assert free.title == "CPython 3.14 without the GIL"


def test_pypy_is_not_offered(offered: StandaloneSource) -> None:
    assert not offered.offers(target(Python("pp", 3, 11)))
    assert not offered.offers(target(Python("pp", 3, 11), libc="musllinux"))


@pytest.mark.parametrize("minor", range(11, 16))
def test_for_musl_every_version_since_311_is_offered_for_two_architectures(
    minor: int, offered: StandaloneSource
) -> None:
    python = Python("cp", 3, minor)
    known = [name for name in ARCHITECTURES if offered.offers(target(python, name, "musllinux"))]
    assert known == ["x86_64", "aarch64"]


@pytest.mark.parametrize("minor", [9, 10])
def test_a_python_with_another_suffix_than_all_others_for_musl_is_not_offered(
    minor: int, offered: StandaloneSource
) -> None:
    assert not offered.offers(target(Python("cp", 3, minor), libc="musllinux"))


def test_for_musl_it_is_another_build_in_another_root(offered: StandaloneSource) -> None:
    plain, free = Python("cp", 3, 14), Python("cp", 3, 14, "t")
    targets = [target(plain), *(target(python, libc="musllinux") for python in (plain, free))]
    assert len({offered.key(one) for one in targets}) == 3
    names = [part.name for part in offered.parts(targets[1])]
    assert names[0].startswith("standalone CPython 3.14.")
    assert names[0].endswith(" for musl on aarch64")
    assert names[1] == "musl for aarch64 without Python"
    assert "for musl on x86_64, aarch64" in offered.describe()


def test_the_key_follows_what_the_root_with_musl_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, plain = target(Python("cp", 3, 12), libc="musllinux"), target(CP310)
    before = source(tmp_path, HERE)
    keys = before.key(wanted), before.key(plain)
    monkeypatch.setattr(base, "RECIPE", "another")
    after = source(tmp_path, HERE)
    assert after.key(wanted) != keys[0]
    assert after.key(plain) == keys[1]


def test_the_parts_of_a_plan_are_the_python_the_root_and_what_runs_it(offered: StandaloneSource) -> None:
    names = [part.name for part in offered.parts(target(CP310))]
    assert names[0].startswith("standalone CPython 3.10.")
    assert names[1] == "Debian bullseye for aarch64 without Python"
    assert not any(part.present for part in offered.parts(target(CP310)))


def test_the_newest_build_of_a_version_serves(tmp_path: Path) -> None:
    keys = (KEY, "cpython-3.10.11-linux-aarch64-gnu", "cpython-3.10.12-linux-x86_64-gnu")
    build = table.build_for(table.read(named(tmp_path, {key: row(key) for key in keys})), target(CP310))
    assert build is not None
    assert build.version == "3.10.11"


def test_another_build_is_another_root(tmp_path: Path) -> None:
    keys = {
        source(tmp_path, named(tmp_path, {KEY: row(KEY, url=url)})).key(target(CP310))
        for url in ("http://127.0.0.1:9/a/x.tar.gz", "http://127.0.0.1:9/b/x.tar.gz")
    }
    assert len(keys) == 2


def test_a_mirror_is_where_it_will_be_fetched(tmp_path: Path) -> None:
    environ = {**HERE, "UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9/mirror"}
    (own, debian) = source(tmp_path, environ).reaches(target(CP310))
    assert own.place == "127.0.0.1:9"
    assert debian.place == "the Debian mirror"
    with pytest.raises(ProvisionError, match=r"127\.0\.0\.1:9 cannot be reached"):
        own.ask()


@pytest.mark.parametrize("text", ["{", '{"x": 1}', None])
def test_a_table_that_is_none_is_named_with_its_variable(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "wrong.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ProvisionError) as caught:
        source(tmp_path, {**HERE, "UV_PYTHON_DOWNLOADS_JSON_URL": str(file)}).offers(target(CP310))
    assert caught.value.fact == (
        f"{file}, which UV_PYTHON_DOWNLOADS_JSON_URL names, cannot be read as uv's table of Pythons"
    )
    assert caught.value.cause


def test_a_python_that_uv_does_not_know_cannot_be_made(tmp_path: Path) -> None:
    made = source(tmp_path / "store", named(tmp_path, {KEY: row(KEY)}))
    with pytest.raises(ProvisionError) as caught:
        made.root(target(Python("cp", 3, 12), "riscv64"))
    assert caught.value.fact == "uv knows no CPython 3.12 for riscv64"
    assert caught.value.cause == "standalone has CPython 3.10 for aarch64"
    with pytest.raises(ProvisionError, match=r"uv knows no CPython 3\.10 for musl on aarch64"):
        made.root(target(CP310, libc="musllinux"))


# What uv says


@pytest.mark.parametrize(
    ("lines", "fact"),
    [
        (
            ["error: Failed to install x", "  cause: Hash mismatch for `x`", "", "Expected:", "  sha256:aa11",
             "", "Computed:", "  sha256:bb22"],
            "X from h is not the file that uv knows: its SHA-256 is another",
        ),
        (
            ["error: Failed to install x", "  cause: Request failed after 3 retries in 9.1s",
             "  cause: Failed to extract archive: a.tar.gz", "  cause: Invalid gzip header"],
            "the archive of X from h is damaged",
        ),
        (
            ["error: Failed to install x", "  cause: Failed to download `http://h/x`",
             "  cause: HTTP status client error (404 File not found) for url (http://h/x)"],
            "h does not have X",
        ),
        (
            ["error: Failed to install x", "  cause: Failed to download `http://h/x`",
             "  cause: HTTP status server error (503 Service Unavailable) for url (http://h/x)"],
            "h does not give out X",
        ),
        (
            ["error: Failed to install x", "  cause: Request failed after 3 retries in 5.0s",
             "  cause: error sending request for url (https://h/x)", "  cause: client error (Connect)",
             "  cause: dns error"],
            "h cannot be reached, and X is not in the cache",
        ),
        (
            ["error: Failed to install x", "  cause: invalid peer certificate: UnknownIssuer"],
            "X cannot be fetched: the certificate of h is not trusted",
        ),
        (["error: No download found for request: cpython-3.55"], "uv knows no X"),
        (["error: something new"], "uv could not install X"),
    ],
)  # fmt: skip
def test_what_uv_says_is_one_sentence_with_a_cause_and_a_next_step(lines: list[str], fact: str) -> None:
    error = faults.of_install(lines, "X", "h")
    assert (error.fact, bool(error.cause), bool(error.remedy)) == (fact, True, True)
    assert "cause:" not in error.cause


def test_of_a_hash_both_are_told() -> None:
    lines = ["  cause: Hash mismatch for `x`", "Expected:", "  sha256:aa11", "Computed:", "  sha256:bb22"]
    assert faults.of_install(lines, "X", "h").cause == "expected aa11, found bb22"


def test_a_full_disk_is_none_of_uvs_faults() -> None:
    with pytest.raises(OSError, match="No space left"):
        faults.of_install(["  cause: No space left on device (os error 28)"], "X", "h")


def test_the_users_choice_of_a_python_is_not_the_one_to_install() -> None:
    env = fetching.environment(
        {**HERE, "UV_PYTHON": "3.9", "UV_PYTHON_DOWNLOADS": "never", "UV_OFFLINE": "1"}, Path("c")
    )
    assert "UV_PYTHON" not in env
    assert (env["UV_PYTHON_DOWNLOADS"], env["UV_OFFLINE"], env["UV_CACHE_DIR"]) == ("automatic", "1", "c")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://user:secret@h.example:8/x", "h.example:8"),
        ("http://127.0.0.1:9/x", "127.0.0.1:9"),
        ("file:///m/x", "/m/x"),
    ],
)
def test_a_password_in_an_address_is_not_told(url: str, host: str) -> None:
    assert fetching.host_of(url) == host
