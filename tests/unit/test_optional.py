"""Extension modules that a build left out without failing, read from what setuptools and projects print."""

import pytest

from crosswheel.engines.optional import LeftOut, left_out

REFUSED = "crosswheel: cannot compile here: -fopenmp wants libgomp"
FAILED = "warning: build_ext: building extension \"yaml._yaml\" failed: command '/crosswheel/bin/cc' failed"


def test_what_setuptools_skips_is_named_with_what_its_compiler_said() -> None:
    lines = [
        "compiling",
        "yaml/_yaml.c:5:10: fatal error: 'yaml.h' file not found",
        "1 error generated.",
        FAILED,
    ]
    (lost,) = left_out([*lines, "copying", "done"])
    assert lost.told is not None
    assert lost.told.remedy.endswith('(before-all = "apt-get install -y libyaml-dev")')
    assert not lost.wants_own_compilers
    assert str(lost) == "the optional extension yaml._yaml: the header yaml.h was not found"


def test_what_the_roots_own_compilers_may_make_is_told_apart() -> None:
    (lost,) = left_out([REFUSED, FAILED])
    assert lost.wants_own_compilers


def test_a_cause_after_the_failure_or_long_before_it_is_another_ones() -> None:
    lines = [REFUSED, *["compiling"] * 100, FAILED, REFUSED]
    assert left_out(lines) == (LeftOut("yaml._yaml", None),)
    assert str(left_out(lines)[0]).endswith(": its compiler failed")


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: The C extension could not be compiled, speedups are not enabled.",
        "Error compiling module, falling back to pure Python",
        "*** The C extensions failed to build; using the pure Python version.",
    ],
)
def test_what_projects_say_themselves_counts(line: str) -> None:
    (lost,) = left_out(["", line, line])
    assert str(lost) == "an optional extension: its compiler failed"


@pytest.mark.parametrize(
    "line", ["building 'yaml._yaml' extension", "building extension modules", "The C extension was compiled"]
)
def test_a_build_that_leaves_nothing_out_says_such_things_too(line: str) -> None:
    assert left_out([line]) == ()
