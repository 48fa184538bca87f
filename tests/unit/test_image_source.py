"""The source ``image``: what it offers before an image is there, and after. The engine here only pretends."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from test_image_root import manylinux

from crosswheel import images
from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.events import Event, Noted
from crosswheel.model import Python, Target
from crosswheel.options import ContainerEngine, Options
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.images import ImageSource
from crosswheel.store import Store

ARM = ARCHITECTURES["aarch64"]
CP310, CP311, CP313 = Python("cp", 3, 10), Python("cp", 3, 11), Python("cp", 3, 13)
# An engine with one image for arm64, whose files are an archive.
PODMAN = """\
#!/bin/sh
PATH=/usr/bin:/bin
echo "$1" >> {here}/calls
case $1 in
  version) echo '{{"Client": {{"Version": "4.3.1"}}}}';;
  image) echo '[{{"Id": "1f", "Os": "linux", "Architecture": "arm64"}}]';;
  export) cp {here}/files.tar "$3";;
esac
"""


def source(
    directory: Path, image: str, told: Callable[[Event], None] = lambda _: None, *, named: bool = True
) -> ImageSource:
    """:param named: whether the configuration names the engine."""
    program = directory / "bin/podman"
    program.parent.mkdir(exist_ok=True)
    program.write_text(PODMAN.format(here=directory))
    program.chmod(0o755)
    store = Store(directory / "cache")
    options = Options(image=image, container_engine=ContainerEngine("podman", named=named))
    environ = {"PATH": f"{program.parent}:{directory}/nothing"}
    debian = DebianSource(store, told)
    return ImageSource(store, told, options=lambda _: options, environ=environ, debian=debian)


def target(python: Python, libc: str = "manylinux") -> Target:
    return Target(python, "musllinux" if libc == "musllinux" else "manylinux", ARM)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    root = manylinux(tmp_path / "tree", tags=("cp311-cp311", "cp314-cp314t"))
    with tarfile.open(tmp_path / "files.tar", "w") as tar:
        tar.add(root, ".")
    return tmp_path


def calls(directory: Path) -> list[str]:
    file = directory / "calls"
    return file.read_text().split() if file.exists() else []


def test_without_a_name_it_is_the_default_of_cibuildwheel(tmp_path: Path) -> None:
    assert source(tmp_path, "").image_of(target(CP311)) == (
        f"quay.io/pypa/manylinux_2_28_aarch64:{images.RELEASE}"
    )


@pytest.mark.parametrize(
    ("image", "python", "offered", "glibc"),
    [
        ("", CP313, True, (2, 28)),
        ("manylinux2014", CP313, True, (2, 17)),
        ("quay.io/pypa/manylinux2010_x86_64:2022-08-05-4535177", CP310, True, (2, 12)),
        ("quay.io/pypa/manylinux2010_x86_64:2022-08-05-4535177", CP313, False, (2, 12)),
        ("localhost/own:1", CP313, True, None),
    ],
)
def test_the_table_says_what_an_image_has_before_it_is_there(
    tmp_path: Path, image: str, python: Python, offered: bool, glibc: tuple[int, int] | None
) -> None:
    made = source(tmp_path, image)
    assert (made.offers(target(python)), made.libc_version(target(python))) == (offered, glibc)
    assert set(calls(tmp_path)) <= {"image"}, "a plan pulls nothing"


def test_official_images_for_glibc_have_a_pypy_and_no_graalpy_is_offered(tmp_path: Path) -> None:
    def offered(image: str, python: Python, libc: str = "manylinux") -> bool:
        return source(tmp_path, image).offers(target(python, libc))

    pypy, graal = Python("pp", 3, 11), Python("gp", 3, 12, "_250")
    assert offered("", pypy)
    assert offered("localhost/own:1", pypy)
    assert not offered("manylinux_2_24", pypy)
    assert not offered("", pypy, "musllinux")
    assert not offered("", Python("pp", 3, 9))
    assert not offered("localhost/own:1", graal)


def test_without_a_name_musl_has_an_image_of_its_own(tmp_path: Path) -> None:
    made, musl = source(tmp_path, ""), target(CP311, "musllinux")
    assert made.image_of(musl) == f"quay.io/pypa/musllinux_1_2_aarch64:{images.RELEASE}"
    assert (made.offers(musl), made.libc_version(musl)) == (True, (1, 2))


def test_an_image_becomes_a_root_once(files: Path) -> None:
    events: list[Event] = []
    root = source(files, "localhost/own:1", events.append).root(target(CP311))
    assert (root.libc_version, root.image) == ((2, 36), "localhost/own:1")
    assert root.python == "/opt/_internal/cpython-cp311-cp311/bin/python3"
    assert (root.path / root.python.lstrip("/")).is_file()
    assert Noted("localhost/own:1 of podman is Alma 8 with glibc 2.36 and Pythons cp311, cp314t") in events
    assert source(files, "localhost/own:1").root(target(CP311)).path == root.path
    assert calls(files).count("export") == 1
    assert not list(root.path.parent.glob("*.tar")), "the archive does not stay"


def test_what_was_seen_in_an_image_is_known_to_later_plans(files: Path) -> None:
    image = "quay.io/pypa/manylinux_2_28_aarch64:own"
    assert source(files, image).offers(target(CP313)), "by the table"
    source(files, image).root(target(CP311))
    later = source(files, image)
    assert (later.offers(target(CP311)), later.offers(target(CP313))) == (True, False)
    assert later.libc_version(target(CP311)) == (2, 36)
    assert later.parts(target(CP311))[0].present


def test_a_name_that_came_to_stand_for_another_image_is_not_judged_by_the_old_one(files: Path) -> None:
    source(files, "localhost/own:1").root(target(CP311))
    assert not source(files, "localhost/own:1").offers(target(CP313))
    later = source(files, "localhost/own:1")
    program = files / "bin/podman"
    program.write_text(program.read_text().replace('"Id": "1f"', '"Id": "2e"'))
    assert later.offers(target(CP313))


def test_all_that_is_wrong_with_an_image_is_told_before_a_build(files: Path) -> None:
    with pytest.raises(ProvisionError, match="own:1 cannot serve cp310-manylinux_aarch64") as caught:
        source(files, "localhost/own:1").root(target(CP310))
    assert caught.value.cause == "/opt/python/cp310-cp310 is not in it; of Pythons it has cp311, cp314t"


@pytest.mark.parametrize(
    ("image", "asked"),
    [("localhost/own:1", True), (f"r.test/own@sha256:{'1f' * 32}", False), ("manylinux_2_28", False)],
)
def test_only_a_name_that_may_stand_for_another_image_is_asked_again(
    files: Path, image: str, asked: bool
) -> None:
    source(files, image).root(target(CP311))
    (files / "calls").unlink()
    source(files, image).root(target(CP311))
    assert bool(calls(files)) is asked


def test_what_is_kept_of_an_image_says_what_is_in_it(files: Path) -> None:
    root = source(files, "localhost/own:1").root(target(CP311))
    contents = json.loads((root.path.parent / "contents.json").read_text())
    assert (contents["system"], contents["version"]) == ("Alma 8", [2, 36])
    assert root.path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("image", ["localhost/own:1", "r.test/own:1", "containers-storage:r.test/own:1"])
def test_an_engine_that_has_the_image_gives_it_without_being_named(files: Path, image: str) -> None:
    events: list[Event] = []
    assert source(files, image, events.append, named=False).root(target(CP311)).image == image
    assert Noted(f"{image} of podman is Alma 8 with glibc 2.36 and Pythons cp311, cp314t") in events
    assert "pull" not in calls(files)


def test_an_image_among_those_of_docker_needs_docker(files: Path) -> None:
    with pytest.raises(ProvisionError, match="there is no docker on this machine"):
        source(files, "docker-daemon:own:1", named=False).root(target(CP311))


@pytest.mark.parametrize(
    ("image", "places"),
    [
        ("r.test/own:1", ["r.test"]),
        ("own:1", ["registry-1.docker.io"]),
        ("localhost/own:1", []),
        ("oci:images", []),
        ("docker-archive:own.tar", []),
        ("docker-daemon:own:1", []),
    ],
)
def test_only_for_an_image_of_a_registry_somebody_must_be_reached(
    tmp_path: Path, image: str, places: list[str]
) -> None:
    assert [reach.place for reach in source(tmp_path, image, named=False).reaches(target(CP311))] == places


def test_a_file_of_pins_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    debian = DebianSource(Store(tmp_path), lambda _: None)
    environ = {"CROSSWHEEL_IMAGES": str(tmp_path / "absent.toml")}
    with pytest.raises(ProvisionError, match=r"absent\.toml is no file of pins"):
        ImageSource(
            Store(tmp_path), lambda _: None, options=lambda _: Options(), environ=environ, debian=debian
        )
