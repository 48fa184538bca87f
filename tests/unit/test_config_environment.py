"""Bash assignments: read once, evaluated in order, commands run where the build runs."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.config.environment import evaluate, parse
from crosswheel.config.malformed import MalformedError
from crosswheel.errors import ConfigurationError


def no_command(argv: list[str], env: Mapping[str, str]) -> str:
    raise AssertionError(argv)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("A=1", (("A", "1"),)),
        ('A=1 B="$A x"', (("A", "1"), ("B", '"$A x"'))),
        ("A='x y'  B=", (("A", "'x y'"), ("B", ""))),
        ("A=1 # why\nB=2\n", (("A", "1"), ("B", "2"))),
        ('CFLAGS="-O2 -g" PATH=/opt/bin:$PATH', (("CFLAGS", '"-O2 -g"'), ("PATH", "/opt/bin:$PATH"))),
    ],
)
def test_assignments_keep_their_values_in_bash_syntax(
    text: str, expected: tuple[tuple[str, str], ...]
) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "A=1; B=2",
        "A=1 | cat",
        "1A=2",
        "A+=1",
        "A=(1 2)",
        "A=1 >x",
        "A=~/x",
        "A=$'x'",
        "A=$1",
        "A=$(a > b)",
        "A=$(x=1 a)",
        "A=$(a && b)",
        'A="',
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_anything_runs(text: str) -> None:
    with pytest.raises(MalformedError):
        parse(text)


def test_later_assignments_see_earlier_ones() -> None:
    found = evaluate(parse('A=1 B="$A x" A=$B'), {"HOME": "/root"}, no_command)
    assert found == {"HOME": "/root", "A": "1 x", "B": "1 x"}


def test_an_unset_variable_is_empty() -> None:
    assert evaluate(parse("A=x$NO"), {}, no_command) == {"A": "x"}


def test_commands_run_as_argument_lists_with_the_environment_so_far() -> None:
    calls: list[tuple[list[str], Mapping[str, str]]] = []

    def execute(argv: list[str], env: Mapping[str, str]) -> str:
        calls.append((argv, dict(env)))
        return "out\n\n"

    assert evaluate(parse("A=1 B=\"<$(nproc --all 'x y' $A)>\""), {}, execute)["B"] == "<out>"
    assert calls == [(["nproc", "--all", "x y", "1"], {"A": "1"})]


def test_a_value_never_parsed_is_refused_as_a_configuration() -> None:
    with pytest.raises(ConfigurationError, match=r"A: .* more than one word"):
        evaluate((("A", "x y"),), {}, no_command)


AS_IN_BASH = (
    "$A'$A'",
    "\"x\"'$A'",
    '"\\$A $A"',
    "$( echo a )",
    '"$(echo "$A x")"',
    "`echo $A`",
    '"$(echo a; echo b)"',
    "a=b",
    "if",
    "\\'",
    '"it\'s $A"',
    '"a\\b"',
    "a#b",
    '"$"',
    "a$",
    "$A:${B}c",
    "'$(no)'",
    "$(echo $(echo \"$A\") '$A')",
    "x\\ y",
)


@pytest.mark.parametrize("value", AS_IN_BASH)
def test_a_value_is_what_bash_makes_of_it(tmp_path: Path, value: str) -> None:
    base = {"A": "one", "B": "two words", "PATH": "/usr/bin:/bin"}

    def execute(argv: list[str], env: Mapping[str, str]) -> str:
        return process.run(argv, env=env, cwd=tmp_path, capture=True).output + "\n"  # which it leaves out

    script = tmp_path / "script"
    script.write_text(f'X={value}\nprintf %s "$X"\n')
    in_bash = process.run(["bash", script], env=base, capture=True).output
    assert evaluate(parse(f"X={value}"), base, execute)["X"] == in_bash


@pytest.mark.parametrize("text", ["A='${'", "A='b${c' D=1", "A='x' B=${'y", 'A="${'])
def test_a_brace_that_is_not_closed_is_refused_and_not_parsed_for_ever(text: str) -> None:
    with pytest.raises(MalformedError, match=r"without its }|valid bash"):
        parse(text)
