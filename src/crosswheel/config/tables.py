"""``[tool.cibuildwheel]``: its TOML tables as layers."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crosswheel.config import forms
from crosswheel.config.layers import Layer, Reader
from crosswheel.config.options import OPTIONS, PLATFORMS
from crosswheel.config.patterns import Patterns

PLACE = "tool.cibuildwheel"
_GLOBAL = (*OPTIONS, *PLATFORMS, "inherit", "overrides")
_LINUX = tuple(name for name, option in OPTIONS.items() if option.linux_table)
_OVERRIDE = tuple(name for name, option in OPTIONS.items() if not option.whole)


def read_toml(path: Path, reader: Reader) -> dict[str, Any]:
    """The file's table; a fault and an empty table where it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        reader.fault(str(path), f"is not valid TOML: {error}")
    except UnicodeDecodeError as error:
        reader.fault(str(path), f"is not UTF-8 at byte {error.start}")
    except OSError as error:
        reader.fault(str(path), f"cannot be read: {error.strerror}")
    return {}


def layers(document: Mapping[str, Any], reader: Reader) -> list[Layer]:
    """The layers of a file, lowest first: the table, its Linux section, its overrides."""
    tool = _table("tool", document.get("tool", {}), reader)
    table = _table(PLACE, tool.get("cibuildwheel", {}), reader)
    linux = _table(f"{PLACE}.linux", table.get("linux", {}), reader)
    for name in table:
        if name not in _GLOBAL:
            reader.unknown(f"{PLACE}.{name}", name, _GLOBAL)
    own = {name: value for name, value in table.items() if name in OPTIONS}
    return [
        _layer(PLACE, own, tuple(OPTIONS), table.get("inherit"), reader),
        _layer(f"{PLACE}.linux", linux, _LINUX, linux.get("inherit"), reader),
        *_overrides(table.get("overrides", []), reader),
    ]


def _table(place: str, value: object, reader: Reader) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    reader.fault(place, f"is {forms.kind(value)} where a table is wanted")
    return {}


def _layer(
    place: str,
    table: Mapping[str, object],
    allowed: tuple[str, ...],
    inherit: object,
    reader: Reader,
    select: Patterns | None = None,
) -> Layer:
    given = {name: value for name, value in table.items() if name not in ("inherit", "select")}
    rules = {} if inherit is None else reader.inherit(f"{place}.inherit", inherit)
    return Layer(reader.values(place, given, allowed), rules, select)


def _overrides(given: object, reader: Reader) -> list[Layer]:
    place = f"{PLACE}.overrides"
    if not isinstance(given, list):
        reader.fault(place, f"is {forms.kind(given)} where a list of tables is wanted", f"write [[{place}]]")
        return []
    result = []
    for number, item in enumerate(given):
        here = f"{place}[{number}]"
        table = _table(here, item, reader)
        select = reader.read(f"{here}.select", forms.patterns, table.get("select", "")) or Patterns()
        if not table.get("select"):
            reader.fault(f"{here}.select", "is not set", 'write select = "cp311-*"')
        result.append(_layer(here, table, _OVERRIDE, table.get("inherit"), reader, select))
    return result
