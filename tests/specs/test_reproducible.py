"""The same input gives the same bytes: twice, in two directories, with and without what was kept."""

import hashlib
import os
from pathlib import Path

import pytest
from harness import Crosswheel
from test_sdist import fetched

ONLY = ("--only", "cp311-manylinux_aarch64")
pytestmark = [pytest.mark.slow, pytest.mark.network]


def built(crosswheel: Crosswheel, directory: Path, *args: str, **variables: str) -> str:
    """The digest of the wheel of a project, built where it lies."""
    result = crosswheel("build", directory, *ONLY, "--output-dir", f"{directory}-out", *args, env=variables)
    assert result.status == 0, result.err
    (wheel,) = Path(f"{directory}-out").glob("*.whl")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_two_directories_and_two_days_give_the_same_wheel(crosswheel: Crosswheel) -> None:
    first = crosswheel.project("c-hello")
    second = first.rename(first.with_name("elsewhere"))
    first = crosswheel.project("c-hello")
    for path in second.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert built(crosswheel, first) == built(crosswheel, second)


def test_a_kept_wheel_is_the_built_one(crosswheel: Crosswheel) -> None:
    project = crosswheel.project("c-hello")
    once = built(crosswheel, project)
    assert built(crosswheel, project, CROSSWHEEL_NO_CACHE="") == once


def test_a_time_of_the_users_own_is_respected(crosswheel: Crosswheel) -> None:
    project = crosswheel.project("c-hello")
    usual = built(crosswheel, project)
    dated = built(crosswheel, project, SOURCE_DATE_EPOCH="1700000000")
    assert dated != usual
    assert built(crosswheel, project, SOURCE_DATE_EPOCH="1700000000") == dated


def test_an_sdist_gives_what_it_gave(crosswheel: Crosswheel) -> None:
    sdist = fetched("markupsafe==3.0.2", crosswheel.cwd)
    assert built(crosswheel, sdist) == built(crosswheel, sdist)
