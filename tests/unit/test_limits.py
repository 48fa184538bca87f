"""A job over its limit is ended and told as such."""

import sys

import pytest

from crosswheel import process
from crosswheel.errors import LimitError
from crosswheel.pipeline.limits import UNLIMITED, Limits, held
from crosswheel.usage import Watch


def test_a_job_over_its_time_is_ended_and_the_next_step_is_named() -> None:
    with pytest.raises(LimitError) as caught, held(Limits(seconds=0.3), lambda: "build"):
        process.run(["sleep", "60"])
    assert str(caught.value) == "the build step was ended: the job may take 0.3 s"
    assert caught.value.remedy == "allow more (--time-limit 1m), or read in its log what it did"


def test_a_job_over_its_memory_is_ended_with_what_it_used() -> None:
    program = "b = bytearray(60_000_000); import time; time.sleep(60)"
    over = Watch(limit=50_000_000)
    with pytest.raises(LimitError) as caught, held(Limits(memory=1), lambda: "test"), process.watched(over):
        process.run([sys.executable, "-c", program])
    assert str(caught.value).startswith("the test step was ended: it used ")
    assert caught.value.remedy.startswith("allow more (--memory 1G), or let it start fewer compilers")


def test_without_limits_nothing_is_ended() -> None:
    with held(UNLIMITED, lambda: "build"):
        assert process.run(["true"]).returncode == 0
