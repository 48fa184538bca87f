"""What a run meets beside the project: limits, directories, other runs, clocks, files of another version."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from harness import Crosswheel

from crosswheel.store import digest

ID = "cp311-manylinux_aarch64"
TWO = {"CIBW_BUILD": "cp311-many* cp313-many*", "CIBW_ARCHS": "aarch64"}
# A disk of 8192 bytes, of which the first wheel leaves nothing, mounted where only the command after it sees it.
SMALL_DISK = 'mount -t tmpfs -o size=8192 tmpfs small && head -c 4096 /dev/zero > small/taken && exec "$@"'
ON_SMALL_DISK = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh"]
# Runs what comes after it with a wall clock that jumps a day forwards and two days back, whenever it is asked.
JUMPING = """\
import runpy, sys, time
real, jumps = time.time, iter([86400.0, -86400.0] * 100_000)
time.time = lambda: real() + next(jumps)
sys.argv = ["crosswheel", *sys.argv[4:]]
runpy.run_module("crosswheel", run_name="__main__", alter_sys=False)
"""


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--jobs", "0", "is '0', which is no number of jobs (write 1 or more, or auto)"),
        ("--jobs", "-1", "is '-1', which is no number of jobs (write 1 or more, or auto)"),
        ("--memory", "1M", "is '1M', less than any build needs (write 100M or more)"),
        ("--memory", "0", "is '0', less than any build needs (write 100M or more)"),
    ],
)
def test_a_limit_below_what_anything_needs(
    crosswheel: Crosswheel, option: str, value: str, said: str
) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "--only", ID, option, value, "c-hello")

    assert (result.status, result.out, result.err) == (2, "", f"crosswheel: error: {option}: {said}\n")


@pytest.mark.slow
@pytest.mark.network
def test_a_time_that_no_job_can_hold(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "--only", ID, "--time-limit", "1s", "c-hello")

    assert result.status == 1
    (failure,) = result.failures
    _, _, rest = failure.partition("FAILED: the ")
    step, _, said = rest.partition(" step ")
    assert step in ("fetch", "requirements", "build")
    assert said == (
        "was ended: the job may take <time>\n  next: allow more (--time-limit 1m), or read in its log what it did\n"
    )


@pytest.mark.parametrize("place", ["closed", "closed/wheels", "file"])
def test_an_output_directory_that_cannot_be_written(crosswheel: Crosswheel, place: str) -> None:
    crosswheel.project("c-hello")
    (crosswheel.cwd / "closed").mkdir(mode=0o555)
    (crosswheel.cwd / "file").touch()

    result = crosswheel("build", "--only", ID, "--output-dir", place, "c-hello")

    assert result.status == 1
    first, *lines = result.err.splitlines()
    assert first == "1 wheel to build"
    assert lines[0] == f"crosswheel: error: {place} cannot be used"
    assert lines[1].startswith(f"  cause: <cwd>/{place}")
    assert lines[1].endswith(": File exists" if place == "file" else ": Permission denied")
    assert lines[2:] == ["  next: make it writable for you, or name another directory with --output-dir"]


@pytest.mark.slow
@pytest.mark.network
def test_an_output_directory_that_fills_up_in_the_middle(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    (crosswheel.cwd / "small").mkdir()

    result = crosswheel(
        "build", "--jobs", "1", "--output-dir", "small/wheels", "--report", "report", "c-hello",
        under=ON_SMALL_DISK, env=TWO,
    )  # fmt: skip

    assert result.status == 1
    assert result.err.endswith(
        """\
crosswheel: error: the disk of small/wheels is full
  cause: <size> are free there now that the run has ended
  next: free space there, or name a directory on another disk with --output-dir
  note: 1 wheel finished before is in small/wheels
  note: the report is report/report.html
"""
    )
    report = json.loads((crosswheel.cwd / "report" / "report.json").read_text(encoding="utf-8"))
    assert [job["result"] for job in report["jobs"]] == ["passed", "interrupted"]


@pytest.mark.slow
@pytest.mark.network
def test_two_runs_on_the_same_output_directory(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    runs = [
        subprocess.Popen(
            crosswheel.argv("build", "--only", ID, "c-hello"),
            cwd=crosswheel.cwd,
            env=crosswheel.variables({}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    results = [crosswheel.result(run.wait(), *run.communicate()) for run in runs]

    assert [result.status for result in results] == [0, 0], [result.err for result in results]
    (wheel,) = crosswheel.wheels
    assert wheel.startswith("c_hello-1.0-cp311-")
    with zipfile.ZipFile(crosswheel.cwd / "wheelhouse" / wheel) as archive:
        assert archive.testzip() is None


@pytest.mark.slow
@pytest.mark.network
def test_a_clock_that_jumps(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    jumping = crosswheel.cwd / "jumping.py"
    jumping.write_text(JUMPING, encoding="utf-8")

    result = crosswheel(
        "build", "--only", ID, "--time-limit", "1h", "--report", "report", "c-hello",
        under=[sys.executable, str(jumping)],
    )  # fmt: skip

    assert result.status == 0, result.err
    report = json.loads((crosswheel.cwd / "report" / "report.json").read_text(encoding="utf-8"))
    (run,), (job,) = report["runs"], report["jobs"]
    steps = [step["seconds"] for step in job["steps"]]
    assert 0 < sum(steps) <= job["seconds"] <= run["seconds"] < 3600
    begins = [step["began"] for step in job["steps"]]
    assert begins == sorted(begins)


@pytest.mark.slow
@pytest.mark.network
def test_notes_of_another_version_or_damaged_ones(crosswheel: Crosswheel) -> None:
    """History, what is known of the project, reports, wheels: each costs time at most."""
    project = crosswheel.project("c-hello")
    (project / "pyproject.toml").write_text(
        (project / "pyproject.toml").read_text(encoding="utf-8").replace('"1.0"', '"99.7"'), encoding="utf-8"
    )  # a wheel that no other spec has made
    own = {"CROSSWHEEL_NO_CACHE": ""}
    first = crosswheel("build", "--only", ID, "c-hello", env=own)
    assert first.status == 0, first.err
    (wheel,) = (crosswheel.cwd / "wheelhouse").iterdir()
    content = wheel.read_bytes()
    key = digest({"project": str(project.resolve())})
    notes = [
        crosswheel.cache / "history" / f"{key}.json",
        *(crosswheel.cache / "reports" / key).rglob("report.json"),
        *(
            note
            for note in (crosswheel.cache / "wheels").glob("*/facts.json")
            if b"-99.7-" in note.read_bytes()
        ),
    ]
    assert len(notes) >= 3
    for note in (*notes, crosswheel.cache / "memory" / f"{key}.json"):
        note.write_bytes(b'{"version": 99, "schema_version": 99, "jobs": "\xff')

    again = crosswheel("build", "--only", ID, "c-hello", env=own)

    assert again.status == 0, again.err
    assert f"ok      {ID}  cross  tested  <time>\n" in again.out, "it was built, not taken"
    assert crosswheel.wheels == [wheel.name]
    assert wheel.read_bytes() == content


@pytest.mark.slow
@pytest.mark.network
def test_a_project_from_the_future(crosswheel: Crosswheel) -> None:
    """Meson refuses such files, make and ninja would build for ever."""
    import os
    import time

    project = crosswheel.project("meson-python")
    later = time.time() + 7200
    for path in project.rglob("*"):
        os.utime(path, (later, later))

    result = crosswheel("build", "--only", ID, "meson-python")

    assert result.status == 0, result.err
    assert len(crosswheel.wheels) == 1
    assert all(path.stat().st_mtime > time.time() for path in Path(project).rglob("*"))
