"""This machine, as reasons for failures ask it."""

import mmap
import os
import resource
from dataclasses import replace
from pathlib import Path

from crosswheel import resources
from crosswheel.architectures import Architecture
from crosswheel.provision import executables
from crosswheel.provision.emulation import host
from crosswheel.recognition import Emulator
from crosswheel.resources import Disk, Memory

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_PROC = Path("/proc")


_BEFORE = resources.memory().killed  # when the run began, which imports this


class ThisMachine:
    """Answers :class:`crosswheel.recognition.Machine`."""

    def memory(self) -> Memory:
        now = resources.memory()
        return replace(now, killed=now.killed - _BEFORE)

    def disk(self, directory: Path) -> Disk:
        return resources.disk(directory)

    def emulator(self, path: Path) -> Emulator:
        version = executables.version(path) or ""
        return Emulator(path, version, host.version_faults(version) if version else (f"{path} does not run",))

    def registered(self, arch: Architecture) -> Emulator:
        entry = host.serving(arch, host.registrations())
        if entry is None:
            return Emulator(None)
        examined = host.examine(entry)
        return Emulator(entry.interpreter, examined.version, examined.faults)

    def setting(self, name: str) -> str:
        try:
            return (_PROC / "sys" / name.replace(".", "/")).read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def reserves(self, size: int) -> bool:
        try:
            mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0).close()
        except OSError:
            return False
        return True

    def limit(self, name: str) -> int | None:
        soft, _ = resource.getrlimit(getattr(resource, name))
        return None if soft == resource.RLIM_INFINITY else soft

    def proxies(self) -> tuple[str, ...]:
        return tuple(name for spelt in _PROXIES for name in (spelt, spelt.lower()) if os.environ.get(name))

    def routed(self) -> bool:
        """A default route of IPv4 (destination 0) or of IPv6 (prefix length 0, not the loopback's own)."""
        four = [line.split() for line in _lines(_PROC / "net/route")[1:]]
        six = [line.split() for line in _lines(_PROC / "net/ipv6_route")]
        outside = [fields for fields in six if fields[-1] != "lo"]
        return any(fields[1] == "00000000" for fields in four) or any(fields[1] == "00" for fields in outside)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
