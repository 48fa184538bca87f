"""One row per architecture: every name and number that the rest of the house looks up."""

from dataclasses import dataclass
from typing import Literal

from crosswheel.errors import ConfigurationError, Fault, did_you_mean


@dataclass(frozen=True)
class Architecture:
    """What an architecture is called, and what its programs look like.

    :param name: the name in wheel tags and in cibuildwheel's identifiers (PEP 600).
    :param debian: Debian's name of the port.
    :param triplet: Debian's multiarch triplet; also CPython's ``MULTIARCH``.
    :param zig: the architecture and ABI of zig's target, without a version.
    :param zig_cpu: the oldest processor that its wheels run on, as zig's ``-mcpu``: never above what the compilers
        of the official images make (GCC as RHEL configures it), and of Debian's roots. zig's own default for
        armv7l is above: it has NEON and 32 registers, which neither has.
    :param rust: the target triple of Rust, as Debian's standard library has it.
    :param docker: the name on docker's ``--platform``.
    :param qemu: the suffix of QEMU's user-mode program (``qemu-aarch64``).
    :param qemu_cpu: the value of ``QEMU_CPU``; empty where QEMU's default is right. For aarch64 a CPU without
        pointer authentication: emulating that costs up to 15 times (measured). For riscv64 one without vectors,
        which starts Python 1.4 times faster; for armv7l one that refuses instructions of ARMv8.
    :param machine: ``e_machine`` of its ELF files (System V ABI).
    :param bits: 32 or 64: the ELF class.
    :param order: byte order of its ELF files.
    :param baseline: the newest processor that any machine for its wheels is sure to be, for people: what is above
        is told. For s390x and ppc64le that of RHEL 8, which manylinux_2_28 is made of.
    :param long_double: its format, in numpy's words (``longdouble_format``).
    :param floor: the oldest glibc that a wheel for it can name (manylinux policies) and that zig can compile
        against (for ppc64le not 2.17), ``(major, minor)``.
    :param runs_on: architectures whose kernel runs its programs without emulation.
    :param ends: machine code, in hexadecimal, that calls ``exit_group(42)``: the smallest program, run to find out
        whether the architecture's programs run here. System call numbers: the kernel's ``arch/*/syscall`` tables.
    :param flags: ``e_flags`` of its ABI: QEMU reads them for ppc64le (ELFv2) and arm (EABI5).
    :param aliases: further names: of ``uname -m``, of docker with its variant, of GNU and RPM.
    :param in_cibuildwheel: whether it is an architecture of cibuildwheel's too, so that ``all`` means it.
    """

    name: str
    debian: str
    triplet: str
    zig: str
    zig_cpu: str
    rust: str
    docker: str
    qemu: str
    qemu_cpu: str
    machine: int
    bits: Literal[32, 64]
    order: Literal["little", "big"]
    baseline: str
    long_double: str
    floor: tuple[int, int]
    runs_on: tuple[str, ...]
    ends: str
    flags: int
    aliases: tuple[str, ...]
    in_cibuildwheel: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a user may give, in lower case."""
        plain = self.docker.removeprefix("linux/")
        own = (
            self.name,
            self.debian,
            self.triplet,
            self.rust,
            self.docker,
            plain,
            f"qemu-{self.qemu}",
            self.qemu,
        )
        return tuple(dict.fromkeys((*own, *self.aliases)))


def _row(*cells: object) -> Architecture:
    return Architecture(*cells)  # type: ignore[arg-type]


# fmt: off
_TABLE = (
    _row("x86_64",      "amd64",   "x86_64-linux-gnu",      "x86_64-linux-gnu",      "x86_64",          "x86_64-unknown-linux-gnu",      "linux/amd64",   "x86_64",      "",           62,  64, "little", "x86-64",                 "INTEL_EXTENDED_16_BYTES_LE", (2, 17), ("x86_64",),        "bf2a000000 b8e7000000 0f05", 0,          ("x86-64", "linux/x86_64", "x86_64-pc-linux-gnu", "x86_64-redhat-linux")),
    _row("i686",        "i386",    "i386-linux-gnu",        "x86-linux-gnu",         "pentium4",        "i686-unknown-linux-gnu",        "linux/386",     "i386",        "",           3,   32, "little", "i686 with SSE2",         "INTEL_EXTENDED_12_BYTES_LE", (2, 17), ("x86_64", "i686"), "bb2a000000 b8fc000000 cd80", 0,          ("x86", "i486", "i586", "linux/i386", "i686-linux-gnu", "i686-pc-linux-gnu")),
    _row("aarch64",     "arm64",   "aarch64-linux-gnu",     "aarch64-linux-gnu",     "generic",         "aarch64-unknown-linux-gnu",     "linux/arm64",   "aarch64",     "cortex-a57", 183, 64, "little", "ARMv8.0-A",              "IEEE_QUAD_LE",               (2, 17), ("aarch64",),       "400580d2 c80b80d2 010000d4", 0,          ("arm64/v8", "linux/arm64/v8", "linux/aarch64", "armv8", "aarch64-redhat-linux")),
    _row("ppc64le",     "ppc64el", "powerpc64le-linux-gnu", "powerpc64le-linux-gnu", "ppc64le",         "powerpc64le-unknown-linux-gnu", "linux/ppc64le", "ppc64le",     "",           21,  64, "little", "POWER8",                 "IBM_DOUBLE_DOUBLE_LE",       (2, 19), ("ppc64le",),       "2a006038 ea000038 02000044", 2,          ("powerpc64le", "ppc64le-redhat-linux")),
    _row("s390x",       "s390x",   "s390x-linux-gnu",       "s390x-linux-gnu",       "z196",            "s390x-unknown-linux-gnu",       "linux/s390x",   "s390x",       "",           22,  64, "big",    "z13",                    "IEEE_QUAD_BE",               (2, 17), ("s390x",),         "a729002a 0af8",              0,          ("s390x-ibm-linux-gnu", "s390x-redhat-linux")),
    _row("armv7l",      "armhf",   "arm-linux-gnueabihf",   "arm-linux-gnueabihf",   "generic+v7a-d32", "armv7-unknown-linux-gnueabihf", "linux/arm/v7",  "arm",         "cortex-a15", 40,  32, "little", "ARMv7-A with VFPv3-D16", "IEEE_DOUBLE_LE",             (2, 17), ("armv7l",),        "2a00a0e3 f870a0e3 000000ef", 0x05000000, ("armv7", "armv7hl", "armhfp", "linux/arm", "armv7l-linux-gnueabihf", "armv7l-unknown-linux-gnueabihf")),
    _row("riscv64",     "riscv64", "riscv64-linux-gnu",     "riscv64-linux-gnu",     "baseline_rv64",   "riscv64gc-unknown-linux-gnu",   "linux/riscv64", "riscv64",     "rv64",       243, 64, "little", "rv64gc",                 "IEEE_QUAD_LE",               (2, 31), ("riscv64",),       "1305a002 9308e005 73000000", 0,          ("riscv64gc", "riscv64-unknown-linux-gnu", "riscv64-redhat-linux")),
    _row("loongarch64", "loong64", "loongarch64-linux-gnu", "loongarch64-linux-gnu", "la64v1_0",        "loongarch64-unknown-linux-gnu", "linux/loong64", "loongarch64", "",           258, 64, "little", "LA64 v1.0",              "IEEE_QUAD_LE",               (2, 38), ("loongarch64",),   "04a88003 0b788103 00002b00", 0x43,       ("loongarch",), False),
)
# fmt: on

ARCHITECTURES: dict[str, Architecture] = {row.name: row for row in _TABLE}
_BY_NAME = {name: row for row in _TABLE for name in row.names}
HOST = ARCHITECTURES["x86_64"]  # the one machine that crosswheel runs on


def named(text: str) -> Architecture:
    """The architecture of a name, in whichever way it is told: docker's, Debian's, GNU's, Rust's or QEMU's.

    :param text: as ``aarch64``, ``arm64``, ``linux/arm/v7``, ``ppc64el``, ``arm-linux-gnueabihf``, ``qemu-s390x``.
    :raises ConfigurationError: no architecture has this name.
    """
    known = _BY_NAME.get(text.strip().lower())
    if known is None:
        hint = did_you_mean(text.lower(), _BY_NAME) or f"one of {', '.join(ARCHITECTURES)}"
        raise ConfigurationError((Fault(text, "is not an architecture", hint),))
    return known
