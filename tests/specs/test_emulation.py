"""``crosswheel emulation status`` shows what runs foreign programs, found out by running some."""

import json
import re
import shutil
import time
from pathlib import Path

import pytest
from harness import Crosswheel, Result
from private_host import BINFMT, INSTALL, THEIRS, Machine

from crosswheel.architectures import ARCHITECTURES


def test_a_machine_without_emulators_is_shown_as_it_is(machine: Machine) -> None:
    assert machine.emulation("status") == Result(
        0,
        out=f"""\
architecture  docker         runs  by            interpreter  version  flags
x86_64        linux/amd64    yes   this machine
i686          linux/386      yes   this machine
aarch64       linux/arm64    no    nothing
ppc64le       linux/ppc64le  no    nothing
s390x         linux/s390x    no    nothing
armv7l        linux/arm/v7   no    nothing
riscv64       linux/riscv64  no    nothing
loongarch64   linux/loong64  no    nothing

next: {INSTALL} aarch64 ppc64le s390x armv7l riscv64 loongarch64
  registers QEMU for docker, chroots and shells. crosswheel build needs none of
  it.
""",
        err="",
    )


def test_an_architecture_that_does_not_run_makes_status_fail(machine: Machine) -> None:
    assert machine.emulation("status", "amd64,linux/386").status == 0
    result = machine.emulation("status", "linux/arm64", "--json")
    assert result.status == 1
    assert json.loads(result.out) == {
        "schema_version": 1,
        "binfmt_misc": {"mounted": False},
        "architectures": [
            {
                "architecture": "aarch64",
                "docker": "linux/arm64",
                "native": False,
                "runs": False,
                "trouble": "Exec format error",
                "entry": None,
                "persistent": False,
            }
        ],
    }


def test_an_entry_that_points_to_a_removed_program_is_named(machine: Machine) -> None:
    machine.register("qemu-aarch64", "aarch64", Path("/usr/bin/qemu-removed"), "")

    assert machine.emulation("status", "arm64") == Result(
        1,
        out=f"""\
architecture  docker       runs  by            interpreter            version  flags
aarch64       linux/arm64  no    qemu-aarch64  /usr/bin/qemu-removed

aarch64
  - No such file or directory
  - /usr/bin/qemu-removed is gone: no program can start
  next: {INSTALL} aarch64 --replace
""",
        err="",
    )


def test_an_entry_whose_interpreter_is_no_emulator_is_named(machine: Machine) -> None:
    true = shutil.which("true", path="/usr/bin:/bin")
    assert true is not None
    machine.write(THEIRS, Path(true).read_bytes())
    machine.register("qemu-aarch64", "aarch64", THEIRS, "F")
    machine.sh('rm "$1"', THEIRS)

    result = machine.emulation("status", "arm64", "--json")

    assert result.status == 1
    (found,) = json.loads(result.out)["architectures"]
    assert found["trouble"] == "it exits with 0, not 42"
    assert found["entry"] == {
        "name": "qemu-aarch64",
        "enabled": True,
        "interpreter": str(THEIRS),
        "version": "",
        "flags": "F",
        "ours": False,
        "faults": [f"{THEIRS} is gone: the kernel holds it open, but it cannot be registered again"],
    }


def test_an_old_qemu_and_a_missing_flag_are_named(machine: Machine) -> None:
    machine.write(THEIRS, b"#!/bin/sh\necho qemu-aarch64 version 7.2.22\n")
    machine.register("qemu-aarch64", "aarch64", THEIRS, "P")

    result = machine.emulation("status", "arm64", "--json")

    (found,) = json.loads(result.out)["architectures"]
    assert found["entry"]["version"] == "7.2.22"
    assert found["entry"]["faults"] == [
        "flag F is missing: it serves neither containers nor chroots, which have no such interpreter",
        "QEMU 7.2.22 crashes at random on kernels since early 2025, unless its distribution repaired it",
    ]


def test_an_interpreter_that_hangs_is_named_and_ended(machine: Machine) -> None:
    machine.write(THEIRS, b"#!/bin/sh\necho $$ >> /run/pids\nexec sleep 100\n")
    machine.register("qemu-aarch64", "aarch64", THEIRS, "F")
    started = time.monotonic()

    result = machine.emulation("status", "arm64", "--json")

    assert time.monotonic() - started < 10
    (found,) = json.loads(result.out)["architectures"]
    assert found["trouble"] == "it has not ended after 4 s"
    assert found["entry"]["faults"] == [f"{THEIRS} does not run"]
    pids = machine.sh("cat /run/pids").split()
    assert len(pids) == 2
    assert not [pid for pid in pids if Path("/proc", pid).exists()]


def test_an_entry_that_is_switched_off_is_named(machine: Machine) -> None:
    machine.register("qemu-aarch64", "aarch64", Path("/bin/true"), "")
    machine.sh(f"echo 0 > {BINFMT}/qemu-aarch64")

    (found,) = json.loads(machine.emulation("status", "arm64", "--json").out)["architectures"]

    assert (found["entry"]["enabled"], found["entry"]["faults"][0]) == (False, "it is disabled")
    assert found["trouble"] == "Exec format error"


def test_the_kernel_asks_the_newest_entry_first_and_so_does_status(machine: Machine) -> None:
    for name in ("m", "a", "z", "k"):
        machine.write(THEIRS.with_name(name), f"#!/bin/sh\nexit {ord(name)}\n".encode())
        machine.register(name, "aarch64", THEIRS.with_name(name), "F")
    machine.sh(f"echo 0 > {BINFMT}/k; echo 1 > {BINFMT}/a")  # what is written to an entry does not renew it

    (found,) = json.loads(machine.emulation("status", "arm64", "--json").out)["architectures"]

    assert machine.status_of("aarch64") == ord("z")
    assert found["entry"]["name"] == "z"


def test_an_ordinary_user_is_told_how_root_would_do_it(crosswheel: Crosswheel) -> None:
    result = crosswheel("emulation", "install", "arm64", "linux/arm/v7", "--persistent")

    err = re.sub(r"this is user \d+", "this is user <id>", result.err)
    assert (result.status, result.out, err) == (
        1,
        "",
        f"""\
crosswheel: error: only root may change what runs foreign programs on the whole machine
  cause: this is user <id>
  next: sudo {INSTALL} aarch64 armv7l --persistent
    crosswheel build needs none of it: it emulates in a sandbox of its own
""",
    )
    assert crosswheel("emulation", "uninstall", "arm64").status == 1


@pytest.mark.parametrize(
    ("args", "err"),
    [
        (
            ["install", "arm65,z80"],
            "crosswheel: error: arm65: is not an architecture (did you mean arm64?)\n"
            f"crosswheel: error: z80: is not an architecture (one of {', '.join(ARCHITECTURES)})\n",
        ),
        (["uninstall"], "crosswheel: error: ARCH: is missing (name some, as arm64,arm/v7, or all)\n"),
        (
            ["install", "all", "--qemu", "/bin/true"],
            "crosswheel: error: --qemu: is the emulator of one architecture: name one ARCH\n",
        ),
        (["instal"], "crosswheel: error: instal: is not a command (did you mean install?)\n"),
    ],
)
def test_wrong_names_are_refused_before_anything_else(
    crosswheel: Crosswheel, args: list[str], err: str
) -> None:
    assert crosswheel("emulation", *args) == Result(2, out="", err=err)
