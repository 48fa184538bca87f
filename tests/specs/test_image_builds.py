"""Wheels from an image of a registry, in manylinux layout, by every engine: without docker, podman and root."""

import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import own_images
import own_registry
import pytest
from harness import Crosswheel
from own_registry import Image, Registry, archive

from crosswheel.architectures import ARCHITECTURES
from crosswheel.model import Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.store import Store, remove_tree

pytestmark = [pytest.mark.slow, pytest.mark.network]

ID = "cp311-manylinux_aarch64"
# As rpm does it: files of other owners, set-user-id bits, a user of the package's own.
YUM = b"""\
#!/bin/sh
set -e
test "$1 $2" = "install -y" && test $(id -u) = 0
echo 'daemon:x:77:' >> /etc/group
echo '#define FROM_YUM 1' > /usr/include/from_yum.h
mkdir -p /var/lib/rpm /var/spool/yum
tar -C / --numeric-owner --same-owner -xpf /usr/share/package.tar
chown -R 8:12 /var/spool/yum && chmod 4755 /usr/bin/packaged
"""


@pytest.fixture(scope="module")
def cache() -> Path:
    return Path(os.environ.get("CROSSWHEEL_CACHE") or Path.home() / ".cache/crosswheel")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Registry]:
    """Debian's registry with an index of images, and what they leave in the cache taken away."""
    directory = tmp_path_factory.mktemp("registry")
    kept = {path for kind in ("image-roots", "image-blobs/sha256") for path in (cache / kind).glob("*")}
    with own_registry.registry(directory) as made:
        arm = _manylinux(cache, directory)
        foreign = own_registry.image([archive({"etc/motd": b"hello"})], "s390x")
        for one in (arm, foreign):
            made.push(one, "pypa/manylinux2014_aarch64", "part")
        made.push(
            own_registry.index({"linux/s390x": foreign, "linux/arm64": arm}),
            "pypa/manylinux2014_aarch64",
            "1",
        )
        yield made
    for kind in ("image-roots", "image-blobs/sha256"):
        for path in set((cache / kind).glob("*")) - kept:  # no later run makes the same images
            remove_tree(path)


def _manylinux(cache: Path, directory: Path) -> Image:
    """A Debian root in manylinux layout under a layer with yum."""
    root = DebianSource(Store(cache), lambda _: None).root(
        Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])
    )
    base = own_images.manylinux(root.path, directory / "base.tar").read_bytes()
    (directory / "base.tar").unlink()
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w") as tar:
        entry = tarfile.TarInfo("usr/bin/packaged")
        entry.uid, entry.gid, entry.mode = 8, 12, 0o4755
        tar.addfile(entry)
    return own_registry.image(
        [base, archive({"usr/bin/yum": YUM, "usr/share/package.tar": package.getvalue()})], "arm64"
    )


@pytest.fixture
def building(crosswheel: Crosswheel, images: Registry, tmp_path: Path) -> Crosswheel:
    """crosswheel with a project, told of an image, where neither docker nor podman is found."""
    crosswheel.project("c-hello")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in (
        "unshare",
        "sh",
        "mount",
        "setpriv",
        "apt-get",
        "dpkg",
        "dpkg-deb",
        "uname",
        "git",
        "xargs",
        "tar",
    ):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    image = f"{images.host}/pypa/manylinux2014_aarch64:1"
    env = {"PATH": str(programs), "CIBW_MANYLINUX_AARCH64_IMAGE": image}
    return replace(crosswheel, env=env)


def build(building: Crosswheel, engine: str, *further: str, **env: str) -> str:
    """What is told of a build that serves."""
    result = building(
        "build", "--source", "image", "--only", ID, "--engine", engine, *further, "c-hello", env=env
    )
    assert result.status == 0, result.err
    assert building.wheels == ["c_hello-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.whl"]
    return result.err


def test_the_image_of_the_architecture_is_fetched_unpacked_and_built_with(building: Crosswheel) -> None:
    err = build(building, "cross")
    name = building.env["CIBW_MANYLINUX_AARCH64_IMAGE"]
    origin = f"the registry {name.partition('/')[0]}"
    assert f"fetch: {name} from {origin}: 2 layers, <size> ...\n" in err
    assert (
        f"note: {name} of {origin} is Debian GNU/Linux 12 (bookworm) with glibc 2.36 and CPythons cp311\n"
        in err
    )


def test_before_all_installs_packages_without_root(building: Crosswheel) -> None:
    """hybrid: headers and libraries are the image's, and what was installed is among them."""
    installed = "grep FROM_YUM /usr/include/from_yum.h && test -x /usr/bin/packaged"
    build(building, "hybrid", CIBW_BEFORE_ALL="yum install -y zlib-devel", CIBW_BEFORE_BUILD=installed)


def test_its_own_compilers_serve_and_a_policy_below_what_they_can_give_is_told(building: Crosswheel) -> None:
    assert (
        f"warning: {ID}: emulated links against glibc 2.36 of the root, so that the wheel may not hold "
        "manylinux_2_17; cross links against an older one\n"
    ) in build(building, "emulated", "--no-test")
