"""What JSON Schema (draft 7) says of the values that each form takes.

A shape lets through whatever its form does; a form may refuse more, as an unclosed quotation.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crosswheel import images
from crosswheel.architectures import ARCHITECTURES
from crosswheel.config import forms, tools

Shape = Mapping[str, Any]

_TEXT: Shape = {"type": "string"}
_LEAF: Shape = {"type": ["string", "number", "boolean"]}
_TEXTS: Shape = {"anyOf": [_TEXT, {"type": "array", "items": _LEAF}]}
_SWITCH: Shape = {"anyOf": [{"type": "boolean"}, _TEXTS]}
_WORDS_OF_ARCHS = ("auto", "auto32", "auto64", "native", "all")
# A string with one of these is read by a shell's rules, and may name in many ways what `enum` lists.
_BY_SHELL: Shape = {"type": "string", "pattern": r"[\s:;'\"\\]|^$"}


def _table(**fields: Shape) -> Shape:
    return {"type": "object", "additionalProperties": False, "properties": fields}


def _one_of(names: tuple[str, ...]) -> Shape:
    return {"enum": list(names)}


def _tool(names: tuple[str, ...], **fields: Shape) -> Shape:
    """A name alone, a line that begins with it, or a table with further fields."""
    named = {"anyOf": [_one_of(names), {"type": "array", "items": _one_of(names)}]}
    return {"anyOf": [_one_of(names), _BY_SHELL, _table(name=named, **fields)]}


def _several(names: tuple[str, ...]) -> Shape:
    """One of the names, several of them in a string, or a list of such strings."""
    word = f"(?:{'|'.join(names)})"
    text = {"anyOf": [_one_of(names), {"type": "string", "pattern": rf"^\s*(?:{word}(?:\s+{word})*\s*)?$"}]}
    return {"anyOf": [*text["anyOf"], {"type": "array", "items": text}]}


def _settings(held: Shape) -> Shape:
    return {"anyOf": [_TEXT, {"type": "object", "additionalProperties": held}]}


_SETTINGS = _settings({"anyOf": [_LEAF, {"type": "array", "items": _LEAF}]})
_FRONTENDS = (*tools.FRONTENDS, "default")

OF: Mapping[Callable[[Any], object], Shape] = {
    forms.text: _TEXT,
    forms.path: {"type": "string", "minLength": 1},
    forms.patterns: _TEXTS,
    forms.words: _TEXTS,
    forms.names: _TEXTS,
    forms.requirements: _TEXTS,
    forms.command: _TEXTS,
    forms.modern_command: _TEXTS,
    forms.architectures: {
        "anyOf": [_TEXT, {"type": "array", "items": _TEXT}],
        "examples": [*ARCHITECTURES, *_WORDS_OF_ARCHS],
    },
    forms.architectures_elsewhere: {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
    forms.groups: _several((*forms.ENABLE_GROUPS, "all")),
    forms.verbosity: {
        "anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\s*(?:[+-]?\d+(?:_\d+)*\s*)?$"}]
    },
    forms.settings: _SETTINGS,
    forms.assignments: _settings(_LEAF),
    forms.image: {"type": "string", "not": _one_of(images.GONE)},
    forms.jobs: {
        "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": r"^(?:auto|0*[1-9]\d*)$"}]
    },
    forms.memory: {"type": "string", "pattern": r"^\s*\d+(?:\.\d+)?\s*[kMGTKmgt]?[Bb]?\s*$"},
    forms.seconds: {"type": "string", "pattern": r"^\s*\d+(?:\.\d+)?\s*(?:[sS]|[mM]|[mM][iI][nN]|[hH]|)\s*$"},
    tools.frontend: _tool(_FRONTENDS, args=_TEXTS),
    tools.frontend_elsewhere: _tool((*_FRONTENDS, "pyodide-build"), args=_TEXTS),
    tools.container_engine: _tool(
        tools.ENGINES,
        **dict.fromkeys(("create_args", "create-args"), _TEXTS),
        **dict.fromkeys(("disable_host_mount", "disable-host-mount"), _SWITCH),
    ),
    tools.dependency_versions: {"anyOf": [_TEXT, _table(file=_TEXTS), _table(packages=_TEXTS)]},
    tools.audit_commands: _TEXTS,
    tools.test_runtime: {"anyOf": [_TEXT, _table(args=_TEXTS)]},
}

SELECT: Shape = {
    "anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": _LEAF, "minItems": 1}]
}
