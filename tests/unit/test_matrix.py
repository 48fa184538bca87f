"""The page of the matrix: every cell tells an engine or a reason."""

import pytest
from cells import Cell, Result, cells
from matrix_page import table

GOOD = Result(
    "cp311-manylinux_s390x",
    "debian",
    "cross",
    "manylinux_2_17_s390x",
    "w.whl",
)


def test_there_is_a_cell_for_every_architecture_library_and_project() -> None:
    assert len(cells()) == 7 * 2 * 4


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("s390x", True),
        ("s390x/musl", True),
        ("*/*/psutil", True),
        ("s390x/musl/psutil", True),
        ("s390x/glibc", False),
        ("i686", False),
        ("*/musl/markupsafe", False),
    ],
)
def test_cells_are_chosen_by_patterns_of_their_parts(pattern: str, matches: bool) -> None:
    assert Cell("s390x", "musl", "psutil").matches(pattern) == matches


def test_a_cell_tells_the_engine_and_the_policy() -> None:
    page = table({"s390x/glibc/psutil": GOOD})

    assert (
        "| s390x | glibc | cp311 | debian | not run yet | not run yet | cross, manylinux_2_17 | not run yet |"
        in page
    )
    assert "1 of 56 cells" in page


def test_a_cell_without_a_wheel_has_its_reason_below() -> None:
    page = table(
        {"s390x/musl/psutil": Result("cp311-musllinux_s390x", "musl", reason="its compiler is gone")}
    )

    assert "**no**, see below" in page
    assert "- s390x/musl/psutil: its compiler is gone" in page
