"""Memory, its limits and file systems, as kernels of either control group version tell them."""

import errno
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from crosswheel import resources
from crosswheel.resources import Memory


def made(directory: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


MEMINFO = "MemTotal:       16000000 kB\nMemFree:         1 kB\nMemAvailable:    8000000 kB\n"


def test_the_smallest_limit_of_the_groups_counts(tmp_path: Path) -> None:
    proc = made(
        tmp_path / "proc", {"meminfo": MEMINFO, "self/cgroup": "0::/a/b\n", "vmstat": "oom_kill 99\n"}
    )
    groups = made(
        tmp_path / "cgroup",
        {
            "a/memory.max": "2000\n", "a/memory.current": "1900\n", "a/memory.events": "oom 3\noom_kill 3\n",
            "a/b/memory.max": "max\n", "a/b/memory.current": "10\n", "a/b/memory.events": "oom 0\noom_kill 1\n",
        },
    )  # fmt: skip
    assert resources.memory(proc, groups) == Memory(16_384_000_000, 8_192_000_000, 2000, 1900, 3)


def test_groups_of_version_one(tmp_path: Path) -> None:
    proc = made(
        tmp_path / "proc", {"meminfo": MEMINFO, "self/cgroup": "4:hugetlb,memory:/job\n1:cpu:/\n0::/\n"}
    )
    groups = made(
        tmp_path / "cgroup",
        {
            "memory/job/memory.limit_in_bytes": "5000\n",
            "memory/job/memory.usage_in_bytes": "4000\n",
            "memory/job/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
            "memory/memory.limit_in_bytes": "9223372036854771712\n",
            "memory/memory.usage_in_bytes": "7000\n",
            "memory/memory.oom_control": "oom_kill 2\n",
        },
    )
    assert resources.memory(proc, groups) == Memory(16_384_000_000, 8_192_000_000, 5000, 4000, 2)


def test_a_container_sees_only_the_top_of_its_group(tmp_path: Path) -> None:
    proc = made(tmp_path / "proc", {"meminfo": MEMINFO, "self/cgroup": "0::/machine/of/the/host\n"})
    groups = made(
        tmp_path / "cgroup", {"memory.max": "7\n", "memory.current": "6\n", "memory.events": "oom_kill 0\n"}
    )
    assert resources.memory(proc, groups).limit == 7


def test_without_groups_the_machine_counts(tmp_path: Path) -> None:
    proc = made(tmp_path / "proc", {"meminfo": MEMINFO, "vmstat": "nr_free_pages 5\noom_kill 4\n"})
    assert resources.memory(proc, tmp_path) == Memory(16_384_000_000, 8_192_000_000, None, 0, 4)


def test_a_kernel_that_tells_nothing(tmp_path: Path) -> None:
    assert resources.memory(tmp_path, tmp_path) == Memory(0, 0)


def test_this_machine_has_memory() -> None:
    now = resources.memory()
    assert 0 < now.available <= now.total


def test_the_file_system_of_a_directory_that_is_not_there_yet(tmp_path: Path) -> None:
    mounts = f"dev / ext4 rw 0 0\ntmpfs {tmp_path} tmpfs rw 0 0\nnone {tmp_path}x proc rw 0 0\n"
    proc = made(tmp_path / "proc", {"self/mounts": mounts})
    disk = resources.disk(tmp_path / "not" / "there", proc)
    assert (disk.mount, disk.kind) == (tmp_path, "tmpfs")
    assert disk.free > 0


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "no"), True),
        (OSError(errno.EDQUOT, "no"), True),
        (OSError(errno.EACCES, "no"), False),
        (shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")]), True),
        (shutil.Error([("a", "b", "[Errno 13] Permission denied: 'b'")]), False),
    ],
)
def test_a_full_disk_is_known_however_it_is_raised(error: OSError, full: bool) -> None:
    assert resources.is_full(error) is full
