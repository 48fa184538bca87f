"""The machine that figures are of."""

import os
import platform
from pathlib import Path

import platformdirs

from crosswheel.architectures import ARCHITECTURES
from crosswheel.provision.debian import DebianSource
from crosswheel.store import Store

CACHE = Path(os.environ.get("CROSSWHEEL_CACHE") or platformdirs.user_cache_path("crosswheel"))


def described() -> str:
    """Its cores, kernel and QEMU in one line."""
    programs = DebianSource(Store(CACHE), lambda _: None).programs
    qemu = programs.qemu(ARCHITECTURES["aarch64"])
    return f"{os.cpu_count()} cores, Linux {platform.release()}, QEMU {qemu.version} ({qemu.origin})"
