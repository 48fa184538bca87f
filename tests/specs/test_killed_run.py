"""A run that is killed at any moment is resumed: the wheels of an undisturbed run, and nothing left behind."""

import hashlib
import os
import random
import signal
import time
from pathlib import Path

import pytest
from harness import Crosswheel, alive, descendants, write

pytestmark = [pytest.mark.slow, pytest.mark.network]

MOMENTS = int(os.environ.get("CROSSWHEEL_TEST_MOMENTS", "4"))
SELECTED = {"CIBW_BUILD": "cp311-manylinux_aarch64 cp313-manylinux_aarch64", "CIBW_ARCHS": "aarch64"}
RESUMES = {**SELECTED, "CROSSWHEEL_NO_CACHE": ""}


def wheels(directory: Path) -> dict[str, str]:
    """What is in a directory that may not be there yet: names and digests, of half-written files too."""
    return (
        {}
        if not directory.is_dir()
        else {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.iterdir()}
    )


def kill(pid: int, *, whole_tree: bool) -> frozenset[tuple[int, str]]:
    """Kill a run, alone or with all its processes; which those were."""
    below = descendants(pid)
    for process, _ in sorted(below) if whole_tree else ():
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    os.kill(pid, signal.SIGKILL)
    return below


@pytest.fixture
def undisturbed(crosswheel: Crosswheel) -> tuple[dict[str, str], float]:
    """The wheels of an undisturbed run, and its seconds."""
    project = crosswheel.project("c-hello")
    started = time.monotonic()
    result = crosswheel("build", project, "--output-dir", "whole", env=SELECTED)
    assert result.status == 0, result.err
    return wheels(crosswheel.cwd / "whole"), time.monotonic() - started


@pytest.mark.parametrize("number", range(MOMENTS))
def test_a_killed_run_is_resumed(
    crosswheel: Crosswheel, undisturbed: tuple[dict[str, str], float], number: int
) -> None:
    whole, seconds = undisturbed
    moment = random.Random(number).uniform(0, seconds)
    # Another file, so that nothing is known of this run's wheels; the same wheels all the same.
    write(crosswheel.cwd / "c-hello", {"NOTES": f"{number} {time.time_ns()}"})
    output = crosswheel.cwd / "out"
    with crosswheel.started("build", "c-hello", "--output-dir", output, env=RESUMES) as process:
        time.sleep(moment)
        if process.poll() is None:
            below = kill(process.pid, whole_tree=number % 2 == 0)
            process.wait()
            assert alive(below, within=10) == []
    finished = {name: digest for name, digest in wheels(output).items() if not name.startswith(".")}
    assert finished.items() <= whole.items()

    result = crosswheel("build", "c-hello", "--resume", "--output-dir", output, env=RESUMES)

    assert result.status == 0, result.err
    assert wheels(output) == whole
    assert result.out.count("an earlier run built it from the same") >= len(finished)
    # All others are of namespaces, which end with their processes.
    assert str(crosswheel.cache) not in Path("/proc/self/mountinfo").read_text()
