"""What the cache holds, as a table and as JSON."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from crosswheel.report.text import count, size, table
from crosswheel.store.contents import KINDS, Entry

_SHOWN = 3  # files named in a line
_AGES = ((86400, "day"), (3600, "hour"), (60, "minute"))


def render(root: Path, entries: Iterable[Entry], *, now: float) -> str:
    """A row for each kind: how many, how large, when last used, how often, and what it is."""
    found = list(entries)
    rows = [("kind", "size", "entries", "last used", "uses", "holds")]
    for kind, group in groupby(found, key=lambda entry: entry.kind):
        held = list(group)
        uses = sum(entry.uses.count for entry in held)
        rows.append(
            (
                kind,
                size(sum(entry.size for entry in held)),
                str(len(held)) if held[0].key else "",
                f"{age(now - max(entry.last for entry in held))} ago",
                str(uses) if uses else "",
                KINDS.get(kind, "something of another version of crosswheel"),
            )
        )
    total = f"{size(sum(entry.size for entry in found))} in {root}"
    return "\n".join([*table(rows), "", total]) if found else f"nothing in {root}"


def to_json(root: Path, entries: Iterable[Entry]) -> str:
    """Each entry with its bytes, its times as Unix time and how often it was used."""
    return json.dumps(
        {
            "root": str(root),
            "entries": [
                {
                    "kind": entry.kind,
                    "key": entry.key,
                    "size": entry.size,
                    "last": round(entry.last),
                    "uses": entry.uses.count,
                }
                for entry in entries
            ],
        },
        indent=2,
    )


def removed(entries: Iterable[Entry]) -> str:
    """What was given up: ``removed 3 entries, 1.2 GB``."""
    found = list(entries)
    noun = "entry" if len(found) == 1 else "entries"
    return f"removed {len(found)} {noun}, {size(sum(entry.size for entry in found))}"


def damaged(entry: Entry, names: Sequence[str]) -> str:
    """What is wrong with an entry: ``roots/0f3a: 2 files are not as they were made: usr/bin/ld, usr/bin/as``."""
    shown = ", ".join(names[:_SHOWN]) + (" and more" if len(names) > _SHOWN else "")
    verb = "is not as it was made" if len(names) == 1 else "are not as they were made"
    return f"{entry.kind}/{entry.key}: {count(len(names), 'file')} {verb}: {shown}"


def checked(entries: Iterable[Entry]) -> str:
    """What was read: ``checked 12 entries, 3.4 GB``."""
    found = list(entries)
    noun = "entry" if len(found) == 1 else "entries"
    return f"checked {len(found)} {noun}, {size(sum(entry.size for entry in found))}"


def age(seconds: float) -> str:
    """``3 days``, ``1 hour``; what is younger than a minute, or from the future, is ``moments``."""
    for unit, name in _AGES:
        if seconds >= unit:
            return count(int(seconds // unit), name)
    return "moments"
