"""Wheels from images of a registry, in manylinux and musllinux layout: without docker, podman and root."""

import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import own_images
import own_registry
import pytest
from harness import Crosswheel
from own_registry import Image, Registry, archive

from crosswheel.architectures import ARCHITECTURES
from crosswheel.model import Libc, Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.musl import MuslSource
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


APK = b"""\
#!/bin/sh
set -e
test "$*" = "add zlib-dev" && test $(id -u) = 0
mkdir -p /usr/include && echo '#define FROM_APK 1' > /usr/include/from_apk.h && chown 8:12 /usr/include/from_apk.h
"""
ALPINE = b'ID=alpine\nPRETTY_NAME="Alpine Linux v3.22"\n'
TEST = 'test -e /lib/ld-musl-*.so.1 && python -c "import c_hello" && ! ls /lib64/ld-linux*'
PROGRAMS = (
    "unshare", "sh", "mount", "setpriv", "apt-get", "dpkg", "dpkg-deb", "uname", "git", "xargs", "tar",
)  # fmt: skip


@pytest.fixture(scope="module")
def cache() -> Path:
    return Path(os.environ.get("CROSSWHEEL_CACHE") or Path.home() / ".cache/crosswheel")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Registry]:
    """Debian's registry; what its images leave in the cache is taken away."""
    kept = {path for kind in ("image-roots", "image-blobs/sha256") for path in (cache / kind).glob("*")}
    with own_registry.registry(tmp_path_factory.mktemp("registry")) as made:
        yield made
    for kind in ("image-roots", "image-blobs/sha256"):
        for path in set((cache / kind).glob("*")) - kept:  # no later run makes the same images
            remove_tree(path)


@pytest.fixture(scope="module")
def manylinux(images: Registry, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An index with a Debian root in manylinux layout under a layer with yum."""
    root = DebianSource(Store(cache), lambda _: None).root(target("cp", "aarch64"))
    base = own_images.archived(root.path, tmp_path_factory.mktemp("manylinux") / "base.tar").read_bytes()
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w") as tar:
        entry = tarfile.TarInfo("usr/bin/packaged")
        entry.uid, entry.gid, entry.mode = 8, 12, 0o4755
        tar.addfile(entry)
    yum = archive({"usr/bin/yum": YUM, "usr/share/package.tar": package.getvalue()})
    arm = own_registry.image([base, yum], "arm64")
    foreign = own_registry.image([archive({"etc/motd": b"hello"})], "s390x")
    for one in (arm, foreign):
        images.push(one, "pypa/manylinux2014_aarch64", "part")
    both = own_registry.index({"linux/s390x": foreign, "linux/arm64": arm})
    return images.push(both, "pypa/manylinux2014_aarch64", "1")


@pytest.fixture(scope="module")
def musllinux(images: Registry, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An index with roots for musl in musllinux layout."""
    directory = tmp_path_factory.mktemp("musllinux")
    made = {ARCHITECTURES[arch].docker: alpine(cache, directory, arch) for arch in ("x86_64", "aarch64")}
    for one in made.values():
        images.push(one, "pypa/musllinux_1_2", "part")
    return images.push(own_registry.index(made), "pypa/musllinux_1_2", "1")


def alpine(cache: Path, directory: Path, arch: str, apk: bytes = APK) -> Image:
    """A root for musl, which has no compiler, in musllinux layout under a layer with apk."""
    store = Store(cache)
    source = MuslSource(store, lambda _: None, debian=DebianSource(store, lambda _: None))
    root = source.root(target("cp", arch, "musllinux")).path
    base = own_images.archived(root, directory / f"{arch}.tar", own_images.MUSL).read_bytes()
    layers = [base, archive({"sbin/apk": apk, "etc/os-release": ALPINE})]
    return own_registry.image(layers, ARCHITECTURES[arch].docker.split("/")[1])


@pytest.fixture(scope="module")
def pypy(images: Registry, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Debian's PyPy in manylinux layout, with no other Python and without compilers."""
    root = DebianSource(Store(cache), lambda _: None).root(target("pp", "aarch64")).path
    file = tmp_path_factory.mktemp("pypy") / "base.tar"
    left_out = ("usr/lib/gcc", "usr/share", "usr/libexec", "usr/bin/aarch64-", "var")
    base = own_images.archived(root, file, own_images.PYPY, left_out).read_bytes()
    # The loader finds it in Debian's place; those of the official images have it in their own tree.
    library = "usr/lib/aarch64-linux-gnu/libpypy3.11-c.so"
    linked = archive({f"{own_images.PYPY.inner}/lib/libpypy3.11-c.so": (root / library).read_bytes()})
    return images.push(own_registry.image([base, linked], "arm64"), "pypa/manylinux_2_34_aarch64", "1")


def target(implementation: Literal["cp", "pp"], arch: str, libc: Libc = "manylinux") -> Target:
    return Target(Python(implementation, 3, 11), libc, ARCHITECTURES[arch])


@pytest.fixture
def building(crosswheel: Crosswheel, tmp_path: Path) -> Crosswheel:
    """crosswheel with a project, where neither docker nor podman is found."""
    crosswheel.project("c-hello")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in PROGRAMS:
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    return replace(crosswheel, env={"PATH": str(programs)})


def build(building: Crosswheel, image: str, engine: str, *further: str, only: str = ID, **env: str) -> str:
    """What is told of a build that serves."""
    libc, arch = only.partition("-")[2].split("_", 1)
    named = {f"CIBW_{libc.upper()}_{arch.upper()}_IMAGE": image, **env}
    result = building(
        "build", "--source", "image", "--only", only, "--engine", engine, *further, "c-hello", env=named
    )
    assert result.status == 0, result.err
    return result.err


def test_the_image_of_the_architecture_is_fetched_unpacked_and_built_with(
    building: Crosswheel, manylinux: str
) -> None:
    err = build(building, manylinux, "cross")
    assert building.wheels == ["c_hello-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.whl"]
    origin = f"the registry {manylinux.partition('/')[0]}"
    assert f"fetch: {manylinux} from {origin}: 2 layers, <size> ...\n" in err
    system = "Debian GNU/Linux 12 (bookworm) with glibc 2.36 and Pythons cp311"
    assert f"note: {manylinux} of {origin} is {system}\n" in err


def test_before_all_installs_packages_without_root(building: Crosswheel, manylinux: str) -> None:
    """hybrid: headers and libraries are the image's, and what was installed is among them."""
    installed = "grep FROM_YUM /usr/include/from_yum.h && test -x /usr/bin/packaged"
    told = {"CIBW_BEFORE_ALL": "yum install -y zlib-devel", "CIBW_BEFORE_BUILD": installed}
    build(building, manylinux, "hybrid", **told)


def test_its_own_compilers_serve_and_a_policy_below_what_they_can_give_is_told(
    building: Crosswheel, manylinux: str
) -> None:
    assert (
        f"warning: {ID}: emulated links against glibc 2.36 of the root, so that the wheel may not hold "
        "manylinux_2_17; cross links against an older one\n"
    ) in build(building, manylinux, "emulated", "--no-test")


@pytest.mark.parametrize(
    ("arch", "engine"), [("x86_64", "native"), ("aarch64", "cross"), ("aarch64", "hybrid")]
)
def test_a_wheel_for_musl_is_built_and_tested_in_an_image(
    building: Crosswheel, musllinux: str, arch: str, engine: str
) -> None:
    told = {"CIBW_BEFORE_ALL": "apk add zlib-dev", "CIBW_TEST_COMMAND": TEST}
    err = build(building, musllinux, engine, only=f"cp311-musllinux_{arch}", **told)
    assert building.wheels == [f"c_hello-1.0-cp311-cp311-musllinux_1_2_{arch}.whl"]
    assert f"{musllinux} of the registry" in err
    assert " is Alpine Linux v3.22 with musl 1.2 and Pythons cp311\n" in err


def test_a_wheel_is_kept_until_the_tag_of_its_image_moves(
    building: Crosswheel, images: Registry, cache: Path, tmp_path: Path
) -> None:
    """It is the digest that counts: the same wheel serves again, and a tag that moved has another one built."""
    first, second = (alpine(cache, tmp_path, "x86_64", apk) for apk in (b"first", b"second"))
    tag = images.push(first, "pypa/musllinux_1_2", "moving")

    def built() -> str:
        return build(building, tag, "native", only="cp311-musllinux_x86_64", CROSSWHEEL_NO_CACHE="")

    assert "  build (native) ...\n" in built()
    again = built()
    assert "  build (native) ...\n" not in again
    assert "  test ...\n" not in again
    images.push(second, "pypa/musllinux_1_2", "moving")
    told = built()
    assert f"warning: {tag} is another image now: {second.digest} in place of {first.digest}\n" in told
    assert "  build (native) ...\n" in told


def test_a_wheel_of_pypy_is_built_and_tested_in_an_image(building: Crosswheel, pypy: str) -> None:
    err = build(building, pypy, "cross", "--enable", "pypy", only="pp311-manylinux_aarch64")
    (wheel,) = building.wheels
    assert wheel.startswith("c_hello-1.0-pp311-pypy311_pp73-manylinux2014_aarch64.")
    assert " is Debian GNU/Linux 13 (trixie) with glibc 2.41 and Pythons pp311\n" in err
