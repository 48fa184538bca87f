"""Several C++ modules in one wheel: an exception of one is caught in another. The project's own tests tell."""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


TARGETS = [
    ("cp311-manylinux_aarch64", "cross"),
    ("cp311-manylinux_aarch64", "hybrid"),
    ("cp311-manylinux_aarch64", "hybrid-gcc"),
    ("cp311-musllinux_aarch64", "cross"),
    ("cp314-manylinux_loongarch64", "cross"),  # of Debian's suites only that with libstdc++ 16 is made for it
]


@pytest.mark.parametrize(("identifier", "engine"), TARGETS)
def test_exceptions_cross_the_modules_of_a_wheel(
    crosswheel: Crosswheel, identifier: str, engine: str
) -> None:
    crosswheel.project("cpp-shapes")

    result = crosswheel("build", "--verbose", "--only", identifier, "--engine", engine, "cpp-shapes")

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == f"ok      {identifier}  {engine}  tested  <time>"
    assert "  | Ran 3 tests in" in result.err
