"""A run that is cut short takes every process with it, and the next run works."""

import signal
import subprocess

import pytest
from harness import Crosswheel, alive, descendants

pytestmark = [pytest.mark.slow, pytest.mark.network]

ONLY = ["--only", "cp311-manylinux_aarch64"]


def read_until(process: "subprocess.Popen[str]", text: str) -> str:
    """What it writes, up to a line that ends in this text."""
    read = ""
    assert process.stderr is not None
    for line in process.stderr:
        read += line
        if line.rstrip().endswith(text):
            return read
    raise AssertionError(read)


@pytest.mark.parametrize("engine", ["cross", "emulated"])
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_signal_ends_a_hanging_build_and_its_daemons(
    crosswheel: Crosswheel, number: signal.Signals, status: int, engine: str
) -> None:
    crosswheel.project("hanging")
    with crosswheel.started("build", "--verbose", "--engine", engine, *ONLY, "hanging") as process:
        read_until(process, "| hanging now")
        below = descendants(process.pid)
        assert any("a daemon of the project hanging" in line for line in alive(below, within=0))

        process.send_signal(number)
        assert process.wait(timeout=20) == status
        assert process.stderr is not None
        rest = process.stderr.read()

    assert alive(below, within=5) == []
    if number != signal.SIGKILL:
        last = crosswheel.result(status, "", rest).err.splitlines()[-1]
        assert last == "crosswheel: interrupted; the report is <cache>/reports/<run>/report.html"


def test_the_run_after_a_kill_removes_what_it_left_and_works(crosswheel: Crosswheel) -> None:
    crosswheel.project("hanging")
    crosswheel.project("c-hello")
    with crosswheel.started("build", "--verbose", *ONLY, "hanging") as process:
        read_until(process, "| hanging now")
        left = {path.name for path in (crosswheel.cache / "scratch").iterdir()}
        process.kill()
        process.wait()
    assert left, "a build has a directory to work in"

    result = crosswheel("build", *ONLY, "c-hello")

    assert result.status == 0, result.err
    assert left.isdisjoint(path.name for path in (crosswheel.cache / "scratch").iterdir())


def test_a_kill_while_a_root_is_made_leaves_nothing_that_is_trusted(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    cache = crosswheel.cwd / "cache"
    with crosswheel.started("build", *ONLY, "--cache-dir", cache, "c-hello") as process:
        read_until(process, "unpack: Debian bookworm for aarch64 ...")
        below = descendants(process.pid)
        process.kill()
        process.wait()

    assert alive(below, within=5) == []
    assert not list(cache.glob("roots/*"))
