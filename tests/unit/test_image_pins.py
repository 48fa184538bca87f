"""The file of pins: read, renewed, written whole or not at all."""

from pathlib import Path

import pytest

from crosswheel import images
from crosswheel.errors import ProvisionError
from crosswheel.images import Pins, full_name
from crosswheel.provision.images import pins
from crosswheel.provision.images.refusals import UnreachableError
from crosswheel.references import Reference

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
MINE = Pins("r.test/pypa", "7", {"manylinux_2_28_s390x": ONE})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    pins.write(tmp_path / "images.toml", MINE)
    assert images.pins(tmp_path / "images.toml") == MINE
    assert [path.name for path in tmp_path.iterdir()] == ["images.toml"]


def test_the_file_that_is_shipped_is_as_the_command_writes_it(tmp_path: Path) -> None:
    pins.write(tmp_path / "images.toml", images.PINS)
    assert (tmp_path / "images.toml").read_text() == images.PINS_FILE.read_text()


def test_an_alias_stands_for_its_digest_where_it_is_pinned() -> None:
    assert full_name("manylinux_2_28", "s390x", MINE) == f"r.test/pypa/manylinux_2_28_s390x:7@{ONE}"
    assert full_name("manylinux_2_28", "aarch64", MINE) == "r.test/pypa/manylinux_2_28_aarch64:7"


@pytest.mark.parametrize("text", ["[", "registry = 'x'\n"])
def test_a_file_without_pins_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "images.toml").write_text(text)
    with pytest.raises(ValueError):
        images.pins(tmp_path / "images.toml")


def test_names_are_of_the_images_that_are_made() -> None:
    names = pins.names(())
    assert "manylinux_2_28_aarch64" in names
    assert "musllinux_1_2_armv7l" in names
    assert not any(name.startswith("manylinux2010") for name in names)
    assert pins.names(["manylinux_2_35", "manylinux_2_28_i686"]) == (
        "manylinux_2_28_i686",
        "manylinux_2_35_armv7l",
    )
    with pytest.raises(ProvisionError, match="manylinux_2_29: no such official image"):
        pins.names(["manylinux_2_29"])


def test_pins_that_are_not_asked_for_stay() -> None:
    asked = []

    def digest_of(reference: Reference, arch: str) -> str:
        asked.append((reference.repository, reference.tag, arch))
        return TWO

    after = pins.renewed(MINE, ["manylinux_2_28_aarch64"], digest_of)
    assert asked == [("r.test/pypa/manylinux_2_28_aarch64", "7", "aarch64")]
    assert after.digests == {"manylinux_2_28_s390x": ONE, "manylinux_2_28_aarch64": TWO}


def test_all_images_that_a_registry_lacks_are_told_at_once() -> None:
    def digest_of(reference: Reference, _: str) -> str:
        raise ProvisionError(f"there is no image {reference.place}")

    with pytest.raises(ProvisionError) as caught:
        pins.renewed(MINE, ["manylinux_2_28_aarch64", "manylinux_2_28_s390x"], digest_of)
    assert caught.value.fact == (
        "there is no image pypa/manylinux_2_28_aarch64; there is no image pypa/manylinux_2_28_s390x"
    )


def test_a_registry_that_does_not_answer_is_not_asked_for_forty_images() -> None:
    asked = []

    def digest_of(reference: Reference, _: str) -> str:
        asked.append(reference)
        raise UnreachableError("the registry cannot be reached")

    with pytest.raises(UnreachableError):
        pins.renewed(MINE, pins.names(()), digest_of)
    assert len(asked) == 1
