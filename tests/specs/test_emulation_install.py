"""``crosswheel emulation install`` and ``uninstall`` change nothing that another tool made."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import Result
from private_host import BINFMT, INSTALL, THEIRS, Machine

from crosswheel import sample
from crosswheel.architectures import ARCHITECTURES, HOST
from crosswheel.model import Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.emulation import binfmt
from crosswheel.store import Store

FOREIGN = [name for name, row in ARCHITECTURES.items() if HOST.name not in row.runs_on]
LIBRARY = Path("/usr/local/lib/crosswheel")
SYSTEMD = Path("/usr/lib/systemd/systemd-binfmt")
CPU = "  export QEMU_CPU=cortex-a57 makes them faster: a registration cannot set it\n"
NOT_AT_BOOT = (
    "crosswheel: warning: systemd did not boot this machine: /etc/binfmt.d may not be read when it boots\n"
)


@dataclass(frozen=True)
class Qemu:
    """The QEMU for aarch64 that crosswheel fetches."""

    data: bytes
    version: str

    @property
    def installed(self) -> str:
        """What ``install`` says of it."""
        return (
            f"aarch64: crosswheel-qemu-aarch64 runs its programs now (QEMU {self.version}, "
            f"{LIBRARY}/qemu-aarch64, flags PF)\n{CPU}"
        )


@pytest.fixture(scope="module")
def _kept() -> list[Qemu]:
    return []


@pytest.fixture
def qemu(machine: Machine, _kept: list[Qemu]) -> Qemu:
    if not _kept:
        done = machine.emulation("install", "aarch64")
        assert done.status == 0, done.err
        program = LIBRARY / "qemu-aarch64"
        said = machine.sh('"$1" --version', program)
        version = re.search(r"version ([\d.]*\d)", said)
        assert version is not None
        _kept.append(Qemu(machine.run("cat", program).stdout, version[1]))
        assert machine.emulation("uninstall", "aarch64").status == 0
    return _kept[0]


def test_a_program_that_is_no_emulator_of_it_is_not_installed(machine: Machine) -> None:
    assert machine.emulation("install", "arm64", "--qemu", "/bin/true") == Result(
        1,
        out="",
        err="crosswheel: error: /bin/true does not run programs of aarch64\n"
        "  cause: it exits with 0, not 42\n",
    )
    assert machine.entries == []
    assert machine.files == []


def test_an_architecture_of_the_machine_needs_nothing(machine: Machine) -> None:
    assert machine.emulation("install", "linux/amd64,386") == Result(
        0,
        out="x86_64: this machine runs its programs by itself\ni686: this machine runs its programs by itself\n",
        err="",
    )
    assert machine.entries == []


@pytest.mark.network
def test_every_architecture_runs_after_install_all_and_nothing_is_left_after_uninstall(
    machine: Machine,
) -> None:
    before = {name: machine.status_of(name) for name in FOREIGN}

    installed = machine.emulation("install", "--platforms", "all", "--persistent")

    assert (installed.status, installed.err.splitlines(keepends=True)[-1]) == (0, NOT_AT_BOOT)
    assert machine.entries == sorted(f"crosswheel-qemu-{ARCHITECTURES[name].qemu}" for name in FOREIGN)
    assert {name: machine.status_of(name) for name in FOREIGN} == dict.fromkeys(FOREIGN, sample.STATUS)
    assert machine.emulation("status", "all").status == 0
    lines = machine.sh("cat /etc/binfmt.d/zz-crosswheel-*").splitlines()
    removed = machine.emulation("uninstall", "--platforms", "all")
    assert removed.out == "".join(
        f"{name}: removed {BINFMT}/crosswheel-qemu-{qemu}, /etc/binfmt.d/zz-crosswheel-qemu-{qemu}.conf, "
        f"{LIBRARY}/qemu-{qemu}\n"
        for name, qemu in ((name, ARCHITECTURES[name].qemu) for name in FOREIGN)
    )
    assert machine.entries == []
    assert machine.files == []
    assert {name: machine.status_of(name) for name in FOREIGN} == before
    # What systemd-binfmt reads at boot is what the kernel takes: each line as it stands, comments left out.
    machine.write(LIBRARY / "qemu-aarch64", b"#!/bin/sh\nexit 7\n")
    (line,) = [line for line in lines if line.startswith(":crosswheel-qemu-aarch64:")]
    machine.sh(f'printf %s "$1" > {BINFMT}/register', line)
    assert machine.status_of("aarch64") == 7


@pytest.mark.network
def test_containers_are_served_too(machine: Machine, qemu: Qemu) -> None:
    assert machine.emulation("install", "arm64") == Result(0, out=qemu.installed, err="")
    root = Path("/usr/local/lib/root")
    machine.write(root / "program", sample.program(ARCHITECTURES["aarch64"]))

    assert machine.run("unshare", f"--root={root}", "/program").returncode == sample.STATUS


@pytest.mark.network
@pytest.mark.slow
def test_a_python_of_the_architecture_runs_in_its_own_root(machine: Machine, qemu: Qemu) -> None:
    source = DebianSource(Store(machine.crosswheel.cache), lambda event: None)
    root = source.root(Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])).path
    assert machine.emulation("install", "arm64").status == 0

    done = machine.run(
        "unshare", f"--root={root}", "python3.11", "-c", "import os; print(os.uname().machine)"
    )

    assert (done.returncode, done.stdout) == (0, b"aarch64\n")


@pytest.mark.network
def test_an_emulator_that_is_not_shown_is_still_found_to_run(machine: Machine, qemu: Qemu) -> None:
    """As in a container: the machine's entries serve, and its binfmt_misc is not mounted."""
    assert machine.emulation("install", "arm64").status == 0
    machine.sh(f"umount {BINFMT}")

    assert machine.emulation("status", "arm64") == Result(
        0,
        out="""\
architecture  docker       runs  by              interpreter  version  flags
aarch64       linux/arm64  yes   not shown here
""",
        err="",
    )


@pytest.mark.network
def test_another_tools_emulator_that_works_is_kept(machine: Machine, qemu: Qemu) -> None:
    machine.write(THEIRS, qemu.data)
    machine.register("qemu-aarch64", "aarch64", THEIRS, "F")

    assert machine.emulation("install", "aarch64") == Result(
        0, out=f"aarch64: qemu-aarch64 of another tool runs its programs ({THEIRS})\n", err=""
    )
    assert machine.entries == ["qemu-aarch64"]


@pytest.mark.network
def test_another_tools_emulator_that_does_not_work_gives_way_only_when_told(
    machine: Machine, qemu: Qemu
) -> None:
    machine.register("qemu-aarch64", "aarch64", Path("/usr/bin/qemu-removed"), "")

    assert machine.emulation("install", "aarch64") == Result(
        1,
        out="",
        err=f"""\
crosswheel: error: qemu-aarch64 of another tool is to run programs of aarch64, and they do not run
  cause: No such file or directory; /usr/bin/qemu-removed is gone: no program can start
  next: {INSTALL} aarch64 --replace serves in its place, and leaves it as it is
""",
    )
    assert machine.emulation("install", "aarch64", "--replace") == Result(0, out=qemu.installed, err="")
    assert machine.status_of("aarch64") == sample.STATUS
    assert machine.entries == ["crosswheel-qemu-aarch64", "qemu-aarch64"]
    assert machine.emulation("uninstall", "aarch64") == Result(
        0,
        out=f"aarch64: removed {BINFMT}/crosswheel-qemu-aarch64, {LIBRARY}/qemu-aarch64\n"
        "aarch64: qemu-aarch64 of another tool stays\n",
        err="",
    )
    assert machine.entries == ["qemu-aarch64"]


@pytest.mark.network
def test_an_emulator_of_ones_own_is_copied_so_that_it_lasts(machine: Machine, qemu: Qemu) -> None:
    machine.write(THEIRS, qemu.data)
    machine.sh("mkdir -p /run/systemd/system")

    result = machine.emulation("install", "arm64", "--qemu", THEIRS, "--persistent")
    machine.sh('rm "$1"', THEIRS)

    assert result == Result(0, out=qemu.installed, err="")
    assert json.loads(machine.emulation("status", "arm64", "--json").out)["architectures"] == [
        {
            "architecture": "aarch64",
            "docker": "linux/arm64",
            "native": False,
            "runs": True,
            "trouble": None,
            "entry": {
                "name": "crosswheel-qemu-aarch64",
                "enabled": True,
                "interpreter": f"{LIBRARY}/qemu-aarch64",
                "version": qemu.version,
                "flags": "PF",
                "ours": True,
                "faults": [],
            },
            "persistent": True,
        }
    ]


@pytest.mark.network
def test_installing_again_renews_the_emulator(machine: Machine, qemu: Qemu) -> None:
    assert machine.emulation("install", "arm64").out == qemu.installed
    assert machine.emulation("install", "arm64") == Result(0, out=qemu.installed, err="")
    assert machine.entries == ["crosswheel-qemu-aarch64"]


@pytest.mark.network
def test_nothing_is_left_of_an_installation_that_the_kernel_does_not_use(
    machine: Machine, qemu: Qemu
) -> None:
    machine.mount()
    machine.sh(f"echo 0 > {BINFMT}/status")

    assert machine.emulation("install", "arm64", "--persistent") == Result(
        1,
        out="",
        err=f"""\
crosswheel: error: programs of aarch64 do not run though crosswheel-qemu-aarch64 is registered
  cause: Exec format error; binfmt_misc is disabled
  next: echo 1 > {BINFMT}/status enables it
""",
    )
    assert machine.entries == []
    assert machine.files == []


@pytest.mark.network
def test_systemd_brings_it_back_at_boot_before_what_a_distribution_registers(
    machine: Machine, qemu: Qemu
) -> None:
    if not SYSTEMD.exists():
        pytest.skip("this machine has no systemd-binfmt")
    machine.write(THEIRS, qemu.data)
    line = binfmt.registration(ARCHITECTURES["aarch64"], THEIRS)
    machine.sh('printf "%s\\n" "$1" > /etc/binfmt.d/qemu-aarch64.conf', line)
    assert machine.emulation("install", "arm64", "--persistent").status == 0
    machine.sh(f"echo -1 > {BINFMT}/status")
    assert machine.entries == []

    machine.run(SYSTEMD)

    assert {"crosswheel-qemu-aarch64", "qemu-aarch64"} <= set(machine.entries)
    (found,) = json.loads(machine.emulation("status", "arm64", "--json").out)["architectures"]
    assert (found["runs"], found["entry"]["name"]) == (True, "crosswheel-qemu-aarch64")
