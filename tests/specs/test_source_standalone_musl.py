"""``--source standalone`` for musl: a CPython of python-build-standalone in a root with musl and no Python."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import own_pythons
import pytest
from harness import Crosswheel
from own_pythons import Mirror

from crosswheel.architectures import ARCHITECTURES
from crosswheel.model import Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.musl import MuslSource
from crosswheel.store import Store, remove_tree

pytestmark = [pytest.mark.slow, pytest.mark.network]

ID = "cp311-musllinux_aarch64"
TARGET = Target(Python("cp", 3, 11), "musllinux", ARCHITECTURES["aarch64"])
KEY = "cpython-3.11.2-linux-aarch64-musl"
BUILD = ("build", "--source", "standalone", "--only", ID)


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """A mirror with the CPython that the source ``musl`` compiles; the cache keeps no root of it."""
    cache = Path(os.environ.get("CROSSWHEEL_CACHE") or Path.home() / ".cache/crosswheel")
    directory, store = tmp_path_factory.mktemp("mirror"), Store(cache)
    kept = set(cache.glob("standalone-*/*"))
    root = MuslSource(store, lambda _: None, debian=DebianSource(store, lambda _: None)).root(TARGET)
    archive = own_pythons.musl_archive(root.path, "3.11", TARGET.triplet, directory)
    with own_pythons.mirror(directory / "mirror", {KEY: archive}) as found:
        yield found
    for entry in set(cache.glob("standalone-*/*")) - kept:
        remove_tree(entry)


@pytest.fixture
def building(crosswheel: Crosswheel, mirror: Mirror) -> Crosswheel:
    """crosswheel with a project, told of that mirror."""
    crosswheel.project("c-hello")
    return replace(crosswheel, env=mirror.env)


def test_a_wheel_is_built_by_cross_and_tested_with_musl_under_emulation(building: Crosswheel) -> None:
    result = building(*BUILD, "c-hello")

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == f"ok      {ID}  cross  tested  <time>"
    assert building.wheels == ["c_hello-1.0-cp311-cp311-musllinux_1_2_aarch64.whl"]
    told = building("inspect", f"wheelhouse/{building.wheels[0]}")
    assert "c_hello.cpython-311-aarch64-linux-musl.so" in told.out
    assert "libc.musl-aarch64.so.1" in told.out


def test_an_engine_that_wants_compilers_in_the_root_is_refused(building: Crosswheel) -> None:
    result = building(*BUILD, "--engine", "emulated", "c-hello")

    assert result.status != 0
    assert (
        "emulated is not for the source standalone with musl: there is no compiler in its roots" in result.err
    )
