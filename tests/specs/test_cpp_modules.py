"""Several C++ modules in one wheel: an exception of one is caught in another. The project's own tests tell."""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.mark.parametrize("engine", ["cross", "hybrid", "hybrid-gcc"])
def test_exceptions_cross_the_modules_of_a_wheel(crosswheel: Crosswheel, engine: str) -> None:
    crosswheel.project("cpp-shapes")

    result = crosswheel(
        "build", "--verbose", "--only", "cp311-manylinux_aarch64", "--engine", engine, "cpp-shapes"
    )

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == f"ok      cp311-manylinux_aarch64  {engine}  tested  <time>"
    assert "  | Ran 3 tests in" in result.err


def test_exceptions_cross_modules_for_the_architecture_that_has_only_the_newest_libstdcpp(
    crosswheel: Crosswheel,
) -> None:
    """loongarch64: of Debian's suites only that with libstdc++ 16 is made for it."""
    crosswheel.project("cpp-shapes")

    result = crosswheel(
        "build", "--verbose", "--only", "cp314-manylinux_loongarch64", "--engine", "cross", "cpp-shapes"
    )

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == "ok      cp314-manylinux_loongarch64  cross  tested  <time>"
    assert "  | Ran 3 tests in" in result.err
