"""``[tool.cibuildwheel]``: its TOML tables as layers; what other platforms say is checked and left."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from crosswheel.config import forms
from crosswheel.config.layers import Layer, Reader
from crosswheel.config.options import IMAGES, OPTIONS, PLATFORMS, PYPY_IMAGES
from crosswheel.config.patterns import Patterns

PLACE = "tool.cibuildwheel"
GLOBAL = (*OPTIONS, *PLATFORMS, "inherit", "overrides")
_BYTE_ORDER_MARK = "\ufeff"
_LINUX = tuple(name for name, option in OPTIONS.items() if option.linux_table)
_OVERRIDE = tuple(name for name, option in OPTIONS.items() if not option.whole)
_OF_IMAGES = {option.name for option in (*IMAGES.values(), *PYPY_IMAGES)}
_WITHOUT_IMAGES = tuple(name for name in OPTIONS if name not in _OF_IMAGES)
ALLOWED: Mapping[str, Collection[str]] = {  # in a table below the main one; cibuildwheel's DISALLOWED_OPTIONS
    **dict.fromkeys(PLATFORMS, tuple(OPTIONS)),
    "linux": _LINUX,
    "macos": _WITHOUT_IMAGES,
    "windows": _WITHOUT_IMAGES,
    "overrides": _OVERRIDE,
}


def path_of(project_dir: Path, config_file: str | None) -> Path:
    """The file with the configuration.

    :param config_file: takes the place of pyproject.toml; ``{package}`` in it stands for ``project_dir``.
    """
    if config_file:
        return Path(config_file.replace("{package}", str(project_dir)))
    return project_dir / "pyproject.toml"


def read_toml(path: Path, reader: Reader) -> dict[str, Any]:
    """The file's table; a fault and an empty table where it cannot be read."""
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mark = (
            "it begins with a byte order mark: save it without one"
            if text.startswith(_BYTE_ORDER_MARK)
            else ""
        )
        reader.fault(str(path), f"is not valid TOML: {error}", mark)
    except RecursionError:
        reader.fault(str(path), "is not valid TOML: a value in it is nested too deeply")
    except UnicodeDecodeError as error:
        reader.fault(str(path), f"is not UTF-8 at byte {error.start}")
    except OSError as error:
        reader.fault(str(path), f"cannot be read: {error.strerror}")
    return {}


def layers(document: Mapping[str, Any], reader: Reader) -> list[Layer]:
    """The layers of a file, lowest first: the table, its Linux section, its overrides."""
    tool = table("tool", document.get("tool", {}), reader)
    whole = table(PLACE, tool.get("cibuildwheel", {}), reader)
    for name in whole:
        if name not in GLOBAL:
            reader.unknown(f"{PLACE}.{name}", name, GLOBAL)
    own = {name: value for name, value in whole.items() if name in (*OPTIONS, "inherit")}
    main = _layer(PLACE, own, reader)
    of_platforms = {
        name: _layer(f"{PLACE}.{name}", table(f"{PLACE}.{name}", whole.get(name, {}), reader), reader, name)
        for name in PLATFORMS
    }
    return [
        main,
        of_platforms["linux"],
        *_overrides(whole.get("overrides", []), reader),
    ]


def table(place: str, value: object, reader: Reader) -> Mapping[str, Any]:
    """The value where it is a table; a fault and an empty one where it is not."""
    if isinstance(value, dict):
        return value
    reader.fault(place, f"is {forms.kind(value)} where a table is wanted")
    return {}


def list_of_tables(place: str, given: object, reader: Reader) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables of a list, each with its place."""
    if not isinstance(given, list):
        reader.fault(place, f"is {forms.kind(given)} where a list of tables is wanted", f"write [[{place}]]")
        return
    for number, item in enumerate(given):
        here = f"{place}[{number}]"
        if isinstance(item, dict):
            yield here, item
        else:
            table(here, item, reader)


def selected(place: str, override: Mapping[str, Any], reader: Reader) -> Patterns:
    """The ``select`` of an override; a fault where there is none."""
    select = reader.read(f"{place}.select", forms.patterns, override.get("select", ""))
    if not override.get("select"):
        reader.fault(f"{place}.select", "is not set", 'write select = "cp311-*"')
    return select or Patterns()


def _layer(place: str, given: Mapping[str, object], reader: Reader, section: str = "") -> Layer:
    values = {name: value for name, value in given.items() if name != "inherit"}
    rules = reader.inherit(f"{place}.inherit", given["inherit"]) if "inherit" in given else {}
    elsewhere = section in PLATFORMS and section != "linux"
    read = reader.values(place, values, ALLOWED.get(section, OPTIONS), elsewhere=elsewhere)
    return Layer(read, rules, places={name: f"{place}.{name}" for name in read})


def _overrides(given: object, reader: Reader) -> list[Layer]:
    result = []
    for place, override in list_of_tables(f"{PLACE}.overrides", given, reader):
        select = selected(place, override, reader)
        options = {name: value for name, value in override.items() if name != "select"}
        result.append(replace(_layer(place, options, reader, "overrides"), select=select))
    return result
