"""Installed programs are used when they are good enough; else they are parts to be fetched."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.provision.debian import programs as module
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.programs import Program, Programs
from crosswheel.store import Store

AARCH64 = ARCHITECTURES["aarch64"]
Install = Callable[..., Path]


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(Archive(Store(tmp_path / "cache"), lambda event: None))


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a program on PATH that prints a version; nothing else is there."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))

    def put(name: str, version: str, mode: int = 0o755) -> Path:
        path = directory / name
        path.write_text(f"#!/bin/sh\necho '{name} version {version} (Debian)'\n")
        path.chmod(mode)
        return path

    return put


def test_an_installed_bubblewrap_is_used(programs: Programs, install: Install) -> None:
    path = install("bwrap", "0.8.0")
    assert programs.bubblewrap() == Program(path, "0.8.0", "installed")


def test_a_bubblewrap_that_is_too_old_is_fetched(programs: Programs, install: Install) -> None:
    install("bwrap", "0.4.1")
    assert not programs.parts(AARCH64)[1].present


def test_a_set_user_id_bubblewrap_is_not_used(programs: Programs, install: Install) -> None:
    install("bwrap", "0.11.0", 0o4755)
    assert not programs.parts(AARCH64)[1].present


def test_an_installed_static_qemu_is_used(
    programs: Programs, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "is_static", lambda path: True)
    path = install("qemu-aarch64-static", "10.0.3")
    assert programs.qemu(AARCH64) == Program(path, "10.0.3", "installed")


def test_a_qemu_that_crashes_on_new_kernels_is_not_used(
    programs: Programs, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "is_static", lambda path: True)
    install("qemu-aarch64-static", "7.2.19")
    assert not programs.parts(AARCH64)[0].present


def test_a_qemu_that_needs_libraries_is_not_used(programs: Programs, install: Install) -> None:
    echo = shutil.which("true", path="/usr/bin:/bin")
    assert echo is not None
    path = install("qemu-aarch64", "10.0.3")
    shutil.copyfile(echo, path)
    assert not module.is_static(path)
    assert not programs.parts(AARCH64)[0].present


def test_a_program_that_does_not_run_is_fetched(programs: Programs, install: Install) -> None:
    install("bwrap", "0.8.0").write_text("#!/no/such/interpreter\n")
    assert not programs.parts(AARCH64)[1].present


@pytest.mark.parametrize("name", ["x86_64", "i686"])
def test_what_the_machine_runs_by_itself_needs_no_qemu(
    programs: Programs, install: Install, name: str
) -> None:
    assert [part.name for part in programs.parts(ARCHITECTURES[name])] == ["bubblewrap"]


@pytest.mark.parametrize(
    ("glibc", "suite"),
    [
        ("glibc 2.31", "bookworm"),  # bullseye's bubblewrap is too old: the oldest one that is not
        ("glibc 2.36", "bookworm"),
        ("glibc 2.39", "bookworm"),
        ("glibc 2.41", "trixie"),
        ("glibc 2.99", "forky"),
        (None, "bookworm"),
    ],
)
def test_bubblewrap_is_that_of_the_newest_suite_that_the_machine_can_run(
    monkeypatch: pytest.MonkeyPatch, glibc: str | None, suite: str
) -> None:
    monkeypatch.setattr("os.confstr", lambda name: glibc)
    assert module._suite_of_machine() == suite
