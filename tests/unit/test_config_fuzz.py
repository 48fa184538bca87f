"""Whatever stands in a configuration, it is taken, or refused with its place."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from crosswheel.config.environment import evaluate, parse
from crosswheel.config.layers import Reader
from crosswheel.config.malformed import MalformedError
from crosswheel.config.options import OPTIONS
from crosswheel.config.tables import layers

leaves = (
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.datetimes()
    | st.text("ab {}[]'\"$();:=\\*,", max_size=8)
)
values = (
    leaves | st.lists(leaves, max_size=2) | st.dictionaries(st.text("ab ='", max_size=3), leaves, max_size=2)
)
keys = st.sampled_from([*OPTIONS, "linux", "macos", "overrides", "inherit", "selekt"])
tables = st.dictionaries(keys, values | st.dictionaries(keys, values, max_size=2), max_size=3)
overrides = st.lists(
    st.dictionaries(st.sampled_from([*OPTIONS, "select", "inherit"]), values, max_size=3), max_size=2
)


@settings(max_examples=300, deadline=None)
@given(tables, overrides)
def test_any_table_is_read_or_its_faults_name_their_places(
    table: dict[str, object], given_overrides: list[dict[str, object]]
) -> None:
    reader = Reader()
    document = {"tool": {"cibuildwheel": {"overrides": given_overrides, **table}}}
    assert len(layers(document, reader)) >= 2
    assert all(fault.place.startswith("tool.cibuildwheel") and fault.problem for fault in reader.faults)


def echo(argv: list[str], env: Mapping[str, str]) -> str:
    return " ".join(argv)


@settings(max_examples=300, deadline=None)
@given(st.text("AB= '\"$(){}`;|&\\\n~#x", max_size=14))
def test_any_text_is_assignments_that_can_be_evaluated_or_refused(text: str) -> None:
    try:
        assignments = parse(text)
    except MalformedError:
        return
    assert {name for name, _ in assignments} <= evaluate(assignments, {}, echo).keys()
