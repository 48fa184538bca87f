"""One row per architecture: every name and number that the rest of the house looks up."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Architecture:
    """What an architecture is called, and what its programs look like.

    :param name: the name in wheel tags and in cibuildwheel's identifiers (PEP 600).
    :param debian: Debian's name of the port.
    :param triplet: Debian's multiarch triplet; also CPython's ``MULTIARCH``.
    :param zig: the architecture and ABI of zig's target, without a version.
    :param rust: the target triple of Rust, as Debian's standard library has it.
    :param docker: the name on docker's ``--platform``.
    :param qemu: the suffix of QEMU's user-mode program (``qemu-aarch64``).
    :param qemu_cpu: the value of ``QEMU_CPU``; empty where QEMU's default is right. For aarch64 a CPU without
        pointer authentication: emulating that costs up to 15 times (measured).
    :param machine: ``e_machine`` of its ELF files (System V ABI).
    :param bits: 32 or 64: the ELF class.
    :param order: byte order of its ELF files.
    :param floor: the oldest glibc that a wheel for it can name (manylinux policies) and that zig can compile
        against (for ppc64le not 2.17), ``(major, minor)``.
    :param runs_on: architectures whose kernel runs its programs without emulation.
    """

    name: str
    debian: str
    triplet: str
    zig: str
    rust: str
    docker: str
    qemu: str
    qemu_cpu: str
    machine: int
    bits: Literal[32, 64]
    order: Literal["little", "big"]
    floor: tuple[int, int]
    runs_on: tuple[str, ...]


def _row(*cells: object) -> Architecture:
    return Architecture(*cells)  # type: ignore[arg-type]


# fmt: off
_TABLE = (
    _row("x86_64",  "amd64",   "x86_64-linux-gnu",      "x86_64-linux-gnu",       "x86_64-unknown-linux-gnu",      "linux/amd64",   "x86_64",  "",           62,  64, "little", (2, 17), ("x86_64",)),
    _row("i686",    "i386",    "i386-linux-gnu",        "x86-linux-gnu",          "i686-unknown-linux-gnu",        "linux/386",     "i386",    "",           3,   32, "little", (2, 17), ("x86_64", "i686")),
    _row("aarch64", "arm64",   "aarch64-linux-gnu",     "aarch64-linux-gnu",      "aarch64-unknown-linux-gnu",     "linux/arm64",   "aarch64", "cortex-a57", 183, 64, "little", (2, 17), ("aarch64",)),
    _row("ppc64le", "ppc64el", "powerpc64le-linux-gnu", "powerpc64le-linux-gnu",  "powerpc64le-unknown-linux-gnu", "linux/ppc64le", "ppc64le", "",           21,  64, "little", (2, 19), ("ppc64le",)),
    _row("s390x",   "s390x",   "s390x-linux-gnu",       "s390x-linux-gnu",        "s390x-unknown-linux-gnu",       "linux/s390x",   "s390x",   "",           22,  64, "big",    (2, 17), ("s390x",)),
    _row("armv7l",  "armhf",   "arm-linux-gnueabihf",   "arm-linux-gnueabihf",    "armv7-unknown-linux-gnueabihf", "linux/arm/v7",  "arm",     "",           40,  32, "little", (2, 17), ("armv7l",)),
    _row("riscv64", "riscv64", "riscv64-linux-gnu",     "riscv64-linux-gnu",      "riscv64gc-unknown-linux-gnu",   "linux/riscv64", "riscv64", "",           243, 64, "little", (2, 31), ("riscv64",)),
)
# fmt: on

ARCHITECTURES: dict[str, Architecture] = {row.name: row for row in _TABLE}
HOST = ARCHITECTURES["x86_64"]  # the one machine that crosswheel runs on
