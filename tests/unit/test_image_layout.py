"""Images in a directory: the same checks as for those of a registry, and neither skopeo nor an engine."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import own_registry
import pytest
from own_registry import Image, archive, image, index, layout
from test_image_root import ABOUT, elf

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.events import Event, Noted
from crosswheel.model import Python, Target
from crosswheel.options import Options
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.images import ImageSource
from crosswheel.store import Store

ARM = Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])
BASE = archive({"usr/lib64": None, "usr/lib64/libc.so.6": elf("aarch64") + ABOUT, "etc/gone": b"x"})
PYTHON = archive(
    {
        "opt/_internal/cp311/bin/python3.11": b"x",
        "opt/_internal/cp311/bin/python": "-> python3.11",
        "opt/python/cp311-cp311": "-> /opt/_internal/cp311",
        "etc/.wh.gone": b"",
    }
)
OWN = image([BASE, PYTHON], "arm64")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other programs write meanwhile is not waited for."""
    monkeypatch.setattr(os, "sync", lambda: None)


def source(directory: Path, name: str, told: Callable[[Event], None] = lambda _: None) -> ImageSource:
    store = Store(directory / "cache")
    options = Options(image=name)
    (directory / "programs").mkdir(exist_ok=True)
    environ = {"PATH": str(directory / "programs"), "HOME": str(directory)}
    debian = DebianSource(store, told)
    return ImageSource(store, told, options=lambda _: options, environ=environ, debian=debian)


def left(directory: Path) -> list[str]:
    """What a refused image left in the store."""
    kinds = ("image-roots", "image-blobs", "image-names", "scratch")
    return [str(path) for kind in kinds for path in (directory / "cache" / kind).rglob("*")]


def test_an_image_of_a_directory_becomes_a_root(tmp_path: Path) -> None:
    told: list[Event] = []
    name = f"oci:{layout({'own': OWN, 'other': image([BASE], 'arm64')}, tmp_path / 'images')}:own"
    root = source(tmp_path, name, told.append).root(ARM)
    assert (root.libc_version, root.python) == ((2, 36), "/opt/_internal/cp311/bin/python3.11")
    assert not (root.path / "etc/gone").exists()
    says = f"{name} of the directory {tmp_path}/images is an unnamed system with glibc 2.36 and Pythons cp311"
    assert Noted(says) in told


def test_a_musllinux_image_gives_a_root_with_musl(tmp_path: Path) -> None:
    musl = archive({"lib/ld-musl-aarch64.so.1": elf("aarch64") + b"\0other\x001.2.5\0"})
    name = f"oci:{layout({'own': image([musl, PYTHON], 'arm64')}, tmp_path / 'images')}"
    target = Target(Python("cp", 3, 11), "musllinux", ARCHITECTURES["aarch64"])
    made = source(tmp_path, name)
    assert made.root(target).libc_version == (1, 2)
    with pytest.raises(ProvisionError, match="cannot serve cp311-manylinux_aarch64") as caught:
        made.root(ARM)
    assert caught.value.cause == "it has musl, and a manylinux wheel needs glibc"


@pytest.mark.parametrize(
    ("arch", "platforms", "taken"),
    [
        ("aarch64", ("linux/amd64", "linux/arm64"), "linux/arm64"),
        ("armv7l", ("linux/arm/v6", "linux/arm/v7"), "linux/arm/v7"),
        ("i686", ("linux/amd64", "linux/386"), "linux/386"),
    ],
)
def test_of_an_index_the_image_of_the_architecture_is_taken(
    tmp_path: Path, arch: str, platforms: tuple[str, ...], taken: str
) -> None:
    def made(platform: str) -> Image:
        files = {"usr/lib/libc.so.6": elf(arch) + ABOUT, "etc/platform": platform.encode()}
        return image([archive(files), PYTHON], platform.split("/")[1])

    images = {platform: made(platform) for platform in platforms}
    blobs = {
        name: data
        for one in images.values()
        for name, data in {**one.blobs, one.digest: one.manifest}.items()
    }
    together = index(images)
    name = f"oci:{layout({'own': Image(together.manifest, blobs, together.media_type)}, tmp_path / 'images')}"
    root = source(tmp_path, name).root(Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES[arch]))
    assert (root.path / "etc/platform").read_text() == taken


def test_a_directory_that_did_not_change_is_not_unpacked_again(tmp_path: Path) -> None:
    images = layout({"own": OWN}, tmp_path / "images")
    root = source(tmp_path, f"oci:{images}").root(ARM)
    (images / "index.json").chmod(0o000)
    later = source(tmp_path, f"oci:{images}")
    assert later.key(ARM) == root.path.parent.name
    assert later.root(ARM).path == root.path


def test_a_directory_that_changed_holds_another_image(tmp_path: Path) -> None:
    name = f"oci:{layout({'own': OWN}, tmp_path / 'images')}"
    root = source(tmp_path, name).root(ARM)
    layout({"own": image([BASE, PYTHON, archive({"etc/new": b"x"})], "arm64")}, tmp_path / "images")
    later = source(tmp_path, name)
    assert later.key(ARM) != root.path.parent.name
    assert (later.root(ARM).path / "etc/new").exists()


CUT = gzip.compress(os.urandom(5000))[:-2000]
BROKEN = {
    "another architecture": (
        image([BASE, PYTHON], "amd64"),
        "is an image for x86_64, not for aarch64",
        "it says linux/amd64, and linux/arm64 is wanted",
    ),
    "none for the architecture": (
        index({"linux/amd64": OWN, "linux/s390x": OWN}),
        "there is no {name} for linux/arm64",
        "its index has linux/amd64, linux/s390x",
    ),
    "programs of another architecture": (
        image([archive({"lib/libc.so.6": elf("s390x") + ABOUT}), PYTHON], "arm64"),
        "is no image to build wheels for aarch64 in",
        "its programs are of s390x, not of aarch64",
    ),
    "no Python": (
        image([archive({"etc/motd": b"hello"})], "arm64"),
        "is no image to build wheels for aarch64 in",
        "it has no C library; it has no Python in /opt/python",
    ),
    "a layer that is cut": (
        image([BASE, CUT], "arm64", [own_registry.digest(gzip.decompress(BASE)), "sha256:" + "0" * 64]),
        "layer 2 of {name} is broken",
        "Compressed file ended",
    ),
    "a layer that is no archive": (image([b"noise" * 999], "arm64"), "layer 1 of {name} is broken", ""),
    "a name that escapes": (
        image([archive({"../../escaped": b"x"})], "arm64"),
        "layer 1 of {name} is refused: it does not hold a file system",
        "../../escaped: it leads upwards",
    ),
    "no manifest": (Image(b"[]", {}), "{name} is broken", "no JSON object"),
    "an old manifest": (Image(b'{"schemaVersion": 1}', {}), "{name} is broken", "schema 1"),
    "a digest that is a path": (
        Image(b'{"config": {"digest": "sha256:../../../../etc/passwd"}, "layers": []}', {}),
        "{name} is broken",
        "no digest by SHA-256",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_an_image_that_cannot_serve_is_told_and_leaves_nothing(tmp_path: Path, case: str) -> None:
    made, fact, cause = BROKEN[case]
    name = f"oci:{layout({'own': made}, tmp_path / 'images')}"
    with pytest.raises(ProvisionError) as caught:
        source(tmp_path, name).root(ARM)
    assert fact.format(name=name) in caught.value.fact
    assert cause in caught.value.cause
    assert caught.value.remedy
    assert left(tmp_path) == []
    assert not (tmp_path / "escaped").exists()


def test_bytes_that_are_not_those_of_their_digest_are_refused(tmp_path: Path) -> None:
    directory = layout({"own": OWN}, tmp_path / "images")
    config = next(name for name in OWN.blobs if name not in OWN.layers)
    (directory / "blobs" / config.replace(":", "/")).write_bytes(b"{}")
    with pytest.raises(ProvisionError, match="is broken") as caught:
        source(tmp_path, f"oci:{directory}").root(ARM)
    assert caught.value.cause == f"{config} has other bytes: {own_registry.digest(b'{}')}"
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("oci:{here}/absent", "{here}/absent has no index.json"),
        ("oci:{here}/images:third", "{here}/images has one, two"),
        ("oci:{here}/images", "{here}/images has one, two"),
        ("docker-archive:{here}/absent.tar", "{here}/absent.tar is no file"),
    ],
)
def test_an_image_that_is_not_there_is_told(tmp_path: Path, name: str, cause: str) -> None:
    layout({"one": OWN, "two": OWN}, tmp_path / "images")
    with pytest.raises(ProvisionError, match=r"^there is no image|may be several images") as caught:
        source(tmp_path, name.format(here=tmp_path)).root(ARM)
    assert caught.value.cause == cause.format(here=tmp_path)


def test_an_image_that_is_only_on_this_machine_needs_an_engine(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match="there is no image localhost/own:1") as caught:
        source(tmp_path, "localhost/own:1").root(ARM)
    assert caught.value.cause == "it is not among the images of docker or podman, and names no registry"
