"""The matrix as a page in Markdown."""

import re
import statistics
from collections.abc import Iterable, Iterator, Mapping

from cells import ARCHITECTURES, AT_ONCE, KINDS, LIBCS, NUMPY, NUMPY_PUBLISHED, Cell, Result, cells, projects
from machine import described


def table(results: Mapping[str, Result]) -> str:
    """The results in Markdown."""
    versions = projects()
    done = [results[cell.key] for cell in cells() if cell.key in results]
    heads = [f"{kind}: {name} {versions[name].version}" for kind, name in KINDS.items()]
    lines = [
        "# The matrix: every architecture, glibc and musl, four kinds of project",
        "",
        f"{sum(result.ok for result in done)} of {len(cells())} cells built by `auto` and tested under emulation. "
        "A cell tells the engine that served, the policy of the wheel, and the seconds of the build, without "
        "fetching and testing.",
        "",
        f"Machine: {described()}; {AT_ONCE} cells at once.",
        "",
        f"| architecture | C library | Python | source | {' | '.join(heads)} |",
        f"| --- | --- | --- | --- | {' | '.join('---' for _ in heads)} |",
        *_rows(results),
        "",
        *_section("Cells without a wheel", ((key, row.reason) for key, row in results.items() if not row.ok)),
        *_section("Steps down", ((key, down) for key, row in results.items() for down in row.step_downs)),
        *_section("cross against cross for aarch64", _ratios(results)),
        *_section("numpy", _about_numpy(results)),
        "## loongarch64",
        "",
        "Not among the cells: cibuildwheel has no identifiers for it and there are no official images. It is a row "
        "of the table of architectures all the same; of Debian's suites only forky is made for it.",
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


def summary(result: Result) -> str:
    """A cell in a few words: ``cross, manylinux_2_17, 6 s``."""
    if not result.ok:
        return "**no**, see below"
    policy = re.sub(r"_(?!\d).*", "", result.policy)  # without the architecture
    return f"{result.engine}, {policy}, {result.build:.0f} s"


def _section(title: str, found: Iterable[tuple[str, str]]) -> list[str]:
    lines = [f"- {about}: {text}" for about, text in found]
    return [f"## {title}", "", *lines, ""] if lines else []


def _ratios(results: Mapping[str, Result]) -> Iterator[tuple[str, str]]:
    """How long cross takes for an architecture: the median over the projects that are like one another."""
    for libc in LIBCS:
        for arch in ARCHITECTURES:
            pairs = [
                (results.get(Cell(arch, libc, name).key), results.get(Cell("aarch64", libc, name).key))
                for name in KINDS.values()
            ]
            ratios = [
                mine.build / theirs.build
                for mine, theirs in pairs
                if mine and theirs and mine.engine == theirs.engine == "cross" and mine.ok and theirs.ok
            ]
            if ratios and arch != "aarch64":
                yield f"{arch}, {libc}", f"{statistics.median(ratios):.2f} (median of {len(ratios)})"


def _about_numpy(results: Mapping[str, Result]) -> Iterator[tuple[str, str]]:
    yield ", ".join(NUMPY_PUBLISHED), f"wheels of numpy {NUMPY.version} from the index"
    why = "the index has none, so it was built first, without variants for newer processors"
    for key, result in results.items():
        if key.endswith(f"/{NUMPY.name}"):
            yield key.removesuffix(f"/{NUMPY.name}"), f"{why}: {summary(result)}"
