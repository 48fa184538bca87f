"""Emulators for the whole machine: registered with the host's kernel, and taken away again. For root.

What is installed here has names of its own, so that it never takes another tool's place and is never taken for it.
The kernel asks its newest entry first: one of ours serves before an older one of another tool, which stays as it is
and serves again when ours is gone.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crosswheel import sample
from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.process import run
from crosswheel.provision.emulation import binfmt, host

# QEMU is copied: the caches of users and the packages of distributions come and go, and an entry that outlives its
# program cannot be registered again at the next boot.
_LIBRARY = Path("/usr/local/lib/crosswheel")
# systemd-binfmt registers these at boot, ordered by name (binfmt.d(5)): ours last, for the newest serves.
_AT_BOOT = Path("/etc/binfmt.d")
_PREFIX = "crosswheel-qemu-"
_BOOTED_BY_SYSTEMD = Path("/run/systemd/system")  # sd_booted(3)


def is_ours(entry: host.Registration) -> bool:
    """Whether crosswheel made an entry of the host."""
    return entry.name.startswith(_PREFIX)


def at_boot(arch: Architecture) -> Path:
    """The file by which the entry of an architecture comes back at boot."""
    return _AT_BOOT / f"zz-{_PREFIX}{arch.qemu}.conf"


def lasts() -> bool:
    """Whether systemd will read what is written for boot."""
    return _BOOTED_BY_SYSTEMD.is_dir()


def make_ready() -> None:
    """Mount binfmt_misc where it is not, and see that it can be written.

    :raises ProvisionError: it cannot.
    """
    if not host.mounted():
        done = run(["mount", "-t", "binfmt_misc", "binfmt_misc", host.DIRECTORY])
        if done.returncode != 0:
            raise ProvisionError(
                f"binfmt_misc cannot be mounted on {host.DIRECTORY}",
                cause=" ".join(done.tail),
                remedy="modprobe binfmt_misc; in a container, run this on the machine itself",
            )
    try:
        os.close(os.open(host.DIRECTORY / "register", os.O_WRONLY))
    except OSError as error:
        raise ProvisionError(
            f"{host.DIRECTORY}/register cannot be written",
            cause=error.strerror or str(error),
            remedy="run this on the machine itself, not in a container",
        ) from error


def install(arch: Architecture, qemu: Path, *, persistent: bool) -> host.Registration:
    """Let an emulator run an architecture's programs for everybody on this machine, in place of any older entry.

    :param qemu: a static QEMU of the architecture; a copy of it is registered.
    :param persistent: whether it comes back at boot.
    :return: the new entry.
    :raises ProvisionError: it does not run a program of the architecture, alone or registered, or a file cannot be
        written; nothing of crosswheel's is left then.
    """
    if trouble := sample.trouble(arch, qemu):
        raise ProvisionError(f"{qemu} does not run programs of {arch.name}", cause=trouble)
    with _written(_LIBRARY):
        own = _copy(qemu, arch)
    line = binfmt.registration(arch, own, name=_name(arch))
    try:
        if persistent:
            _write_for_boot(arch, line)
        _unregister(arch)
        _register(line, own)
        return _serving(arch)
    except BaseException:
        uninstall(arch)
        raise


def uninstall(arch: Architecture) -> tuple[Path, ...]:
    """Take away what :func:`install` made for an architecture, and nothing else.

    :return: the files that went.
    """
    gone = [_unregister(arch)]
    for path in (at_boot(arch), _kept(arch)):
        gone.append(path if path.exists() else None)
        path.unlink(missing_ok=True)
    with suppress(OSError):  # other architectures are still in it
        _LIBRARY.rmdir()
    return tuple(path for path in gone if path is not None)


def _name(arch: Architecture) -> str:
    return f"{_PREFIX}{arch.qemu}"


def _kept(arch: Architecture) -> Path:
    return _LIBRARY / f"qemu-{arch.qemu}"


@contextmanager
def _written(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ProvisionError(f"{directory} cannot be written", cause=error.strerror or str(error)) from error


def _make_directory(path: Path) -> None:
    """A directory that everybody may read, whatever root's umask is: ``status`` is for ordinary users too."""
    if not path.is_dir():
        path.mkdir(parents=True)
        path.chmod(0o755)


def _copy(qemu: Path, arch: Architecture) -> Path:
    kept = _kept(arch)
    if qemu.resolve() != kept.resolve():
        _make_directory(kept.parent)
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            fresh = Path(shutil.copyfile(qemu, Path(scratch, kept.name)))
            fresh.chmod(0o755)
            fresh.replace(kept)  # not written over: the kernel holds the old one open
    return kept


def _register(line: str, interpreter: Path) -> None:
    register = os.open(host.DIRECTORY / "register", os.O_WRONLY)
    try:
        os.write(register, os.fsencode(line))  # the kernel takes it in one piece only
    except OSError as error:
        raise ProvisionError(
            f"the kernel refuses to register {interpreter}", cause=error.strerror or ""
        ) from error
    finally:
        os.close(register)


def _serving(arch: Architecture) -> host.Registration:
    """The entry that runs an architecture's programs.

    :raises ProvisionError: they do not run.
    """
    serving = host.serving(arch, host.registrations())
    trouble = sample.trouble(arch)
    if serving is None or trouble:
        status = (host.DIRECTORY / "status").read_text().strip()
        raise ProvisionError(
            f"programs of {arch.name} do not run though {_name(arch)} is registered",
            cause=f"{trouble}; binfmt_misc is {status}",
            remedy=f"echo 1 > {host.DIRECTORY}/status enables it" if status == "disabled" else "",
        )
    return serving


def _write_for_boot(arch: Architecture, line: str) -> None:
    with _written(_AT_BOOT):
        _make_directory(_AT_BOOT)
        at_boot(arch).write_text(f"# Made by crosswheel emulation install {arch.name} --persistent\n{line}\n")
        at_boot(arch).chmod(0o644)


def _unregister(arch: Architecture) -> Path | None:
    entry = host.DIRECTORY / _name(arch)
    if not entry.exists():
        return None
    entry.write_text("-1")
    return entry
