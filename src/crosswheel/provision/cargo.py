"""cargo's way to its registry: the user's own mirrors and proxies, and a cache shared by all runs."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosswheel.provision import uv
from crosswheel.seams import Mount
from crosswheel.site import places
from crosswheel.store import Store, digest

__all__ = ["Registry", "registry"]

# Of the user's configuration, what says where crates come from; not flags and linkers, which are the target's.
_TABLES = ("source", "registries", "registry", "net", "http")
_CREDENTIALS = ("token", "secret-key", "credential-provider", "global-credential-providers")
_PASSED = re.compile(r"CARGO_(?:HTTP|NET)_\w+|CARGO_REGISTRIES_\w+_(?:INDEX|PROTOCOL)|CARGO_REGISTRY_DEFAULT")
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True)
class Registry:
    """What a sandbox needs for cargo to find crates."""

    mounts: tuple[Mount, ...]
    env: Mapping[str, str]


def registry(store: Store, environ: Mapping[str, str]) -> Registry:
    """cargo's home, with what the user's configuration says of registries, without credentials.

    :param environ: CARGO_HOME, HOME, cargo's settings of networks and registries, and proxies are read.
    """
    own = _configuration(
        Path(environ.get("CARGO_HOME") or Path(environ.get("HOME", "/nonexistent"), ".cargo"))
    )
    text = "".join(_toml(own))
    written = store.ensure(
        "cargo-config",
        digest({"text": text}),
        lambda entry: _write(entry / "config.toml", text),
    )
    mounts = (
        Mount(store.shared("cargo"), places.CARGO, writable=True, cache=True),
        Mount(written / "config.toml", f"{places.CARGO}/config.toml"),
        *(Mount(place, str(place)) for place in _local_sources(own)),
    )
    env = {name: value for name, value in environ.items() if name in uv.NETWORK or _PASSED.fullmatch(name)}
    if _AUTHORITIES.is_file():  # Debian's cargo looks for them where Debian has them
        env.setdefault("CARGO_HTTP_CAINFO", str(_AUTHORITIES))
    return Registry(mounts, {**env, "CARGO_HOME": places.CARGO})


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _configuration(home: Path) -> dict[str, Any]:
    for name in ("config", "config.toml"):  # cargo prefers the old name
        try:
            tables = tomllib.loads((home / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            continue
        return {name: _public(tables[name]) for name in _TABLES if isinstance(tables.get(name), dict)}
    return {}


def _public(table: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _public(value) if isinstance(value, dict) else value
        for name, value in table.items()
        if name not in _CREDENTIALS
    }


def _local_sources(configuration: Mapping[str, Any]) -> Iterator[Path]:
    """Directories of this machine that stand in for a registry."""
    for source in configuration.get("source", {}).values():
        for kind in ("directory", "local-registry"):
            place = Path(str(source.get(kind, ""))) if isinstance(source, dict) else Path()
            if place.is_absolute() and place.is_dir():
                yield place


def _toml(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """A table of strings, numbers, truths, lists of these, and tables. JSON's strings and lists are TOML's too."""
    values = {name: value for name, value in table.items() if not isinstance(value, dict)}
    if path and values:
        yield f"[{'.'.join(map(json.dumps, path))}]\n"
    for name, value in values.items():
        yield f"{json.dumps(name)} = {json.dumps(value, ensure_ascii=False, default=str)}\n"
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _toml(value, (*path, name))
