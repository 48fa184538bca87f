"""No wheel leaves that is for the CPU of the machine that built it."""

import pytest

from crosswheel.engines.diagnosis import curable, explain
from crosswheel.engines.portable import expect_portable
from crosswheel.errors import VerificationError


@pytest.mark.parametrize(
    "line",
    [
        "aarch64-linux-gnu-gcc -Wall -O2 -march=native -fPIC -c a.c -o a.o",
        "/usr/bin/c++ -O3 -mcpu=native a.cpp",
        "[3/12] cc -Ia -march=native -o x.o -c x.c",
        "gcc-12 -march=native a.c",
    ],
)
def test_a_compiler_that_was_told_so_forbids_the_wheel(line: str) -> None:
    with pytest.raises(VerificationError) as caught:
        expect_portable("a.whl", ["building", line])
    (problem,) = caught.value.problems
    assert problem.startswith("it was compiled with -m")
    assert curable(caught.value, "hybrid") is None
    explain(caught.value, "emulated")
    assert caught.value.remedy.startswith("leave it out: the wheel is for every CPU")


@pytest.mark.parametrize(
    "line",
    [
        "checking whether gcc accepts -march=native... no",
        "Compiler for C supports arguments -march=native: NO",
        "gcc -O2 -mtune=native -c a.c",
        "gcc -O2 -DFLAGS='-march=native' -c a.c",
        "access -march=native",
    ],
)
def test_words_about_it_do_not(line: str) -> None:
    expect_portable("a.whl", [line])
