"""PyPy of Debian: selected only where its group is enabled, and built by cross like CPython."""

import pytest
from harness import Crosswheel

ONLY = {"CIBW_BUILD": "pp*", "CIBW_ARCHS": "aarch64", "CIBW_SKIP": "*musllinux*"}


def test_a_pypy_is_selected_where_its_group_is_enabled(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    refused = crosswheel("plan", "c-hello", env=ONLY)
    result = crosswheel("plan", "c-hello", "--enable", "pypy", "--enable", "pypy-eol", env=ONLY)

    assert refused.status == 2
    assert "selects identifiers of the group pypy-eol, which is not enabled" in refused.err
    assert result.status == 0, result.err
    jobs, _, left_out = result.out.partition("left out:")
    assert [line.split()[0] for line in jobs.splitlines() if line.startswith("pp")] == [
        "pp39-manylinux_aarch64",
        "pp311-manylinux_aarch64",
    ]
    assert [line.split()[0] for line in left_out.splitlines() if line.startswith("  pp")] == [
        "pp310-manylinux_aarch64",
        "pp312-manylinux_aarch64",
    ]


def test_nothing_has_a_cpython_without_the_gil_or_a_graalpy_and_a_plan_says_so(
    crosswheel: Crosswheel,
) -> None:
    crosswheel.project("c-hello")

    free_threaded = crosswheel("plan", "--only", "cp314t-manylinux_aarch64", "--source", "debian", "c-hello")
    graal = crosswheel("plan", "--only", "gp312_250-manylinux_aarch64", "--source", "debian", "c-hello")

    assert (free_threaded.status, graal.status) == (1, 1)
    assert "no source has the Python for cp314t-manylinux_aarch64" in free_threaded.err
    assert "no source has the Python for gp312_250-manylinux_aarch64" in graal.err


@pytest.mark.slow
@pytest.mark.network
def test_a_wheel_of_pypy_is_built_by_cross_and_tested(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "--only", "pp311-manylinux_aarch64", "c-hello")

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == "ok      pp311-manylinux_aarch64  cross  tested  <time>"
    assert crosswheel.wheels == [
        "c_hello-1.0-pp311-pypy311_pp73-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
    ]
