"""The kernel's files of binfmt_misc are read as the kernel means them; what may go wrong with an entry is named."""

import shutil
import sys
from pathlib import Path

import pytest

from crosswheel import sample
from crosswheel.architectures import ARCHITECTURES, HOST, Architecture
from crosswheel.provision.emulation import binfmt
from crosswheel.provision.emulation.host import Registration, faults, registrations, serving

AARCH64 = ARCHITECTURES["aarch64"]
each_arch = pytest.mark.parametrize("arch", ARCHITECTURES.values(), ids=lambda arch: arch.name)
# As Linux 6.18 shows it.
ENTRY = """\
enabled
interpreter /usr/local/lib/my qemu/qemu-aarch64
flags: POCF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff0000fffffffffffffffeffffff
"""


def entry(arch: Architecture = AARCH64, **changes: object) -> Registration:
    interpreter = Path(shutil.which("true", path="/usr/bin:/bin") or "")
    values = {"name": "qemu", "enabled": True, "interpreter": interpreter, "flags": "F", "offset": 0}
    values |= {"magic": binfmt.magic(arch), "mask": binfmt.mask(arch)} | changes
    return Registration(**values)  # type: ignore[arg-type]


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """A directory as the kernel's, with one entry."""
    (tmp_path / "register").touch()
    (tmp_path / "status").write_text("enabled\n")
    (tmp_path / "qemu-aarch64").write_text(ENTRY)
    return tmp_path


def test_an_entry_is_read(kernel: Path) -> None:
    assert registrations(kernel) == (
        Registration(
            name="qemu-aarch64",
            enabled=True,
            interpreter=Path("/usr/local/lib/my qemu/qemu-aarch64"),
            flags="POCF",
            magic=binfmt.magic(AARCH64),
            mask=binfmt.mask(AARCH64),
            offset=0,
        ),
    )


def test_an_entry_without_mask_and_flags_compares_every_bit(kernel: Path) -> None:
    (kernel / "qemu-aarch64").write_text("enabled\ninterpreter /usr/bin/x\nflags: \noffset 3\nmagic 0102\n")
    (found,) = registrations(kernel)
    assert (found.flags, found.offset, found.mask) == ("", 3, b"\xff\xff")


def test_a_disabled_entry_is_not_enabled(kernel: Path) -> None:
    (kernel / "qemu-aarch64").write_text(ENTRY.replace("enabled", "disabled"))
    assert not registrations(kernel)[0].enabled


def test_no_entry_is_enabled_where_binfmt_misc_is_switched_off(kernel: Path) -> None:
    (kernel / "status").write_text("disabled\n")
    assert not registrations(kernel)[0].enabled


def test_entries_by_extension_say_nothing_of_an_architecture(kernel: Path) -> None:
    (kernel / "python").write_text("enabled\ninterpreter /usr/bin/python3\nflags: \nextension .py\n")
    assert [found.name for found in registrations(kernel)] == ["qemu-aarch64"]


def test_there_is_no_entry_where_binfmt_misc_is_not_mounted(tmp_path: Path) -> None:
    assert registrations(tmp_path) == ()
    assert registrations(tmp_path / "absent") == ()


@each_arch
def test_an_entry_serves_its_own_architecture_only(arch: Architecture) -> None:
    own = entry(arch)
    assert [other for other in ARCHITECTURES.values() if serving(other, (own,)) == own] == [arch]


def test_the_first_entry_that_is_enabled_serves() -> None:
    newest, middle, oldest = entry(name="a", enabled=False), entry(name="b"), entry(name="c")
    assert serving(AARCH64, (newest, middle, oldest)) == middle
    assert serving(AARCH64, (newest,)) == newest
    assert serving(HOST, (newest, middle, oldest)) is None


def test_an_entry_that_looks_further_than_the_file_goes_does_not_serve() -> None:
    assert serving(AARCH64, (entry(offset=250),)) is None


def linked(path: Path, version: str) -> Path:
    """A program that is no ELF file and prints a version."""
    path.write_text(f"#!/bin/sh\necho 'qemu-aarch64 version {version}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "found"),
    [
        (
            "7.2.22",
            (
                "QEMU 7.2.22 crashes at random on kernels since early 2025, unless its distribution repaired it",
            ),
        ),
        ("8.2.2", ("QEMU 8.2.2 may crash at random on kernels since early 2025",)),
        ("9.2.2", ()),
        ("11.1.2", ()),
    ],
)
def test_versions_that_crash_are_named(tmp_path: Path, version: str, found: tuple[str, ...]) -> None:
    assert faults(entry(interpreter=linked(tmp_path / "qemu-aarch64", version))) == found


def test_an_interpreter_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "qemu"
    assert faults(entry(interpreter=gone, flags="")) == (f"{gone} is gone: no program can start",)
    assert faults(entry(interpreter=gone)) == (
        f"{gone} is gone: the kernel holds it open, but it cannot be registered again",
    )


def test_an_entry_without_flag_f_and_a_disabled_one_are_named_both(tmp_path: Path) -> None:
    qemu = linked(tmp_path / "qemu-aarch64", "11.1")
    assert faults(entry(interpreter=qemu, flags="P", enabled=False)) == (
        "it is disabled",
        "flag F is missing: it serves neither containers nor chroots, which have no such interpreter",
    )


def test_an_interpreter_that_does_not_run_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "qemu-aarch64"
    broken.write_bytes(b"nothing")
    broken.chmod(0o755)
    assert faults(entry(interpreter=broken)) == (f"{broken} does not run",)


def test_an_interpreter_that_needs_libraries_is_named() -> None:
    python = Path(sys.executable).resolve()
    assert faults(entry(interpreter=python)) == (
        f"{python} is not static: containers and chroots lack what it is linked with",
    )


def test_the_machine_runs_its_own_sample() -> None:
    assert sample.trouble(HOST) == ""


def test_what_the_kernel_says_of_a_foreign_sample_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "program", lambda arch: b"\x7fELF of no machine")
    assert sample.trouble(AARCH64) == "Exec format error"
