"""docker and podman: whether a server answers, and whether it runs foreign programs. Nothing is pulled."""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from crosswheel.architectures import Architecture
from crosswheel.doctor.machine import Machine, Probed
from crosswheel.findings import Finding, Way
from crosswheel.process import Completed, OverdueError, within

Engine = Literal["docker", "podman"]
_STATUS = 42  # what the probe's command ends with: nothing that may go wrong does
_HOLDERS = ("podman", "catatonit")  # the names of processes that hold podman's namespaces, old and new
_IMAGES = 40  # of an engine that are looked at
_RUNNING, _CLEANING = 3.5, 2.0  # seconds; together less than the probe has
_WELL = {"docker": "answers", "podman": "works"}
_SILENT = {"docker": "docker is installed, and no server answers", "podman": "podman does not run"}
_UNREACHABLE = {
    "docker": "sudo systemctl start docker, or name a server by DOCKER_HOST",
    "podman": "podman info shows what is wrong",
}


@dataclass(frozen=True)
class Image:
    """An image that is here.

    :param platform: as docker names it (``linux/arm/v7``).
    """

    name: str
    platform: str


def docker(machine: Machine, archs: Sequence[Architecture]) -> Probed:
    """Asks its server, and runs a command in an image of each architecture that is there."""
    return _engine(machine, archs, "docker", "{{.Server.Version}}")


def podman(machine: Machine, archs: Sequence[Architecture]) -> Probed:
    """The same of podman, which makes directories wherever it was never used: there only its version is asked."""
    if shutil.which("podman", path=machine.environ.get("PATH")) and not _was_used(machine.environ):
        done = machine.run(["podman", "--version"], env=machine.environ, capture=True)
        version = _last(done).rpartition(" ")[2]
        fact = f"podman {version} is installed and was never used by this user"
        ways = {arch.name: Way("podman", None, "it has no image to try") for arch in archs}
        details = _details(installed=True) | {"version": version, "server": None}
        return Probed(Finding("podman", "note", fact, details=details), ways)
    with _without_trace(machine.environ):
        return _engine(machine, archs, "podman", "{{.Client.Version}}")


def _engine(machine: Machine, archs: Sequence[Architecture], engine: Engine, form: str) -> Probed:
    try:
        done = _asked(machine, engine, "version", "--format", form)
    except FileNotFoundError:
        return _without(engine, archs, Finding(engine, "note", f"{engine} is not on PATH"), installed=False)
    if done.returncode != 0:
        finding = Finding(engine, "note", _SILENT[engine], _last(done), _UNREACHABLE[engine])
        return _without(engine, archs, finding, installed=True)
    images = _images(machine, engine)
    ways = {arch.name: _way(machine, engine, arch, images) for arch in archs}
    platforms = {image.platform for image in images}
    details = _details(installed=True) | {
        "version": _last(done), "server": True, "images": sorted(platforms),
    }  # fmt: skip
    runs = [name for name, way in ways.items() if way.works]
    fact = f"{engine} {_last(done)} {_WELL[engine]}" + (
        f" and runs programs of {', '.join(runs)}" if runs else ""
    )
    tried = [arch.name for arch in archs if arch.docker in platforms]
    cause = "; ".join(f"{name}: {ways[name].reason}" for name in tried if not ways[name].works)
    return Probed(Finding(engine, "good", fact, cause, "", details), ways)


def _without(engine: Engine, archs: Sequence[Architecture], finding: Finding, *, installed: bool) -> Probed:
    ways = {arch.name: Way(engine, False, finding.fact, finding.remedy) for arch in archs}
    return Probed(replace(finding, details=_details(installed=installed)), ways)


def _details(*, installed: bool) -> dict[str, object]:
    return {"installed": installed, "version": None, "server": False, "images": []}


def _asked(machine: Machine, engine: Engine, *args: str) -> Completed:
    return machine.run([engine, *args], env=machine.environ, capture=True)


def _images(machine: Machine, engine: Engine) -> tuple[Image, ...]:
    listed = _asked(machine, engine, "image", "ls", "--quiet", "--no-trunc").output
    names = list(dict.fromkeys(listed.split()))[:_IMAGES]
    if not names:
        return ()
    try:
        rows = json.loads(_asked(machine, engine, "image", "inspect", *names).output)
    except ValueError:  # an image was removed meanwhile, and the engine says so instead
        return ()
    return tuple(Image(row["Id"], _platform(row)) for row in rows)


def _platform(row: Mapping[str, str]) -> str:
    variant = row.get("Variant") or ""
    # arm64 has but one variant, which some builders name and others do not.
    parts = [row["Os"], row["Architecture"], "" if row["Architecture"] == "arm64" else variant]
    return "/".join(filter(None, parts))


def _way(machine: Machine, engine: Engine, arch: Architecture, images: tuple[Image, ...]) -> Way:
    image = next((image for image in images if image.platform == arch.docker), None)
    if image is None:
        return Way(engine, None, f"it has no image for {arch.docker} to try")
    name = f"crosswheel-doctor-{os.getpid()}-{arch.name}"
    options = ["--rm", "--pull=never", "--network=none", "--name", name, "--entrypoint", "/bin/sh"]
    try:
        with within(_RUNNING):
            done = _asked(machine, engine, "run", *options, image.name, "-c", f"exit {_STATUS}")
    except OverdueError:
        # The client is gone, not what it started.
        with contextlib.suppress(OverdueError), within(_CLEANING):
            _asked(machine, engine, "rm", "--force", name)
        raise
    if done.returncode == _STATUS:
        return Way(engine, True, "its own image ran")
    said = _last(done)
    if re.search(r"exec format error", "\n".join(done.tail), re.IGNORECASE):
        remedy = f"{machine.as_root} emulation install {arch.name}"
        return Way(engine, False, f"exec format error: nothing runs programs of {arch.name} there", remedy)
    return Way(engine, None, f"the image that was tried does not tell: {said}")


def _last(done: Completed) -> str:
    return next((line.strip() for line in reversed(done.tail) if line.strip()), "")


def _was_used(environ: Mapping[str, str]) -> bool:
    """Whether podman keeps something already: of this user's, where its settings say, or on another machine."""
    if environ.get("CONTAINER_HOST") or environ.get("CONTAINERS_STORAGE_CONF"):
        return True
    data = environ.get("XDG_DATA_HOME") or f"{environ.get('HOME', '/nonexistent')}/.local/share"
    return Path("/var/lib" if os.geteuid() == 0 else data, "containers/storage").is_dir()


@contextmanager
def _without_trace(environ: Mapping[str, str]) -> Iterator[None]:
    """End the process that podman leaves behind to hold its namespaces, if none was there before.

    It may be ended at any time: the next podman starts another (podman's issue 7057).
    """
    before = _holders(environ)
    try:
        yield
    finally:
        for pid in _holders(environ) - before:
            with contextlib.suppress(OSError):
                os.kill(pid, 9)


def _holders(environ: Mapping[str, str]) -> set[int]:
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    places = (f"{runtime}/libpod/tmp/pause.pid", f"/tmp/podman-run-{os.getuid()}/libpod/tmp/pause.pid")  # noqa: S108
    found = set()
    for place in places:
        with contextlib.suppress(OSError, ValueError):
            pid = int(Path(place).read_text())
            if Path(f"/proc/{pid}/comm").read_text().startswith(_HOLDERS):
                found.add(pid)
    return found
