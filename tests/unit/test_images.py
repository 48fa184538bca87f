"""The table of official images: what cibuildwheel pins, and what replaces what is gone."""

import configparser
from importlib.resources import files

import pytest

from crosswheel import images
from crosswheel.architectures import ARCHITECTURES
from crosswheel.images import IMAGES

THEIRS = [name for name, row in ARCHITECTURES.items() if row.in_cibuildwheel]


def pinned() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(inline_comment_prefixes="#")
    parser.read_string(files("cibuildwheel").joinpath("resources/pinned_docker_images.cfg").read_text())
    return parser


@pytest.mark.parametrize("arch", THEIRS)
def test_every_image_that_cibuildwheel_pins_is_in_the_table_with_its_architecture(arch: str) -> None:
    for name, reference in pinned()[arch].items():
        assert arch in IMAGES[name].archs
        assert not IMAGES[name].ended
        place, _, _ = reference.partition("@")
        assert images.full_name(name, arch).rpartition(":")[0] == place


def test_an_image_that_is_made_and_not_pinned_is_only_that_of_one_architecture() -> None:
    made = {(name, arch) for name, row in IMAGES.items() if not row.ended for arch in row.archs}
    assert made - {(name, arch) for arch in THEIRS for name in pinned()[arch]} == {
        ("manylinux_2_39", "aarch64")
    }


def test_what_replaces_an_image_is_made_for_all_its_architectures() -> None:
    for row in IMAGES.values():
        if row.heir:
            assert not IMAGES[row.heir].ended
            assert set(row.archs) <= set(IMAGES[row.heir].archs)
            assert IMAGES[row.heir].version > row.version


def test_an_image_that_is_gone_says_when_and_who_said_so() -> None:
    assert images.GONE == ("manylinux1", "manylinux2010", "manylinux_2_24", "musllinux_1_1")
    for name in images.GONE:
        assert IMAGES[name].ended
        assert IMAGES[name].about.startswith("pypa/manylinux#")
        assert IMAGES[name].heir


@pytest.mark.parametrize(
    ("reference", "name", "arch"),
    [
        ("manylinux_2_28", "manylinux_2_28", ""),
        ("quay.io/pypa/manylinux_2_28_aarch64:latest", "manylinux_2_28", "aarch64"),
        ("localhost:5000/x/manylinux2014_x86_64@sha256:55df", "manylinux2014", "x86_64"),
        ("quay.io/pypa/manylinux2010-pypy_x86_64:1", "manylinux2010", "x86_64"),
        ("musllinux_1_2_armv7l", "musllinux_1_2", "armv7l"),
    ],
)
def test_the_name_of_an_official_image_says_policy_and_architecture(
    reference: str, name: str, arch: str
) -> None:
    assert images.named(reference) == images.Named(IMAGES[name], arch)


@pytest.mark.parametrize("reference", ["debian:12", "me/manylinux_2_99_x86_64", "manylinux_2_28/own", ""])
def test_another_image_has_no_row(reference: str) -> None:
    assert images.named(reference) is None


def test_an_alias_becomes_the_name_that_is_fetched_and_a_name_stays() -> None:
    assert (
        images.full_name("manylinux_2_28", "aarch64")
        == f"quay.io/pypa/manylinux_2_28_aarch64:{images.RELEASE}"
    )
    assert images.full_name("localhost/own:1", "aarch64") == "localhost/own:1"


@pytest.mark.parametrize("arch", THEIRS)
def test_the_default_is_that_of_cibuildwheel(arch: str) -> None:
    import tomllib

    text = files("cibuildwheel").joinpath("resources/defaults.toml").read_text()
    told = tomllib.loads(text)["tool"]["cibuildwheel"]
    assert images.default("manylinux", arch).name == told[f"manylinux-{arch}-image"]
    assert images.default("musllinux", arch).name == told[f"musllinux-{arch}-image"]
