"""What runs foreign programs on this machine, as a table for people and as JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from crosswheel.report.text import clean, table, wrap

SCHEMA_VERSION = 1
_HEADER = ("architecture", "docker", "runs", "by", "interpreter", "version", "flags")
_WHY = "registers QEMU for docker, chroots and shells. crosswheel build needs none of it."


@dataclass(frozen=True)
class Entry:
    """What the kernel was told to run an architecture's programs with.

    :param version: of the interpreter, as it says itself; empty where it does not.
    :param ours: whether crosswheel installed it.
    :param faults: sentences without a full stop.
    """

    name: str
    enabled: bool
    interpreter: str
    version: str
    flags: str
    ours: bool
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """How programs of an architecture fare on this machine.

    :param docker: its name on docker's ``--platform``.
    :param native: whether the machine needs no emulator for them.
    :param trouble: why a program of it does not run; empty where it does.
    :param persistent: whether crosswheel's emulator comes back at boot.
    """

    architecture: str
    docker: str
    native: bool
    trouble: str
    entry: Entry | None
    persistent: bool


def render(rows: Sequence[Row], install: str, *, width: int = 80) -> str:
    """A row for each architecture, then what is wrong with some, then what may be done.

    :param install: the command that installs an emulator, without what it is told; it is never wrapped.
    :param width: columns that sentences are wrapped to.
    """
    lines = table([_HEADER, *map(_cells, rows)])
    for row in rows:
        sentences = [*([row.trouble] if row.trouble else []), *(row.entry.faults if row.entry else ())]
        if not sentences or _absent(row):
            continue
        lines += ["", row.architecture]
        for sentence in sentences:
            lines += wrap(clean(sentence), width=width, indent="  - ")
        if row.entry:
            lines.append(f"  next: {install} {row.architecture}{'' if row.entry.ours else ' --replace'}")
    if absent := [row.architecture for row in rows if _absent(row)]:
        lines += ["", f"next: {install} {' '.join(absent)}", *wrap(_WHY, width=width, indent="  ", hang=0)]
    return "\n".join(lines)


def _absent(row: Row) -> bool:
    """Whether nothing but an emulator is missing."""
    return bool(row.trouble) and row.entry is None and not row.native


def to_json(rows: Sequence[Row], *, mounted: bool) -> str:
    """The same as JSON. ``schema_version`` grows when a key changes or goes.

    - ``schema_version``: 1
    - ``binfmt_misc``: ``mounted``
    - ``architectures``: a list of ``architecture``, ``docker``, ``native``, ``runs``, ``trouble`` (null where it
      runs), ``entry`` (null where there is none): the fields of :class:`Entry` by their names,
      ``persistent`` (whether crosswheel's comes back at boot)
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "binfmt_misc": {"mounted": mounted},
        "architectures": [
            {
                "architecture": row.architecture,
                "docker": row.docker,
                "native": row.native,
                "runs": not row.trouble,
                "trouble": row.trouble or None,
                "entry": asdict(row.entry) if row.entry else None,
                "persistent": row.persistent,
            }
            for row in rows
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _cells(row: Row) -> tuple[str, ...]:
    start = (row.architecture, row.docker, "no" if row.trouble else "yes")
    if row.entry is None:
        # In a container the machine's entries serve, and its binfmt_misc is not there to be read.
        what = "this machine" if row.native else "nothing" if row.trouble else "not shown here"
        return (*start, what, "", "", "")
    entry = row.entry
    return (*start, clean(entry.name), clean(entry.interpreter), entry.version, entry.flags)
