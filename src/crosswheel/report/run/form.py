"""Reports as JSON: written, read, and described by a schema, all from the types of the values.

``report.schema.json`` beside this file is what ``python -m crosswheel.report.run.form`` prints.
"""

import json
from collections.abc import Iterator
from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from crosswheel.errors import ConfigurationError, Fault
from crosswheel.report.run.values import SCHEMA_VERSION, Report

_DRAFT = "http://json-schema.org/draft-07/schema#"
_HOME = "https://crosswheel.invalid"  # begins names, and is no address (RFC 2606)
_MOST = 2.5e11  # of seconds, among them Unix times: those that a date can be made of end with the year 9999
_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def to_json(report: Report) -> str:
    """The contents of ``report.json``; its keys are described in ``report.schema.json``."""
    return (
        json.dumps({"schema_version": report.schema_version, **asdict(report)}, indent=1, ensure_ascii=False)
        + "\n"
    )


def read(path: Path) -> Report:
    """The report of a file.

    :raises ConfigurationError: with all that is wrong with it.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except OSError as error:
        raise ConfigurationError((Fault(str(path), f"cannot be read: {error.strerror}"),)) from None
    except (ValueError, RecursionError):
        raise ConfigurationError((Fault(str(path), "is no report: it is not JSON"),)) from None
    version = document.get("schema_version") if isinstance(document, dict) else None
    if type(version) is not int:
        raise ConfigurationError((Fault(str(path), "is no report: it has no schema_version"),))
    if version != SCHEMA_VERSION:
        raise ConfigurationError((Fault(
            str(path), f"is a report of version {version}, and this crosswheel reads version {SCHEMA_VERSION}",
            "make it anew, or read it with the crosswheel that wrote it",
        ),))  # fmt: skip
    faults: list[Fault] = []
    report = _value(Report, document, "", faults)
    faults += _astray(report) if isinstance(report, Report) else ()
    if faults:
        raise ConfigurationError(tuple(Fault(f"{path}: {one.place}", one.problem) for one in faults))
    assert isinstance(report, Report), "whatever is no report has a fault"
    return report


def schema() -> dict[str, Any]:
    """The JSON schema of ``report.json``."""
    definitions: dict[str, Any] = {}
    reference = _described(Report, definitions)
    return {
        "$schema": _DRAFT,
        "$id": f"{_HOME}/report.schema.json",
        "title": "A report of crosswheel",
        **reference,
        "definitions": definitions,
    }


def text() -> str:
    """The contents of ``report.schema.json``."""
    return json.dumps(schema(), indent=1) + "\n"


def _refuse(word: str) -> float:
    """``NaN`` and ``Infinity``, which Python writes and JSON (RFC 8259) does not have."""
    raise ValueError(word)


def _astray(report: Report) -> Iterator[Fault]:
    """Numbers of runs that there are none of: what draws a report may rely on them."""
    for number, job in enumerate(report.jobs):
        if not 0 <= job.run < len(report.runs):
            yield Fault(f"jobs[{number}].run", f"is {job.run}, and there are {len(report.runs)} runs")


@cache
def _fields(kind: type) -> tuple[tuple[Field[Any], Any, str], ...]:
    """The fields of a dataclass, each with its type and what it is."""
    hints = get_type_hints(kind, include_extras=True)
    rows = []
    for field in fields(kind):
        hint, about = hints[field.name], ""
        if get_origin(hint) is Annotated:
            hint, about = get_args(hint)
        rows.append((field, hint, about))
    return tuple(rows)


def _described(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a type; dataclasses go to ``definitions``."""
    if is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}  # its place, before those that it mentions
            definitions[kind.__name__] = {
                "description": (kind.__doc__ or "").splitlines()[0],
                "type": "object",
                "required": [field.name for field in fields(kind)],
                "properties": {
                    field.name: {**({"description": about} if about else {}), **_described(hint, definitions)}
                    for field, hint, about in _fields(kind)
                },
            }
        return {"$ref": f"#/definitions/{kind.__name__}"}
    match get_origin(kind), get_args(kind):
        case [origin, args] if origin is Literal:
            return {"enum": list(args)}
        case [origin, args] if origin is tuple:
            return {"type": "array", "items": _described(args[0], definitions)}
        case [origin, args] if origin is UnionType:
            return {"anyOf": [_described(each, definitions) for each in args]}
        case _:
            return {"type": _NAMES[kind], **({"minimum": 0} if kind in (int, float) else {})}


def _value(kind: Any, value: Any, place: str, faults: list[Fault]) -> Any:
    """A value of a type from JSON; None, and a fault, where it is none."""
    if is_dataclass(kind) and isinstance(kind, type):
        return _object(kind, value, place, faults)
    origin, args = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if value is None else _value(args[0], value, place, faults)
    if origin is tuple and isinstance(value, list):
        each = (_value(args[0], item, f"{place}[{index}]", faults) for index, item in enumerate(value))
        return tuple(each)
    if origin is Literal and value in args:
        return value
    # A number without a fraction is one of floats too; true is no number.
    if kind is float and type(value) in (int, float) and 0 <= value < _MOST:
        return float(value)
    if (kind is int and type(value) is int and value >= 0) or (kind in (str, bool) and type(value) is kind):
        return value
    faults.append(Fault(place or "the document", f"is {_shown(value)} where {_wanted(kind)} is wanted"))
    return None


def _object(kind: type, value: Any, place: str, faults: list[Fault]) -> Any:
    """Keys that are not known are those of a later crosswheel of the same version of the schema."""
    if not isinstance(value, dict):
        faults.append(Fault(place or "the document", f"is {_shown(value)} where an object is wanted"))
        return None
    before, found = len(faults), {}
    for field, hint, _ in _fields(kind):
        where = f"{place}.{field.name}".lstrip(".")
        if field.name in value:
            found[field.name] = _value(hint, value[field.name], where, faults)
        elif field.default is MISSING:
            faults.append(Fault(where, "is missing"))
    return kind(**found) if len(faults) == before else None


def _wanted(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    return "a list" if get_origin(kind) is tuple else f"a {_NAMES[kind]}"


def _shown(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:40]}..."


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201
