"""Programs of crosswheel's own that fail, and this machine as it answers."""

import errno
import os
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.process import run
from crosswheel.provision import executables
from crosswheel.provision.failing import failed
from crosswheel.provision.this_machine import ThisMachine


def test_a_cause_that_is_known_is_told_with_its_reason() -> None:
    error = failed("zig does not compile", run(["sh", "-c", "kill -9 $$"]))
    assert error.fact == "zig does not compile"
    assert error.cause.startswith(
        "a process was killed\nthe kernel ended none for want of memory in this run"
    )
    assert error.remedy.startswith("look for what ends processes")


def test_a_cause_that_is_not_known_is_the_last_words() -> None:
    error = failed("zig does not compile", run(["sh", "-c", "echo strange; exit 3"]), remedy="think")
    assert (error.cause, error.remedy) == ("strange", "think")


def test_a_full_disk_is_for_the_edge_to_tell(tmp_path: Path) -> None:
    full = run(["sh", "-c", "echo 'No space left on device'; exit 1"])
    with pytest.raises(OSError, match="No space") as caught:
        failed("zig does not compile", full, place=tmp_path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path))


def test_this_machine_answers() -> None:
    machine = ThisMachine()
    assert machine.memory().killed >= 0
    assert machine.disk(Path("/")).mount == Path("/")
    assert machine.setting("kernel.osrelease")
    assert machine.setting("kernel.nosuch") == ""
    assert machine.limit("RLIMIT_NOFILE") is None or machine.limit("RLIMIT_NOFILE")
    assert isinstance(machine.routed(), bool)


def test_an_emulator_that_does_not_run_is_told(tmp_path: Path) -> None:
    assert ThisMachine().emulator(tmp_path / "qemu").faults == (f"{tmp_path}/qemu does not run",)


def test_an_old_emulator_is_known_as_one(tmp_path: Path) -> None:
    qemu = tmp_path / "qemu-aarch64"
    qemu.write_text("#!/bin/sh\necho qemu-aarch64 version 7.2.22\n")
    qemu.chmod(0o755)
    emulator = ThisMachine().emulator(qemu)
    assert emulator.version == "7.2.22"
    (fault,) = emulator.faults
    assert fault.startswith("QEMU 7.2.22 crashes at random on kernels since early 2025")


def test_proxies_are_named_as_they_are_spelt(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://secret@proxy")
    assert ThisMachine().proxies() == ("https_proxy",)


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_a_file_is_known_by_the_architecture_in_its_header(name: str) -> None:
    arch = ARCHITECTURES[name]
    head = b"\x7fELF" + bytes([arch.bits // 32, 1 if arch.order == "little" else 2, 1]) + bytes(9)
    head += (2).to_bytes(2, arch.order) + arch.machine.to_bytes(2, arch.order)
    assert executables.architecture(head) == name


def test_a_machine_that_crosswheel_does_not_build_for_is_a_number() -> None:
    head = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9) + (2).to_bytes(2, "little") + (8).to_bytes(2, "little")
    assert executables.architecture(head) == "ELF machine 8"


def test_what_starts_a_file(tmp_path: Path) -> None:
    script, text, cut = (tmp_path / name for name in ("script", "text", "cut"))
    script.write_text("#! /usr/bin/env python3\nprint()\n")
    text.write_text("echo\n")
    cut.write_bytes(b"\x7fELF")
    assert executables.program(script) == ("", "/usr/bin/env")
    assert executables.program(text) == ("", "")
    assert executables.program(cut) is None
    os.mkfifo(tmp_path / "pipe")
    assert executables.program(tmp_path / "pipe") is None
    assert executables.program(tmp_path / "nosuch") is None
    assert executables.program(Path("/bin/sh").resolve()) == ("x86_64", "/lib64/ld-linux-x86-64.so.2")
