"""`crosswheel cache`: what is kept is shown, and given up when asked."""

import os
import re
from pathlib import Path

from harness import Crosswheel

from crosswheel.store import Store


def made(cwd: Path) -> Store:
    store = Store(cwd / "kept")
    for kind, key, size in (("roots", "bookworm", 900_000), ("zig", "0.17", 400_000)):
        store.ensure(kind, key, lambda path, size=size: (path / "file").write_bytes(b"x" * size) and None)  # type: ignore[misc]
    with store.scratch():  # a run makes it a cache
        pass
    return store


def test_info_shows_each_kind_with_size_age_and_uses(crosswheel: Crosswheel) -> None:
    made(crosswheel.cwd)
    result = crosswheel("cache", "info", "--cache-dir", "kept")
    assert result.status == 0, result.err
    lines = [re.sub(" {2,}", "  ", line) for line in result.out.splitlines()]
    assert lines == [
        "kind  size  entries  last used  uses  holds",
        "roots  <size>  1  moments ago  1  file systems of targets, with their Pythons",
        "zig  <size>  1  moments ago  1  the zig compiler",
        "",
        "<size> in <cwd>/kept",
    ]


def test_prune_keeps_what_was_used_last(crosswheel: Crosswheel) -> None:
    store = made(crosswheel.cwd)
    for place in (store.path("roots", "bookworm"), store.root / "uses" / "roots-bookworm"):
        os.utime(place, (1, 1))
    result = crosswheel("cache", "prune", "--keep", "0.5M", "--cache-dir", "kept")
    assert (result.status, result.out) == (0, "removed 1 entry, <size>\n")
    assert not store.has("roots", "bookworm")
    assert store.has("zig", "0.17")


def test_check_removes_what_is_damaged_and_says_what_was_wrong(crosswheel: Crosswheel) -> None:
    store = made(crosswheel.cwd)
    whole = crosswheel("cache", "check", "--cache-dir", "kept")
    assert (whole.status, whole.out) == (0, "checked 2 entries, <size>\n"), whole.err
    file = store.path("roots", "bookworm") / "file"
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)

    result = crosswheel("cache", "check", "--cache-dir", "kept")

    assert (result.status, result.err) == (0, "")
    assert result.out == (
        "roots/bookworm: 1 file is not as it was made: file\nchecked 2 entries, <size>\nremoved 1 entry, <size>\n"
    )
    assert (store.has("roots", "bookworm"), store.has("zig", "0.17")) == (False, True)
    assert [path.name for path in (store.root / "roots").iterdir()] == []


def test_clear_removes_one_kind_or_all(crosswheel: Crosswheel) -> None:
    store = made(crosswheel.cwd)
    assert crosswheel("cache", "clear", "zig", "--cache-dir", "kept").status == 0
    assert (store.has("roots", "bookworm"), store.has("zig", "0.17")) == (True, False)
    assert crosswheel("cache", "clear", "--cache-dir", "kept").status == 0
    assert crosswheel("cache", "info", "--cache-dir", "kept").out == "nothing in <cwd>/kept\n"


def test_nothing_is_removed_while_a_build_runs(crosswheel: Crosswheel) -> None:
    with made(crosswheel.cwd).scratch():
        result = crosswheel("cache", "clear", "--cache-dir", "kept")
    assert (result.status, result.err) == (
        1,
        "crosswheel: error: nothing was removed\n"
        "  cause: a run uses the cache in <cwd>/kept\n"
        "  next: try again when it has ended\n",
    )


def test_every_wrong_word_is_told_with_the_nearest_right_one(crosswheel: Crosswheel) -> None:
    result = crosswheel("cache", "clear", "rots", "zigg", "--cache-dir", "kept")
    assert result.status == 2
    assert "rots: is no kind of thing that is kept (did you mean roots?)" in result.err
    assert "zigg: is no kind of thing that is kept (did you mean zig?)" in result.err
    result = crosswheel("cache", "prune", "--keep", "lots", "--cache-dir", "kept")
    assert (result.status, result.err) == (
        2,
        "crosswheel: error: --keep: is 'lots', which is no size (write 4G or 500M)\n",
    )


def test_a_directory_that_is_no_cache_is_left_alone(crosswheel: Crosswheel) -> None:
    (crosswheel.cwd / "mine").mkdir()
    (crosswheel.cwd / "mine" / "letter").write_text("dear")
    result = crosswheel("cache", "clear", "--cache-dir", "mine")
    assert result.status == 1
    assert "is not a cache of crosswheel" in result.err
    assert (crosswheel.cwd / "mine" / "letter").exists()
