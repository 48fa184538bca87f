"""The store: whole entries or none, whoever is killed, however many ask at once."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswheel import store as module
from crosswheel.store import Store, digest, manifests, remove_tree

SOURCE = Path(module.__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def write(text: str):  # type: ignore[no-untyped-def]
    def make(entry: Path) -> None:
        (entry / "content").write_text(text)

    return make


def scratch_of(store: Store) -> list[str]:
    return sorted(path.name for path in (store.root / "scratch").iterdir())


def start(code: str, *args: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, args)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        text=True,
    )


# --- names


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values, min_size=2))
def test_a_digest_does_not_depend_on_the_order_of_the_inputs(inputs: dict[str, object]) -> None:
    assert digest(inputs) == digest(dict(reversed(inputs.items())))


@given(st.dictionaries(st.text(), json_values), st.dictionaries(st.text(), json_values))
def test_different_inputs_have_different_digests(one: dict[str, object], other: dict[str, object]) -> None:
    # True == 1 in Python, not in JSON.
    assert (digest(one) == digest(other)) == (repr(sorted(one.items())) == repr(sorted(other.items())))


# --- entries


def test_an_entry_is_made_once(store: Store) -> None:
    first = store.ensure("kind", "key", write("one"))
    second = store.ensure("kind", "key", write("two"))
    assert first == second == store.path("kind", "key")
    assert (second / "content").read_text() == "one"
    assert store.has("kind", "key")
    assert not store.has("kind", "other")


def test_a_failure_leaves_no_entry_and_no_scratch(store: Store) -> None:
    def fail(entry: Path) -> None:
        (entry / "half").write_text("x")
        raise OSError(errno.ENOSPC, "no space")

    with pytest.raises(OSError, match="no space"):
        store.ensure("kind", "key", fail)
    assert not store.has("kind", "key")
    assert scratch_of(store) == []
    assert (store.ensure("kind", "key", write("ok")) / "content").read_text() == "ok"


def test_an_entry_may_be_made_while_another_is_made(store: Store) -> None:
    def outer(entry: Path) -> None:
        inner = store.ensure("kind", "inner", write("inner"))
        (entry / "content").write_text((inner / "content").read_text())

    assert (store.ensure("kind", "outer", outer) / "content").read_text() == "inner"


def test_a_store_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        Store(tmp_path / "file").ensure("kind", "key", write(""))


def test_the_path_of_a_store_may_hold_any_character(tmp_path: Path) -> None:
    store = Store(tmp_path / "a b,c:d\ne[*]\\f")
    assert (store.ensure("kind", "key", write("x")) / "content").read_text() == "x"
    with store.scratch() as scratch:
        assert scratch.is_dir()
    assert scratch_of(store) == []


def _ensure_many(root: Path, barrier: object, keys: int) -> None:
    store = Store(root)
    barrier.wait()  # type: ignore[attr-defined]
    for number in range(keys):

        def make(entry: Path, number: int = number) -> None:
            with (root / f"made-{number}").open("a") as file:
                file.write(f"{os.getpid()}\n")
            for part in range(5):
                (entry / str(part)).write_text(str(number))
                time.sleep(0.001)

        entry = store.ensure("kind", str(number), make)
        assert sorted(path.name for path in entry.iterdir()) == ["0", "1", "2", "3", "4"]


def test_many_processes_that_want_the_same_entries_make_each_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(8)
    workers = [context.Process(target=_ensure_many, args=(tmp_path, barrier, 6)) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 8
    assert [len((tmp_path / f"made-{number}").read_text().split()) for number in range(6)] == [1] * 6
    assert list((tmp_path / "scratch").iterdir()) == []


MAKER = """
    import sys, time
    from pathlib import Path
    from crosswheel.store import Store

    def make(entry):
        for number in range(1_000_000):
            (entry / str(number)).write_text("half")
            if number == 0:
                print("making", flush=True)

    Store(Path(sys.argv[1])).ensure("kind", "key", make)
"""


def test_a_run_killed_while_it_makes_an_entry_leaves_nothing_that_is_trusted(store: Store) -> None:
    with start(MAKER, store.root) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        killed.kill()
        killed.wait()
    assert not store.has("kind", "key")
    assert scratch_of(store)  # what it left
    assert (store.ensure("kind", "key", write("whole")) / "content").read_text() == "whole"
    assert scratch_of(store) == []


def test_a_kill_at_any_moment_leaves_the_whole_entry_or_none(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from crosswheel.store import Store

        store = Store(Path(sys.argv[1]))
        print("go", flush=True)
        for key in range(1000):
            def make(entry):
                for name in ("a", "b"):
                    (entry / name).write_text(str(key))
            store.ensure("kind", str(key), make)
    """
    for delay in (0.0, 0.003, 0.01, 0.02, 0.05):
        with start(code, tmp_path) as killed:
            assert killed.stdout is not None
            killed.stdout.readline()
            time.sleep(delay)
            killed.kill()
            killed.wait()
    store = Store(tmp_path)
    made = [entry for entry in (tmp_path / "kind").glob("*") if not entry.name.startswith(".")]
    assert all(
        (entry / "a").read_text() == (entry / "b").read_text() == entry.name for entry in made
    )  # and it goes on from there:
    store.ensure("kind", "last", write("x"))
    assert scratch_of(store) == []


# --- scratch and locks


def test_scratch_ends_with_its_block_also_when_that_fails(store: Store) -> None:
    with pytest.raises(RuntimeError), store.scratch() as scratch:
        (scratch / "file").write_text("x")
        raise RuntimeError
    assert not scratch.exists()
    assert scratch_of(store) == []


def test_scratch_that_may_go_later_is_gone_when_the_process_ends(store: Store) -> None:
    program = (
        "import sys; from pathlib import Path; from crosswheel.store import Store\n"
        "with Store(Path(sys.argv[1])).scratch(later=True) as scratch:\n"
        "    for number in range(3000): (scratch / str(number)).touch()\n"
        "print(scratch.name)"
    )
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    argv = [sys.executable, "-c", program, str(store.root)]

    done = subprocess.run(argv, check=True, capture_output=True, text=True, env=env)

    assert len(done.stdout.strip()) == 32
    assert scratch_of(store) == []


def test_scratch_in_use_is_left_alone_by_others(store: Store) -> None:
    with store.scratch() as mine:
        (mine / "file").write_text("mine")
        with start(
            """
            import sys
            from pathlib import Path
            from crosswheel.store import Store

            with Store(Path(sys.argv[1])).scratch() as scratch:
                print(scratch)
            """,
            store.root,
        ) as other:
            assert other.wait(30) == 0
        with store.scratch():  # this process cleans too
            assert (mine / "file").read_text() == "mine"
    assert scratch_of(store) == []


def _use_scratch(root: Path, barrier: object) -> None:
    store = Store(root)
    barrier.wait()  # type: ignore[attr-defined]
    for number in range(40):
        with store.scratch() as scratch:
            (scratch / "file").write_text(str(number))
            assert (scratch / "file").read_text() == str(number)


def test_cleaning_never_takes_a_directory_that_another_process_has_just_made(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(6)
    workers = [context.Process(target=_use_scratch, args=(tmp_path, barrier)) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 6
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_lock_is_dropped_when_its_holder_is_killed(store: Store) -> None:
    with start(
        """
        import sys, time
        from pathlib import Path
        from crosswheel.store import Store

        with Store(Path(sys.argv[1])).lock("name"):
            print("held", flush=True)
            time.sleep(60)
        """,
        store.root,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with store.lock("name"):
        assert (store.root / "locks" / "name.lock").exists()


# --- removal


def test_a_tree_is_removed_though_its_directories_are_closed(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "work" / "work" / "deep").mkdir(parents=True)
    (tree / "work" / "work" / "deep" / "file").write_text("x")
    (tree / "read-only").mkdir()
    (tree / "read-only" / "file").write_text("x")
    for place in ("work/work/deep", "work/work", "work", "read-only"):
        (tree / place).chmod(0o555 if place == "read-only" else 0)
    tree.chmod(0)
    remove_tree(tree)
    assert not tree.exists()


def test_links_in_a_tree_are_removed_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    outside.chmod(0o555)
    tree = tmp_path / "tree"
    (tree / "closed").mkdir(parents=True)
    (tree / "closed" / "to-directory").symlink_to(outside)
    (tree / "dangling").symlink_to("nowhere")
    (tree / "closed").chmod(0)
    remove_tree(tree)
    assert not tree.exists()
    assert (outside / "file").read_text() == "kept"
    assert outside.stat().st_mode & 0o777 == 0o555


def test_removal_takes_a_link_a_file_or_nothing_too(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "link").symlink_to("directory")
    (tmp_path / "file").write_text("x")
    for name in ("link", "file", "nothing"):
        remove_tree(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["directory"]


def test_a_store_that_was_used_says_that_it_is_a_cache_and_can_be_cleared(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    assert not store.is_tagged()
    with store.scratch():
        assert store.is_tagged()

    store.clear()

    assert not store.root.exists()


# --- damage


def damaged(store: Store, file: str, content: bytes) -> Path:
    """An entry of two files, of which one was changed after it was made."""

    def make(entry: Path) -> None:
        (entry / "bin").mkdir()
        (entry / "bin" / "tool").write_bytes(b"0123456789")
        (entry / "link").symlink_to("bin/tool")

    entry = Store(store.root).ensure("roots", "key", make)
    (entry / file).write_bytes(content)
    return entry


@pytest.mark.parametrize("content", [b"01234", b"0123456789abc"])
def test_an_entry_with_a_file_of_another_length_is_made_again_when_it_is_used(
    store: Store, content: bytes
) -> None:
    damaged(store, "bin/tool", content)
    made = store.ensure("roots", "key", write("anew"))
    assert (made / "content").read_text() == "anew"
    assert [path.name for path in made.iterdir()] == ["content"]
    assert Store(store.root).ensure("roots", "key", write("again")) == made
    assert (made / "content").read_text() == "anew"


def test_an_entry_without_one_of_its_files_is_made_again(store: Store) -> None:
    (damaged(store, "bin/tool", b"0123456789") / "link").unlink()
    assert (store.ensure("roots", "key", write("anew")) / "content").is_file()


def test_a_flipped_byte_is_found_by_whoever_reads_all_of_it(store: Store) -> None:
    entry = damaged(store, "bin/tool", b"0123456788")
    assert store.ensure("roots", "key", write("anew")) == entry
    assert not (entry / "content").exists()
    assert store.damage() == {entry: ["bin/tool"]}


def test_a_whole_entry_has_no_damage_and_one_of_an_older_crosswheel_is_not_suspected(store: Store) -> None:
    entry = damaged(store, "bin/tool", b"0123456789")
    (entry / "new.pyc").write_bytes(b"beside")
    store.ensure("roots", "key", write("anew"))
    assert store.damage() == {}
    manifests.place(entry).unlink()
    (entry / "bin" / "tool").write_bytes(b"")
    assert Store(store.root).ensure("roots", "key", write("anew")) == entry
    assert store.damage() == {}
