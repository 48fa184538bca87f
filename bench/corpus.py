"""Forty real packages by ``auto``, each tested with a real use: what served, how long it took, what differs.

Run by ``make corpus``, or with names of packages for some of them. ``corpus.toml`` has the list. Each package is
built for aarch64 with no option but its test, and from the same sdist for this machine by the root's own gcc, to
compare seconds with; its wheel is compared with the one that the project publishes for aarch64. What came of a
package is kept in ``results/corpus.json`` at once, and the table ``results/corpus.md`` is made of that.
"""

import argparse
import json
import shlex
import statistics
import sys
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import cold_start
from machine import CACHE, described
from published import Release, releases

from crosswheel import config, pipeline, plan
from crosswheel.cli.budget import budget
from crosswheel.events import Event
from crosswheel.model import EngineName, Outcome
from crosswheel.store import Store

HERE = Path(__file__).resolve().parent
WORK, RESULTS = HERE / "work", HERE / "results"
TARGET, NATIVE = "cp311-manylinux_aarch64", "cp311-manylinux_x86_64"
NOTHING: Mapping[str, str] = MappingProxyType({})
NOTHING_MEASURED: Mapping[str, float] = MappingProxyType({})
Engine = EngineName | Literal["auto"]


@dataclass(frozen=True)
class Package:
    """A row of ``corpus.toml``.

    :param test: Python statements, run in the target with the wheel installed.
    :param requires: what the test needs besides.
    :param native: the engine of the build for this machine; ``emulated``, the root's own compilers, has no Rust.
    :param options: what its own release workflow sets (``CIBW_*``); tried where it fails without.
    """

    name: str
    version: str
    backend: str
    test: str
    requires: str = ""
    native: EngineName = "emulated"
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The variables of its test."""
        command = f"python -c {shlex.quote(self.test)}"
        return {"CIBW_TEST_COMMAND": command, "CIBW_TEST_REQUIRES": self.requires}


@dataclass(frozen=True)
class Result:
    """What came of a package.

    :param seconds: from the sdist to the tested wheel; ``build`` is the build backend's share.
    :param native: the same for this machine's own architecture by its root's gcc; 0 where that failed.
    :param differences: from the wheel that the project publishes.
    :param with_options: what came of a second build with the package's options, where the first failed.
    """

    name: str
    version: str
    backend: str
    ok: bool
    engine: str
    seconds: float
    build: float
    native: float
    native_build: float
    wheel: str = ""
    policy: str = ""
    step_downs: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    failure: str = ""
    with_options: str = ""


def packages() -> list[Package]:
    table = tomllib.loads((HERE / "corpus.toml").read_text(encoding="utf-8"))
    return [Package(**row) for row in table["package"]]


def built(
    package: Package, sdist: Path, identifier: str, engine: Engine, options: Mapping[str, str] = NOTHING
) -> tuple[Outcome, float]:
    """One tested wheel of an sdist, and the seconds it took."""

    def quiet(_: Event) -> None:
        pass

    store = Store(CACHE)
    empty = WORK / "empty.toml"  # no project's own table, whose commands are for other images
    empty.touch()
    environ = {**package.variables, **options}
    started = time.monotonic()
    with store.scratch() as scratch, pipeline.open_project(sdist, scratch) as project:
        configuration = config.load(
            project.path,
            config_file=str(empty),
            environ=environ,
            flags=config.Flags(only=identifier, engine=engine),
        )
        sources = pipeline.sources(store, quiet, source="auto", mirror=None)
        made = plan.make(project, configuration, sources=sources, no_test=False)
        run = pipeline.Run(store, sources, WORK / "wheels", quiet, budget("1", wheels=1), kept=False)
        (outcome,) = pipeline.run(made, run)
    return outcome, time.monotonic() - started


def measured(package: Package, release: Release, *, native: bool) -> Result:
    """Build a package and compare it.

    :param native: whether to build it for this machine too.
    """
    outcome, seconds = built(package, release.sdist, TARGET, "auto")
    own, own_seconds = built(package, release.sdist, NATIVE, package.native) if native else (None, 0)
    failure = outcome.failure
    return Result(
        package.name,
        package.version,
        package.backend,
        outcome.ok,
        outcome.engine or "",
        round(seconds, 1),
        _build_seconds(outcome),
        round(own_seconds, 1) if own and own.ok else 0,
        _build_seconds(own) if own and own.ok else 0,
        outcome.wheel.path.name if outcome.wheel else "",
        outcome.wheel.policy if outcome.wheel else "",
        [f"{down.engine} to {down.below}: {down.reason}" for down in outcome.step_downs],
        release.differences(outcome.wheel.path) if outcome.wheel else [],
        ": ".join(filter(None, (failure.fact, failure.cause))) if failure else "",
        _again(package, release) if failure and package.options else "",
    )


def _again(package: Package, release: Release) -> str:
    """What comes of it with its options, in words."""
    outcome, seconds = built(package, release.sdist, TARGET, "auto", package.options)
    said = ", ".join(f"{name}={value}" for name, value in package.options.items())
    how = f"green by {outcome.engine} in {seconds:.0f} s" if outcome.ok else f"fails too: {outcome.failure}"
    return f"with {said} {how}"


def _build_seconds(outcome: Outcome) -> float:
    return round(sum(step.seconds for step in outcome.steps if step.step == "build"), 1)


def table(results: Iterable[Result], zig: Mapping[str, float] = NOTHING_MEASURED) -> str:
    """The results in Markdown.

    :param zig: seconds of its cold start by language.
    """
    rows = list(results)
    green = [row for row in rows if row.ok]
    ratios = [row.seconds / row.native for row in green if row.engine == "cross" and row.native]
    builds = [row.build / row.native_build for row in green if row.engine == "cross" and row.native_build]
    lines = [
        "# The corpus: what `auto` made of forty packages",
        "",
        f"{len(green)} of {len(rows)} built and tested for {TARGET}, "
        f"{sum(row.engine == 'cross' for row in green)} of them by `cross`. Seconds from the sdist to the tested "
        "wheel, compilers cold; *native* is the same sdist for x86_64 by gcc on the same machine, right after it.",
        "",
        f"Median of cross / native: {statistics.median(ratios):.2f} for the whole command, "
        f"{statistics.median(builds):.2f} for the build step alone." if ratios and builds else "",
        "",
        f"Machine: {described()}." + "".join(
            f" zig's own library for {language} took {seconds:.0f} s, once for the target and not counted below."
            for language, seconds in zig.items()
        ),
        "",
        "| package | backend | ok | engine | seconds | native | ratio | wheel | remarks |",
        "| --- | --- | --- | --- | ---: | ---: | ---: | --- | --- |",
        *(_row(row) for row in rows),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _row(row: Result) -> str:
    ratio = f"{row.seconds / row.native:.2f}" if row.native and row.ok else "-"
    native = f"{row.native:.0f}" if row.native else "-"
    remarks = "; ".join(filter(None, (row.failure, row.with_options, *row.step_downs, *row.differences)))
    cells = (
        f"{row.name} {row.version}",
        row.backend,
        "yes" if row.ok else "**no**",
        row.engine,
        f"{row.seconds:.0f}",
        native,
        ratio,
        row.policy or "-",
        remarks.replace("|", "\\|"),
    )
    return f"| {' | '.join(cells)} |"


def _kept(path: Path) -> dict[str, Result]:
    rows = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return {row["name"]: Result(**row) for row in rows}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="packages of corpus.toml; all by default")
    parser.add_argument("--no-native", action="store_true", help="do not build them for this machine too")
    parser.add_argument(
        "--cold-start", action="store_true", help="measure zig's cold start, and nothing else"
    )
    parser.add_argument("--table", action="store_true", help="only write the table again")
    arguments = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    RESULTS.mkdir(exist_ok=True)
    if arguments.cold_start:
        (RESULTS / "zig.json").write_text(json.dumps(cold_start.measured(WORK)) + "\n")
        return 0
    wanted = [package for package in packages() if not arguments.names or package.name in arguments.names]
    kept = _kept(RESULTS / "corpus.json")
    failed = []
    found = {} if arguments.table else releases([(row.name, row.version) for row in wanted], WORK)
    for package in wanted if not arguments.table else ():
        result = measured(package, found[package.name], native=not arguments.no_native)
        kept[package.name] = result
        failed += [] if result.ok else [package.name]
        sys.stdout.write(_row(result) + "\n")
        sys.stdout.flush()
        _write(kept)
    _write(kept)
    return 1 if failed else 0


def _write(kept: dict[str, Result]) -> None:
    rows = [kept[package.name] for package in packages() if package.name in kept]
    (RESULTS / "corpus.json").write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    zig = RESULTS / "zig.json"
    (RESULTS / "corpus.md").write_text(table(rows, json.loads(zig.read_text()) if zig.is_file() else {}))


if __name__ == "__main__":
    sys.exit(main())
