"""How wheels and libraries are called where two wheels are compared."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SHOWN = 5
_HASH = re.compile(r"-[0-9a-f]{8}(?=[.-]|\Z)")  # auditwheel's
_VERSION = re.compile(r"\.so(?:\..*)?\Z|-\d[\d.]*(?=\.so)")


@dataclass(frozen=True)
class Names:
    """What the two wheels are called in sentences."""

    mine: str = "this wheel"
    other: str = "the other"


PLAIN = Names()


def graft_stem(library: str) -> str:
    """A library without hash and version: ``libz-eb09ad1d.so.1.2.11`` -> ``libz``."""
    return _VERSION.sub("", _HASH.sub("", library))


def listed(names: Sequence[str]) -> str:
    """The first few of many names."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown or "nothing"
