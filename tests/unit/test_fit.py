"""Whether images and roots fit a plan: told before anything is fetched."""

from pathlib import Path

import pytest
from test_plan import DEBIAN, Shelf, make

from crosswheel.errors import ConfigurationError
from crosswheel.model import EngineName
from crosswheel.references import FORMS

IMAGE = Shelf("image", ("cp39", "cp311", "cp313"), ("x86_64", "i686", "aarch64", "armv7l"))
AARCH64 = {"CIBW_ARCHS": "aarch64", "CIBW_BUILD": "cp311-many*"}


@pytest.mark.parametrize(
    ("arch", "image", "problem", "hint"),
    [
        (
            "aarch64",
            "quay.io/pypa/manylinux_2_28_x86_64:latest",
            "names quay.io/pypa/manylinux_2_28_x86_64:latest, which is for x86_64, not for aarch64",
            "name manylinux_2_28",
        ),
        (
            "armv7l",
            "manylinux_2_28",
            "names manylinux_2_28, of which there is none for armv7l",
            "name manylinux_2_31 or manylinux_2_35",
        ),
        (
            "armv7l",
            "me/manylinux2014_aarch64",
            "names me/manylinux2014_aarch64, which is for aarch64, not for armv7l",
            "name manylinux_2_31 or manylinux_2_35",
        ),
        (
            "aarch64",
            "musllinux_1_2",
            "names musllinux_1_2, which has musl; a manylinux wheel needs glibc",
            "name manylinux_2_28",
        ),
        (
            "aarch64",
            "quay.io/Own:",
            "names quay.io/Own:, which is no name of an image",
            f"use one of {FORMS}",
        ),
    ],
)
def test_an_image_that_cannot_serve_is_a_fault_of_the_option_that_names_it(
    tmp_path: Path, arch: str, image: str, problem: str, hint: str
) -> None:
    variable = f"CIBW_MANYLINUX_{arch.upper()}_IMAGE"
    environ = {"CIBW_ARCHS": arch, "CIBW_BUILD": "cp3{11,13}-many*", variable: image}
    with pytest.raises(ConfigurationError) as caught:
        make(tmp_path, environ, sources=(IMAGE,))
    (fault,) = caught.value.faults
    assert (fault.place, fault.problem, fault.hint) == (variable, problem, hint)


def test_engines_and_images_that_cannot_serve_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.cibuildwheel]\narchs = ["aarch64", "x86_64"]\nbuild = "cp311-many*"\n'
        'manylinux-aarch64-image = "manylinux_2_31"\nmanylinux-x86_64-image = "musllinux_1_2"\n'
    )
    with pytest.raises(ConfigurationError) as caught:
        make(tmp_path, {}, engine="native", sources=(IMAGE,))
    assert [fault.place for fault in caught.value.faults] == [
        "--engine",
        "tool.cibuildwheel.manylinux-x86_64-image",
        "tool.cibuildwheel.manylinux-aarch64-image",
    ]
    assert caught.value.faults[1].where == f"{tmp_path}/pyproject.toml:5"


def test_an_image_that_only_names_a_policy_need_not_fit(tmp_path: Path) -> None:
    environ = {**AARCH64, "CIBW_MANYLINUX_AARCH64_IMAGE": "quay.io/pypa/manylinux_2_28_x86_64"}
    assert make(tmp_path, environ, sources=(DEBIAN,)).warnings == ()


@pytest.mark.parametrize(
    ("image", "warning"),
    [
        (
            "quay.io/pypa/manylinux_2_24_aarch64:2022-12-26-0d38463",
            "manylinux_2_24 has had no release since 2023-01-01 (pypa/manylinux#1332); "
            "manylinux_2_28 replaces it",
        ),
        (
            "manylinux2014",
            "manylinux2014 is made of CentOS 7, which lost its support on 2024-06-30; "
            "manylinux_2_28 replaces it",
        ),
    ],
)
def test_an_image_past_its_end_is_told_with_what_replaces_it(
    tmp_path: Path, image: str, warning: str
) -> None:
    environ = {**AARCH64, "CIBW_BUILD": "cp3{11,13}-many*", "CIBW_MANYLINUX_AARCH64_IMAGE": image}
    assert make(tmp_path, environ, sources=(IMAGE,)).warnings == (f"manylinux-aarch64-image: {warning}",)
    assert make(tmp_path, environ, sources=(DEBIAN,)).warnings == ()


def test_an_image_of_ones_own_is_no_reason_to_warn_where_it_is_used(tmp_path: Path) -> None:
    environ = {**AARCH64, "CIBW_MANYLINUX_AARCH64_IMAGE": "localhost/own:1"}
    assert make(tmp_path, environ, sources=(IMAGE,)).warnings == ()


@pytest.mark.parametrize("engine", ["emulated", "hybrid-gcc"])
def test_compilers_of_a_root_newer_than_the_policy_are_told_before_the_build(
    tmp_path: Path, engine: EngineName
) -> None:
    made = make(tmp_path, {**AARCH64, "CIBW_BUILD": "cp3{11,13}-many*"}, engine=engine)
    assert made.warnings == (
        f"cp311-manylinux_aarch64, cp313-manylinux_aarch64: {engine} links against glibc 2.36 of the root, so "
        "that the wheel may not hold manylinux_2_28; cross links against an older one",
    )


@pytest.mark.parametrize(
    ("engine", "image"), [("hybrid", "manylinux_2_28"), ("auto", ""), ("emulated", "manylinux_2_39")]
)
def test_compilers_that_can_hold_the_policy_are_not_told_of(
    tmp_path: Path, engine: EngineName, image: str
) -> None:
    environ = {**AARCH64, "CIBW_MANYLINUX_AARCH64_IMAGE": image}
    assert make(tmp_path, environ, engine=engine).warnings == ()


def test_several_roots_are_told_of_in_one_sentence(tmp_path: Path) -> None:
    newer = Shelf("debian", ("cp313",), ("aarch64",), (2, 41))
    older = Shelf("host", ("cp311",), ("aarch64",), (2, 36))
    environ = {**AARCH64, "CIBW_BUILD": "cp3{11,13}-many*"}
    (warning,) = make(tmp_path, environ, engine="emulated", sources=(newer, older)).warnings
    assert "emulated links against glibc 2.36 or 2.41 of the root" in warning


def test_debians_cross_compilers_are_not_for_images(tmp_path: Path) -> None:
    made = make(tmp_path, AARCH64, sources=(IMAGE,))
    assert made.jobs[0].ladder == ("cross", "hybrid", "emulated")
    with pytest.raises(ConfigurationError, match="hybrid-gcc is not for images") as caught:
        make(tmp_path, AARCH64, engine="hybrid-gcc", sources=(IMAGE,))
    assert caught.value.faults[0].hint == "use one of auto, cross, hybrid, emulated"
