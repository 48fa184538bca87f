"""A plan in parts: every job in exactly one, of about the same work, the same on every machine."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ConfigurationError
from crosswheel.model import EngineName, Job, Python, StepDown, Target
from crosswheel.options import Options
from crosswheel.plan.shards import _work, parsed, shard


def job(minor: int, arch: str, engine: EngineName) -> Job:
    target = Target(Python("cp", 3, minor), "manylinux", ARCHITECTURES[arch])
    return Job(target, Options(), (engine,), "debian", (2, 17))


jobs = st.lists(
    st.builds(
        job,
        st.integers(9, 15),
        st.sampled_from(["aarch64", "s390x", "x86_64"]),
        st.sampled_from(["native", "cross", "hybrid", "emulated"]),
    ),
    unique_by=lambda one: one.identifier,
    max_size=20,
)


@given(jobs, st.integers(1, 6), st.booleans())
def test_every_job_is_in_exactly_one_part(all_jobs: list[Job], total: int, together: bool) -> None:
    parts = [shard(all_jobs, number, total, together=together) for number in range(1, total + 1)]
    found = [one for part in parts for one in part]
    assert sorted(one.identifier for one in found) == sorted(one.identifier for one in all_jobs)


@given(jobs, st.integers(1, 6))
def test_no_part_has_more_than_the_best_could_by_more_than_its_largest_job(
    all_jobs: list[Job], total: int
) -> None:
    loads = [_work(shard(all_jobs, number, total, together=False)) for number in range(1, total + 1)]
    largest = max((_work([one]) for one in all_jobs), default=0.0)
    assert max(loads) <= sum(loads) / total + largest


@given(jobs, st.integers(1, 4), st.integers(0, 99))
def test_the_parts_do_not_depend_on_the_order_or_on_what_a_machine_learnt(
    all_jobs: list[Job], total: int, seed: int
) -> None:
    def learnt(one: Job) -> Job:
        down = StepDown(one.ladder[0], "emulated", "it failed here")
        return replace(one, ladder=("emulated",), skipped=(down,))

    shuffled = random.Random(seed).sample([learnt(one) for one in all_jobs], len(all_jobs))
    here = {one.identifier for one in shard(all_jobs, 1, total, together=False)}
    assert {one.identifier for one in shard(shuffled, 1, total, together=False)} == here


@given(jobs, st.integers(1, 4))
def test_jobs_that_one_wheel_may_serve_stay_together(all_jobs: list[Job], total: int) -> None:
    homes: dict[str, set[int]] = {}
    for number in range(1, total + 1):
        for one in shard(all_jobs, number, total, together=True):
            homes.setdefault(one.target.arch.name, set()).add(number)
    assert all(len(home) == 1 for home in homes.values())


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "a/b", "-1/3", "1/3/5"])
def test_what_is_no_part_of_a_plan_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="which is no part of a plan"):
        parsed(text)


def test_a_part_is_read_as_its_number_and_their_number() -> None:
    assert parsed("2/5") == (2, 5)
