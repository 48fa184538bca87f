"""The JSON schema of the two tables, made from the tables of options: for editors and validate-pyproject.

``crosswheel.schema.json`` beside this file is what ``python -m crosswheel.config.schema`` prints.
"""

import json
from collections.abc import Iterable
from typing import Any, get_args

from crosswheel.config import own, shapes, tables
from crosswheel.config.layers import Rule
from crosswheel.config.options import OPTIONS, PLATFORMS, Option

_DRAFT = "http://json-schema.org/draft-07/schema#"
_HOME = "https://crosswheel.invalid"  # begins names, and is no address (RFC 2606)

Schema = dict[str, Any]


def document() -> Schema:
    """The schema of a pyproject.toml, or of a ``--config-file``: it says something of the two tables alone."""
    tool = {"type": "object", "properties": {"cibuildwheel": _cibuildwheel(), "crosswheel": _crosswheel()}}
    return {
        "$schema": _DRAFT,
        "$id": f"{_HOME}/crosswheel.schema.json",
        "title": "The configuration of crosswheel",
        "type": "object",
        "properties": {"tool": tool},
        "definitions": _definitions(),
    }


def get_schema(tool_name: str = "crosswheel") -> Schema:
    """The schema of ``[tool.crosswheel]``: an entry point of validate-pyproject."""
    return {"$schema": _DRAFT, "$id": f"{_HOME}/tool.{tool_name}.schema.json", **_crosswheel()}


def get_schemas() -> dict[str, Any]:
    """That of ``[tool.cibuildwheel]``, likewise; cibuildwheel's own goes before it."""
    head = {"$schema": _DRAFT, "$id": f"{_HOME}/tool.cibuildwheel.schema.json"}
    return {
        "tools": {"cibuildwheel": {**head, **_cibuildwheel(), "definitions": _definitions()}},
        "priority": -1.0,  # a table's own tool has 1
    }


def text() -> str:
    """The contents of ``crosswheel.schema.json``."""
    return json.dumps(document(), indent=1) + "\n"


def _table(description: str, properties: Schema, **further: object) -> Schema:
    return {
        "description": description,
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **further,
    }


def _option(option: Option[Any]) -> Schema:
    return {"description": option.about, "title": option.variable, **shapes.OF[option.read]}


def _definitions() -> Schema:
    return {**{name: _option(option) for name, option in OPTIONS.items()}, "inherit": _inherit()}


def _references(names: Iterable[str]) -> Schema:
    return {name: {"$ref": f"#/definitions/{name}"} for name in (*names, "inherit")}


def _inherit() -> Schema:
    rules = {
        name: {"enum": list(get_args(Rule)) if option.join is not None else ["none"]}
        for name, option in OPTIONS.items()
    }
    table = {"type": "object", "additionalProperties": False, "properties": rules}
    return {"description": "How values go together with those below.", "anyOf": [{"type": "string"}, table]}


def _cibuildwheel() -> Schema:
    properties = _references(OPTIONS)
    properties |= {platform: _platform(platform) for platform in PLATFORMS}
    override = _table(
        "Options of the identifiers that it selects.",
        {"select": dict(shapes.SELECT), **_references(tables.ALLOWED["overrides"])},
        required=["select"],
    )
    properties["overrides"] = {"type": "array", "items": override}
    return _table("The options of cibuildwheel.", properties)


def _platform(platform: str) -> Schema:
    properties = _references(tables.ALLOWED[platform])
    if platform != "linux":
        properties |= {
            name: {"description": option.about, **shapes.OF[option.elsewhere]}
            for name, option in OPTIONS.items()
            if option.elsewhere is not None
        }
    return _table(f"Options for {platform} alone.", properties)


def _crosswheel() -> Schema:
    override = _table(
        "Options of the identifiers that it selects.",
        {"select": dict(shapes.SELECT), **_words(word for word in own.WORDS.values() if word.for_wheels)},
        required=["select"],
    )
    words = _words(own.WORDS.values())
    return _table(
        "What the table of cibuildwheel has no word for.",
        {**words, "overrides": {"type": "array", "items": override}},
    )


def _words(words: Iterable[own.Word]) -> Schema:
    return {
        word.name: {
            "description": word.about,
            "title": word.variable,
            **({"enum": list(word.choices)} if word.choices else shapes.OF[word.form]),
        }
        for word in words
    }


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201
