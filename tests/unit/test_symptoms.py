"""What is said where a machine is to blame.

The first block is what the tools wrote: dash 0.5.12, bash 5.2, GNU make 4.3, GCC 12.2, CPython 3.11 and pip 23 in a
Debian root under QEMU 11.1; the second is what users of cibuildwheel, docker and QEMU report, in the threads named.
"""

import pytest

from crosswheel.recognition import Found, Kind, recognise

QEMU = "qemu: uncaught target signal"
STARTED = '  File "/usr/lib/python3.11/subprocess.py", line 1901, in _execute_child\n'
SNIPPETS: list[tuple[str, int, Kind, dict[str, str]]] = [
    ("sh: 1: ./tool: Exec format error", 126, Kind.EXEC_FORMAT, {"file": "./tool"}),
    (
        "bash: line 1: ./tool: cannot execute binary file: Exec format error",
        126,
        Kind.EXEC_FORMAT,
        {"file": "./tool"},
    ),
    ("OSError: [Errno 8] Exec format error: './tool'", 1, Kind.EXEC_FORMAT, {"file": "./tool"}),
    ("./tool: 1: \x7fELF\x02\ufffdx@@@8@: not found", 127, Kind.EXEC_FORMAT, {"file": "./tool"}),
    ("./tool\nmake: *** [Makefile:2: all] Error 127", 2, Kind.EXEC_FORMAT, {"file": "./tool"}),
    (f"{QEMU} 11 (Segmentation fault) - core dumped", -11, Kind.GUEST_CRASH, {"signal": "11"}),
    (f"{QEMU} 4 (Illegal instruction) - core dumped", -4, Kind.CPU, {}),
    (f"{QEMU} 6 (Aborted) - core dumped", -6, Kind.ABORT, {}),
    (
        "qemu-aarch64: Could not open '/lib/ld-musl-aarch64.so.1': No such file or directory",
        255,
        Kind.LOADER,
        {"loader": "/lib/ld-musl-aarch64.so.1"},
    ),
    ("sh: 1: ./tool: not found", 127, Kind.LOADER, {"file": "./tool"}),
    ("bash: line 1: ./tool: cannot execute: required file not found", 127, Kind.LOADER, {"file": "./tool"}),
    (
        f"{STARTED}FileNotFoundError: [Errno 2] No such file or directory: './tool'",
        1,
        Kind.LOADER,
        {"file": "./tool"},
    ),
    (
        "OSError: ./libx.so: cannot open shared object file: No such file or directory",
        1,
        Kind.LIBRARY,
        {"file": "./libx.so"},
    ),
    ("head: error writing 'standard output': No space left on device", 1, Kind.SPACE, {}),
    ("gcc: fatal error: Killed signal terminated program cc1", 1, Kind.KILLED, {}),
    ("Killed", -9, Kind.KILLED, {}),
    ("", -9, Kind.KILLED, {}),
    ("", -11, Kind.CRASH, {}),
    ("MemoryError", 1, Kind.MEMORY, {}),
    ("cc1: out of memory allocating 65536 bytes after a total of 1 bytes", 1, Kind.MEMORY, {}),
    ("File size limit exceeded", -25, Kind.FILE_SIZE, {}),
    ("", -24, Kind.CPU_TIME, {}),
    (
        "connection broken by 'NewConnectionError(\"HTTPConnection(host='127.0.0.1', port=9): Failed to "
        "establish a new connection: [Errno 111] Connection refused\")': /simple/nosuch/\n"
        "ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)",
        1,
        Kind.NETWORK,
        {"where": "127.0.0.1", "port": "9"},
    ),
    ("urllib.error.URLError: <urlopen error [Errno 111] Connection refused>", 1, Kind.PERHAPS_NETWORK, {}),
    (
        "urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>",
        1,
        Kind.PERHAPS_NETWORK,
        {},
    ),
    ("sh: 1: sudo: not found", 127, Kind.SUDO, {}),
    ("unshare: unshare failed: Invalid argument", 1, Kind.NAMESPACES, {"why": "Invalid argument"}),
    (
        "./tool: /lib/aarch64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by ./tool)",
        1,
        Kind.GLIBC,
        {"version": "GLIBC_2.38", "file": "./tool"},
    ),
]
REPORTED = [
    # pypa/cibuildwheel 2114, 1977, 1189: docker before a registration of QEMU.
    ("exec /usr/local/bin/manylinux-entrypoint: exec format error", 1, Kind.EXEC_FORMAT),
    # pypa/manylinux 410.
    ('standard_init_linux.go:211: exec user process caused "exec format error"', 1, Kind.EXEC_FORMAT),
    (
        "RuntimeError: Failed to read the return code, the container shell has exited",
        1,
        Kind.EXEC_FORMAT,
    ),
    # crun, which podman runs.
    ('{"msg":"exec container process `/bin/true`: Exec format error","level":"error"}', 1, Kind.EXEC_FORMAT),
    # dyrnq/install-docker 13: an entry without flag F.
    ("exec /usr/local/bin/python3: no such file or directory", 1, Kind.LOADER),
    # tonistiigi/binfmt 215, docker/setup-qemu-action 201.
    (
        "qemu: uncaught target signal 11 (Segmentation fault) - core dumped\nSegmentation fault (core dumped)\n"
        "dpkg: error processing package libc-bin (--configure):",
        100,
        Kind.GUEST_CRASH,
    ),
    # balena-io/qemu 21, termux/termux-packages 6172.
    (
        "qemu-arm-static: Unable to reserve 0xffff0000 bytes of virtual address space at 0x1000 (Success) for use "
        "as guest address space",
        1,
        Kind.ADDRESS_SPACE,
    ),
    # rust-lang/cargo 8719, docker/buildx 395.
    (
        "warning: spurious network error (2 tries remaining): could not read directory "
        "'/root/.cargo/registry/index/refs': Value too large for defined data type; class=Os (2)",
        1,
        Kind.LARGE_FILES,
    ),
    # sourmash-bio/sourmash 2384: pip tells a killed build by 247.
    ("error: subprocess-exited-with-error", 247, Kind.KILLED),
    ("c++: fatal error: Killed signal terminated program cc1plus", 1, Kind.KILLED),
    ("g++: internal compiler error: Killed (program cc1plus)", 4, Kind.KILLED),
    # multiarch/qemu-user-static 17: an entry without flag C.
    ("sudo: effective uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option set", 1, Kind.SUDO),
    # kubevirt/containerized-data-importer 2652.
    ("Fatal glibc error: CPU does not support x86-64-v2", 127, Kind.CPU),
    # lief-project/LIEF 904, casadi/casadi 4402.
    (
        "ImportError: /lib/aarch64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by "
        "/v/a.so)",
        1,
        Kind.GLIBC,
    ),
]  # fmt: skip


def found(output: str, status: int, *, there: bool = True) -> Found | None:
    return recognise(output.splitlines(), status, lambda _: there)


@pytest.mark.parametrize(("output", "status", "kind", "named"), SNIPPETS)
def test_a_trouble_is_known_by_what_was_written(
    output: str, status: int, kind: Kind, named: dict[str, str]
) -> None:
    one = found(output, status)
    assert one is not None
    assert (one.kind, dict(one.named)) == (kind, named)
    assert "\\" not in one.fact


@pytest.mark.parametrize(("output", "status", "kind"), REPORTED)
def test_a_trouble_is_known_by_what_users_report(output: str, status: int, kind: Kind) -> None:
    one = found(output, status)
    assert one is not None
    assert one.kind is kind


@pytest.mark.parametrize(
    ("output", "status"),
    [
        ("sh: 1: ./tool: not found", 127),
        (f"{STARTED}FileNotFoundError: [Errno 2] No such file or directory: './tool'", 1),
        ("./tool\nmake: *** [Makefile:2: all] Error 127", 2),
    ],
)
def test_a_file_that_is_not_there_lacks_no_loader(output: str, status: int) -> None:
    assert found(output, status, there=False) is None


@pytest.mark.parametrize(
    ("output", "status"),
    [
        ("", 0),
        ("E   assert 1 == 2", 1),
        ("a.c:1:1: error: expected ';'", 1),
        ("checking for ELF... yes", 1),
        ("error: could not compile `killed` due to 1 error", 101),
    ],
)
def test_what_is_no_trouble_of_the_machine_is_none(output: str, status: int) -> None:
    assert found(output, status) is None


def test_the_last_lines_tell_more_than_those_before_them() -> None:
    lines = ["OSError: [Errno 28] No space left on device", *["building"] * 60, "Killed"]
    one = recognise(lines, 1)
    assert one is not None
    assert one.kind is Kind.KILLED


def test_an_endless_line_is_looked_at_in_part() -> None:
    assert recognise(["x" * 1_000_000 + "Killed"], 1) is None
