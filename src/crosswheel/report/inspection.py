"""A wheel as text for people and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from crosswheel.inspection import CompiledFile, Inspection, Processor
from crosswheel.model import Difference
from crosswheel.report.text import NO_BREAK, clean, count, size, wrap

SCHEMA_VERSION = 1
_LABEL = 11  # columns of the labels


def render(inspection: Inspection, *, width: int = 80) -> str:
    """A wheel as plain text.

    :param width: columns that sentences are wrapped to. The name of a file is never broken.
    """
    lines = [f"{inspection.name} {inspection.version}"]
    for label, text in _fields(inspection):
        lines += _field(label, text, width)
    for elf in inspection.compiled:
        lines += ["", clean(elf.path), *wrap(_compiled(elf), width=width, indent="  ")]
    lines += sentences("problems", inspection.problems, width)
    lines += sentences("notes", inspection.notes, width)
    return "\n".join([*lines, "", _total(inspection)])


def render_differences(differences: Sequence[Difference], mine: str, other: str, *, width: int = 80) -> str:
    """What differs between two wheels; the last line says whether any of it matters.

    :param mine: the file name of the wheel that is judged.
    :param other: that of the one it is judged by.
    """
    serious = [str(difference) for difference in differences if difference.matters]
    harmless = [str(difference) for difference in differences if not difference.matters]
    lines = [mine, f"  against {other}"]
    lines += sentences("differences that matter", serious, width)
    lines += sentences("differences that do no harm", harmless, width)
    end = f"{count(len(serious), 'difference')} that may matter to a user" if serious else ""
    return "\n".join([*lines, "", end or "nothing that matters to a user differs"])


def to_json(
    inspection: Inspection,
    other: Inspection | None = None,
    differences: Sequence[Difference] | None = None,
) -> str:
    """A wheel, and its differences from another one, as JSON. ``schema_version`` grows when a key changes or goes.

    - ``schema_version``: 1
    - ``wheel``: the fields of :class:`crosswheel.inspection.Inspection`, by their names; sizes in bytes,
      versions of glibc as ``2.17``
    - ``other``: the same of the other wheel; null where there is none
    - ``differences``: a list of ``kind``, ``text``, ``matters``; null where there is no other wheel
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "wheel": _plain(inspection),
        "other": _plain(other) if other else None,
        "differences": None if differences is None else [asdict(difference) for difference in differences],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _plain(inspection: Inspection) -> dict[str, object]:
    return asdict(inspection) | {"glibc": _version(inspection.glibc) if inspection.glibc else None}


def _version(glibc: tuple[int, int]) -> str:
    return ".".join(map(str, glibc))


def _fields(inspection: Inspection) -> Iterator[tuple[str, str]]:
    yield "tags", ", ".join(inspection.tags)
    if inspection.is_pure and not inspection.compiled:
        yield "kind", "pure Python: one wheel for every platform"
    if inspection.policy is not None:
        policy = inspection.policy
        yield "policy", "; ".join(filter(None, (policy.name or "cannot be told", policy.reason)))
    if inspection.glibc is not None:
        yield "glibc", f"{_version(inspection.glibc)}: {inspection.glibc_by}"
    if inspection.processor is not None:
        yield "processor", _processor(inspection.processor)
    if inspection.libraries is not None:
        libraries = inspection.libraries
        yield (
            "libraries",
            "; ".join(
                f"{where}: {', '.join(names)}"
                for where, names in (
                    ("in the wheel", libraries.inside),
                    ("of the policies", libraries.policy),
                    ("of the user's machine", libraries.outside),
                )
                if names
            )
            or "none is needed",
        )
    if inspection.requires_python:
        yield "Python", inspection.requires_python
    if inspection.requires:
        yield "requires", _requires(inspection.requires)
    yield "modules", ", ".join(inspection.modules) or "none"
    yield "size", f"{size(inspection.size)}, {count(inspection.files, 'file')}"


def _processor(processor: Processor) -> str:
    if not processor.known_by:
        return "its files do not tell"
    if processor.needs:
        needs = [f"{name} ({path})" for name, path in processor.needs]
        return f"above {processor.baseline}: {', '.join(needs)}, by {processor.known_by}"
    if processor.uses:
        uses = [f"{name} ({number} times, first in {path})" for name, number, path in processor.uses]
        return (
            f"{processor.baseline}; has instructions of {', '.join(uses)}: it cannot be told whether it asks for"
            " them before it uses them"
        )
    if processor.known_by == "instructions":
        return f"{processor.baseline}: no instruction above it was found"
    return f"no {processor.known_by} ask for more than {processor.baseline}; its instructions were not read"


def _requires(requirements: Sequence[str]) -> str:
    """Those that every user gets; those of extras are many and seldom asked for."""
    always = [line for line in requirements if "extra ==" not in line]
    extras = len(requirements) - len(always)
    return "; ".join([*always, *([f"{extras} by extras"] if extras else [])])


def _compiled(elf: CompiledFile) -> str:
    parts = [
        elf.kind,
        f"{size(elf.size)} ({size(elf.code_size)} of code)",
        *elf.inits,
        *(["C++"] if elf.uses_cpp else []),
        "with debug information" if elf.has_debug else "stripped" if elf.is_stripped else "with symbols",
        f"needs {', '.join(elf.needed) or 'no library'}",
        *([f"RUNPATH {':'.join(elf.search_path)}"] if elf.search_path else []),
    ]
    return "; ".join(clean(part) for part in parts)


def _field(label: str, text: str, width: int) -> list[str]:
    # No-break spaces pad the label: wrapping takes them for a part of it.
    return wrap(f"{label:{NO_BREAK}<{_LABEL - 1}} {clean(text)}", width=width, indent="  ", hang=_LABEL)


def sentences(title: str, texts: Sequence[str], width: int) -> list[str]:
    """A list under a title, parted from what stands before it; nothing where there is none."""
    if not texts:
        return []
    lines = ["", f"{title}:"]
    for sentence in texts:
        lines += wrap(f"- {clean(sentence)}", width=width, indent="  ")
    return lines


def _total(inspection: Inspection) -> str:
    problems = len(inspection.problems)
    return f"{count(problems, 'problem')}" if problems else "no problem was found"
