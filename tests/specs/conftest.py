"""A directory and a cache for the real command."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Crosswheel
from private_host import Machine, private_host


@pytest.fixture
def crosswheel(tmp_path: Path) -> Crosswheel:
    """The real command in an empty directory.

    Parts are kept in ``CROSSWHEEL_CACHE`` (default: this user's ``~/.cache/crosswheel``), so that a second run of
    the specs fetches nothing.
    """
    if os.geteuid() == 0:
        pytest.fail(
            "crosswheel needs no root, so that specs run as an ordinary user: make test", pytrace=False
        )
    # What is remembered of a project goes by its path: one that no run before had.
    cwd = Path(tempfile.mkdtemp(prefix="cwd-", dir=tmp_path))
    cache = os.environ.get("CROSSWHEEL_CACHE") or Path.home() / ".cache" / "crosswheel"
    return Crosswheel(cwd, Path(cache))


@pytest.fixture
def machine(crosswheel: Crosswheel, tmp_path: Path) -> Iterator[Machine]:
    """A machine of the spec's own, on which the command may change what root may change."""
    directory = tmp_path / "machine"
    directory.mkdir()
    with private_host(directory) as host:
        yield Machine(host.under, crosswheel)
