"""``crosswheel doctor``: what this machine can do, found out by doing; each fault with its cause, in time."""

import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from harness import Crosswheel, alive, descendants, write

pytestmark = [pytest.mark.network, pytest.mark.slow]

ARM = ("--arch", "arm64")
LIMIT = 10.0  # seconds that a fault may take
IN_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
FORBIDDEN = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
SMALL = 'mount -t tmpfs -o "$1" tmpfs small && shift && exec "$@"'
# $1 the line to register, $2 a file to remove afterwards or nothing.
REGISTERED = """
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc && printf %s "$1" > /proc/sys/fs/binfmt_misc/register &&
if [ -n "$2" ]; then rm "$2"; fi && shift 2 && exec "$@"
"""
AARCH64 = (
    r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:"
    r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
)


@pytest.fixture
def warm(crosswheel: Crosswheel) -> Crosswheel:
    """A cache with all that an aarch64 build fetches."""
    crosswheel.project("c-hello")
    built = crosswheel("build", "--only", "cp311-manylinux_aarch64", "c-hello")
    assert built.status == 0, built.err
    return crosswheel


@pytest.fixture
def cold(crosswheel: Crosswheel) -> Crosswheel:
    """An empty cache."""
    return Crosswheel(crosswheel.cwd, crosswheel.cwd / "cache")


def examined(
    crosswheel: Crosswheel, *args: str | Path, under: Sequence[str] = (), env: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON; whatever is wrong, there is an answer within ten seconds."""
    started = time.monotonic()
    result = crosswheel("doctor", *ARM, "--json", *args, under=under, env=env)
    # What hangs is bounded; a machine that does other things too takes longer for what does not.
    assert time.monotonic() - started < LIMIT * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert result.err == ""
    return result.status, json.loads(result.out)


def test_a_machine_on_which_a_build_worked_is_found_able(warm: Crosswheel) -> None:
    result = warm("doctor", *ARM)

    assert result.status == 0, result.out
    assert "user namespaces    ok   this user may make them\n" in result.out
    assert "private emulation  ok   programs of aarch64 ran in a sandbox\n" in result.out
    row = next(line for line in result.out.splitlines() if line.startswith("aarch64  "))
    assert row.startswith("aarch64  cross, hybrid, hybrid-gcc, emulated  in a namespace  ")
    assert " x slower (" in row
    assert result.out.endswith("\nthe default build works here (found out in <time>)\n")


def test_nothing_is_fetched_and_nothing_is_left(cold: Crosswheel) -> None:
    temporary = write(cold.cwd / "tmp", {})
    temporary.mkdir()
    status, document = examined(cold, env={"TMPDIR": str(temporary)})

    assert status == 0, document["obstacles"]
    assert document["architectures"]["aarch64"]["roots"] == []
    assert document["architectures"]["aarch64"]["sample"] is None
    left = {str(path.relative_to(cold.cache)) for path in cold.cwd.rglob("*") if path.is_file()}
    assert left == {"CACHEDIR.TAG", "locks/begin.lock"}  # the marks of a cache


def test_architectures_go_by_any_name(cold: Crosswheel) -> None:
    result = cold("doctor", "--json", "--arch", "linux/arm/v7,ppc64el", "--arch", "aarch64-linux-gnu")
    assert list(json.loads(result.out)["architectures"]) == ["armv7l", "ppc64le", "aarch64"]


def test_all_wrong_names_are_told_at_once(cold: Crosswheel) -> None:
    result = cold("doctor", "--arch", "arm63,sparc", "--arch", "arm64")
    assert result.status == 2
    assert "arm63" in result.err
    assert "did you mean arm64?" in result.err
    assert "sparc" in result.err


# --- faults of the kernel


def test_user_namespaces_that_are_turned_off(warm: Crosswheel) -> None:
    status, document = examined(
        warm, under=["unshare", "--user", "--map-root-user", "sh", "-c", FORBIDDEN, "sh"]
    )

    assert status == 1
    finding = document["findings"]["user-namespaces"]
    assert finding["cause"] == (
        "the kernel is told to allow none (user.max_user_namespaces is 0): "
        "unshare: unshare failed: No space left on device"
    )
    assert finding["remedy"] == "sudo sysctl -w user.max_user_namespaces=15000"
    assert document["obstacles"] == [f"{finding['fact']}: {finding['cause']}"]
    assert document["architectures"]["aarch64"]["engines"] == []


def registered(interpreter: Path, flags: str, *, remove: bool = False) -> list[str]:
    line = f":qemu-aarch64:M::{AARCH64}:{interpreter}:{flags}"
    return [*IN_NAMESPACE, REGISTERED, "sh", line, str(interpreter) if remove else ""]


@pytest.fixture
def qemu(warm: Crosswheel) -> Path:
    """A copy of the QEMU that builds use."""
    found = max(warm.cache.glob("programs/*/qemu-aarch64"), key=lambda path: path.stat().st_mtime)
    return Path(shutil.copy(found, warm.cwd / "qemu-aarch64"))


def entry(document: dict[str, Any]) -> tuple[list[str], bool, bool | None]:
    """What is wrong with the registration, whether it runs programs, and whether builds work all the same."""
    (row,) = document["findings"]["registrations"]["details"]["entries"].values()
    return row["faults"], row["runs"], document["works"]


def test_a_registration_that_is_well(warm: Crosswheel, qemu: Path) -> None:
    _, document = examined(warm, under=registered(qemu, "F"))
    assert entry(document) == ([], True, True)
    ways = {way["name"]: way["works"] for way in document["architectures"]["aarch64"]["ways"]}
    assert (ways["namespace"], ways["host"]) == (True, True)


def test_a_registration_whose_qemu_was_removed(warm: Crosswheel, qemu: Path) -> None:
    _, document = examined(warm, under=registered(qemu, "P", remove=True))
    assert entry(document) == (["<cwd>/qemu-aarch64 is gone: no program can start"], False, True)
    remedy = document["findings"]["registrations"]["remedy"]
    assert (
        remedy == f"{sys.executable} -m crosswheel emulation install --replace aarch64"
    )  # root in the namespace


def test_a_registration_without_flag_f(warm: Crosswheel, qemu: Path) -> None:
    _, document = examined(warm, under=registered(qemu, "P"))
    faults, runs, works = entry(document)
    assert (len(faults), runs, works) == (1, True, True)
    assert faults[0].startswith("flag F is missing: ")


def test_a_registration_of_an_old_qemu(warm: Crosswheel) -> None:
    old = write(warm.cwd, {"qemu-aarch64": "#!/bin/sh\necho qemu-aarch64 version 7.2.22\n"}) / "qemu-aarch64"
    old.chmod(0o755)
    _, document = examined(warm, under=registered(old, "F"))
    faults, runs, works = entry(document)
    assert len(faults) == 1
    assert faults[0].startswith("QEMU 7.2.22 crashes at random on kernels since early 2025")
    assert (runs, works) == (False, True)


# --- faults of the disk


@pytest.mark.parametrize(
    ("options", "cause", "remedy"),
    [
        ("size=500k", "No space left on device", "free space there"),
        ("ro,size=9m", "Read-only file system", "make it writable for you"),
    ],
)
def test_a_cache_that_cannot_be_written(cold: Crosswheel, options: str, cause: str, remedy: str) -> None:
    (cold.cwd / "small").mkdir()
    status, document = examined(
        cold, "--cache-dir", "small/cache", under=[*IN_NAMESPACE, SMALL, "sh", options]
    )

    assert status == 1
    finding = document["findings"]["cache"]
    assert (finding["status"], finding["cause"]) == ("bad", cause)
    assert finding["remedy"] == f"{remedy}, or name another directory with --cache-dir"
    assert document["obstacles"] == [f"{finding['fact']}: {cause}"]


# --- faults of the network


def sources(directory: Path, uri: str) -> dict[str, str]:
    """The variables with which the machine's apt has this mirror and no other."""
    write(
        directory,
        {
            "sources.list": f"deb {uri} bookworm main\n",
            "apt.conf": f'Dir::Etc::sourcelist "{directory}/sources.list";\n'
            f'Dir::Etc::sourceparts "/dev/null";\nDir::State::lists "{directory}";\n',
        },
    )
    return {"APT_CONFIG": str(directory / "apt.conf")}


def test_a_mirror_that_refuses_is_in_the_way_of_what_must_be_fetched(cold: Crosswheel) -> None:
    mirror = "http://127.0.0.1:9/debian"
    status, document = examined(cold, env=sources(cold.cwd / "apt", mirror))

    assert status == 1
    finding = document["findings"]["mirror"]
    assert finding["fact"] == f"the Debian mirror {mirror} cannot be reached"
    assert "Connection refused" in finding["cause"]
    (obstacle,) = document["obstacles"]
    assert obstacle.startswith(f"what aarch64 needs cannot be fetched: {finding['fact']}")


def test_a_mirror_that_refuses_is_not_in_the_way_of_a_warm_cache(warm: Crosswheel) -> None:
    status, document = examined(warm, env=sources(warm.cwd / "apt", "http://127.0.0.1:9/debian"))
    assert (status, document["findings"]["mirror"]["status"]) == (0, "note")


@contextmanager
def silent(family: socket.AddressFamily, address: Any) -> Iterator[Any]:
    """A server that takes calls and never says a word."""
    with socket.socket(family) as server:
        server.bind(address)
        server.listen(50)
        yield server.getsockname()


def test_a_mirror_that_never_answers(cold: Crosswheel) -> None:
    with silent(socket.AF_INET, ("127.0.0.1", 0)) as (_, port):
        status, document = examined(cold, "--mirror", f"http://127.0.0.1:{port}/debian")
    assert status == 1
    assert document["findings"]["mirror"]["status"] in ("note", "unknown")
    assert document["findings"]["index"]["status"] == "good"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_all_that_it_began_ends_with_it(cold: Crosswheel, number: signal.Signals) -> None:
    with (
        silent(socket.AF_INET, ("127.0.0.1", 0)) as (_, port),
        cold.started("doctor", *ARM, "--mirror", f"http://127.0.0.1:{port}/debian") as process,
    ):
        deadline = time.monotonic() + LIMIT
        while not any((cold.cache / "scratch").glob("*/*/apt.conf")) and time.monotonic() < deadline:
            time.sleep(0.05)
        children = descendants(process.pid)
        process.send_signal(number)
        assert process.wait(LIMIT) == 128 + number
    assert children
    assert alive(children, within=2) == []
    assert list((cold.cache / "scratch").iterdir()) == []


# --- faults of containers

with_docker = pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker here")
with_podman = pytest.mark.skipif(shutil.which("podman") is None, reason="there is no podman here")


@with_docker
def test_a_docker_without_a_daemon(cold: Crosswheel) -> None:
    status, document = examined(cold, env={"DOCKER_HOST": f"unix://{cold.cwd}/none.sock"})
    finding = document["findings"]["docker"]
    assert (status, finding["fact"]) == (0, "docker is installed, and no server answers")
    assert "Cannot connect to the Docker daemon" in finding["cause"]
    assert finding["remedy"].startswith("sudo systemctl start docker")


@with_docker
def test_a_docker_whose_daemon_never_answers(cold: Crosswheel) -> None:
    with silent(socket.AF_UNIX, str(cold.cwd / "docker.sock")) as address:
        status, document = examined(cold, env={"DOCKER_HOST": f"unix://{address}"})
    finding = document["findings"]["docker"]
    assert (status, finding["status"], finding["fact"]) == (0, "unknown", "docker did not answer within 7 s")


@with_podman
def test_a_podman_whose_server_is_gone(cold: Crosswheel) -> None:
    status, document = examined(cold, env={"CONTAINER_HOST": f"unix://{cold.cwd}/none.sock"})
    finding = document["findings"]["podman"]
    assert (status, finding["fact"]) == (0, "podman does not run")
    assert "none.sock" in finding["cause"]


@with_podman
def test_a_podman_that_was_never_used_keeps_nothing_afterwards(cold: Crosswheel) -> None:
    home = cold.cwd / "home"
    home.mkdir()
    _, document = examined(cold, env={"HOME": str(home), "XDG_DATA_HOME": str(home / "data")})
    assert document["findings"]["podman"]["fact"].endswith("was never used by this user")
    assert list(home.rglob("*containers*")) == []


def test_a_machine_without_docker_and_podman(cold: Crosswheel) -> None:
    programs = cold.cwd / "bin"
    programs.mkdir()
    for path in Path("/usr/bin").iterdir():
        if path.name not in ("docker", "podman"):
            (programs / path.name).symlink_to(path)
    status, document = examined(cold, env={"PATH": os.fspath(programs)})
    assert status == 0
    facts = [document["findings"][name]["fact"] for name in ("docker", "podman")]
    assert facts == ["docker is not on PATH", "podman is not on PATH"]
