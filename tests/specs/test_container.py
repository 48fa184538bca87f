"""The sandbox ``container``: the same wheels as in namespaces, and a sentence for whatever an engine lacks.

podman is real, and in a user namespace of crosswheel's own. docker is a program that answers as docker 28 does.
"""

import json
import os
import shutil
import signal
import time
import zipfile
from pathlib import Path

import pytest
from harness import Crosswheel, alive, descendants, write

from crosswheel.provision.sandboxes.seccomp import ownership_profile

ONLY = ["--only", "cp311-manylinux_aarch64"]
IN_CONTAINER = [*ONLY, "--sandbox", "container"]
WHEEL = "c_hello-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
PODMAN = {"CIBW_CONTAINER_ENGINE": "podman"}
NO_DAEMON = (
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
)
NO_DAEMON_REPORT = f"""\
cp311-manylinux_aarch64  FAILED: the daemon of docker does not answer
  cause: {NO_DAEMON}
  next: start it (sudo systemctl start docker), or take --sandbox namespace, which needs none
"""
# A machine on which nobody registered an emulator, and whose podman runs as root of a user namespace.
UNREGISTERED = """\
mount -t tmpfs tmpfs /boot && mount -t tmpfs tmpfs /dev/shm && mount -t proc proc /proc &&
mount -t cgroup2 cgroup2 /sys/fs/cgroup && mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc && exec "$@"
"""
IN_NAMESPACE = [
    *("unshare", "--user", "--map-root-user", "--mount", "--pid", "--cgroup", "--fork", "--kill-child"),
    *("sh", "-c", UNREGISTERED, "sh"),
]

needs_podman = pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed")


def members(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def podman_in_namespace(directory: Path) -> dict[str, str]:
    """The variables of a podman that root of a user namespace starts."""
    settings = (
        '[containers]\ncgroups = "disabled"\nlog_driver = "none"\n'
        f'seccomp_profile = "{directory}/seccomp.json"\n[engine]\nevents_logger = "none"\n'
    )
    profile = json.dumps(ownership_profile())
    storage = '[storage]\ndriver = "overlay"\n'
    write(directory, {"containers.conf": settings, "storage.conf": storage, "seccomp.json": profile})
    return {
        **PODMAN,
        "CONTAINERS_CONF": str(directory / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(directory / "storage.conf"),
        "XDG_DATA_HOME": str(directory / "data"),
        "XDG_RUNTIME_DIR": "/boot",
        "_CONTAINERS_USERNS_CONFIGURED": "done",
        "_CONTAINERS_ROOTLESS_UID": str(os.getuid()),
        "_CONTAINERS_ROOTLESS_GID": str(os.getgid()),
    }


def docker(directory: Path, script: str) -> dict[str, str]:
    """A PATH with a program ``docker`` before the machine's own."""
    write(directory, {"docker": f"#!/bin/sh\n{script}\n"})
    (directory / "docker").chmod(0o755)
    return {"PATH": f"{directory}:{os.environ['PATH']}", "CIBW_CONTAINER_ENGINE": "docker"}


@pytest.mark.parametrize("engine", ["cross", "hybrid", "emulated"])
@pytest.mark.slow
@pytest.mark.network
@needs_podman
def test_a_wheel_is_the_same_as_from_namespaces(crosswheel: Crosswheel, engine: str) -> None:
    crosswheel.project("c-hello")
    for sandbox in ("namespace", "container"):
        options = ["--engine", engine, "--sandbox", sandbox, "--output-dir", sandbox]
        result = crosswheel("build", *ONLY, *options, "c-hello", env=PODMAN)
        assert result.status == 0, result.err
        assert f"ok      cp311-manylinux_aarch64  {engine}  tested" in result.out
    found = [sorted((crosswheel.cwd / sandbox).iterdir()) for sandbox in ("namespace", "container")]
    assert [[path.name for path in paths] for paths in found] == [[WHEEL], [WHEEL]]
    assert members(found[0][0]) == members(found[1][0])


@pytest.mark.parametrize("engine", ["cross", "hybrid"])
@pytest.mark.slow
@pytest.mark.network
@needs_podman
def test_what_before_all_does_to_the_root_is_there_for_the_build_and_for_the_test(
    crosswheel: Crosswheel, engine: str
) -> None:
    header = "usr/include/aarch64-linux-gnu/ffi.h"
    root = "/crosswheel/sysroot" if engine == "cross" else ""
    environment = {
        **PODMAN,
        "CIBW_BEFORE_ALL": "apt-get install -y libffi-dev && rm /etc/issue",
        "CIBW_BEFORE_BUILD": f"test -e {root}/{header} && test ! -e {root}/etc/issue && test -e {root}/etc/passwd",
        "CIBW_TEST_COMMAND": f"python -c 'import c_hello' && test -e /{header} && test ! -e /etc/issue",
    }
    crosswheel.project("c-hello")

    result = crosswheel("build", *IN_CONTAINER, "--engine", engine, "c-hello", env=environment)

    assert result.status == 0, result.err
    assert crosswheel.wheels == [WHEEL]


@pytest.mark.slow
@pytest.mark.network
@needs_podman
def test_nothing_is_mounted_where_the_configuration_forbids_it(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    environment = {
        "CIBW_CONTAINER_ENGINE": "podman; create_args: --env CREATED=so; disable_host_mount: true",
        "CIBW_BEFORE_ALL": "test $CREATED = so && rm /etc/issue && touch {project}/made "
        "&& ! grep ' /crosswheel' /proc/self/mounts",
        "CIBW_BEFORE_BUILD": "test -e made && test ! -e /crosswheel/sysroot/etc/issue",
    }

    result = crosswheel("build", *IN_CONTAINER, "--engine", "cross", "c-hello", env=environment)

    assert result.status == 0, result.err
    assert crosswheel.wheels == [WHEEL]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)])
@pytest.mark.slow
@pytest.mark.network
@needs_podman
def test_no_container_outlives_the_run(crosswheel: Crosswheel, number: signal.Signals, status: int) -> None:
    crosswheel.project("hanging")
    options = ["--verbose", "--engine", "hybrid", *IN_CONTAINER]
    with crosswheel.started("build", *options, "hanging", env=PODMAN) as process:
        assert process.stderr is not None
        assert any(line.rstrip().endswith("| hanging now") for line in process.stderr)
        below = descendants(process.pid)
        assert any("a daemon of the project hanging" in line for line in alive(below, within=0))

        process.send_signal(number)
        assert process.wait(timeout=20) == status
        process.stderr.read()

    assert alive(below, within=5) == []


@pytest.mark.slow
@pytest.mark.network
@needs_podman
def test_a_container_that_is_killed_is_told(crosswheel: Crosswheel) -> None:
    crosswheel.project("hanging")
    options = ["--verbose", "--engine", "hybrid", *IN_CONTAINER]
    with crosswheel.started("build", *options, "hanging", env=PODMAN) as process:
        assert process.stderr is not None
        assert any(line.rstrip().endswith("| hanging now") for line in process.stderr)
        kill_first_process_of_the_target(process.pid)
        started = time.monotonic()
        err = process.stderr.read()
        assert process.wait(timeout=20) == 1

    assert time.monotonic() - started < 10
    assert "FAILED: the container of podman ended while a command ran in it\n" in err


def kill_first_process_of_the_target(pid: int) -> None:
    """That of the container, of which only the emulator's name tells that it is the target's."""
    for number, _ in descendants(pid):
        words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
        if words[-2:] == [b"cat", b""] and b"qemu" in words[0]:
            os.kill(number, signal.SIGKILL)
            return
    raise AssertionError("no container of the target is up")


@pytest.mark.slow
@pytest.mark.network
@needs_podman
def test_programs_of_i686_run_as_they_are_and_see_a_machine_of_that_name(
    crosswheel: Crosswheel, tmp_path: Path
) -> None:
    crosswheel.project("c-hello")
    tell = "import platform, sysconfig; print('seen', platform.machine(), sysconfig.get_platform())"
    environment = {
        **podman_in_namespace(tmp_path),
        "CIBW_BEFORE_BUILD": f'python -c "{tell}"',
        "CIBW_TEST_COMMAND": f'python -c "{tell}" && uname -m',
    }

    result = crosswheel(
        "build", "--verbose", "--only", "cp311-manylinux_i686", "--sandbox", "container", "c-hello",
        under=IN_NAMESPACE, env=environment,
    )  # fmt: skip

    assert result.status == 0, result.err
    assert result.out.startswith("ok      cp311-manylinux_i686  native  tested  ")
    assert result.err.count("| seen i686 linux-i686\n") == 2
    assert "| i686\n" in result.err


@pytest.mark.slow
@pytest.mark.network
@needs_podman
def test_an_exec_format_error_is_explained_before_anything_else(
    crosswheel: Crosswheel, tmp_path: Path
) -> None:
    crosswheel.project("c-hello")
    result = crosswheel(
        "build", *IN_CONTAINER, "--engine", "emulated", "c-hello",
        under=IN_NAMESPACE, env=podman_in_namespace(tmp_path),
    )  # fmt: skip

    assert result.status == 1
    assert "fetch ..." not in result.err
    assert result.failures == [
        """\
cp311-manylinux_aarch64  FAILED: the kernel cannot run programs of aarch64 in containers of podman \
(exec format error)
  cause: no emulator is registered for aarch64 on this machine
  next: sudo crosswheel emulation install aarch64, or docker run --privileged --rm tonistiigi/binfmt \
--install arm64, or docker/setup-qemu-action on GitHub Actions; --sandbox namespace needs none of them
"""
    ]


def test_a_daemon_that_is_not_there_is_told(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    environment = docker(crosswheel.cwd / "bin", f"echo '{NO_DAEMON}' >&2; exit 1")
    result = crosswheel("build", *IN_CONTAINER, "c-hello", env=environment)
    assert result.status == 1
    assert result.failures == [NO_DAEMON_REPORT]


def test_an_engine_that_is_not_installed_is_told(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    (crosswheel.cwd / "bin").mkdir()
    for name in ("sh", "setpriv"):
        (crosswheel.cwd / "bin" / name).symlink_to(f"/usr/bin/{name}")
    environment = {"PATH": str(crosswheel.cwd / "bin"), "CIBW_CONTAINER_ENGINE": "docker"}
    result = crosswheel("build", *IN_CONTAINER, "c-hello", env=environment)
    assert result.status == 1
    assert result.failures == [
        """\
cp311-manylinux_aarch64  FAILED: docker is not installed
  cause: there is no such program on PATH
  next: install docker, name the other one in container-engine, or take --sandbox namespace, which needs none
"""
    ]


def test_an_engine_that_is_too_old_ends_with_the_code_of_cibuildwheel(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    said = json.dumps({"Client": {"ApiVersion": "1.41"}, "Server": {"ApiVersion": "1.40"}})
    environment = docker(crosswheel.cwd / "bin", f"echo '{said}'")
    result = crosswheel("build", *IN_CONTAINER, "c-hello", env=environment)
    assert result.status == 7
    assert result.failures == [
        """\
cp311-manylinux_aarch64  FAILED: docker is too old
  cause: it is API 1.40, and images of other architectures need API 1.41
  next: update docker, or take --sandbox namespace, which needs none
"""
    ]


def test_an_engine_that_does_not_answer_is_not_waited_for(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    environment = docker(crosswheel.cwd / "bin", "sleep 60")
    started = time.monotonic()
    result = crosswheel("build", *IN_CONTAINER, "c-hello", env=environment)
    assert time.monotonic() - started < 20
    assert result.status == 1
    assert "FAILED: docker does not answer" in result.failures[0]


def test_a_sandbox_that_there_is_not_is_refused(crosswheel: Crosswheel) -> None:
    result = crosswheel("build", "--sandbox", "containr")
    told = "crosswheel: error: --sandbox: is 'containr', which is not known (did you mean container?)\n"
    assert (result.status, result.err) == (2, told)
