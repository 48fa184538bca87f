"""Patterns: fnmatch with braces, as in cibuildwheel."""

import pytest

from crosswheel.config.malformed import MalformedError
from crosswheel.config.patterns import Patterns

ID = "cp311-manylinux_aarch64"


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("*", True),
        (ID, True),
        ("cp311-*", True),
        ("cp31[01]-*", True),
        ("cp3?-*", False),
        ("cp3{9,11}-*", True),
        ("cp3{1{0,1},9}-many*", True),
        ("cp3{12..14}-*", False),
        ("cp39-* *_aarch64", True),
        ("", False),
        ("CP311-*", False),
    ],
)
def test_a_pattern_matches_as_in_a_shell(text: str, matches: bool) -> None:
    assert Patterns(tuple(text.split())).matches(ID) is matches


def test_names_without_wildcards_are_exact_even_from_braces() -> None:
    patterns = Patterns(("cp3{9,11}-manylinux_aarch64", "cp313-*", "pp*"))
    assert patterns.exact == {"cp39-manylinux_aarch64", ID}


@pytest.mark.parametrize("text", ["cp{39,311-*", "cp31[01-*", "cp39}-*"])
def test_a_pattern_with_an_open_bracket_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="unequal number"):
        Patterns((text,)).check()
