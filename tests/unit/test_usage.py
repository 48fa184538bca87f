"""What running programs use, seen from outside."""

import sys
import time
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.usage import OverMemoryError, Watch

HOLDS_60_MB = "b = bytearray(60_000_000); import time; time.sleep({})"


def test_the_memory_of_a_program_and_its_children_is_added_up() -> None:
    watch = Watch()
    child = f"{sys.executable} -c '{HOLDS_60_MB.format(1.5)}'"
    with process.watched(watch):
        process.run(["sh", "-c", f"{child} & {child} & wait"])
    assert 120_000_000 < watch.peak < 300_000_000


def test_a_program_over_its_limit_is_ended_with_its_children_and_what_it_used_is_told() -> None:
    started = time.monotonic()
    with pytest.raises(OverMemoryError) as caught, process.watched(Watch(limit=50_000_000)):
        process.run(["sh", "-c", f"{sys.executable} -c '{HOLDS_60_MB.format(60)}' & wait"])
    assert caught.value.used > 60_000_000
    assert time.monotonic() - started < 30
    running = process.run(["ps", "-eo", "args"], capture=True).output
    assert HOLDS_60_MB.format(60) not in running


FORKS = """\
import os, time
b = bytearray(60_000_000)
for _ in range(4):
    os.fork() or (time.sleep(1.5), os._exit(0))
time.sleep(1.6)
"""


def test_memory_that_processes_share_is_not_counted_for_each_of_them() -> None:
    with process.watched(Watch(limit=150_000_000)):
        assert process.run([sys.executable, "-c", FORKS]).returncode == 0


def test_time_in_a_program_named_like_qemu_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "qemu-aarch64").write_bytes(Path("/bin/dash").read_bytes())
    (tmp_path / "qemu-aarch64").chmod(0o755)
    busy = "i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done"
    watch = Watch()
    with process.watched(watch):
        process.run([tmp_path / "qemu-aarch64", "-c", busy])
    assert watch.share > 0.9
    own = Watch()
    with process.watched(own):
        process.run(["dash", "-c", busy])
    assert own.share == 0.0
    assert own.own > 0.0


def test_a_program_that_has_ended_uses_nothing() -> None:
    watch = Watch(limit=1)
    watch(999_999_999)
    assert watch.peak == 0
