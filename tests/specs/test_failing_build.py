"""A build that fails says which step, which command, what it wrote last, and where the whole log is."""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


def test_a_file_that_does_not_compile(crosswheel: Crosswheel) -> None:
    crosswheel.project("broken")

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "broken")

    log = "<cache>/logs/broken-cp311-manylinux_aarch64-<run>.log"
    assert result.status == 1
    assert (
        result.out
        == f"""\
FAILED  cp311-manylinux_aarch64  cross    <time>
  fetch <time>, prepare <time>, requirements <time>, build <time>; peak memory <size>
  the build step failed with status 1
  log: {log}

0 of 1 wheel after <time>; 1 failed
report: <cache>/reports/<run>/report.html
"""
    )
    (failure,) = result.failures
    assert failure.startswith("""\
cp311-manylinux_aarch64  FAILED: the build step failed with status 1
  cause: broken.c does not compile
  command: setuptools.build_meta build_wheel
  the last lines of its output:
""")
    assert "    | broken.c:3:29: error: expected ';' after return statement\n" in failure
    assert f"  whole log: {log}\n  next: correct the source: no engine can compile it\n" in failure
    logs = (crosswheel.cache / "logs").glob("broken-cp311-manylinux_aarch64-*.log")
    newest = max(logs, key=lambda path: path.stat().st_mtime)
    assert "broken.c:3:29: error" in newest.read_text(encoding="utf-8")
    assert crosswheel.wheels == []


def test_wheels_that_passed_before_are_kept(crosswheel: Crosswheel) -> None:
    crosswheel.project("too-new")

    result = crosswheel(
        "build", "too-new", env={"CIBW_BUILD": "cp311-many* cp313-many*", "CIBW_ARCHS": "aarch64"}
    )

    assert result.status == 1
    assert "\n1 of 2 wheels in wheelhouse after <time>; 1 failed\n" in result.out
    assert [wheel.partition("-manylinux")[0] for wheel in crosswheel.wheels] == ["too_new-1.0-cp311-cp311"]
    assert any("too_new does not know this Python" in failure for failure in result.failures)


def test_a_build_that_somebody_kills(crosswheel: Crosswheel) -> None:
    crosswheel.project("killed")

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "--engine", "cross", "killed")

    assert result.status == 1
    (failure,) = result.failures
    assert " step was killed by signal 9\n" in failure
    assert "    | compiling something large\n" in failure
    assert (
        "  cause: a process was killed\n    the kernel ended none for want of memory in this run" in failure
    )
    assert "  next: look for what ends processes" in failure


def test_a_test_that_fails_leaves_no_wheel(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel(
        "build", "--only", "cp311-manylinux_aarch64", "c-hello", env={"CIBW_TEST_COMMAND": "echo no; false"}
    )

    assert result.status == 1
    (failure,) = result.failures
    assert failure.startswith("""\
cp311-manylinux_aarch64  FAILED: the test step failed with status 1
  command: echo no; false
  the last lines of its output:
    | no
""")
    assert crosswheel.wheels == []


def test_a_requirement_that_does_not_exist(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel(
        "build", "--only", "cp311-manylinux_aarch64", "c-hello",
        env={"CIBW_TEST_REQUIRES": "packaging==0.0.1.dev0", "CIBW_TEST_COMMAND": "true"},
    )  # fmt: skip

    assert result.status == 1
    (failure,) = result.failures
    assert "packaging==0.0.1.dev0" in failure
    assert crosswheel.wheels == []
