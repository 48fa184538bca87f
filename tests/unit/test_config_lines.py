"""The line of a key path in a TOML file, however the key is written."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswheel import config
from crosswheel.config import Flags, lines
from crosswheel.errors import ConfigurationError

DOCUMENT = '''\
# [tool.cibuildwheel] in a comment
[project]
name = "a"  # = 1
text = """
[tool.cibuildwheel]
build = "no"
"""
literal = \'\'\'it's
[x] ''y\'\'\'
[tool.cibuildwheel]
build = ["cp311-*",
  "cp313-*",  # , ]
]
inherit.test-command = "append"
"quoted.key" = 1
date = 1979-05-27 07:32:00
config-settings = { a = "}", "b c" = ["1", { d = 1 }] }
[[tool.cibuildwheel.overrides]]
select = "*"
[[ tool . cibuildwheel . "overrides" ]]
select = "x"
  [tool.cibuildwheel.overrides.inherit]
  before-all = "none"
[tool.cibuildwheel.linux]
"te\\u0073t" = """a\\"""b""\"""
last = 1
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("project.name", 3),
        ("project.text", 4),
        ("project.literal", 8),
        ("tool", 10),
        ("tool.cibuildwheel", 10),
        ("tool.cibuildwheel.build", 11),
        ("tool.cibuildwheel.build[1]", 12),
        ("tool.cibuildwheel.inherit", 14),
        ("tool.cibuildwheel.inherit.test-command", 14),
        ("tool.cibuildwheel.quoted.key", 15),
        ("tool.cibuildwheel.date", 16),
        ("tool.cibuildwheel.config-settings.b c[1].d", 17),
        ("tool.cibuildwheel.overrides[0].select", 19),
        ("tool.cibuildwheel.overrides[1]", 20),
        ("tool.cibuildwheel.overrides[1].select", 21),
        ("tool.cibuildwheel.overrides[1].inherit", 22),
        ("tool.cibuildwheel.overrides[1].inherit.before-all", 23),
        ("tool.cibuildwheel.linux.test", 25),
        ("tool.cibuildwheel.linux.last", 26),
        ("tool.cibuildwheel.overrides[1].absent.key", 20),
        ("tool.cibuildwheel.linux.absent", 24),
        ("dependency-groups", 0),
    ],
)
def test_a_key_is_found_or_the_nearest_table_around_it(place: str, line: int) -> None:
    assert lines.find(lines.places(DOCUMENT), place) == line


keys = st.text("ab-] \"'#=\n\\é", min_size=1, max_size=4)  # with . or [ two paths may read alike
texts = st.text("ab#[]{}=,.'\"\\\n ", max_size=9)
scalars = st.integers(-9, 9) | st.booleans() | st.floats(allow_nan=False) | texts
values = scalars | st.lists(scalars, max_size=3)
tables = st.recursive(
    st.dictionaries(keys, values, max_size=3),
    lambda inner: st.dictionaries(keys, values | inner | st.lists(inner, min_size=1, max_size=2), max_size=3),
    max_leaves=12,
)


class Writer:
    """Writes a table as TOML in many forms, and notes on which line each key came to stand."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._pick = lambda *forms: draw(st.sampled_from(forms))
        self.text = ""
        self.lines: dict[str, int] = {}

    def _note(self, place: str) -> None:
        self.lines.setdefault(place, self.text.count("\n") + 1)

    def table(self, place: str, header: str, table: dict[str, object]) -> None:
        below = {key: held for key, held in table.items() if is_table(held) and self._pick(True, False)}
        for key, held in table.items():
            if key not in below:
                self.text += self._pick("", "# [x]\n", "\n", " \t")
                self._note(join(place, key))
                self.text += quoted(key) + self._pick("=", " = ")
                self.value(join(place, key), held)
                self.text += self._pick("\n", " # = [y]\n")
        for key, held in below.items():
            head = join(header, quoted(key))
            for number, inner in enumerate(held if isinstance(held, list) else [held]):
                here = f"{join(place, key)}[{number}]" if isinstance(held, list) else join(place, key)
                self._note(join(place, key))
                self._note(here)
                self.text += f"[[{head}]]\n" if isinstance(held, list) else f"[ {head} ]\n"
                self.table(here, head, inner)

    def value(self, place: str, held: object) -> None:
        if isinstance(held, dict):
            self.text += "{"
            for number, (key, inner) in enumerate(held.items()):
                self.text += ", " if number else " "
                self._note(join(place, key))
                self.text += quoted(key) + "="
                self.value(join(place, key), inner)
            self.text += "}"
        elif isinstance(held, list):
            self.text += "["
            for number, inner in enumerate(held):
                self.text += self._pick("", "\n", " # ]\n")
                self._note(f"{place}[{number}]")
                self.value(f"{place}[{number}]", inner)
                self.text += ","
            self.text += "]"
        elif isinstance(held, str) and "'''" not in held and self._pick(True, False):
            self.text += quoted(held) if held.endswith("'") else f"'''\n{held}'''"
        elif isinstance(held, str) and self._pick(True, False):
            self.text += '"""\n' + quoted(held)[1:-1].replace("\\n", "\n") + '"""'
        else:
            self.text += quoted(held) if isinstance(held, str) else str(held).lower()


def is_table(held: object) -> bool:
    return isinstance(held, dict) or (isinstance(held, list) and bool(held) and isinstance(held[0], dict))


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


@settings(max_examples=200, deadline=None)
@given(st.data(), tables)
def test_every_key_of_any_document_is_on_the_line_found(
    data: st.DataObject, table: dict[str, object]
) -> None:
    writer = Writer(data.draw)
    writer.table("", "", table)
    assert tomllib.loads(writer.text) == table
    assert lines.places(writer.text) == writer.lines


def test_a_fault_of_a_file_has_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = "three"\n')
    (tmp_path / "ci.toml").write_text("[tool.cibuildwheel]\n\nbefore-al = 1\n[tool.crosswheel]\nengine = 1\n")
    with pytest.raises(ConfigurationError) as caught:
        config.load(tmp_path, config_file="ci.toml", environ={"CIBW_ARCHS": "x"}, flags=Flags())
    assert [(fault.where, fault.place) for fault in caught.value.faults] == [
        ("ci.toml:3", "tool.cibuildwheel.before-al"),
        ("", "CIBW_ARCHS"),
        ("pyproject.toml:2", "project.requires-python"),
        ("ci.toml:5", "tool.crosswheel.engine"),
    ]


def test_a_file_elsewhere_is_named_in_full(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool = 1\n")
    with pytest.raises(ConfigurationError) as caught:
        config.load(tmp_path, config_file=None, environ={}, flags=Flags())
    assert caught.value.faults[0].where == f"{tmp_path}/pyproject.toml:1"
