"""A full disk: which one, how much is free, and what to do. Wheels built before stay."""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]

# A disk of $1 bytes with a file of $2 bytes, mounted where only the command after them sees it.
SMALL_DISK = (
    'mount -t tmpfs -o size="$1" tmpfs small && head -c "$2" /dev/zero > small/taken && shift 2 && exec "$@"'
)


def on_small_disk(size: int, taken: int) -> list[str]:
    return [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        SMALL_DISK,
        "sh",
        str(size),
        str(taken),
    ]


@pytest.fixture
def hello(crosswheel: Crosswheel) -> Crosswheel:
    crosswheel.project("c-hello")
    (crosswheel.cwd / "small").mkdir()
    return crosswheel


def test_where_the_wheels_go(hello: Crosswheel) -> None:
    result = hello(
        "build", "--only", "cp311-manylinux_aarch64", "--output-dir", "small/wheels", "c-hello",
        under=on_small_disk(4096, 4096),
    )  # fmt: skip

    assert result.status == 1
    assert result.err.endswith(
        """\
crosswheel: error: the disk of small/wheels is full
  cause: 0 bytes are free there now that the run has ended
  next: free space there, or name a directory on another disk with --output-dir
  note: the report is <cache>/reports/<run>/report.html
""".replace("0 bytes", "<size>")
    )


def test_where_the_parts_are_kept(hello: Crosswheel) -> None:
    result = hello(
        "build", "--only", "cp311-manylinux_aarch64", "--cache-dir", "small/cache", "c-hello",
        under=on_small_disk(2_000_000, 0),
    )  # fmt: skip

    assert result.status == 1
    assert "crosswheel: error: the disk of <cwd>/small/cache is full\n" in result.err
    # What was made for the wheel is gone by then: there is room for a report.
    assert result.err.endswith(
        "  next: free space there, or name a directory on another disk with --cache-dir\n"
        "  note: the report is <cwd>/small/cache/reports/<run>/report.html\n"
    )
