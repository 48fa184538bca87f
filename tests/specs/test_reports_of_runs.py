"""`--report` and `merge-reports`: what became of every job, as data and as a page."""

import hashlib
import json
import signal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from harness import Crosswheel
from jsonschema import Draft7Validator
from test_interrupted_build import read_until

SCHEMA = Draft7Validator(json.loads((files("crosswheel.report.run") / "report.schema.json").read_text()))
TWO = {"CIBW_BUILD": "cp311-many* cp313-many*", "CIBW_ARCHS": "aarch64"}
IDENTIFIERS = ["cp311-manylinux_aarch64", "cp313-manylinux_aarch64"]


def reported(directory: Path) -> Any:
    """The report of a directory."""
    assert {path.name for path in directory.iterdir()} - {"logs"} == {"report.html", "report.json"}
    report = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    SCHEMA.validate(report)
    return report


@pytest.mark.slow
@pytest.mark.network
def test_a_run_of_two_jobs_is_reported_and_compared_with_the_one_before(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    first = crosswheel("build", "--report", "report", "c-hello", env=TWO)

    assert first.status == 0, first.err
    assert first.out.endswith("\n2 wheels in wheelhouse after <time>\nreport: report/report.html\n")
    assert len(crosswheel.wheels) == 2, "the report is not among the wheels"
    report = reported(crosswheel.cwd / "report")
    assert [job["identifier"] for job in report["jobs"]] == IDENTIFIERS
    (run,) = report["runs"]
    assert not run["interrupted"]
    assert run["machine"]["qemu"]
    for job in report["jobs"]:
        assert (job["result"], job["engine"], job["tested"], job["kept"]) == ("passed", "cross", True, False)
        wheel = crosswheel.cwd / "wheelhouse" / job["wheel"]["name"]
        assert job["wheel"]["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
        assert Path(job["log"]).is_file()
        names = [step["step"] for step in job["steps"]]
        assert names == ["fetch", "prepare", "requirements", "build", "repair", "verify", "test"]
        begins = [job["began"], *(step["began"] for step in job["steps"])]
        assert begins == sorted(begins)
        assert (
            begins[-1] + job["steps"][-1]["seconds"]
            <= job["began"] + job["seconds"] + 0.1
            <= run["seconds"] + 0.2
        )
        assert job["steps"][-1]["emulated"] > 0.5
    page = (crosswheel.cwd / "report" / "report.html").read_text(encoding="utf-8")
    assert "all 2 targets passed" in page
    for identifier in IDENTIFIERS:
        assert f'<a href="logs/{identifier}.log">' in page
        assert "--- build" in (crosswheel.cwd / "report" / "logs" / f"{identifier}.log").read_text()
    assert "Compared with the run before" not in page

    second = crosswheel("build", "c-hello", env=TWO)

    assert second.status == 0, second.err
    last = second.out.splitlines()[-1]
    assert last == "report: <cache>/reports/<run>/report.html"
    pages = sorted(
        (crosswheel.cache / "reports").glob("*/*/report.html"), key=lambda path: path.stat().st_mtime
    )
    assert "Compared with the run before" in pages[-1].read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.network
def test_a_failure_is_in_the_report_with_its_cause(crosswheel: Crosswheel) -> None:
    crosswheel.project("broken")

    result = crosswheel("build", "--only", IDENTIFIERS[0], "--report", "report", "broken")

    assert result.status == 1
    (job,) = reported(crosswheel.cwd / "report")["jobs"]
    assert (job["result"], job["wheel"], job["tested"]) == ("failed", None, False)
    assert job["failure"]["fact"] == "the build step failed with status 1"
    assert job["failure"]["cause"] == "broken.c does not compile"
    assert any("broken.c:3:29: error" in line for line in job["failure"]["output"])


@pytest.mark.slow
@pytest.mark.network
def test_a_run_that_is_interrupted_leaves_a_report_of_what_it_did(crosswheel: Crosswheel) -> None:
    crosswheel.project("hanging")
    command = ("build", "--verbose", "--jobs", "1", "--report", "report", "hanging")
    with crosswheel.started(*command, env=TWO) as process:
        read_until(process, "| hanging now")
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        rest = process.stderr.read()
        assert process.wait(timeout=20) == 130

    assert crosswheel.result(130, "", rest).err.splitlines()[-1] == (
        "crosswheel: interrupted; the report is report/report.html"
    )
    report = reported(crosswheel.cwd / "report")
    assert report["runs"][0]["interrupted"]
    first, second = report["jobs"]
    assert (first["result"], second["result"]) == ("interrupted", "not begun")
    assert [step["step"] for step in first["steps"]][:2] == ["fetch", "prepare"]


@pytest.mark.slow
@pytest.mark.network
def test_the_reports_of_two_shards_become_one(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    for shard in ("1", "2"):
        result = crosswheel(
            "build", "--shard", f"{shard}/2", "--report", f"report-{shard}", "c-hello", env=TWO
        )
        assert result.status == 0, result.err

    result = crosswheel("merge-reports", "report-1/report.json", "report-2/report.json", "--output", "report")

    assert (result.status, result.out, result.err) == (0, "report/report.html\n", "")
    report = reported(crosswheel.cwd / "report")
    assert len(report["runs"]) == 2
    assert sorted(job["identifier"] for job in report["jobs"]) == IDENTIFIERS
    assert {job["run"] for job in report["jobs"]} == {0, 1}
    page = (crosswheel.cwd / "report" / "report.html").read_text(encoding="utf-8")
    assert "all 2 targets passed" in page
    for identifier in IDENTIFIERS:  # each machine put its own beside its report
        assert f'href="logs/{identifier}.log"' in page
        assert "--- build\n" in (crosswheel.cwd / "report" / "logs" / f"{identifier}.log").read_text()


def test_everything_that_is_wrong_with_reports_is_told_at_once(crosswheel: Crosswheel) -> None:
    (crosswheel.cwd / "later.json").write_text('{"schema_version": 2}')
    (crosswheel.cwd / "half.json").write_text(
        '{"schema_version": 1, "crosswheel": "1", "project": 5, "jobs": []}'
    )
    (crosswheel.cwd / "text.json").write_text("a log")

    result = crosswheel(
        "merge-reports", "later.json", "half.json", "text.json", "none.json", "--output", "report"
    )

    assert result.status == 2
    assert (
        result.err
        == """\
crosswheel: error: later.json: is a report of version 2, and this crosswheel reads version 1 (make it anew, or \
read it with the crosswheel that wrote it)
crosswheel: error: half.json: project: is 5 where a string is wanted
crosswheel: error: half.json: runs: is missing
crosswheel: error: text.json: is no report: it is not JSON
crosswheel: error: none.json: cannot be read: No such file or directory
"""
    )
    assert not (crosswheel.cwd / "report").exists()


@pytest.mark.parametrize("directory", ["wheelhouse", "wheelhouse/report", "./wheelhouse/"])
def test_a_report_does_not_go_among_the_wheels(crosswheel: Crosswheel, directory: str) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "--only", IDENTIFIERS[0], "--report", directory, "c-hello")

    shown = str(Path(directory))
    assert (result.status, result.err) == (
        2,
        f"crosswheel: error: --report: is '{shown}', in the output directory, where there is nothing but wheels "
        "(name a directory beside it)\n",
    )


def test_a_directory_that_cannot_take_a_report_is_found_before_the_first_build(
    crosswheel: Crosswheel,
) -> None:
    crosswheel.project("c-hello")
    (crosswheel.cwd / "report").write_text("a file")

    result = crosswheel("build", "--only", IDENTIFIERS[0], "--report", "report", "c-hello")

    assert (result.status, result.out) == (1, "")
    assert result.err == (
        "crosswheel: error: report cannot be used\n"
        "  cause: report: File exists\n"
        "  next: make it writable for you, or name another directory with --report\n"
    )
