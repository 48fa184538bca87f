"""``--source image``: wheels from an image of podman, without running a container of it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import own_images
import pytest
from harness import Crosswheel
from own_images import Podman

from crosswheel.architectures import ARCHITECTURES
from crosswheel.model import Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.store import Store, remove_tree

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
]

ID = "cp311-manylinux_aarch64"
OWN, OTHER, EMPTY = "localhost/own:1", "localhost/other:1", "localhost/empty:1"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    """podman with an image in manylinux layout, one for another architecture, and one with nothing in it."""
    directory = tmp_path_factory.mktemp("podman")
    cache = Path(os.environ.get("CROSSWHEEL_CACHE") or Path.home() / ".cache/crosswheel")
    debian = DebianSource(Store(cache), lambda _: None)
    root = debian.root(Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])).path
    with own_images.podman(directory / "own", os.environ) as podman:
        archive = own_images.archived(root, directory / "own.tar")
        podman.add(archive, OWN, "arm64")
        archive.unlink()
        podman.add(own_images.tiny(directory / "tiny.tar"), OTHER, "amd64")
        podman.add(directory / "tiny.tar", EMPTY, "arm64")
        kept = set((cache / "image-roots").glob("*"))
        yield podman
        for entry in set((cache / "image-roots").glob("*")) - kept:  # no later run makes the same images
            remove_tree(entry)


@pytest.fixture
def building(crosswheel: Crosswheel, engine: Podman) -> Crosswheel:
    """crosswheel with a project, told of that podman."""
    crosswheel.project("c-hello")
    return replace(crosswheel, env={**engine.env, "CIBW_CONTAINER_ENGINE": "podman"})


def build(crosswheel: Crosswheel, image: str, *further: str) -> list[str]:
    result = crosswheel("build", "--source", "image", "--only", ID, *further, "c-hello",
                        env={"CIBW_MANYLINUX_AARCH64_IMAGE": image})  # fmt: skip
    assert (result.status == 0) == (not result.failures)
    return result.failures


@pytest.mark.parametrize("chosen", ["cross", "emulated"])
def test_an_image_is_a_root_for_every_engine(building: Crosswheel, engine: Podman, chosen: str) -> None:
    assert build(building, OWN, "--engine", chosen) == []
    assert building.wheels == [
        "c_hello-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
    ]
    assert engine("ps", "--all", "--quiet") == "", "no container is left"


@pytest.mark.parametrize("chosen", ["hybrid", "emulated"])
def test_an_image_is_a_root_for_containers_too(building: Crosswheel, engine: Podman, chosen: str) -> None:
    assert build(building, OWN, "--engine", chosen, "--sandbox", "container") == []
    assert building.wheels == [
        "c_hello-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
    ]
    assert engine("ps", "--all", "--quiet") == "", "no container is left"


def test_before_all_is_the_images_own_affair(building: Crosswheel) -> None:
    told = "test -x /opt/python/cp311-cp311/bin/python && . /etc/os-release && test $ID = debian"
    result = building("build", "--source", "image", "--only", ID, "c-hello",
                      env={"CIBW_MANYLINUX_AARCH64_IMAGE": OWN, "CIBW_BEFORE_ALL": told})  # fmt: skip
    assert result.status == 0, result.err


def test_an_image_for_another_architecture_is_refused(building: Crosswheel) -> None:
    assert build(building, OTHER) == [
        f"""\
{ID}  FAILED: {OTHER} is an image for x86_64, not for aarch64
  cause: it says linux/amd64, and linux/arm64 is wanted
  next: name one for aarch64, or take another --source, which needs no image
"""
    ]


def test_an_image_without_the_python_is_refused(building: Crosswheel) -> None:
    assert build(building, EMPTY) == [
        f"""\
{ID}  FAILED: {EMPTY} is no image to build wheels for aarch64 in
  cause: it has no C library; it has no Python in /opt/python
  next: name another image, or take another --source, which needs no image
"""
    ]


def test_an_image_that_is_nowhere_is_told(building: Crosswheel) -> None:
    (failure,) = build(building, "localhost/nowhere:1")
    assert "FAILED: there is no image localhost/nowhere:1\n" in failure


def test_a_registry_that_refuses_is_told(building: Crosswheel) -> None:
    (failure,) = build(building, "127.0.0.1:1/pypa/manylinux_2_28_aarch64:1")
    assert "FAILED: the registry of 127.0.0.1:1/pypa/manylinux_2_28_aarch64:1 cannot be reached\n" in failure
    assert "connection refused" in failure


def test_a_machine_without_the_engine_is_told(building: Crosswheel, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("unshare", "sh", "mount", "setpriv", "apt-get", "dpkg", "dpkg-deb", "uname"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    (failure,) = build(replace(building, env={**building.env, "PATH": str(programs)}), OWN)
    assert "FAILED: there is no podman on this machine, which images are had from\n" in failure
