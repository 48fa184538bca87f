"""One wheel of the limited API serves every later Python: it is built once and tested for each."""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


def test_a_second_python_tests_the_wheel_of_the_first(crosswheel: Crosswheel) -> None:
    crosswheel.project("abi3")

    result = crosswheel(
        "build", "abi3", env={"CIBW_BUILD": "cp311-many* cp313-many*", "CIBW_ARCHS": "aarch64"}
    )

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


def test_the_same_wheel_a_second_time_is_refused_and_the_first_stays(crosswheel: Crosswheel) -> None:
    crosswheel.project("abi3")

    result = crosswheel(
        "build",
        "abi3",
        "--no-test",
        # Unrepaired, its tag is linux_aarch64: as in cibuildwheel that serves no later identifier.
        env={
            "CIBW_BUILD": "cp311-many* cp313-many*",
            "CIBW_ARCHS": "aarch64",
            "CIBW_REPAIR_WHEEL_COMMAND": "",
        },
    )

    wheel = "limited-1.0-cp39-abi3-linux_aarch64.whl"
    assert result.status == 6, result.err
    assert crosswheel.wheels == [wheel]
    (failure,) = result.failures
    assert failure.startswith(f"cp313-manylinux_aarch64  FAILED: {wheel} came out a second time\n")


def test_what_before_all_left_in_the_root_is_there_for_the_test_of_a_reused_wheel(
    crosswheel: Crosswheel,
) -> None:
    crosswheel.project("abi3")

    result = crosswheel(
        "build",
        "abi3",
        env={
            "CIBW_BUILD": "cp311-many* cp313-many*",
            "CIBW_ARCHS": "aarch64",
            "CIBW_ENVIRONMENT": 'MINOR="$(python -c "import sys; print(sys.version_info[1])")"',
            "CIBW_BEFORE_ALL": "touch /usr/local/left",
            "CIBW_TEST_COMMAND": 'test -f /usr/local/left && python --version | grep -F "3.$MINOR."',
        },
    )

    assert result.status == 0, result.err
    assert result.out.count("reused") == 1


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
