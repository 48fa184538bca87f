"""What zig lacks is built by Debian's cross compilers: with no option set, and not at the price of emulation."""

import re
import zipfile
from pathlib import Path

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


def grafted(wheel: Path) -> list[str]:
    """The libraries that the repair took into a wheel, without their hashes."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name.rsplit("/", 1)[1] for name in archive.namelist() if ".libs/lib" in name]
    return sorted(name.split("-")[0] for name in names)


@pytest.mark.parametrize(
    ("project", "reason", "library"),
    [
        ("openmp", r"zig has no .*\bomp\.h", "libgomp"),
        ("fortran-meson", r".*\bno Fortran compiler", "libgfortran"),
    ],
)
def test_the_ladder_goes_to_cross_compilers_and_says_why(
    crosswheel: Crosswheel, project: str, reason: str, library: str
) -> None:
    crosswheel.project(project)

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", project)

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == "ok      cp311-manylinux_aarch64  hybrid-gcc  tested  <time>"
    assert re.search(f"^  stepped down from cross to hybrid-gcc: {reason}", result.out, re.MULTILINE)
    assert "above the floor 2.17\n" in result.out
    assert grafted(crosswheel.cwd / "wheelhouse" / crosswheel.wheels[0]) == [library]


def test_a_plan_counts_the_cross_compilers_only_where_they_are_asked_for(crosswheel: Crosswheel) -> None:
    crosswheel.project("openmp")
    plan = ["plan", "--only", "cp311-manylinux_aarch64", "openmp", "--cache-dir", "empty"]

    assert "cross gcc" not in crosswheel(*plan).out
    assert "  cross gcc of Debian bookworm for aarch64  " in crosswheel(*plan, "--engine", "hybrid-gcc").out
