"""Whose programs run here is found out by running one."""

import subprocess
import sys
from pathlib import Path

import pytest

from crosswheel import sample
from crosswheel.architectures import ARCHITECTURES, HOST

WITHOUT_32_BIT = Path(__file__).parents[1] / "specs/without_32_bit.py"
LADDER = """
from crosswheel.architectures import ARCHITECTURES
from crosswheel.plan.ladders import ladder
print(*ladder(ARCHITECTURES["i686"], "auto"))
"""


def test_this_machines_own_programs_run() -> None:
    assert sample.runs_here(HOST)


@pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - {"x86_64", "i686"}))
def test_programs_that_no_kernel_of_x86_64_runs_are_not_even_tried(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "trouble", lambda _: pytest.fail("it was run"))
    sample.runs_here.cache_clear()
    assert not sample.runs_here(ARCHITECTURES[name])


def test_where_the_kernel_runs_no_32_bit_programs_i686_is_built_as_any_foreign_architecture() -> None:
    done = subprocess.run(
        [sys.executable, WITHOUT_32_BIT, sys.executable, "-c", LADDER],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["cross", "hybrid", "hybrid-gcc", "emulated"]
