"""Control groups of jobs: real ones where this user may make them, and what is told where not."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.controlgroups import Delegation, delegation
from crosswheel.errors import LimitError
from crosswheel.pipeline.limits import Limits, held
from crosswheel.usage import OverMemoryError

TAKES_200_MB = "b = bytearray(200_000_000); import time; time.sleep(60)"


@pytest.fixture
def place() -> Delegation:
    found = delegation()
    if isinstance(found, str):
        pytest.skip(f"no groups here: {found}")
    return found


def groups(place: Delegation) -> list[str]:
    return [path.name for path in place.parent.glob(f"crosswheel-{os.getpid()}-*")]


def runs(command: str) -> bool:
    return command in process.run(["ps", "-eo", "args"], capture=True).output.splitlines()


def test_a_program_begins_in_the_group_and_no_group_is_left(place: Delegation) -> None:
    with place.group(100_000_000) as group:
        assert groups(place) == [group.path.name]
        told = process.run(["cat", "/proc/self/cgroup"], capture=True).output
        assert f"/{group.path.name}" in told
        assert not group.over
    assert groups(place) == []
    assert "crosswheel" not in process.run(["cat", "/proc/self/cgroup"], capture=True).output


def test_the_kernel_ends_a_job_over_its_memory_and_the_message_says_that_it_did(place: Delegation) -> None:
    limits = Limits(memory=50_000_000, groups=place)
    with pytest.raises(LimitError) as caught, held(limits, lambda: "build") as group:
        assert group is not None
        done = process.run([sys.executable, "-c", TAKES_200_MB])
        assert (done.returncode, group.over) == (-9, True)
        raise OverMemoryError(group.peak)
    assert (
        str(caught.value) == "the build step was ended: it used all of the 50.0 MB of memory that it may use"
    )
    how = f"the kernel held them in a control group (cgroup v{place.version})"
    assert caught.value.cause == f"all its programs together; {how}"
    assert caught.value.remedy.startswith("allow more (--memory 1G), or let it start fewer compilers")
    assert groups(place) == []


def test_what_a_job_leaves_running_ends_with_its_group(place: Delegation) -> None:
    with place.group(100_000_000):
        wait = "until pgrep -fx 'sleep 4711'; do sleep 0.05; done"
        process.run(["sh", "-c", f"setsid --fork sleep 4711; {wait}"])
        assert runs("sleep 4711")
    assert not runs("sleep 4711")


def test_the_group_of_a_killed_run_is_removed_by_the_next(place: Delegation) -> None:
    program = (
        "import sys, time; from crosswheel.controlgroups import delegation\n"
        "with delegation().group(100_000_000) as group: print(group.path, flush=True); time.sleep(60)"
    )
    source = str(Path(process.__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": source},
    ) as run:
        assert run.stdout is not None
        left = Path(run.stdout.readline().strip())
        place.clear_abandoned()
        assert left.is_dir(), "its run goes on"
        run.kill()
    assert left.is_dir()
    place.clear_abandoned()
    assert not left.exists()


def test_groups_of_others_stay(tmp_path: Path) -> None:
    """A number may be another process's by now: the time of its beginning is part of the name."""
    started = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    for name in (
        f"crosswheel-{os.getpid()}-{started}-1",
        f"crosswheel-{os.getpid()}-1-1",
        "crosswheel-x",
        "own",
    ):
        (tmp_path / name).mkdir()
    Delegation(2, tmp_path).clear_abandoned()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f"crosswheel-{os.getpid()}-{started}-1", "crosswheel-x", "own"}


def test_a_group_that_nobody_may_write_to_is_named(tmp_path: Path) -> None:
    proc, groups = tmp_path / "proc", tmp_path / "groups"
    (proc / "self").mkdir(parents=True)
    (proc / "self/cgroup").write_text("0::/user/shell\n")
    (groups / "user/shell").mkdir(parents=True)
    (groups / "user/shell/memory.max").write_text("max\n")
    assert delegation(proc, groups) == f"no group can be made in {groups}/user: No such file or directory"
    assert delegation(proc, tmp_path) == "there is no control group for memory"


def test_a_limit_is_no_reason_to_wait(place: Delegation) -> None:
    started = time.monotonic()
    with place.group(100_000_000):
        assert process.run(["true"]).returncode == 0
    assert time.monotonic() - started < 1.0
