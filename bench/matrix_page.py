"""The matrix as a page in Markdown."""

import re
from collections.abc import Iterable, Iterator, Mapping

from cells import (
    ARCHITECTURES,
    KINDS,
    LIBCS,
    NUMPY,
    NUMPY_ENVIRONMENT,
    NUMPY_PUBLISHED,
    SHOWN,
    Cell,
    Result,
    cells,
    projects,
    shown,
)
from machine import described


def table(results: Mapping[str, Result]) -> str:
    """The results in Markdown."""
    versions = projects()
    done = [results[cell.key] for cell in cells() if cell.key in results]
    heads = [f"{kind}: {name} {versions[name].version}" for kind, name in KINDS.items()]
    lines = [
        "# The matrix: every architecture, glibc and musl, four kinds of project",
        "",
        f"{sum(result.ok for result in done)} of {len(cells())} cells built by `auto` and tested on the target's "
        "own Python, emulated where this machine cannot run it. A cell tells the engine that served and the policy "
        "of the wheel. How long the architectures take is measured by `bench/architectures.py`.",
        "",
        f"Machine: {described()}.",
        "",
        f"| architecture | C library | Python | source | {' | '.join(heads)} |",
        f"| --- | --- | --- | --- | {' | '.join('---' for _ in heads)} |",
        *_rows(results),
        "",
        *_section("Cells without a wheel", ((key, row.reason) for key, row in results.items() if not row.ok)),
        *_section("Steps down", ((key, down) for key, row in results.items() for down in row.step_downs)),
        *_section("numpy", _about_numpy(results)),
        f"## {SHOWN}",
        "",
        "Not among the cells: cibuildwheel has no identifiers for it and there are no official images. It is a row "
        "of the table of architectures all the same. Debian makes it in forky only, without musl, and with no "
        f"CPython older than 3.14: for that numpy {NUMPY.version} has no wheels, and cftime's build, which wants "
        "one for this machine too, fails to compile it.",
        "",
        *(f"- {text}" for text in _shown(results)),
        "",
    ]
    return "\n".join(lines)


def _rows(results: Mapping[str, Result]) -> Iterator[str]:
    for arch in ARCHITECTURES:
        for libc in LIBCS:
            row = [results.get(Cell(arch, libc, name).key) for name in KINDS.values()]
            served = [result for result in row if result and result.identifier]
            python = served[0].identifier.partition("-")[0] if served else "-"
            source = served[0].source if served else "-"
            texts = [summary(result) if result else "not run yet" for result in row]
            yield f"| {arch} | {libc} | {python} | {source} | {' | '.join(texts)} |"


def _shown(results: Mapping[str, Result]) -> Iterator[str]:
    for kind, cell in zip(KINDS, shown(), strict=True):
        result = results.get(cell.key)
        yield f"{kind}, {cell.project}: {summary(result) if result else 'not run yet'}"


def summary(result: Result) -> str:
    """A cell in a few words: ``cross, manylinux_2_17``."""
    if not result.ok:
        return "**no**, see below"
    policy = re.sub(r"_(?!\d).*", "", result.policy)  # without the architecture
    return f"{result.engine}, {policy}"


def _section(title: str, found: Iterable[tuple[str, str]]) -> list[str]:
    lines = [f"- {about}: {text}" for about, text in found]
    return [f"## {title}", "", *lines, ""] if lines else []


def _about_numpy(results: Mapping[str, Result]) -> Iterator[tuple[str, str]]:
    yield ", ".join(NUMPY_PUBLISHED), f"wheels of numpy {NUMPY.version} from the index"
    yield "the others", "the index has none, so it was built first, without variants for newer processors:"
    for key, result in results.items():
        arch, libc, project = key.split("/")
        if project == NUMPY.name:
            told = NUMPY_ENVIRONMENT.get((arch, libc))
            yield f"{arch}/{libc}", f"{summary(result)}{f', with `{told}`' if told else ''}"
