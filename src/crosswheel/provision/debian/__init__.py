"""The source ``debian``: roots and CPythons of every architecture by way of the machine's own apt.

apt resolves, fetches and verifies signatures as an ordinary user in a configuration of its own; the packages
are unpacked without running anything in them, so nothing is emulated. Read ``source.py`` first. QEMU and
bubblewrap come the same way (``programs.py``).
"""

from crosswheel.provision.debian.programs import Program, Programs
from crosswheel.provision.debian.source import DebianSource

__all__ = ["DebianSource", "Program", "Programs"]
