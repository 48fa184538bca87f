"""Seven architectures, glibc and musl, four kinds of project: each cell built by ``auto``, tested under emulation.

Run by ``make matrix``. What came of a cell is kept in ``results/matrix.json`` at once, and the table
``results/matrix.md`` is made of that; a later run does what is missing or failed. ``--only riscv64`` or
``--only '*/musl/psutil'`` does some cells anew.

The numpy-using project compiles against numpy and imports it in its test. Where the index has no wheel of numpy for
the target, crosswheel builds that first, and both find it by ``UV_FIND_LINKS``, as they would on a maintainer's
machine.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from cells import (
    CFTIME,
    LIBCS,
    NUMPY,
    NUMPY_ENVIRONMENT,
    NUMPY_PUBLISHED,
    Cell,
    Result,
    cells,
    projects,
    shown,
)
from corpus import RESULTS, WORK, Package
from machine import CACHE
from matrix_page import summary, table
from published import releases

from crosswheel import pipeline
from crosswheel.plan.identifiers import TARGETS
from crosswheel.report.run import form
from crosswheel.report.run.values import JobReport
from crosswheel.store import Store

PYTHONS = ("cp311", "cp313", "cp314", "cp312")  # the first that the first source has that has one
TIME_LIMIT = "40m"  # of a cell
AT_ONCE = 2
LINKS = WORK / "matrix" / "links"


class Matrix:
    """Builds cells.

    :param sdists: by the name of the project.
    """

    def __init__(self, sdists: Mapping[str, Path]) -> None:
        self._sdists = sdists
        self._projects = projects()
        self._sources = pipeline.sources(Store(CACHE), lambda _: None, source="auto", mirror=None)
        self._lock = threading.Lock()

    def result(self, cell: Cell) -> Result:
        """What comes of a cell."""
        found = self._target(cell)
        if found is None:
            have = "; ".join(source.describe() for source in self._sources)
            return Result(reason=f"no source has a Python for it: {have}")
        identifier, source = found
        if cell.project == CFTIME.name and not _has_numpy(cell, identifier):
            numpy = Cell(cell.arch, cell.libc, NUMPY.name)
            made = self._built(numpy, identifier, source, LINKS)
            self.keep(numpy, made)
            if not made.ok:
                reason = f"numpy {NUMPY.version}, which it needs: {made.reason}"
                return Result(identifier, source, reason=reason)
        return self._built(cell, identifier, source, WORK / "matrix" / "wheels")

    def keep(self, cell: Cell, result: Result) -> None:
        """Put it into the results and tell it."""
        with self._lock:
            write({**kept(), cell.key: result})
        sys.stdout.write(f"{cell.key}: {summary(result)} {result.reason}".rstrip() + "\n")
        sys.stdout.flush()

    def _target(self, cell: Cell) -> tuple[str, str] | None:
        """The identifier of the first Python that the first source has, and that source's name."""
        here = {
            target.python.tag: target
            for target in TARGETS
            if (target.arch.name, target.libc) == (cell.arch, LIBCS[cell.libc])
        }
        for source in self._sources:
            for tag in PYTHONS:
                if tag in here and source.offers(here[tag]):
                    return here[tag].identifier, source.name
        return None

    def _built(self, cell: Cell, identifier: str, source: str, wheels: Path) -> Result:
        package = self._projects[cell.project]
        place = WORK / "matrix" / cell.key
        with Store(CACHE).scratch() as scratch:
            project = _unpacked(self._sdists[cell.project], scratch)
            command = [
                sys.executable, "-m", "crosswheel", "build", project, "--only", identifier, "--no-cache",
                "--config-file", _empty_table(), "--output-dir", wheels, "--report", place,
                "--time-limit", TIME_LIMIT, "--jobs", "1", "--cache-dir", CACHE,
            ]  # fmt: skip
            (place / "report.json").unlink(missing_ok=True)
            done = subprocess.run(
                [str(word) for word in command],
                check=False,
                capture_output=True,
                text=True,
                env=_env(package, cell),
            )
        if not (place / "report.json").is_file():
            return Result(identifier, source, reason=_error(done.stderr))
        (job,) = form.read(place / "report.json").jobs
        return _result(job, source)


def _unpacked(sdist: Path, scratch: Path) -> Path:
    """The project, with one version of numpy for its build and its test."""
    with pipeline.open_project(sdist, scratch) as opened:
        project = opened.path
    (project / "constraints.txt").write_text(f"numpy=={NUMPY.version}\n")
    return project


def _empty_table() -> Path:
    """No project's own table, whose commands are for other images."""
    path = WORK / "empty.toml"
    path.touch()
    return path


def _env(package: Package, cell: Cell) -> dict[str, str]:
    environment = "UV_CONSTRAINT=constraints.txt UV_BUILD_CONSTRAINT=constraints.txt"
    if package.name == NUMPY.name:
        environment = f"{environment} {NUMPY_ENVIRONMENT.get((cell.arch, cell.libc), '')}"
    return {
        **os.environ,
        **package.variables,
        **package.options,
        "CIBW_ENVIRONMENT": environment,
        "UV_FIND_LINKS": str(LINKS),
    }


def _has_numpy(cell: Cell, identifier: str) -> bool:
    if cell.arch in NUMPY_PUBLISHED:
        return True
    tag = identifier.partition("-")[0]
    return any(LINKS.glob(f"numpy-{NUMPY.version}-{tag}-{tag}-*{LIBCS[cell.libc]}_*_{cell.arch}.whl"))


def _result(job: JobReport, source: str) -> Result:
    failure, wheel = job.failure, job.wheel
    reason = ": ".join(filter(None, (failure.fact, failure.cause))) if failure else ""
    return Result(
        job.identifier,
        job.source or source,
        job.engine or "",
        wheel.policy if wheel else "",
        wheel.name if wheel else "",
        reason or ("" if job.tested else f"not tested: {job.result}"),
        [f"{down.engine} to {down.below}: {down.reason}" for down in (*job.skipped, *job.step_downs)],
    )


def _error(stderr: str) -> str:
    """The message of a command that made no report."""
    found = re.search(r"^crosswheel: error: (.*)", stderr, re.MULTILINE)
    return found[1] if found else (stderr.strip().splitlines() or ["it ended without a word"])[-1]


def kept() -> dict[str, Result]:
    path = RESULTS / "matrix.json"
    rows = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {key: Result(**row) for key, row in rows.items()}


def write(results: Mapping[str, Result]) -> None:
    rows = {key: asdict(results[key]) for key in sorted(results)}
    (RESULTS / "matrix.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "matrix.md").write_text(table(results), encoding="utf-8")


def _column(matrix: Matrix, column: list[Cell]) -> bool:
    """The cells of one architecture and C library, one after the other: they share compilers and roots."""
    passed = True
    for cell in column:
        result = matrix.result(cell)
        matrix.keep(cell, result)
        passed = passed and result.ok
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="ARCH/LIBC/PROJECT", default="", help="these cells, done anew")
    parser.add_argument("--table", action="store_true", help="only write the table again")
    arguments = parser.parse_args()
    LINKS.mkdir(parents=True, exist_ok=True)
    RESULTS.mkdir(exist_ok=True)
    known = kept()
    if arguments.table:
        write(known)
        return 0
    every = (*cells(), *shown())
    missing = [cell for cell in every if cell.key not in known or not known[cell.key].ok]
    wanted = [cell for cell in every if cell.matches(arguments.only)] if arguments.only else missing
    found = releases([(package.name, package.version) for package in projects().values()], WORK)
    matrix = Matrix({name: release.sdist for name, release in found.items()})
    columns: dict[tuple[str, str], list[Cell]] = {}
    for cell in wanted:
        columns.setdefault((cell.libc, cell.arch), []).append(cell)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        passed = list(pool.map(lambda column: _column(matrix, column), columns.values()))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
