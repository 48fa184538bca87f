"""Ways to make faults.

For real where an ordinary user can, in a user and mount namespace of the command's own; what a kernel or a daemon
of another machine would say is said by a program that stands in its place.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness import Crosswheel, write

IMAGE = "registry.example/pypa/manylinux_2_28_aarch64:1"
_AARCH64 = (
    r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:"
    r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
)


@dataclass(frozen=True)
class Injected:
    """How a command meets a fault.

    :param under: a command that runs it.
    :param env: its further variables.
    :param cache: where its parts are; None for those of all specs.
    """

    under: Sequence[str] = ()
    env: dict[str, str] = field(default_factory=dict)
    cache: Path | None = None


Inject = Callable[[Crosswheel], Injected]


def inside(script: str, *args: str | Path) -> list[str]:
    """In a user and mount namespace, after a script whose arguments are ``$1`` and so on."""
    words = [str(word) for word in args]
    start = f'{script} && shift {len(words)} && exec "$@"'
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", start, "sh", *words]


def entry(
    interpreter: str, flags: str, *, text: str | None = None, remove: bool = False, off: bool = False
) -> Inject:
    """An emulator registered for aarch64.

    :param text: a script that stands in its place.
    """

    def inject(crosswheel: Crosswheel) -> Injected:
        path = crosswheel.cwd / interpreter
        if text is not None:
            write(path.parent, {path.name: text})
            path.chmod(0o755)
        script = (
            "mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc && "
            'printf %s "$1" > /proc/sys/fs/binfmt_misc/register'
        )
        script += f" && rm '{path}'" if remove else ""
        script += " && echo 0 > /proc/sys/fs/binfmt_misc/qemu-aarch64" if off else ""
        return Injected(inside(script, f":qemu-aarch64:M::{_AARCH64}:{path}:{flags}"))

    return inject


def nothing_registered(_: Crosswheel) -> Injected:
    return Injected(inside("mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc"))


def in_place_of(original: str, text: str, first: str = "true") -> Inject:
    """A script of ours where a program of the machine is.

    :param first: what is done before.
    """

    def inject(crosswheel: Crosswheel) -> Injected:
        stand_in = write(crosswheel.cwd, {"stand-in": text}) / "stand-in"
        stand_in.chmod(0o755)
        return Injected(inside(f'{first} && mount --bind "$1" {original}', stand_in))

    return inject


def docker(text: str) -> Inject:
    """A docker on PATH that says this."""

    def inject(crosswheel: Crosswheel) -> Injected:
        programs = write(crosswheel.cwd / "programs", {"docker": f"#!/bin/sh\n{text}\n"})
        (programs / "docker").chmod(0o755)
        return Injected(env={"PATH": f"{programs}:/usr/bin:/bin", "CIBW_CONTAINER_ENGINE": "docker",
                             "CIBW_MANYLINUX_AARCH64_IMAGE": IMAGE})  # fmt: skip

    return inject


def without(name: str) -> Inject:
    """A PATH that leads nowhere, and a container engine that is asked for."""
    return lambda crosswheel: Injected(env={"PATH": str(crosswheel.cwd), "CIBW_CONTAINER_ENGINE": name})


def addresses(limit: int) -> Inject:
    """No process may have more of them.

    :param limit: kilobytes, as ``ulimit -v`` has it.
    """
    return lambda _: Injected(["sh", "-c", f'ulimit -v {limit}; exec "$@"', "sh"])


def before_all(command: str) -> Inject:
    return lambda _: Injected(env={"CIBW_BEFORE_ALL": command})


def variables(**env: str) -> Inject:
    return lambda _: Injected(env=env)


def small_disk(place: str, size: str, command: str = "") -> Inject:
    """A disk of this size over a directory of the run, ``small`` or the cache's ``scratch``."""

    def inject(crosswheel: Crosswheel) -> Injected:
        directory = crosswheel.cache / "scratch" if place == "scratch" else crosswheel.cwd / place
        directory.mkdir(exist_ok=True)
        env = {"CIBW_BEFORE_ALL": command} if command else {}
        return Injected(inside(f'mount -t tmpfs -o {size} tmpfs "$1"', directory), env)

    return inject


def broken_emulator(crosswheel: Crosswheel) -> Injected:
    """Something else in the place of the QEMU of the cache, as long as that: one of another length is made anew."""
    binds = []
    for number, path in enumerate(sorted(crosswheel.cache.glob("programs/*/qemu-aarch64"))):
        text = write(crosswheel.cwd, {f"text{number}": "no program\n"}) / f"text{number}"
        text.chmod(0o755)
        os.truncate(text, path.stat().st_size)
        binds.append(f"mount --bind '{text}' '{path}'")
    return Injected(inside("; ".join(binds)), {"CIBW_BEFORE_ALL": "true"})


def empty_cache(*under: str) -> Inject:
    return lambda crosswheel: Injected(under, cache=crosswheel.cwd / "cache")
