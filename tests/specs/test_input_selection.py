"""What is selected wrongly is refused with the nearest right name."""

import pytest
from harness import Crosswheel, Result

ALL = "see what there is with --print-build-identifiers --archs all"


@pytest.fixture
def hello(crosswheel: Crosswheel) -> Crosswheel:
    crosswheel.project("c-hello")
    return crosswheel


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (["--only", "cp311-manylinux_aarc64"],
         "--only: cp311-manylinux_aarc64 is not a build identifier (did you mean cp311-manylinux_aarch64?)"),
        (["--archs", "armhf"],
         "--archs: names 'armhf', which is no architecture of Linux wheels (did you mean armv7l?)"),
        (["--archs", "aarch64", "--engine", "crss"],
         "--engine: is 'crss', which is not known (did you mean cross?)"),
        (["--archs", "aarch64", "--source", "debain"],
         "--source: is 'debain', which is not known (did you mean debian?)"),
        (["--platform", "macos"],
         "--platform: is macos, and crosswheel builds wheels for Linux alone, of every architecture "
         "(build those for macos with cibuildwheel)"),
        (["--archs", "aarch64", "--engine", "native"],
         "--engine: native is not for aarch64: programs of aarch64 do not run on x86_64 as they are "
         "(use one of auto, cross, hybrid, hybrid-gcc, emulated)"),
    ],
)  # fmt: skip
def test_a_wrong_value(hello: Crosswheel, args: list[str], problem: str) -> None:
    assert hello("build", *args, "c-hello") == Result(2, out="", err=f"crosswheel: error: {problem}\n")


def test_an_unknown_option(hello: Crosswheel) -> None:
    assert hello("build", "--onyl", "cp311-manylinux_aarch64") == Result(
        2,
        out="",
        err="""\
crosswheel: error: --onyl: is not an option (did you mean --only?)
  next: crosswheel build --help lists what it takes
""",
    )


def test_an_unknown_command(hello: Crosswheel) -> None:
    assert hello("bild") == Result(
        2, out="", err="crosswheel: error: bild: is not a command (did you mean build?)\n"
    )


@pytest.mark.parametrize("command", ["build", "plan"])
def test_a_pattern_that_selects_nothing(hello: Crosswheel, command: str) -> None:
    result = hello(
        command, "--archs", "aarch64", "c-hello", env={"CIBW_BUILD": "cp39-*", "CIBW_SKIP": "cp3*"}
    )
    assert result == Result(
        3,
        out="",
        err=f"""\
crosswheel: error: build = "cp39-*" and skip = "cp3*" selects nothing to build
  cause: skip matches all that build does
  next: {ALL}
""",
    )


def test_nothing_to_build_may_be_allowed(hello: Crosswheel) -> None:
    result = hello("build", "--allow-empty", "--archs", "aarch64", "c-hello", env={"CIBW_SKIP": "*"})
    assert result.status == 0
    assert result.out == ""


def test_a_python_that_no_source_offers(hello: Crosswheel) -> None:
    result = hello("build", "--source", "debian", "--only", "cp310-manylinux_aarch64", "c-hello")
    assert result == Result(
        1,
        out="",
        err="""\
crosswheel: error: no source has the Python for cp310-manylinux_aarch64
  cause: for aarch64: debian has cp39, cp311, cp313, cp314, cp315, pp39 and pp311
  next: build one of these Pythons, or take another --source
""",
    )


def test_an_architecture_of_another_platform_ends_with_the_code_of_cibuildwheel(hello: Crosswheel) -> None:
    result = hello("build", "--archs", "arm64", "c-hello")
    problem = "--archs: names 'arm64', which is no architecture of Linux wheels (did you mean aarch64?)"
    assert result == Result(4, "", f"crosswheel: error: {problem}\n")
