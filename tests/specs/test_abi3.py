"""One wheel of the limited API serves every later Python: it is built once and tested for each."""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


def test_a_second_python_tests_the_wheel_of_the_first(crosswheel: Crosswheel) -> None:
    crosswheel.project("abi3")

    result = crosswheel("build", "abi3", env={"CIBW_BUILD": "cp311-* cp313-*", "CIBW_ARCHS": "aarch64"})

    wheel = "limited-1.0-cp39-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
    assert result.status == 0, result.err
    assert crosswheel.wheels == [wheel]
    assert (
        result.out
        == f"""\
ok      cp311-manylinux_aarch64  cross   tested  <time>
  {wheel}
  <size>, manylinux_2_17_aarch64
  fetch <time>, prepare <time>, requirements <time>, build <time>, repair <time>, verify <time>, audit <time>, \
test <time>; peak memory <size>
ok      cp313-manylinux_aarch64  reused  tested  <time>
  {wheel}
  <size>, manylinux_2_17_aarch64
  test <time>; peak memory <size>

1 wheel for 2 targets in wheelhouse after <time>
report: <cache>/reports/<run>/report.html
"""
    )


def test_a_wheel_that_does_not_pass_an_audit_is_not_kept(crosswheel: Crosswheel) -> None:
    crosswheel.project("abi3")

    result = crosswheel(
        "build",
        "abi3",
        "--only",
        "cp311-manylinux_aarch64",
        env={"CIBW_AUDIT_COMMAND": "test -d {abi3_wheel}"},
    )

    assert result.status == 9, result.err
    assert crosswheel.wheels == []
    (failure,) = result.failures
    assert failure.startswith("cp311-manylinux_aarch64  FAILED: the audit step failed with status 1\n")
    assert "limited-1.0-cp39-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28" in failure
