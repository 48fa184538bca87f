"""What several threads need is made once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from crosswheel.once import once


def test_threads_that_ask_for_the_same_get_what_one_of_them_made() -> None:
    made: list[str] = []

    def make(name: str) -> object:
        time.sleep(0.05)
        made.append(name)
        return object()

    get = once(make)
    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(get, ["root"] * 8))
    assert (len(results), made) == (1, ["root"])


def test_two_things_are_made_beside_each_other() -> None:
    both = threading.Barrier(2, timeout=10)
    get = once(lambda name: (both.wait(), name)[1])
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(get, ["root", "zig"])) == ["root", "zig"]


def test_what_failed_is_tried_again_by_the_next_who_asks() -> None:
    answers = iter([OSError("no network"), "made"])

    def make() -> str:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return str(answer)

    get = once(make)
    with pytest.raises(OSError, match="no network"):
        get()
    assert get() == "made"


def test_what_makes_one_thing_may_ask_for_another_of_its_kind() -> None:
    def make(number: int) -> int:
        return number + (get(number - 1) if number else 0)

    get = once(make)
    assert get(4) == 10
