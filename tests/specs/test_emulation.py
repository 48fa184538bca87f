"""``crosswheel emulation`` changes what runs foreign programs on a machine, and nothing that another tool made."""

import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import Crosswheel, Result
from private_host import BINFMT, PrivateHost, private_host

from crosswheel.architectures import ARCHITECTURES, HOST
from crosswheel.model import Python
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.emulation import binfmt, sample
from crosswheel.store import Store

FOREIGN = [name for name, row in ARCHITECTURES.items() if HOST.name not in row.runs_on]
LIBRARY = Path("/usr/local/lib/crosswheel")
INSTALL = f"{sys.executable} -m crosswheel emulation install"
SYSTEMD = Path("/usr/lib/systemd/systemd-binfmt")
SAMPLE = Path("/usr/local/lib/sample")
THEIRS = Path("/usr/local/lib/theirs/qemu-aarch64")
CPU = "  export QEMU_CPU=cortex-a57 makes them faster: a registration cannot set it\n"
NOT_AT_BOOT = (
    "crosswheel: warning: systemd did not boot this machine: /etc/binfmt.d may not be read when it boots\n"
)


@dataclass(frozen=True)
class Machine(PrivateHost):
    """A private host with the command."""

    crosswheel: Crosswheel

    def emulation(self, *args: str | Path) -> Result:
        return self.crosswheel("emulation", *args, under=self.under)

    def status_of(self, arch: str, program: bytes | None = None) -> int:
        """What a program of an architecture exits with; a shell says 126 or 127 where the kernel runs none."""
        self.write(SAMPLE, program or sample.program(ARCHITECTURES[arch]))
        return self.run(SAMPLE).returncode


@pytest.fixture
def machine(crosswheel: Crosswheel, tmp_path: Path) -> Iterator[Machine]:
    directory = tmp_path / "machine"
    directory.mkdir()
    with private_host(directory) as host:
        yield Machine(host.under, crosswheel)


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

next: {INSTALL} aarch64 ppc64le s390x armv7l riscv64
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
    root = source.root(Python("cp", 3, 11), ARCHITECTURES["aarch64"]).path
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
