"""Roots and programs from the machine's own mirror."""

import os
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from crosswheel.architectures import ARCHITECTURES
from crosswheel.events import Downloading, Event, StepFinished, StepStarted
from crosswheel.model import Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.store import Store

pytestmark = [pytest.mark.network, pytest.mark.slow]
AARCH64 = ARCHITECTURES["aarch64"]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return []


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> DebianSource:
    return DebianSource(Store(tmp_path_factory.mktemp("cache")), events.append)


def machine(path: Path) -> int:
    with path.open("rb") as file:
        return int(ELFFile(file).header["e_machine"] == "EM_AARCH64")


def test_a_root_has_python_its_headers_and_compilers_of_the_target(
    source: DebianSource, events: list[Event]
) -> None:
    finished: list[Path] = []
    root = source.root(Target(Python("cp", 3, 11), "manylinux", AARCH64), finished.append)
    for name in ("python3.11", "gcc-12", "make", "apt-get"):
        assert machine((root.path / "usr/bin" / name).resolve())
    assert (root.path / "usr/include/python3.11/Python.h").exists()
    assert (root.libc_version, root.suite, root.python) == ((2, 36), "bookworm", "/usr/bin/python3.11")
    assert len(finished) == 1
    assert root.path.parent.stat().st_mode & 0o077 == 0
    started = [event.detail for event in events if isinstance(event, StepStarted)]
    assert len(started) == len([event for event in events if isinstance(event, StepFinished)]) == 3
    totals = [event for event in events if isinstance(event, Downloading)]
    assert totals[-1].done == totals[-1].total > 90_000_000


def test_a_root_that_is_there_is_not_made_again(source: DebianSource, events: list[Event]) -> None:
    target = Target(Python("cp", 3, 11), "manylinux", AARCH64)
    source.root(target)
    before = len(events)
    source.root(target)
    assert len(events) == before
    assert source.parts(target)[0].present


def test_the_cxx_root_is_the_oldest_libstdcxx_alone(source: DebianSource) -> None:
    root = source.cxx_root(AARCH64)
    assert (root / "usr/include/c++/10/vector").exists()
    assert machine((root / "usr/lib/aarch64-linux-gnu/libstdc++.so.6").resolve())
    assert not (root / "usr/include/stdio.h").exists()


def test_a_fetched_qemu_and_bubblewrap_run(source: DebianSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crosswheel.provision.debian.programs._installed_qemu", lambda arch: None)
    monkeypatch.setattr("crosswheel.provision.debian.programs._installed_bubblewrap", lambda: None)
    for program in (source.programs.qemu(AARCH64), source.programs.bubblewrap()):
        assert program.origin.startswith("Debian ")
        assert os.access(program.path, os.X_OK)
    assert all(part.present for part in source.programs.parts(AARCH64))
