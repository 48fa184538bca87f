"""``--source standalone``: CPythons of python-build-standalone by way of uv, from a mirror on loopback."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import own_pythons
import pytest
from harness import Crosswheel
from own_pythons import Mirror

from crosswheel.architectures import ARCHITECTURES, HOST
from crosswheel.model import Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.musl import MuslBase
from crosswheel.provision.standalone import StandaloneSource
from crosswheel.store import Store, remove_tree

pytestmark = [pytest.mark.slow, pytest.mark.network]

ID = "cp311-manylinux_aarch64"
KEY, OTHER, EMPTY = (f"cpython-3.{minor}.2-linux-aarch64-gnu" for minor in (11, 13, 10))
NATIVE = "cpython-3.11.2-linux-x86_64-gnu"
WHAT = "CPython 3.11.2 for aarch64"


@pytest.fixture(scope="module")
def cache() -> Iterator[Path]:
    """The cache of all specs, without the roots that these specs add: no later run makes the same ones."""
    cache = Path(os.environ.get("CROSSWHEEL_CACHE") or Path.home() / ".cache/crosswheel")
    kept = set(cache.glob("standalone-*/*"))
    yield cache
    for entry in set(cache.glob("standalone-*/*")) - kept:
        remove_tree(entry)


@pytest.fixture(scope="module")
def mirror(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """A mirror with a CPython 3.11, one that is of another architecture, and one that is not in its archive."""
    directory = tmp_path_factory.mktemp("mirror")
    debian = DebianSource(Store(cache), lambda _: None)
    archives = {}
    for key, arch in ((KEY, ARCHITECTURES["aarch64"]), (NATIVE, HOST)):
        root = debian.root(Target(Python("cp", 3, 11), "manylinux", arch)).path
        archives[key] = own_pythons.archive(root, "3.11", arch.triplet, directory)
    wrong = own_pythons.renamed(archives[NATIVE], "3.11", "3.13", directory)
    with own_pythons.mirror(
        directory / "mirror", {**archives, OTHER: wrong, EMPTY: own_pythons.empty(directory)}
    ) as found:
        yield found


@pytest.fixture
def building(crosswheel: Crosswheel, mirror: Mirror) -> Crosswheel:
    """crosswheel with a project, told of that mirror."""
    crosswheel.project("c-hello")
    return replace(crosswheel, env=mirror.env)


def build(crosswheel: Crosswheel, *further: str, only: str = ID) -> list[str]:
    result = crosswheel("build", "--source", "standalone", "--only", only, *further, "c-hello")
    assert (result.status == 0) == (not result.failures)
    return result.failures


def test_a_wheel_is_built_by_cross_and_tested_in_a_root_with_the_standalone_python(
    building: Crosswheel,
) -> None:
    assert build(building) == []
    (wheel,) = building.wheels
    assert wheel.startswith("c_hello-1.0-cp311-cp311-manylinux2014_aarch64")

    question = "import sys, sysconfig as s; print(sys.base_prefix, s.get_config_var('CC'))"
    here = ("--source", "standalone", "--arch", "aarch64", "--python", "3.11")
    result = building("run", *here, "--", "python", "-c", question)
    assert result.out == "/opt/python/cp311-cp311 gcc\n"


def test_the_roots_own_compilers_build_for_it_too(building: Crosswheel) -> None:
    assert build(building, "--engine", "emulated") == []
    assert len(building.wheels) == 1


def test_the_plan_and_the_report_say_why_this_source(building: Crosswheel) -> None:
    planned = building("plan", "--only", "cp310-manylinux_aarch64", "--json", "c-hello")
    (job,) = json.loads(planned.out)["jobs"]
    assert (job["source"], job["source_reason"]) == ("standalone", "no other source has it")

    shown = building("plan", "--only", "cp310-manylinux_aarch64", "c-hello")
    assert "\n\nwhy these sources:\n  standalone: no other source has it\n\n" in shown.out

    result = building("build", "--only", "cp310-manylinux_aarch64", "--report", "report", "c-hello")
    assert result.status == 1
    (job,) = json.loads((building.cwd / "report/report.json").read_text())["jobs"]
    assert (job["source"], job["source_reason"]) == ("standalone", "no other source has it")


def test_an_archive_that_cannot_be_used_is_told_in_a_sentence(building: Crosswheel, mirror: Mirror) -> None:
    host = mirror.address.removeprefix("http://")
    kept = set(building.cache.glob("standalone-*/*"))
    url = json.loads(mirror.table.read_text())[KEY]["url"]

    def told(only: str = ID, address: str = mirror.address, **changes: str) -> str:
        rows = json.loads(mirror.table.read_text())
        rows[KEY] |= {"url": f"{url}?1", **changes}
        file = building.cwd / "downloads.json"
        file.write_text(json.dumps(rows))
        env = {**mirror.env, "UV_PYTHON_DOWNLOADS_JSON_URL": str(file), "UV_PYTHON_INSTALL_MIRROR": address}
        (failure,) = build(replace(building, env=env), only=only)
        first, cause, remedy = failure.splitlines()
        assert (cause[:9], remedy[:8]) == ("  cause: ", "  next: ")
        return first.partition("  FAILED: ")[2]

    assert (
        told(sha256="0" * 64) == f"{WHAT} from {host} is not the file that uv knows: its SHA-256 is another"
    )
    assert told(url=url.replace(".tar", "-none.tar")) == f"{host} does not have {WHAT}"
    nobody = f"127.0.0.1:9 cannot be reached, and {WHAT} is not in the cache"
    assert told(address="http://127.0.0.1:9") == nobody
    other = "the archive of CPython 3.13.2 for aarch64 is of another architecture"
    assert told("cp313-manylinux_aarch64") == other
    empty = "the archive of CPython 3.10.2 for aarch64 holds no such Python"
    assert told("cp310-manylinux_aarch64") == empty
    assert set(building.cache.glob("standalone-*/*")) == kept
    assert building.wheels == []


def test_what_uv_does_not_know_is_told_with_what_it_knows(building: Crosswheel) -> None:
    result = building("build", "--source", "standalone", "--only", "cp312-manylinux_aarch64", "c-hello")
    assert result.status == 1
    assert result.err == (
        "crosswheel: error: no source has the Python for cp312-manylinux_aarch64\n"
        "  cause: for aarch64: standalone has cp310, cp311 and cp313\n"
        "  next: build one of these Pythons, or take another --source\n"
    )


def test_a_native_python_is_fetched_where_neither_the_machine_nor_debian_has_one(
    cache: Path, mirror: Mirror
) -> None:
    store = Store(cache)
    debian = DebianSource(store, lambda _: None)
    source = StandaloneSource(
        store, lambda _: None, environ={**os.environ, **mirror.env}, debian=debian,
        musl=MuslBase(store, lambda _: None, debian=debian),
    )  # fmt: skip
    found = source.native(Python("cp", 3, 11))
    assert found.executable.is_relative_to(cache.resolve() / "standalone-pythons")
    assert list(found.prefix.glob("lib/python3.11/__pycache__/os.*.pyc"))
    assert source.native(Python("cp", 3, 11)) == found
