"""Troubles of the machine, each caused for real in a job for aarch64: what happened, why here, what to do."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from foreign import program
from harness import Crosswheel, write
from host_state import left_as_it_was

pytestmark = [pytest.mark.slow, pytest.mark.network]

ID = "cp311-manylinux_aarch64"
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
CRASH = "int main(void) { volatile int *nowhere = 0; *nowhere = 1; return 0; }\n"
NEWER = "double fmod(double, double); int main(int count, char **words) { return (int)fmod(count, 2.0); }\n"
ARM_ONLY = "here run programs of x86_64 and, by QEMU <version>, of aarch64"


@pytest.fixture
def project(crosswheel: Crosswheel) -> Crosswheel:
    """A project whose before-all does harm; it is never built."""
    place = write(
        crosswheel.cwd / "project",
        {"pyproject.toml": PYPROJECT, "crash.c": CRASH, "newer.c": NEWER, "bare": "echo hello\n"},
    )
    (place / "bare").chmod(0o755)
    program(place / "tool", "s390x")
    program(place / "libtool.so", "riscv64")
    program(place / "musl", "aarch64", "/lib/ld-musl-aarch64.so.1")
    program(place / "musl-here", "x86_64", "/lib/ld-musl-x86_64.so.1")
    return crosswheel


@pytest.fixture(autouse=True)
def _untouched() -> Iterator[None]:
    with left_as_it_was():
        yield


def told(crosswheel: Crosswheel, command: str, **environ: str) -> list[str]:
    """The cause and the next step of a job whose before-all is this command."""
    result = crosswheel("build", "--only", ID, "project", env={"CIBW_BEFORE_ALL": command, **environ})
    assert result.status == 1, result.err
    assert crosswheel.wheels == []
    (failure,) = result.failures
    cause = re.search(r"^  cause: (.*)\n(?:    (?!\|)(.*)\n)?", failure, re.MULTILINE)
    remedy = re.search(r"^  next: (.*)\n", failure, re.MULTILINE)
    assert cause is not None, failure
    assert remedy is not None, failure
    lines = [cause[1], cause[2] or "", remedy[1]]
    return [re.sub(r"QEMU [\d.]+\d", "QEMU <version>", line) for line in lines]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("./tool", "./tool"),
        ("bash -c ./tool", "./tool"),
        ("python -c 'import subprocess; subprocess.run([\"./tool\"])'", "./tool"),
        ("env ./tool", "./tool"),
    ],
)
def test_a_program_of_a_third_architecture(project: Crosswheel, command: str, name: str) -> None:
    assert told(project, command) == [
        "it ran a program of another architecture",
        f"{name} is for s390x; {ARM_ONLY}",
        f"compile {name} in the build, or take the one for aarch64",
    ]


def test_a_program_that_make_could_not_start(project: Crosswheel) -> None:
    write(project.cwd / "project", {"Makefile": "all:\n\t./tool\n"})
    assert told(project, "make")[:2] == ["make could not start ./tool", f"./tool is for s390x; {ARM_ONLY}"]


def test_a_script_without_its_first_line(project: Crosswheel) -> None:
    command = "python -c 'import subprocess; subprocess.run([\"./bare\"])'"
    assert told(project, command)[1:] == [
        "./bare is no ELF program and begins with no #!",
        "begin it with #!/bin/sh, or run sh ./bare",
    ]


def test_a_program_that_crashes_under_emulation(project: Crosswheel) -> None:
    assert told(project, "gcc -o crash crash.c && ./crash") == [
        "an emulated program crashed (signal 11)",
        "QEMU <version> ran it, of which no such defect is known: the program itself is likelier to blame",
        "run it again with QEMU_STRACE=1 in its environment: the last lines tell what it asked of the kernel",
    ]


def test_an_instruction_that_the_emulated_cpu_lacks(project: Crosswheel) -> None:
    write(project.cwd / "project", {"wrong.c": 'int main(void) { __asm__ volatile(".inst 0"); return 0; }\n'})
    assert told(project, "gcc -o wrong wrong.c && ./wrong")[:2] == [
        "an emulated program used an instruction that its CPU does not have",
        "the emulated CPU is cortex-a57 (QEMU <version>)",
    ]


def test_a_library_of_another_architecture(project: Crosswheel) -> None:
    assert told(project, "python -c 'import ctypes; ctypes.CDLL(\"./libtool.so\")'") == [
        "it loaded ./libtool.so, which is missing or of another architecture",
        "./libtool.so is for riscv64, not for aarch64",
        "compile ./libtool.so in the build, or take the one for aarch64",
    ]


@pytest.mark.parametrize("command", ["./musl", "bash -c ./musl"])
def test_a_loader_that_the_root_does_not_have(project: Crosswheel, command: str) -> None:
    assert told(project, command) == [
        "a program of the target did not find its loader /lib/ld-musl-aarch64.so.1",
        "/lib/ld-musl-aarch64.so.1 is musl's, and the root (Debian bookworm) has glibc",
        "take the program that was built for glibc, or install musl beside it "
        '(before-all = "apt-get install -y musl")',
    ]


@pytest.mark.parametrize("command", ["./musl-here", "bash -c ./musl-here"])
def test_a_loader_that_is_missing_for_a_program_that_is_there(project: Crosswheel, command: str) -> None:
    first, why, _ = told(project, command)
    assert first == "./musl-here was not started: the program that loads its libraries is missing"
    assert why == "/lib/ld-musl-x86_64.so.1 is musl's, and the root (Debian bookworm) has glibc"


def test_a_program_that_is_not_there_lacks_no_loader(project: Crosswheel) -> None:
    assert told(project, "./nosuch")[0] == "the program ./nosuch was not found"


def test_a_program_that_was_linked_where_glibc_is_newer(project: Crosswheel) -> None:
    # To link with: a library that has the symbol as glibc 2.38 has it; the root's own loads the program.
    link = (
        "echo 'GLIBC_2.38 { fmod; };' > map; echo 'double fmod(double a, double b) { return a; }' > stub.c; "
        "gcc -shared -nostdlib -fno-builtin -o libm.so.6 -Wl,-soname,libm.so.6 -Wl,--version-script=map stub.c; "
        "gcc -fno-builtin -o newer newer.c ./libm.so.6"
    )
    assert told(project, f"{link} && ./newer") == [
        "./newer needs GLIBC_2.38, which is not there",
        "it was linked where glibc is newer (2.38); the root (Debian bookworm) has glibc 2.36",
        "build it from source in the job (before-all), or take a Python whose root is newer: "
        "crosswheel plan --archs aarch64 lists them",
    ]


def test_a_compiler_that_somebody_kills(project: Crosswheel) -> None:
    write(project.cwd / "project", {"bin/cc1": "#!/bin/sh\nkill -9 $$\n"})
    first, why, remedy = told(project, "chmod +x bin/cc1 && gcc -B $PWD/bin/ -c crash.c")
    assert first == "a process was killed"
    assert why.startswith(
        "the kernel ended none for want of memory in this run, so that another program did; "
    )
    assert remedy.startswith("look for what ends processes: a time limit of CI, systemd-oomd or earlyoom")


def test_memory_that_a_limit_refuses(project: Crosswheel) -> None:
    backend = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9))\nbytearray(10**10)\n"
    write(project.cwd / "project", {"backend.py": backend})
    result = project("build", "--only", ID, "--engine", "cross", "project")
    assert result.status == 1
    (failure,) = result.failures
    assert "  cause: memory ran out\n    <size> of <size> are free now" in failure


def test_memory_that_a_control_group_refuses(project: Crosswheel) -> None:
    with limited(200_000_000) as under:
        env = {"CIBW_BEFORE_ALL": "python -c 'print(len(bytearray(10**9)))'"}
        result = project("build", "--only", ID, "project", under=under, env=env)
    assert result.status == 1
    (failure,) = result.failures
    assert (
        "  cause: a process was killed\n    the kernel ended processes for want of memory once in this"
        in failure
    )
    assert "the control group may use <size> and uses <size>" in failure
    assert "  next: raise the group's limit (docker run --memory, MemoryMax=)" in failure


def test_a_disk_that_is_full(project: Crosswheel) -> None:
    small = 'mount -t tmpfs -o size=200m tmpfs "$1" && shift && exec "$@"'
    scratch = project.cache / "scratch"
    result = project(
        "build", "--only", ID, "project",
        under=["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", small, "sh", str(scratch)],
        env={"CIBW_BEFORE_ALL": "head -c 400000000 /dev/zero > /var/tmp/large"},
    )  # fmt: skip
    assert result.status == 1
    (failure,) = result.failures
    assert (
        "  cause: there is no space left on the device\n    <size> are free on <cache>/scratch (tmpfs)\n"
        in failure
    )
    assert failure.endswith(
        "  next: crosswheel build --clean-cache frees the cache's, or name a directory on another disk with "
        "--cache-dir\n"
    )


def test_an_index_that_refuses(project: Crosswheel) -> None:
    started = time.monotonic()
    first, why, remedy = told(project, "pip install --retries 1 --index-url http://127.0.0.1:9/simple nosuch")
    assert time.monotonic() - started < 30
    assert first == "the network failed: a server could not be reached"
    assert why.startswith("it asked for 127.0.0.1:9; ")
    assert remedy


def test_sudo_is_not_needed(project: Crosswheel) -> None:
    assert told(project, "sudo apt-get install -y x") == [
        "it called sudo",
        "commands are root already, in a sandbox of their own",
        "leave sudo out",
    ]


@contextmanager
def limited(size: int) -> Iterator[list[str]]:
    """A control group with a limit of memory, as the command that joins it and runs what follows."""
    own = _own_group()
    if own is None:
        pytest.skip("no control group of memory is delegated to this user")
    group = own / f"crosswheel-{os.getpid()}"
    try:
        group.mkdir()
        limit = next(
            path for name in ("memory.max", "memory.limit_in_bytes") if (path := group / name).exists()
        )
        limit.write_text(str(size))
        yield ["sh", "-c", 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"', "sh", str(group)]
    finally:
        group.rmdir()


def _own_group() -> Path | None:
    """The control group of memory that this process is in, of either version, where this user may make others."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        place = Path("/sys/fs/cgroup", "memory" if controllers else "", path.lstrip("/"))
        shared = controllers == "memory" or (
            (place / "cgroup.subtree_control").is_file()
            and "memory" in (place / "cgroup.subtree_control").read_text().split()
        )
        if controllers in ("", "memory") and shared and os.access(place, os.W_OK):
            return place
    return None
