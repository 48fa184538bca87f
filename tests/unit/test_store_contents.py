"""What is kept, how it is counted, and what is given up first."""

import os
from pathlib import Path

import pytest

from crosswheel.store import Store, contents, uses


def entry(path: Path) -> None:
    (path / "file").write_bytes(b"x" * 9000)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def ages(store: Store, **days: int) -> None:
    """Make entries of ``roots`` that were used so many days ago."""
    for key, old in days.items():
        path = store.ensure("roots", key, entry)
        for place in (path, store.root / "uses" / f"roots-{key}"):
            os.utime(place, (1_000_000_000 - old * 86400,) * 2)


def test_a_store_that_is_not_there_holds_nothing(store: Store) -> None:
    assert contents.entries(store) == ()


def test_an_entry_is_counted_with_its_size_and_each_of_its_uses(store: Store) -> None:
    for _ in range(3):
        store.ensure("zig", "key", entry)
    (found,) = contents.entries(store)
    assert (found.kind, found.key, found.uses.count) == ("zig", "key", 3)
    assert 9000 <= found.size < 30000


def test_a_file_with_two_names_is_counted_once(store: Store) -> None:
    def twice(path: Path) -> None:
        entry(path)
        (path / "again").hardlink_to(path / "file")

    once = store.ensure("zig", "once", entry)
    double = store.ensure("zig", "twice", twice)
    sizes = {found.path: found.size for found in contents.entries(store)}
    assert sizes[once] == sizes[double]


def test_what_was_not_used_for_longest_goes_first_until_the_rest_fits(store: Store) -> None:
    ages(store, new=1, old=30, older=60)
    found = contents.entries(store)
    whole = sum(one.size for one in found)
    assert contents.surplus(found, whole) == ()
    assert [one.key for one in contents.surplus(found, whole - 1)] == ["older"]
    assert [one.key for one in contents.surplus(found, 0)] == ["older", "old", "new"]


def test_a_use_makes_an_old_entry_young(store: Store) -> None:
    ages(store, first=60, second=30)
    store.ensure("roots", "first", entry)
    found = contents.entries(store)
    assert [one.key for one in contents.surplus(found, found[0].size)] == ["second"]


def test_what_is_removed_is_gone_with_its_uses_and_can_be_made_again(store: Store) -> None:
    ages(store, one=1, two=2)
    victims = [one for one in contents.entries(store) if one.key == "two"]
    assert contents.remove(store, victims)
    assert [one.key for one in contents.entries(store)] == ["one"]
    assert uses.read(store.root, "roots", "two") == uses.Uses()
    assert (store.ensure("roots", "two", entry) / "file").exists()


def test_nothing_is_removed_while_a_run_uses_the_store(store: Store) -> None:
    ages(store, one=1)
    with store.scratch():
        assert not contents.remove(store, contents.entries(store))
    assert [one.key for one in contents.entries(store)] == ["one"]


def test_the_notes_of_warm_libraries_go_with_zigs_cache(store: Store) -> None:
    store.ensure("zig-warm", "key", entry)
    (store.shared("zig-cache") / "object").write_bytes(b"x")
    assert contents.remove(store, [one for one in contents.entries(store) if one.kind == "zig-cache"])
    assert contents.entries(store) == ()


def test_a_kind_of_another_version_is_listed_after_the_known_ones(store: Store) -> None:
    store.ensure("a-kind-to-come", "key", entry)
    ages(store, one=1)
    assert [one.kind for one in contents.entries(store)] == ["roots", "a-kind-to-come"]


def test_every_kind_that_the_house_keeps_is_in_the_table() -> None:
    """Directories of a cache that builds have filled, where one is there."""
    source = Path(contents.__file__).parents[1]
    text = "\n".join(path.read_text() for path in source.rglob("*.py") if path.parent.name != "store")
    for kind in contents.KINDS:
        assert f'"{kind}"' in text, kind
