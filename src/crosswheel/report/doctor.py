"""What a machine can do, as text for people and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from io import StringIO

from crosswheel.findings import Ability, Examination, Finding, Sample, Status, Way
from crosswheel.report.text import NO_BREAK, clean, duration, table, wrap

SCHEMA_VERSION = 1
_WORDS: dict[Status, str] = {"good": "ok", "note": "note", "bad": "NO", "unknown": "?"}
_STYLES: dict[Status, str] = {"good": "green", "note": "yellow", "bad": "bold red", "unknown": "magenta"}
_HEADER = ("for", "engines that build", "tests run", "speed")
_IN = {
    "native": "as they are",
    "namespace": "in a namespace",
    "host": "as registered on the host",
    "docker": "in docker",
    "podman": "in podman",
}


def render(examination: Examination, *, width: int = 80) -> str:
    """Plain text: a line for each finding, a row for each architecture, commands that help, the verdict.

    :param width: columns that sentences are wrapped to.
    """
    column = max(len(finding.name) for finding in examination.findings) + 2
    lines = []
    for finding in examination.findings:
        head = (
            f"{finding.name.replace('-', NO_BREAK):{NO_BREAK}<{column}}{_WORDS[finding.status]:{NO_BREAK}<5}"
        )
        lines += wrap(f"{head}{clean(finding.fact)}", width=width, indent="", hang=column + 5)
        for text in _further(finding):
            lines += wrap(text, width=width, indent=" " * (column + 5))
    rows = [_HEADER, *(_row(ability) for ability in examination.abilities)]
    sections = [lines, table(rows), *(list(section) for section in _after(examination, width))]
    return "\n\n".join("\n".join(section) for section in sections if section)


def render_terminal(examination: Examination, *, width: int, color: bool) -> str:
    """The same for a terminal, drawn by rich.

    :param color: whether colours are used; bold is, all the same (https://no-color.org).
    """
    from rich.console import Console  # noqa: PLC0415 -- a pipe does not pay for it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = StringIO()
    console = Console(
        file=drawn, force_terminal=True, no_color=not color, width=width, highlight=False, markup=False
    )
    found = Table.grid(padding=(0, 2))
    for finding in examination.findings:
        text = Text(clean(finding.fact))
        for further in _further(finding):
            text.append(f"\n{further}", "dim")
        name = Text(finding.name.replace("-", " "), "bold", no_wrap=True)
        found.add_row(name, Text(_WORDS[finding.status], _STYLES[finding.status]), text)
    able = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for title in _HEADER:
        able.add_column(title)
    for ability in examination.abilities:
        first, *rest = map(Text, _row(ability))
        able.add_row(Text.assemble((first.plain, "bold")), *rest)
    for part in (found, "", able):
        console.print(part)
    style = "bold red" if examination.obstacles else "bold green"
    *others, verdict = _after(examination, width)
    for section in filter(None, others):
        console.print(Text("\n" + "\n".join(section)))
    console.print(Text("\n" + "\n".join(verdict), style))
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def to_json(examination: Examination) -> str:
    """A machine as JSON. ``schema_version`` grows when a key changes or goes.

    - ``schema_version``: 1
    - ``works``: whether the default build would work, for what was asked for
    - ``obstacles``: why it would not, a list of sentences
    - ``seconds``: that it took to find out
    - ``findings``: an object by the probe's name (``machine``, ``user-namespaces``, ``private-emulation``,
      ``qemu``, ``bubblewrap``, ``zig``, ``pythons``, ``speed``, ``mirror``, ``index``, ``cache``, ``disk``,
      ``memory``, ``cgroups``, ``registrations``, ``docker``, ``podman``) of ``status`` (``good``, ``note``: builds
      do without, ``bad``, ``unknown``), ``fact``, ``cause``, ``remedy`` (sentences and commands; empty where there
      is none), ``details`` (numbers, names and paths, with keys of each probe's own; sizes in bytes), ``seconds``
    - ``architectures``: an object by the name in wheel tags of ``engines`` (that can build, best first),
      ``tests_by`` (the first of the ways that works; null where none does), ``ways`` (a list of ``name``:
      ``native``, ``namespace``, ``host``, ``docker``, ``podman``; ``works``: null where it was not tried;
      ``reason``; ``remedy``), ``roots`` (Pythons of roots in the cache), ``sample`` (``program``,
      ``native_seconds`` and ``emulated_seconds`` of a processor, ``ratio``; null where there is none),
      ``no_sample`` (why), ``obstacles``, ``improvements`` (commands)
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "works": not examination.obstacles,
        "obstacles": list(examination.obstacles),
        "seconds": round(examination.seconds, 3),
        "findings": {finding.name: _finding(finding) for finding in examination.findings},
        "architectures": {ability.arch: _ability(ability) for ability in examination.abilities},
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _finding(finding: Finding) -> dict[str, object]:
    plain = asdict(finding)
    del plain["name"]
    return plain | {"seconds": round(finding.seconds, 3)}


def _ability(ability: Ability) -> dict[str, object]:
    way = ability.tests_by
    return {
        "engines": list(ability.engines),
        "tests_by": way.name if way else None,
        "ways": [asdict(way) for way in ability.ways],
        "roots": list(ability.roots),
        "sample": _sample(ability.sample) if ability.sample else None,
        "no_sample": ability.no_sample,
        "obstacles": list(ability.obstacles),
        "improvements": list(ability.improvements),
    }


def _sample(sample: Sample) -> dict[str, object]:
    return {
        "program": sample.program,
        "native_seconds": round(sample.native, 5),
        "emulated_seconds": round(sample.emulated, 5),
        "ratio": round(sample.ratio, 2),
    }


def _further(finding: Finding) -> Iterator[str]:
    if finding.cause:
        yield f"cause: {clean(finding.cause)}"
    if finding.remedy:
        yield f"next: {clean(finding.remedy)}"


def _row(ability: Ability) -> tuple[str, ...]:
    return ability.arch, ", ".join(ability.engines) or "none", _tests(ability), _speed(ability)


def _tests(ability: Ability) -> str:
    if ability.tests_by is not None:
        return _IN[ability.tests_by.name]
    untried = next((way for way in ability.ways if way.name == "namespace" and way.works is None), None)
    return "in a namespace (not tried yet)" if untried is not None else "not at all"


def _speed(ability: Ability) -> str:
    if ability.sample is None:
        return "native" if ability.ways and _runs_as_is(ability.ways) else "not measured"
    sample = ability.sample
    return (
        f"{sample.ratio:.0f} x slower ({sample.emulated * 1000:.0f} ms, native {sample.native * 1000:.1f} ms)"
    )


def _runs_as_is(ways: Sequence[Way]) -> bool:
    return any(way.name == "native" and way.works for way in ways)


def _after(examination: Examination, width: int) -> Iterator[list[str]]:
    """What stands below the table: why something was not measured, commands that help, the verdict."""
    reasons: dict[str, list[str]] = {}
    for ability in examination.abilities:
        if ability.sample is None and not _runs_as_is(ability.ways):
            reasons.setdefault(ability.no_sample, []).append(ability.arch)
    notes = [
        f"not measured for {', '.join(names)}: {reason or 'the probe did not end'}"
        for reason, names in reasons.items()
    ]
    yield [line for note in notes for line in wrap(clean(note), width=width, indent="")]
    commands: dict[str, list[str]] = {}
    for ability in examination.abilities:
        for command in ability.improvements:
            commands.setdefault(command, []).append(ability.arch)
    lines = ["what would help:"] if commands else []
    for command, names in commands.items():
        every = len(names) == len(examination.abilities)
        lines += wrap(f"{clean(command)}  ({'all' if every else ', '.join(names)})", width=width, indent="  ")
    yield lines
    yield _verdict(examination, width)


def _verdict(examination: Examination, width: int) -> list[str]:
    took = f"found out in {duration(examination.seconds)}"
    if not examination.obstacles:
        return [f"the default build works here ({took})"]
    lines = [f"the default build does not work here ({took}):"]
    for reason in examination.obstacles:
        lines += wrap(f"- {clean(reason)}", width=width, indent="  ")
    return lines
