"""The commands and variables of ``[tool.cibuildwheel]`` run where and when cibuildwheel runs them."""

import pytest
from harness import Crosswheel, content

GLIBC = {"CIBW_SKIP": "*-musl*"}


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("engine", ["cross", "emulated"])
def test_every_command_of_the_table_runs(crosswheel: Crosswheel, engine: str) -> None:
    project = crosswheel.project("configured")
    before = content(project)

    result = crosswheel(
        "build", "--verbose", "--archs", "aarch64", "--engine", engine, "configured", env=GLIBC
    )

    assert result.status == 0, result.err
    assert crosswheel.wheels == [
        "configured-1.0-7-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
    ]
    assert "  | before-test hello world\n" in result.err
    assert content(project) == before


def test_the_table_the_variables_and_the_flags_select_in_this_order(crosswheel: Crosswheel) -> None:
    crosswheel.project("configured")  # its table says build = "cp311-*"

    def selected(*args: str, **env: str) -> list[str]:
        return crosswheel("build", "--print-build-identifiers", "configured", *args, env=env).out.splitlines()

    assert selected(CIBW_ARCHS="aarch64") == ["cp311-manylinux_aarch64", "cp311-musllinux_aarch64"]
    assert selected(CIBW_ARCHS="aarch64", CIBW_SKIP="*musl*") == ["cp311-manylinux_aarch64"]
    assert selected(CIBW_BUILD="cp313-many*", CIBW_ARCHS="aarch64") == ["cp313-manylinux_aarch64"]
    assert selected("--archs", "s390x", CIBW_BUILD="cp313-many*", CIBW_ARCHS="aarch64") == [
        "cp313-manylinux_s390x"
    ]
    assert selected("--only", "cp39-manylinux_i686", CIBW_BUILD="cp313-*") == ["cp39-manylinux_i686"]
