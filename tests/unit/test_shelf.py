"""The finished wheels of a run: each name once."""

import os
import subprocess
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import DuplicateWheelError
from crosswheel.model import Job, Outcome, Python, Target, Wheel
from crosswheel.options import Options
from crosswheel.pipeline import shelf as module
from crosswheel.pipeline.publication import clear_abandoned
from crosswheel.pipeline.shelf import Shelf

ABI3 = "p-1.0-cp39-abi3-manylinux_2_17_aarch64.whl"
OF_311 = "p-1.0-cp311-cp311-manylinux_2_17_aarch64.whl"


def job(minor: int) -> Job:
    target = Target(Python("cp", 3, minor), "manylinux", ARCHITECTURES["aarch64"])
    return Job(target, Options(), ("cross",), "debian", (2, 17))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    def published(wheel: Path, job: Job, directory: Path | None, *, reused: bool = False) -> Outcome:
        path = directory / wheel.name if directory else wheel
        return Outcome(job.identifier, None, Wheel(path, 1, ""), None, reused=reused)

    monkeypatch.setattr(module, "published", published)
    return Shelf(tmp_path / "out")


def test_a_wheel_on_the_shelf_serves_a_later_python(shelf: Shelf, tmp_path: Path) -> None:
    assert shelf.serving(job(311)) is None
    outcome = shelf.put(Path(ABI3), job(39))
    assert not outcome.reused
    assert shelf.serving(job(11)) == tmp_path / "out" / ABI3


def test_of_two_jobs_that_made_the_same_wheel_beside_each_other_the_later_takes_the_first_ones(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.put(Path(ABI3), job(11))
    outcome = shelf.put(Path("elsewhere") / ABI3, job(13))
    assert outcome.reused
    assert outcome.wheel is not None
    assert outcome.wheel.path == tmp_path / "out" / ABI3


def test_a_name_that_comes_out_twice_and_serves_only_one_is_refused_before_and_after_its_test(
    shelf: Shelf,
) -> None:
    shelf.check(Path(OF_311), job(11))
    shelf.put(Path(OF_311), job(11))
    for refuses in (shelf.check, shelf.put):
        with pytest.raises(DuplicateWheelError, match="came out a second time"):
            refuses(Path(OF_311), job(13))


def test_what_a_killed_run_left_half_written_goes_and_what_a_running_one_writes_stays(tmp_path: Path) -> None:
    ended = subprocess.run(["sh", "-c", "echo $$"], check=True, capture_output=True, text=True).stdout.strip()
    mine = tmp_path / f".crosswheel-{os.getpid()}-{ABI3}"
    for path in (
        mine,
        tmp_path / f".crosswheel-{ended}-{ABI3}",
        tmp_path / ABI3,
        tmp_path / ".crosswheel-x.whl",
    ):
        path.touch()
    clear_abandoned(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {mine.name, ABI3, ".crosswheel-x.whl"}
