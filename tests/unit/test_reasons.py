"""Why a trouble is there on this machine: the facts of a made machine go into the words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.recognition import Emulator, Explanation, Kind, Program, Scene, explain, recognise
from crosswheel.resources import Disk, Memory

ARM, S390X, ARMHF, X86 = (ARCHITECTURES[name] for name in ("aarch64", "s390x", "armv7l", "x86_64"))
OWN = Path("/cache/qemu-aarch64")
GB = 1_000_000_000
WIDE_MEMORY, GOOD = Memory(24 * GB, 20 * GB), Emulator(OWN, "11.1.2")


@dataclass(frozen=True)
class Made:
    """A machine with these facts."""

    memory_: Memory = WIDE_MEMORY
    disks: Mapping[Path, Disk] = field(default_factory=dict)
    own: Emulator = GOOD
    entries: Mapping[str, Emulator] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    proxies_: tuple[str, ...] = ()
    route: bool = True
    addresses: int = 1 << 47

    def memory(self) -> Memory:
        return self.memory_

    def disk(self, directory: Path) -> Disk:
        return self.disks[directory]

    def emulator(self, path: Path) -> Emulator:
        assert path == OWN
        return self.own

    def registered(self, arch: Architecture) -> Emulator:
        return self.entries.get(arch.name, Emulator(None))

    def setting(self, name: str) -> str:
        return self.settings.get(name, "")

    def reserves(self, size: int) -> bool:
        return size <= self.addresses

    def limit(self, name: str) -> int | None:
        return self.limits.get(name)

    def proxies(self) -> tuple[str, ...]:
        return self.proxies_

    def routed(self) -> bool:
        return self.route


def files(**programs: Program) -> Callable[[str], Program | None]:
    return lambda name: programs.get(name.removeprefix("./").replace("-", "_").partition(".")[0])


SANDBOX = Scene(
    ARM,
    emulator=OWN,
    root="the root (Debian bookworm)",
    glibc=(2, 36),
    directories={"--cache-dir": Path("/cache"), "--output-dir": Path("/out")},
    look=files(
        tool=Program("s390x"), script=Program("", "/usr/bin/ruby"),
        bare=Program(""), old=Program("x86_64", "/lib64/ld-linux-x86-64.so.2"), mine=Program("aarch64"),
    ),
)  # fmt: skip
HOST_SCENE = Scene(ARM, contained=True)


def told(output: str, scene: Scene = SANDBOX, machine: Made = Made(), status: int = 1) -> Explanation:
    found = recognise(output.splitlines(), status, lambda name: scene.look(name) is not None)
    assert found is not None
    return explain(found, scene, machine)


EXEC = "sh: 1: ./{}: Exec format error"


def test_a_program_of_a_third_architecture() -> None:
    assert told(EXEC.format("tool")) == Explanation(
        "./tool is for s390x; here run programs of x86_64 and, by QEMU 11.1.2, of aarch64",
        "compile ./tool in the build, or take the one for aarch64",
    )


def test_a_program_that_cannot_be_looked_at() -> None:
    assert told("exec format error").why == "here run programs of x86_64 and, by QEMU 11.1.2, of aarch64"


def test_an_emulator_of_the_cache_that_is_broken() -> None:
    broken = Emulator(OWN, "", ("/cache/qemu-aarch64 does not run",))
    assert told("sh: 1: make: Exec format error", machine=Made(own=broken)) == Explanation(
        "/cache/qemu-aarch64 does not run",
        "let it be fetched anew: crosswheel build --clean-cache, then build again",
    )


def test_a_script_without_its_first_line() -> None:
    assert told(EXEC.format("bare")) == Explanation(
        "./bare is no ELF program and begins with no #!", "begin it with #!/bin/sh, or run sh ./bare"
    )


def test_a_script_whose_program_is_missing() -> None:
    assert told("sh: 1: ./script: not found", status=127) == Explanation(
        "./script begins with #!/usr/bin/ruby, which is not there",
        'install what has /usr/bin/ruby (before-all = "apt-get install -y ...")',
    )


ENTRYPOINT = "exec /usr/local/bin/manylinux-entrypoint: exec format error"


def test_no_entry_for_the_architecture() -> None:
    assert told(ENTRYPOINT, HOST_SCENE) == Explanation(
        "the kernel of this machine has no entry for aarch64 in /proc/sys/fs/binfmt_misc",
        "sudo crosswheel emulation install aarch64",
    )


def test_an_entry_whose_interpreter_is_gone() -> None:
    gone = Emulator(Path("/usr/bin/qemu"), "", ("/usr/bin/qemu is gone: no program can start",))
    assert told(ENTRYPOINT, HOST_SCENE, Made(entries={"aarch64": gone})) == Explanation(
        "the kernel runs programs of aarch64 by /usr/bin/qemu: /usr/bin/qemu is gone: no program can start",
        "sudo crosswheel emulation install aarch64 --replace",
    )


def test_an_entry_without_the_flag_that_containers_need() -> None:
    wrong = Emulator(Path("/usr/bin/qemu"), "10.0", ("flag F is missing",))
    output = "exec /opt/python/bin/python: no such file or directory"
    assert told(output, HOST_SCENE, Made(entries={"aarch64": wrong})) == Explanation(
        "the kernel runs programs of aarch64 by /usr/bin/qemu: flag F is missing",
        "sudo crosswheel emulation install aarch64 --replace",
    )


def test_a_program_for_musl_in_a_root_with_glibc() -> None:
    one = told("qemu-aarch64: Could not open '/lib/ld-musl-aarch64.so.1': No such file or directory")
    assert one.why == "/lib/ld-musl-aarch64.so.1 is musl's, and the root (Debian bookworm) has glibc"
    assert one.remedy.endswith('(before-all = "apt-get install -y musl")')


def test_a_program_of_this_machine_in_a_root_of_another() -> None:
    assert told("sh: 1: ./old: not found", status=127) == Explanation(
        "/lib64/ld-linux-x86-64.so.2 is not in the root (Debian bookworm): ./old is for x86_64, and the root is "
        "for aarch64",
        "compile it in the build, or take the one for aarch64 and glibc",
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("tool", "./tool.so is for s390x, not for aarch64"),
        ("mine", "./mine.so is for aarch64, and a Python of x86_64 loaded it"),
        ("bare", "./bare.so is no ELF file"),
        ("nosuch", "no file of this name is left in the project"),
    ],
)
def test_a_library_that_was_not_loaded(name: str, why: str) -> None:
    assert told(f"OSError: ./{name}.so: cannot open shared object file: No such file or directory").why == why


CRASH = "qemu: uncaught target signal 11 (Segmentation fault) - core dumped"


def test_a_crash_by_a_good_emulator_is_the_programs() -> None:
    assert told(CRASH) == Explanation(
        "QEMU 11.1.2 ran it, of which no such defect is known: the program itself is likelier to blame",
        "run it again with QEMU_STRACE=1 in its environment: the last lines tell what it asked of the kernel",
    )


def test_a_crash_by_an_old_emulator_of_the_machine() -> None:
    old = Emulator(Path("/usr/bin/qemu"), "7.2", ("QEMU 7.2 crashes at random on kernels since early 2025",))
    one = told(CRASH, HOST_SCENE, Made(entries={"aarch64": old}, settings={"kernel.osrelease": "6.18.1"}))
    assert one == Explanation(
        "QEMU 7.2 crashes at random on kernels since early 2025; this kernel is 6.18.1",
        "register a newer one: sudo crosswheel emulation install aarch64 --replace",
    )


def test_a_crash_by_an_old_emulator_of_the_cache() -> None:
    old = Emulator(OWN, "7.2", ("QEMU 7.2 crashes",))
    assert told(CRASH, machine=Made(own=old)).remedy.startswith(
        "bring a newer one: crosswheel build --clean-cache"
    )


def test_an_abort_is_not_the_emulators() -> None:
    assert "the emulator is not to blame" in told("qemu: uncaught target signal 6 (Aborted)").why


def test_an_instruction_that_the_emulated_cpu_lacks() -> None:
    one = told("qemu: uncaught target signal 4 (Illegal instruction)")
    assert one.why == "the emulated CPU is cortex-a57 (QEMU 11.1.2)"
    assert 'QEMU_CPU = "max"' in one.remedy


def test_an_image_for_newer_cpus() -> None:
    one = told("Fatal glibc error: CPU does not support x86-64-v2", Scene(X86))
    assert one.remedy.startswith("use an older image")


def test_a_glibc_that_is_too_old() -> None:
    one = told("./a: libc.so.6: version `GLIBC_2.38' not found (required by ./a)")
    assert one == Explanation(
        "it was linked where glibc is newer (2.38); the root (Debian bookworm) has glibc 2.36",
        "build it from source in the job (before-all), or take a Python whose root is newer: crosswheel plan "
        "--archs aarch64 lists them",
    )


def test_a_limit_of_memory_that_the_user_set() -> None:
    one = told("MemoryError", machine=Made(limits={"RLIMIT_AS": 300_000_000}))
    assert one.why == "each process may have 300 MB (ulimit -v)"


def test_memory_that_ran_out() -> None:
    assert told("MemoryError", machine=Made(Memory(24 * GB, 1 * GB))) == Explanation(
        "1.0 GB of 24 GB are free now",
        'give the machine more memory, or run fewer compilers at once (environment = { MAKEFLAGS = "-j1" })',
    )


def test_memory_that_was_refused_though_most_is_free() -> None:
    one = told("MemoryError")
    assert (
        one.why == "20 GB of 24 GB are free now: it asked for more at once, or set itself a limit (ulimit -v)"
    )


def test_a_control_group_that_is_full() -> None:
    limited = Memory(24 * GB, 20 * GB, limit=2 * GB, used=1_900_000_000, killed=1)
    one = told("Killed", machine=Made(limited), status=-9)
    assert one.why == (
        "the kernel ended processes for want of memory once in this run; the control group may use 2.0 GB and "
        "uses 1.9 GB; 20 GB of 24 GB are free now"
    )
    assert one.remedy.startswith("raise the group's limit (docker run --memory, MemoryMax=)")


def test_a_kill_that_the_kernel_did_not_make() -> None:
    one = told("Killed", status=-9)
    assert one.why.startswith(
        "the kernel ended none for want of memory in this run, so that another program did"
    )
    assert one.remedy.startswith("look for what ends processes: a time limit of CI, systemd-oomd or earlyoom")


SPACE = "OSError: [Errno 28] No space left on device"
WIDE, FULL = Disk(Path("/"), "ext4", 9 * GB, 1000), Disk(Path("/cache"), "tmpfs", 0, 1000)


def test_the_disk_that_is_full_is_named() -> None:
    disks = {Path("/cache"): FULL, Path("/out"): WIDE}
    assert told(SPACE, machine=Made(disks=disks)) == Explanation(
        "0 bytes are free on /cache (tmpfs)",
        "crosswheel build --clean-cache frees the cache's, or name a directory on another disk with --cache-dir",
    )


def test_a_disk_without_files_left_is_full() -> None:
    none_left = Disk(Path("/out"), "ext4", GB, 0)
    one = told(SPACE, machine=Made(disks={Path("/cache"): WIDE, Path("/out"): none_left}))
    assert one == Explanation(
        "no further file can be made on /out (ext4)",
        "free some, or name a directory on another disk with --output-dir",
    )


def test_a_file_system_that_is_none_of_the_runs() -> None:
    one = told(SPACE, machine=Made(disks={Path("/cache"): WIDE, Path("/out"): WIDE}))
    assert one.why == (
        "no disk of this run is full (9.0 GB on /): it was a file system inside, such as /dev/shm, or a quota"
    )


REFUSED = "HTTPConnection(host='index.example', port=80): Failed to establish a new connection: [Errno 111]"


def test_a_machine_without_a_way_out() -> None:
    one = told(REFUSED, machine=Made(route=False))
    assert (
        one.why == "it asked for index.example:80; this machine has no way out (no route in /proc/net/route)"
    )


def test_a_proxy_that_the_command_did_not_see() -> None:
    assert told(REFUSED, machine=Made(proxies_=("HTTPS_PROXY",))) == Explanation(
        "it asked for index.example:80; here HTTPS_PROXY are set, and the command did not see them",
        'let them in: environment-pass = ["HTTPS_PROXY"] in [tool.cibuildwheel.linux]',
    )


def test_a_server_that_does_not_answer() -> None:
    assert told(REFUSED) == Explanation(
        "it asked for index.example:80; a route is there, and no proxy is set",
        "see what answers: curl -sSI http://index.example:80",
    )


@pytest.mark.parametrize(
    ("output", "status", "words"),
    [
        ("bash: fork: retry: Resource temporarily unavailable", 1, "100 (ulimit -u)"),
        ("OSError: [Errno 24] Too many open files", 1, "64 (ulimit -n)"),
        ("File size limit exceeded", -25, "512 bytes (ulimit -f)"),
        ("", -24, "30 s (ulimit -t)"),
        ("podman: cannot clone: No space left on device", 125, "user.max_user_namespaces is 0"),
        ("Value too large for defined data type", 1, "ext4 numbers files by 64 bits"),
        ("ptrace(PTRACE_TRACEME, 0): Function not implemented", 1, "QEMU has no ptrace"),
        ("unshare: unshare failed: Invalid argument", 1, "QEMU cannot make namespaces"),
        ("sudo: command not found", 127, "commands are root already"),
        ("ssl.SSLError: certificate verify failed", 1, "trusts /etc/ssl/certs/ca-certificates.crt"),
    ],
)  # fmt: skip
def test_a_limit_or_a_setting_is_told_with_its_value(output: str, status: int, words: str) -> None:
    limits = {"RLIMIT_NPROC": 100, "RLIMIT_NOFILE": 64, "RLIMIT_FSIZE": 512, "RLIMIT_CPU": 30}
    settings = {"user.max_user_namespaces": "0"}
    disks = {Path("/cache"): WIDE, Path("/out"): WIDE}
    one = told(output, machine=Made(disks=disks, settings=settings, limits=limits), status=status)
    assert words in one.why
    assert one.remedy


NO_ADDRESSES = """\
qemu-arm: /usr/bin/python3.11: Unable to find a guest_base to satisfy all guest address mapping requirements
  00000000-ffffffff
"""


@pytest.mark.parametrize(
    ("machine", "why", "remedy"),
    [
        (
            Made(addresses=3 * GB, limits={"RLIMIT_AS": 3 * GB}),
            "no process here can reserve the 4 GB of addresses that it needs: each may have 3.0 GB (ulimit -v)",
            "ulimit -v unlimited",
        ),
        (
            Made(addresses=3 * GB),
            "no process here can reserve the 4 GB of addresses that it needs",
            "ulimit -v unlimited",
        ),
        (
            Made(settings={"vm.mmap_min_addr": str(1 << 32)}),
            "vm.mmap_min_addr is 4294967296",
            "sudo sysctl vm.mmap_min_addr=65536",
        ),
        (
            Made(settings={"vm.mmap_min_addr": "65536"}),
            "QEMU 11.1.2 needs 4 GB of addresses, which can be reserved here: the command itself had less",
            "leave ulimit -v out of what the project runs",
        ),
    ],
)  # fmt: skip
def test_a_32_bit_program_without_its_addresses(machine: Made, why: str, remedy: str) -> None:
    assert told(NO_ADDRESSES, machine=machine) == Explanation(why, remedy)


def test_every_kind_has_a_reason() -> None:
    from crosswheel.recognition.reasons import _REASONS

    assert set(_REASONS) == set(Kind)


def test_a_program_for_glibc_in_a_root_with_musl() -> None:
    scene = Scene(ARM, root="the root", has_musl=True)
    output = "qemu-aarch64: Could not open '/lib/ld-linux-aarch64.so.1': No such file or directory"
    assert told(output, scene) == Explanation(
        "/lib/ld-linux-aarch64.so.1 is glibc's, and the root has musl",
        "take the program that was built for musl, or compile it in the build",
    )
