"""Faults, injected one by one: each is named for what it is, soon, and the machine stays as it was."""

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from foreign import program
from harness import Crosswheel, Result, descendants, write
from host_state import left_as_it_was
from injections import (
    IMAGE,
    Inject,
    Injected,
    addresses,
    before_all,
    broken_emulator,
    docker,
    empty_cache,
    entry,
    in_place_of,
    nothing_registered,
    small_disk,
    variables,
    without,
)

pytestmark = [pytest.mark.slow, pytest.mark.network]

LIMIT = (
    30.0  # seconds after which something hangs; faults are told in less than ten on a machine of their own
)
ID = "cp311-manylinux_aarch64"
BUILD = ("build", "--only", ID, "project")
STATUS = ("emulation", "status", "arm64")
DOCTOR = ("doctor", "--arch", "arm64")
CONTAINER = ("build", "--only", ID, "--sandbox", "container", "project")
FROM_IMAGE = ("build", "--only", ID, "--source", "image", "project")
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@dataclass(frozen=True)
class Fault:
    """A row.

    :param what: is injected.
    :param words: that must be in what is said, in this order.
    """

    what: str
    inject: Inject
    args: tuple[str, ...]
    status: int
    words: tuple[str, ...]


OLD = "#!/bin/sh\necho qemu-aarch64 version 7.2.22\n"
NO_MOUNT = '#!/bin/sh\necho "mount: /proc/sys/fs/binfmt_misc: permission denied." >&2\nexit 32\n'
NO_UNSHARE = (
    '#!/bin/sh\necho "unshare: write failed /proc/self/uid_map: Operation not permitted" >&2\nexit 1\n'
)
APPARMOR = (
    "mount -t tmpfs tmpfs /proc/sys/kernel && echo 1 > /proc/sys/kernel/apparmor_restrict_unprivileged_userns"
)
DEAF = (
    'echo "Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?" >&2'
)
HANGING = "#!/bin/sh\nexec sleep 100\n"
NEW = (
    """[ $1 = version ] && echo '{"Client":{"ApiVersion":"1.47"},"Server":{"ApiVersion":"1.47"}}' && exit\n"""
)
OF_AMD64 = NEW + """echo '[{"Id":"sha256:1","Os":"linux","Architecture":"amd64"}]'"""
REFUSED = NEW + (
    "echo 'Error response from daemon: Get \"https://registry.example/v2/\": dial tcp 127.0.0.1:1: connect: '"
    "'connection refused' >&2; exit 1"
)
ANCIENT = """echo '{"Client":{"ApiVersion":"1.38"},"Server":{"ApiVersion":"1.38"}}'"""
REFUSING = "http://127.0.0.1:9"

FAULTS = (
    Fault("no emulator is registered", nothing_registered, STATUS, 1,
          ("aarch64", "no ", "nothing", "next: ", "emulation install aarch64")),
    Fault("the registered emulator was removed", entry("qemu", "", text=OLD, remove=True), STATUS, 1,
          ("is gone: no program can start", "--replace")),
    Fault("the registration lacks flag F", entry("qemu-aarch64", "P", text=OLD), STATUS, 1,
          ("flag F is missing: it serves neither containers nor chroots",)),
    Fault("the registered emulator is old", entry("qemu-aarch64", "F", text=OLD), STATUS, 1,
          ("QEMU 7.2.22 crashes at random on kernels since early 2025", "--replace")),
    Fault("the registration is switched off", entry("qemu-aarch64", "F", text=OLD, off=True), STATUS, 1,
          ("it is disabled", "--replace")),
    Fault("the registered emulator hangs", entry("qemu-aarch64", "F", text=HANGING), STATUS, 1,
          ("it has not ended after 4 s", "does not run")),
    Fault("a 32-bit program gets no address space", addresses(3_500_000), (*DOCTOR[:-1], "armv7l"), 1,
          ("QEMU could not reserve the memory of a 32-bit program",
           "no process here can reserve the <size> of addresses that it needs: each may have <size> (ulimit -v)",
           "next: ulimit -v unlimited")),
    Fault("the emulator of the cache is none", broken_emulator, BUILD, 1,
          ("qemu-user of Debian forky does not run on this machine", "qemu-aarch64 --version fails", "next: ")),
    Fault("the kernel has no private binfmt_misc", in_place_of("/usr/bin/mount", NO_MOUNT), BUILD, 1,
          ("this kernel has no binfmt_misc of its own for a user namespace", "permission denied", "Linux 6.7")),
    Fault("user namespaces are off",
          lambda _: Injected(["unshare", "--user", "--map-root-user", "sh", "-c",
                              'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh"]), BUILD, 1,
          ("this machine does not let an ordinary user make user namespaces", "next: ", "max_user_namespaces")),
    Fault("AppArmor keeps user namespaces for itself", in_place_of("/usr/bin/unshare", NO_UNSHARE, APPARMOR),
          DOCTOR, 1, ("AppArmor keeps programs without a profile", "apparmor_restrict_unprivileged_userns=0")),
    Fault("docker is not installed", without("docker"), CONTAINER, 1,
          ("docker is not installed", "next: install docker")),
    Fault("docker's daemon is absent", docker(f"{DEAF}; exit 1"), CONTAINER, 1,
          ("the daemon of docker does not answer", "Cannot connect", "next: start it")),
    Fault("docker is older than --platform", docker(ANCIENT), CONTAINER, 7,
          ("docker is too old", "API 1.38", "next: update docker")),
    Fault("a program of a third architecture runs", before_all("./tool"), BUILD, 1,
          ("it ran a program of another architecture", "./tool is for s390x; here run programs of x86_64",
           "next: compile ./tool")),
    Fault("a library of a third architecture is loaded",
          before_all("python -c 'import ctypes; ctypes.CDLL(\"./libtool.so\")'"), BUILD, 1,
          ("it loaded ./libtool.so", "is for riscv64, not for aarch64", "next: compile")),
    Fault("the loader of a program is missing", before_all("./musl"), BUILD, 1,
          ("did not find its loader /lib/ld-musl-aarch64.so.1", "is musl's", "next: take the program")),
    Fault("an emulated program crashes", before_all("python -c 'import ctypes; ctypes.string_at(0)'"), BUILD, 1,
          ("an emulated program crashed (signal 11)", "QEMU ", "QEMU_STRACE=1", "look around: crosswheel shell")),
    Fault("a command is killed", before_all("kill -9 $$"), BUILD, 1,
          ("was killed by signal 9", "a process was killed", "the kernel ended none for want of memory", "next: ")),
    Fault("memory is refused",
          before_all("python -c 'import os; os.write(2, b\"x\"); bytearray(10 ** 15)'"), BUILD, 1,
          ("memory ran out", "free now", "next: ")),
    Fault("the disk of a build is full",
          small_disk("scratch", "size=200m", "head -c 400000000 /dev/zero > /var/tmp/large"), BUILD, 1,
          ("there is no space left on the device", "<cache>/scratch (tmpfs)", "next: ", "--cache-dir")),
    Fault("the disk of the wheels is full", small_disk("small", "size=4k,nr_inodes=1"),
          (*BUILD, "--output-dir", "small/wheels"), 1, ("the disk of small/wheels is full", "--output-dir")),
    Fault("the cache cannot be written", small_disk("small", "ro"), (*BUILD, "--cache-dir", "small/cache"), 1,
          ("small/cache cannot be used", "Read-only file system", "--cache-dir")),
    Fault("the mirror refuses", empty_cache(), (*BUILD, "--mirror", f"{REFUSING}/debian"), 1,
          (f"the Debian mirror {REFUSING}/debian cannot be reached", "next: check the network")),
    Fault("there is no network", empty_cache("unshare", "--user", "--map-root-user", "--net"), BUILD, 1,
          ("the Debian mirror ", "cannot be reached", "next: check the network")),
    Fault("the index refuses", variables(CIBW_BEFORE_ALL="true", UV_DEFAULT_INDEX=f"{REFUSING}/simple"), BUILD, 1,
          ("the network failed: a server could not be reached", f"it asked for {REFUSING}/simple", "next: see")),
    Fault("an image is for another architecture", docker(OF_AMD64), FROM_IMAGE, 1,
          (f"{IMAGE} is an image for x86_64, not for aarch64", "next: name one for aarch64")),
    Fault("the registry refuses", docker(REFUSED), FROM_IMAGE, 1,
          (f"the registry of {IMAGE} cannot be reached", "connection refused", "next: see the network")),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _untouched() -> Iterator[None]:
    with left_as_it_was():
        yield


@pytest.fixture
def project(crosswheel: Crosswheel) -> Crosswheel:
    place = write(crosswheel.cwd / "project", {"pyproject.toml": PYPROJECT})
    program(place / "tool", "s390x")
    program(place / "libtool.so", "riscv64")
    program(place / "musl", "aarch64", "/lib/ld-musl-aarch64.so.1")
    return crosswheel


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.what for fault in FAULTS])
def test_a_fault_is_named(project: Crosswheel, fault: Fault) -> None:
    injected = fault.inject(project)
    command = Crosswheel(project.cwd, injected.cache or project.cache)
    started = time.monotonic()

    result = command(*fault.args, under=injected.under, env=injected.env)

    seconds = time.monotonic() - started
    assert result.status == fault.status, said(result)
    rest = said(result)
    for words in fault.words:
        assert words in rest, said(result)
        rest = rest.partition(words)[2]
    assert seconds < limit()
    assert project.wheels == []


@pytest.mark.parametrize(
    ("sandbox", "words"),
    [
        (
            "namespace",
            ("the before-all step was killed by signal 9 cause: a process was killed the kernel ended none",),
        ),
        (
            "container",  # the container, or the command in it: whichever podman tells first
            ("the container of podman ended while a command ran in it", "was killed"),
        ),
    ],
    ids=["namespace", "container"],
)
def test_a_sandbox_that_somebody_kills(project: Crosswheel, sandbox: str, words: tuple[str, ...]) -> None:
    if sandbox == "container" and shutil.which("podman") is None:
        pytest.skip("podman is not installed")
    args = CONTAINER if sandbox == "container" else BUILD
    env = {"CIBW_BEFORE_ALL": "sleep 77", "CIBW_CONTAINER_ENGINE": "podman"}
    with project.started(*args, env=env) as process:
        os.kill(first_of_sandbox(process.pid, "sleep\x0077"), signal.SIGKILL)
        started = time.monotonic()
        _, err = process.communicate(timeout=60)
    assert time.monotonic() - started < limit()
    result = project.result(process.returncode, "", err)
    assert result.status == 1
    assert any(text in said(result) for text in words)


def limit() -> float:
    """Seconds; on a busy machine the clock tells of others, too."""
    return LIMIT * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def first_of_sandbox(pid: int, command: str) -> int:
    """The first process of the pid namespace in which a command runs, waited for (``NSpid`` in proc(5))."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        below = [child for child, _ in descendants(pid)]
        for running in (child for child in below if command in proc(child, "cmdline")):
            for child in below:
                first = re.search(r"^NSpid:.*\t1$", proc(child, "status"), re.MULTILINE)
                if first and namespace(child) == namespace(running):
                    return child
        time.sleep(0.1)
    raise AssertionError("it does not run")


def namespace(pid: int) -> Path:
    return Path(f"/proc/{pid}/ns/pid").readlink()


def proc(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:  # it has ended
        return ""


def said(result: Result) -> str:
    """All that was said, on lines of any length."""
    return re.sub(r"\s+", " ", f"{result.out}\n{result.err}")
