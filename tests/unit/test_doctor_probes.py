"""The probes of ``crosswheel doctor`` on machines that are made up: each names the right cause."""

import errno
import json
import os
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel import sample
from crosswheel.architectures import ARCHITECTURES, HOST
from crosswheel.doctor import Machine, containers, disk, kernel, memory, network, programs, speed
from crosswheel.errors import ProvisionError
from crosswheel.process import OverdueError, within
from crosswheel.provision.debian import DebianSource
from crosswheel.store import Store

AARCH64, X86_64 = ARCHITECTURES["aarch64"], ARCHITECTURES["x86_64"]
EPERM = "unshare: write failed /proc/self/uid_map: Operation not permitted"
Lay = Callable[[str, str], Path]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One that lets everything be done, with an empty cache, an empty ``/proc`` and nothing on PATH."""
    store = Store(tmp_path / "cache")
    (tmp_path / "bin").mkdir()
    return Machine(
        platform="linux",
        hardware="x86_64",
        kernel="6.18.0",
        environ={"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home")},
        store=store,
        debian=DebianSource(store, lambda _: None),
        output=tmp_path,
        proc=tmp_path / "proc",
        cgroups=tmp_path / "cgroup",
        probe_sandbox=lambda *, emulate: None,
    )


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Writes a file below the directory of the test."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return write


@pytest.fixture
def program(lay: Lay) -> Lay:
    """Puts a script on PATH."""

    def write(name: str, text: str) -> Path:
        path = lay(f"bin/{name}", f"#!/bin/sh\nPATH=/usr/bin:/bin\n{textwrap.dedent(text)}")
        path.chmod(0o755)
        return path

    return write


def refusing(machine: Machine, said: str, *, only_emulation: bool = False) -> Machine:
    def probe(*, emulate: bool) -> None:
        if emulate or not only_emulation:
            raise ProvisionError("it is refused", cause=said, remedy="something general")

    return replace(machine, probe_sandbox=probe)


# --- user namespaces


def test_user_namespaces_that_can_be_made_are_good(machine: Machine) -> None:
    assert kernel.user_namespaces(machine, [AARCH64]).finding.status == "good"


@pytest.mark.parametrize(
    ("place", "value", "said", "cause", "remedy"),
    [
        (
            "sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            EPERM,
            "AppArmor keeps programs without a profile from them",
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (
            "sys/kernel/unprivileged_userns_clone",
            "0",
            "unshare: unshare failed: Operation not permitted",
            "Debian's switch keeps them for root",
            "sudo sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        (
            "sys/user/max_user_namespaces",
            "0",
            "unshare: unshare failed: No space left on device",
            "the kernel is told to allow none",
            "sudo sysctl -w user.max_user_namespaces=15000",
        ),
        (
            "self/status",
            "Name:\tx\nSeccomp:\t2\nSeccomp_filters:\t1",
            "unshare: unshare failed: Operation not permitted",
            "a filter of system calls forbids them",
            "run outside of the container, or start it with --security-opt seccomp=unconfined",
        ),
    ],
)
def test_the_switch_that_refuses_user_namespaces_is_named(
    machine: Machine, lay: Lay, place: str, value: str, said: str, cause: str, remedy: str
) -> None:
    lay(f"proc/{place}", f"{value}\n")
    finding = kernel.user_namespaces(refusing(machine, said), [AARCH64]).finding
    assert finding.status == "bad"
    assert finding.cause.startswith(cause)
    assert finding.cause.endswith(said)
    assert finding.remedy == remedy
    assert finding.details == {"allowed": False, "switch": place}


def test_a_switch_that_is_on_is_not_blamed(machine: Machine, lay: Lay) -> None:
    lay("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n")
    lay("proc/self/status", "Seccomp:\t0\n")
    finding = kernel.user_namespaces(refusing(machine, EPERM), [AARCH64]).finding
    assert (finding.cause, finding.remedy) == (EPERM, "something general")


def test_a_switch_is_not_blamed_where_nothing_is_refused(machine: Machine, lay: Lay) -> None:
    lay("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")  # bwrap, say, may have a profile
    assert kernel.user_namespaces(machine, [AARCH64]).finding.status == "good"


# --- emulation of one's own


def test_an_old_kernel_is_named_as_the_cause(machine: Machine) -> None:
    old = replace(refusing(machine, "mount: permission denied", only_emulation=True), kernel="6.1.0-18-amd64")
    probed = kernel.private_emulation(old, [AARCH64, X86_64])
    assert probed.finding.status == "bad"
    assert probed.finding.cause.startswith("Linux 6.1.0-18-amd64 is older than 6.7")
    assert probed.finding.remedy.startswith("use Linux 6.7 or newer")
    assert probed.ways["aarch64"].works is False
    assert "x86_64" not in probed.ways


def test_a_module_that_is_not_loaded_is_named_as_the_cause(machine: Machine) -> None:
    said = "mount: /proc/sys/fs/binfmt_misc: unknown filesystem type 'binfmt_misc'."
    finding = kernel.private_emulation(refusing(machine, said, only_emulation=True), [AARCH64]).finding
    assert finding.cause == f"the module binfmt_misc is not loaded: {said}"
    assert finding.remedy == "sudo modprobe binfmt_misc"


def test_emulation_is_not_tried_without_user_namespaces(machine: Machine) -> None:
    probed = kernel.private_emulation(refusing(machine, EPERM), [AARCH64])
    assert probed.finding.status == "unknown"
    assert probed.ways["aarch64"].works is False


def test_a_way_without_qemu_is_neither_good_nor_bad(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    way = kernel.private_emulation(machine, [AARCH64]).ways["aarch64"]
    assert way.works is None
    assert way.reason == "QEMU and bubblewrap are fetched at first need"


# --- the machine and its programs


@pytest.mark.parametrize(("platform", "hardware"), [("darwin", "x86_64"), ("linux", "aarch64")])
def test_another_kind_of_machine_is_refused(machine: Machine, platform: str, hardware: str) -> None:
    other = replace(machine, platform=platform, hardware=hardware)
    finding = kernel.machine_kind(other, [AARCH64]).finding
    assert finding.status == "bad"
    assert finding.cause == f"this machine is {hardware} {platform}"


def test_a_machine_that_does_not_run_what_others_of_its_kind_do_says_so(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "trouble", lambda arch: "" if arch == HOST else "Exec format error")
    sample.runs_here.cache_clear()
    here = replace(machine, platform="linux", hardware="x86_64", kernel="6.18.0")
    finding = kernel.machine_kind(here, list(ARCHITECTURES.values())).finding
    sample.runs_here.cache_clear()
    assert finding.status == "note"
    assert finding.fact == "x86_64 with Linux 6.18.0; it does not run programs of i686: QEMU does"
    assert finding.cause == "Exec format error"


def test_an_installed_qemu_that_is_too_old_is_named(
    machine: Machine, program: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program("qemu-aarch64-static", "echo qemu-aarch64 version 7.2.22")
    monkeypatch.setenv("PATH", str(path.parent))
    finding = programs.qemu(machine, [AARCH64]).finding
    assert finding.fact == "none is here for aarch64; it is fetched at first need"
    assert finding.cause == (
        f"not used: {path} is version 7.2.22: before 9.2 QEMU crashes at random on kernels since early 2025"
    )


def test_a_zig_that_does_not_run_is_bad(machine: Machine, lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = lay("zig/zig", "#!/bin/sh\necho broken >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(programs.zig, "present", lambda store: True)
    monkeypatch.setattr(programs.zig, "fetch", lambda store, progress: programs.zig.Zig(broken.parent, "1"))
    finding = programs.compiler(machine, [AARCH64]).finding
    assert (finding.status, finding.cause) == ("bad", "broken")


def test_without_native_pythons_debians_are_announced(machine: Machine) -> None:
    finding = programs.native_pythons(machine, [AARCH64]).finding
    assert finding.status == "note"
    assert finding.fact == "none of this machine's own; Debian's are fetched for 3.9, 3.11, 3.13, 3.14, 3.15"


def test_nothing_is_measured_without_a_root(machine: Machine) -> None:
    probed = speed.speed(machine, [AARCH64, X86_64])
    assert probed.samples == {"aarch64": "the cache has no root yet: the first build fetches one"}


def test_nothing_is_emulated_for_this_machine_itself(machine: Machine) -> None:
    assert speed.speed(machine, [X86_64]).finding.fact == "nothing is emulated"
    assert programs.qemu(machine, [X86_64]).finding.fact == "none is needed"


# --- the network


def test_a_mirror_that_nobody_serves_is_named(machine: Machine) -> None:
    mirror = "http://127.0.0.1:9/debian"
    there = replace(machine, debian=DebianSource(machine.store, lambda _: None, mirror))
    finding = network.mirror(there, [AARCH64]).finding
    assert finding.status == "note"
    assert finding.fact == f"the Debian mirror {mirror} cannot be reached"
    assert finding.details == {"answers": False}


def test_an_index_that_nobody_serves_is_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    finding = network.index(machine, [AARCH64]).finding
    assert finding.status == "note"
    assert finding.fact.startswith("the package index cannot be reached")


def test_a_cache_that_cannot_be_written_is_not_blamed_on_the_mirror(machine: Machine, tmp_path: Path) -> None:
    there = replace(machine, debian=DebianSource(Store(file_in(tmp_path)), lambda _: None))
    finding = network.mirror(there, [AARCH64]).finding
    assert (finding.status, finding.fact) == ("unknown", "not asked: the cache cannot be written")


def file_in(directory: Path) -> Path:
    """A path that is no directory and cannot become one."""
    path = directory / "file"
    path.write_text("")
    return path / "cache"


# --- the disk


def test_a_cache_that_cannot_be_written_is_bad(machine: Machine, tmp_path: Path) -> None:
    finding = disk.cache(replace(machine, store=Store(file_in(tmp_path))), [AARCH64]).finding
    assert (finding.status, finding.cause) == ("bad", os.strerror(errno.ENOTDIR))
    assert finding.remedy == "make it writable for you, or name another directory with --cache-dir"


def test_a_cache_of_which_nothing_is_left_in_scratch_is_good(machine: Machine) -> None:
    finding = disk.cache(machine, [AARCH64]).finding
    assert (finding.status, finding.details["writable"], finding.details["layers"]) == ("good", True, True)
    assert isinstance(finding.details["bytes"], int)
    assert list((machine.store.root / "scratch").iterdir()) == []


def test_a_file_system_that_cannot_hold_layers_is_bad(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(directory: Path) -> None:
        raise ProvisionError("no", cause="mount: wrong fs type")

    monkeypatch.setattr(disk.namespace, "probe_layers", refuse)
    finding = disk.cache(machine, [AARCH64]).finding
    assert finding.status == "bad"
    assert finding.fact == f"the file system of {machine.store.root} cannot hold the layers of a sandbox"
    assert finding.details["layers"] is False


def test_layers_are_not_judged_without_user_namespaces(machine: Machine) -> None:
    finding = disk.cache(refusing(machine, EPERM), [AARCH64]).finding
    assert (finding.status, finding.details["layers"]) == ("good", None)


def test_an_output_that_is_a_file_is_bad(machine: Machine, tmp_path: Path) -> None:
    finding = disk.disk(replace(machine, output=file_in(tmp_path)), [AARCH64]).finding
    assert finding.status == "bad"
    assert finding.remedy.endswith("--output-dir")


# --- memory and control groups

MEMINFO = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n"


def test_memory_is_what_the_kernel_has_available(machine: Machine, lay: Lay) -> None:
    lay("proc/meminfo", MEMINFO)
    finding = memory.memory(machine, [AARCH64]).finding
    assert finding.status == "good"
    assert finding.fact.startswith("8.2 of 16.4 GB are free")


def test_the_lowest_limit_of_the_groups_above_counts(machine: Machine, lay: Lay) -> None:
    lay("proc/meminfo", MEMINFO)
    lay("proc/self/cgroup", "0::/user.slice/me.scope\n")
    lay("cgroup/cgroup.controllers", "cpu memory\n")
    lay("cgroup/user.slice/memory.max", "1000000000\n")
    lay("cgroup/user.slice/me.scope/memory.max", "max\n")
    finding = memory.memory(machine, [AARCH64]).finding
    assert finding.details["limit"] == 1_000_000_000
    assert (finding.status, finding.remedy) == (
        "note",
        "build with less at once: MAKEFLAGS=-j1 in CIBW_ENVIRONMENT",
    )


def test_version_1_has_a_limit_only_below_its_greatest_number(machine: Machine, lay: Lay) -> None:
    lay("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/job\n0::/\n")
    lay("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    lay("cgroup/memory/job/memory.limit_in_bytes", "9223372036854771712\n")
    assert memory.cgroups(machine, [AARCH64]).finding.details["limit"] is None
    lay("cgroup/memory/job/memory.limit_in_bytes", "5000000000\n")
    assert memory.cgroups(machine, [AARCH64]).finding.details["limit"] == 5_000_000_000


def test_a_group_that_does_not_part_its_memory_is_not_delegated(machine: Machine, lay: Lay) -> None:
    lay("proc/self/cgroup", "0::/user/mine\n")
    lay("cgroup/cgroup.controllers", "memory\n")
    lay("cgroup/user/mine/memory.max", "max\n")
    finding = memory.cgroups(machine, [AARCH64]).finding
    assert (finding.status, finding.fact) == ("good", "version 2; --memory is held by looking each second")
    assert finding.cause == f"no group can be made in {machine.cgroups}/user: No such file or directory"
    assert finding.details["delegated"] is False


def test_a_machine_without_control_groups_is_told(machine: Machine) -> None:
    finding = memory.cgroups(machine, [AARCH64]).finding
    assert (finding.status, finding.fact) == (
        "note",
        "there are none; --memory is held by looking each second",
    )


# --- containers

IMAGES = json.dumps(
    [
        {"Id": "sha256:1", "Os": "linux", "Architecture": "arm64", "Variant": "v8"},
        {"Id": "sha256:2", "Os": "linux", "Architecture": "amd64"},
    ]
)
# Answers as docker does; `run` does what RUN says.
DOCKER = f"""
echo "$*" >> "$0.log"
case "$1 $2" in
  "version "*) echo 28.2.2;;
  "image ls") printf 'sha256:1\\nsha256:2\\n';;
  "image inspect") echo '{IMAGES}';;
  "run "*) RUN;;
esac
"""


def test_engines_that_are_not_installed_are_told(machine: Machine) -> None:
    for probe, name in ((containers.docker, "docker"), (containers.podman, "podman")):
        probed = probe(machine, [AARCH64])
        assert (probed.finding.status, probed.finding.fact) == ("note", f"{name} is not on PATH")
        assert probed.ways["aarch64"].works is False


def test_docker_without_a_server_is_told_with_what_docker_says(machine: Machine, program: Lay) -> None:
    program("docker", "echo 'Cannot connect to the Docker daemon at unix:///x.sock.' >&2; exit 1")
    finding = containers.docker(machine, [AARCH64]).finding
    assert finding.fact == "docker is installed, and no server answers"
    assert finding.cause == "Cannot connect to the Docker daemon at unix:///x.sock."
    assert finding.remedy.startswith("sudo systemctl start docker")


def test_docker_runs_the_images_that_are_there_and_pulls_none(machine: Machine, program: Lay) -> None:
    path = program("docker", DOCKER.replace("RUN", "exit 42"))
    probed = containers.docker(machine, [AARCH64, X86_64, ARCHITECTURES["s390x"]])
    assert probed.finding.fact == "docker 28.2.2 answers and runs programs of aarch64, x86_64"
    assert probed.ways["s390x"].works is None
    runs = [line for line in Path(f"{path}.log").read_text().splitlines() if line.startswith("run ")]
    assert len(runs) == 2
    assert all("--rm --pull=never --network=none" in line for line in runs)


def test_a_foreign_image_that_does_not_run_is_told_with_the_command_that_helps(
    machine: Machine, program: Lay
) -> None:
    said = "exec /bin/sh: exec format error"
    program("docker", DOCKER.replace("RUN", f"echo '{said}' >&2; exit 255"))
    way = containers.docker(machine, [AARCH64]).ways["aarch64"]
    assert way.works is False
    assert way.reason == "exec format error: nothing runs programs of aarch64 there"
    assert way.remedy == "sudo crosswheel emulation install aarch64"


def test_an_image_without_a_shell_tells_nothing(machine: Machine, program: Lay) -> None:
    program("docker", DOCKER.replace("RUN", "echo 'stat /bin/sh: no such file or directory' >&2; exit 127"))
    probed = containers.docker(machine, [AARCH64])
    assert probed.ways["aarch64"].works is None
    assert "stat /bin/sh: no such file or directory" in probed.finding.cause


def test_a_container_that_hangs_is_removed(
    machine: Machine, program: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "_RUNNING", 0.2)
    path = program("docker", DOCKER.replace("RUN", "exec sleep 60"))
    with pytest.raises(OverdueError), within(10):
        containers.docker(machine, [AARCH64])
    assert Path(f"{path}.log").read_text().splitlines()[-1] == (
        f"rm --force crosswheel-doctor-{os.getpid()}-aarch64"
    )


def test_a_server_that_never_answers_takes_no_longer_than_the_probe_has(
    machine: Machine, program: Lay
) -> None:
    program("docker", "exec sleep 60")
    with pytest.raises(OverdueError), within(0.3):
        containers.docker(machine, [AARCH64])


def test_podman_that_was_never_used_is_not_made_to_keep_something(machine: Machine, program: Lay) -> None:
    path = program("podman", 'echo "$*" >> "$0.log"; echo podman version 4.3.1')
    finding = containers.podman(machine, [AARCH64]).finding
    if os.geteuid() == 0 and Path("/var/lib/containers/storage").is_dir():
        pytest.skip("root has used podman here")
    assert finding.fact == "podman 4.3.1 is installed and was never used by this user"
    assert Path(f"{path}.log").read_text() == "--version\n"
