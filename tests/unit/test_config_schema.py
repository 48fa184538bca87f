"""The JSON schema: made from the tables of options, and at one with the decoder and with cibuildwheel's."""

import json
import re
import tempfile
import tomllib
from importlib.metadata import EntryPoint
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cibuildwheel.errors import FatalError
from cibuildwheel.frontend import parse_config_settings
from cibuildwheel.options import CommandLineArguments, Options
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from test_config import ELSEWHERE, ONE_FAULT, UNCHANGED
from test_config_fuzz import overrides, tables, values
from validate_pyproject.api import Validator
from validate_pyproject.plugins import PluginWrapper, load_from_multi_entry_point

from crosswheel.config import own, schema, shapes
from crosswheel.config.layers import Reader
from crosswheel.config.options import OPTIONS
from crosswheel.config.tables import layers
from crosswheel.errors import Fault

OURS = Draft7Validator(schema.document())
THEIR_SCHEMA = json.loads((files("cibuildwheel") / "resources" / "cibuildwheel.schema.json").read_text())
THEIRS = Draft7Validator(THEIR_SCHEMA)


def faults(document: dict[str, Any]) -> list[Fault]:
    reader = Reader()
    layers(document, reader)
    own.read(document, {}, {}, reader)
    return reader.faults


def accepted(document: dict[str, Any]) -> bool:
    return bool(OURS.is_valid(document))


def told(table: dict[str, Any], name: str = "cibuildwheel") -> dict[str, Any]:
    return {"tool": {name: table}}


def test_the_committed_schema_is_what_the_tables_of_options_make() -> None:
    committed = files("crosswheel.config") / "crosswheel.schema.json"
    assert committed.read_text() == schema.text(), "run tools/make-schema"


def test_the_schema_is_a_schema_of_draft_7() -> None:
    Draft7Validator.check_schema(schema.document())
    Draft7Validator.check_schema(schema.get_schema())


def test_every_form_of_an_option_has_a_shape() -> None:
    assert {option.read for option in OPTIONS.values()} <= shapes.OF.keys()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables, overrides)
def test_what_the_decoder_takes_the_schema_takes(
    table: dict[str, object], given_overrides: list[dict[str, object]]
) -> None:
    document = told({"overrides": given_overrides, **table})
    assert accepted(document) or faults(document)


LINES = st.text("bdilup[]v;: \"'\\-ny\t\n", max_size=9) | st.sampled_from(
    ("build;args: -v", "name: uv", '"uv"', " pip ", "docker; create_args: x", "pypy all", "", " 1_0 ", "+2")
)
FIELDS = st.sampled_from(("name", "args", "create_args", "disable-host-mount", "file", "packages"))
FREE = values | LINES | st.lists(LINES, max_size=2) | st.dictionaries(FIELDS, values | LINES, max_size=2)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(OPTIONS)), st.sampled_from(("", "linux", "macos", "pyodide")), FREE)
def test_what_the_decoder_takes_for_an_option_the_schema_takes(
    option: str, platform: str, value: object
) -> None:
    document = told({platform: {option: value}} if platform else {option: value})
    assert accepted(document) or faults(document)


@pytest.mark.parametrize(
    ("option", "field"),
    [("dependency-versions", "file"), ("build-frontend", "args"), ("container-engine", "create_args")],
)
def test_a_boolean_is_no_text_for_decoder_and_schema(option: str, field: str) -> None:
    document = told({option: {"name": "podman" if option == "container-engine" else "pip", field: False}})
    if option == "dependency-versions":
        document = told({option: {field: False}})
    assert not accepted(document)
    assert any("is a boolean" in fault.problem for fault in faults(document))


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*own.WORDS, "overrides"]), FREE | st.sampled_from(("host", "4G", "30m"))),
    st.lists(st.dictionaries(st.sampled_from(["select", *own.WORDS]), FREE | st.just("auto")), max_size=2),
)  # fmt: skip
def test_what_the_decoder_takes_for_the_own_table_the_schema_takes(
    table: dict[str, object], given_overrides: list[dict[str, object]]
) -> None:
    document = told({"overrides": given_overrides, **table}, "crosswheel")
    assert accepted(document) or faults(document)


# What a schema cannot say, by a part of the fault: the decoder alone refuses it.
BEYOND_A_SCHEMA = re.compile(
    r"unequal number of|stand for more than|not valid bash|NAME=value is wanted|sets \w+ to|not closed"
    r"|arithmetic expansion|not followed yet|where NAME: is wanted|is not one word|cibuildwheel 3 took away"
    r"|no build frontend|is no rule|is not an option of cibuildwheel|dependency-groups|\{abi3_wheel\}"
    r"|names the file|is no architecture|NUL|has both file and packages|only assignments|without its }"
)


@pytest.mark.parametrize("line", [line for line, _ in (*ONE_FAULT, *ELSEWHERE)])
def test_a_wrong_value_is_refused_by_the_schema_too_unless_no_schema_can_say_so(line: str) -> None:
    document = told(tomllib.loads(line))
    found = faults(document)
    if found:  # else what is wrong is not in the table: a missing file or group
        assert not accepted(document) or BEYOND_A_SCHEMA.search(found[0].problem)


@pytest.mark.parametrize("line", UNCHANGED)
def test_a_right_value_is_taken_by_the_schema_too(line: str) -> None:
    assert accepted(told(tomllib.loads(line)))


# Words that commands, names and patterns of real projects are made of, and some that no shell takes.
WORDS = st.sampled_from(
    (
        "pytest", "cp311-* *musl*", "x86_64", "auto aarch64", "A=1 B=$A", "-O2 {project}", "pypy", "", "numpy>=1",
        "a,b", "echo 'x' && y {wheel}", "manylinux_2_28", "1", "it's", "{python} -m x", "$(a | b)", "{",
    )
)  # fmt: skip
NAMES = st.sampled_from(("A", "CFLAGS", "numpy", "a b"))


def strategy(of: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a schema, as far as cibuildwheel's is made of these words."""
    if "$ref" in of:
        target = THEIR_SCHEMA
        for key in of["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        return strategy(target)
    if "oneOf" in of:
        return st.one_of([strategy({"type": of.get("type"), **part}) for part in of["oneOf"]])
    if "enum" in of:
        return st.sampled_from(of["enum"])
    if of["type"] == "string":
        pattern = of.get("pattern")
        return st.builds("{}{}".format, st.from_regex(pattern, fullmatch=True), WORDS) if pattern else WORDS
    if of["type"] == "array":
        return st.lists(strategy(of["items"]), max_size=2)
    if of["type"] == "object":
        return _object(of)
    return {"integer": st.integers(of.get("minimum"), of.get("maximum")), "boolean": st.booleans()}[
        of["type"]
    ]


def _object(of: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = of.get("properties", {})
    if not fields:
        held = of.get("patternProperties", {}).get(".+")
        return st.dictionaries(NAMES, strategy(held), max_size=2) if held else st.just({})
    required = of.get("required", [])
    few = st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True)
    return few.flatmap(
        lambda names: st.fixed_dictionaries({name: strategy(fields[name]) for name in {*names, *required}})
    )


OPTION = st.sampled_from(
    [name for name in THEIR_SCHEMA["properties"] if name in OPTIONS or name == "inherit"]
)
ALONE = OPTION.flatmap(lambda name: strategy(THEIR_SCHEMA["properties"][name]).map(lambda held: {name: held}))
IDENTIFIER = "cp311-manylinux_aarch64"
# What cibuildwheel takes and the decoder does not, each with its reason.
REFUSED_HERE = {
    "not followed yet": "crosswheel calls the hooks of PEP 517 itself, and follows few arguments of frontends",
    "unequal number of": "cibuildwheel takes an open brace for a character, which no identifier has",
    "cibuildwheel 3 took away": "it refuses {python} and {pip} too, a step after this",
    "which cannot be evaluated": "nor can it evaluate this, and fails when the build has begun",
}


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def runs(table: dict[str, Any]) -> str:
    """What the real cibuildwheel says against a table before it builds on Linux; nothing where it goes on."""
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory)
        (project / "pyproject.toml").write_text(
            f"[tool]\ncibuildwheel = {toml(table)}\n[dependency-groups]\npytest = []\n"
        )
        arguments = CommandLineArguments.defaults()
        arguments.package_dir = project
        try:
            parse_config_settings(
                Options("linux", arguments, env={}).build_options(IDENTIFIER).config_settings
            )
        except (Exception, FatalError) as error:
            return repr(error)
    return ""


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(ALONE, st.sampled_from(("", "linux", "overrides")))
def test_what_cibuildwheel_takes_by_its_schema_and_at_its_run_the_decoder_takes(
    option: dict[str, Any], where: str
) -> None:
    given_table = {
        "": option,
        "linux": {"linux": option},
        "overrides": {"overrides": [{"select": "*", **option}]},
    }
    table = given_table[where]
    found = faults(told(table))
    refused = any(re.search(part, fault.problem) for part in REFUSED_HERE for fault in found)
    assert not found or refused or not THEIRS.is_valid(table) or runs(table), found


# What cibuildwheel's schema takes in a table of another platform and the decoder does not: its run there does
# not take it either, but cannot be asked on Linux.
REFUSED_ELSEWHERE = re.compile(
    r"no architecture|not valid bash|NAME=value is wanted|sets \w+ to|not closed|is not one word"
    r"|cibuildwheel 3 took away|with neither|is not an option of cibuildwheel|NAME: is wanted|unequal number"
    r"|is no rule|does not inherit|names several files|unknown field|more than one word|only assignments"
)
PLATFORM = st.sampled_from(("macos", "windows", "pyodide", "android", "ios"))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    PLATFORM.flatmap(lambda name: strategy(THEIR_SCHEMA["properties"][name]).map(lambda held: {name: held}))
)
def test_what_cibuildwheels_schema_takes_for_another_platform_the_decoder_takes(
    table: dict[str, Any],
) -> None:
    found = [fault for fault in faults(told(table)) if not REFUSED_ELSEWHERE.search(fault.problem)]
    assert not found or not THEIRS.is_valid(table)


def test_validate_pyproject_finds_the_schema_of_the_own_table() -> None:
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    ((name, value),) = declared["project"]["entry-points"]["validate_pyproject.tool_schema"].items()
    plugin = PluginWrapper(name, EntryPoint(name, value, "validate_pyproject.tool_schema").load())
    validate = Validator([plugin])
    validate(told({"engine": "cross", "overrides": [{"select": "*", "engine": "auto"}]}, "crosswheel"))
    with pytest.raises(Exception, match=r"tool\.crosswheel.*must be one of"):
        validate(told({"engine": "crss"}, "crosswheel"))


def test_validate_pyproject_finds_the_schema_of_the_table_of_cibuildwheel() -> None:
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    group = "validate_pyproject.multi_schema"
    ((name, value),) = declared["project"]["entry-points"][group].items()
    (plugin,) = load_from_multi_entry_point(EntryPoint(name, value, group))
    validate = Validator([plugin])
    validate(told({"build-frontend": {"name": "uv"}, "linux": {"before-all": ["make"]}}))
    with pytest.raises(Exception, match=r"cibuildwheel.*must not contain \{'before-al'\}"):
        validate(told({"before-al": "make"}))
    assert plugin.priority < PluginWrapper("cibuildwheel", schema.get_schema).priority
