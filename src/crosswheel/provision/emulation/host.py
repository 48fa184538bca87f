"""What the kernel was told to run foreign programs with, for everybody on this machine.

Source: ``Documentation/admin-guide/binfmt-misc.rst`` and ``fs/binfmt_misc.c`` of the kernel.
"""

from dataclasses import dataclass
from pathlib import Path

from crosswheel import sample
from crosswheel.architectures import Architecture
from crosswheel.provision import executables

DIRECTORY = Path("/proc/sys/fs/binfmt_misc")
_SEEN = 256  # bytes of a file that the kernel compares (BINPRM_BUF_SIZE)
_FIXED = "F"  # the interpreter was opened when it was registered
_NOT_FIXED = "flag F is missing: it serves neither containers nor chroots, which have no such interpreter"
# Versions of QEMU before these, and what is wrong with them: tonistiigi/binfmt issue 215 and the issues 1763 and
# 1913 of QEMU that it names. Kernels since early 2025 lay out memory in a way that these do not expect. Debian
# repaired its 7.2 (bug 1087822), which no version number tells.
_BAD_VERSIONS = (
    ((8, 1), "crashes at random on kernels since early 2025, unless its distribution repaired it"),
    ((9, 2, 2), "may crash at random on kernels since early 2025"),
)


@dataclass(frozen=True)
class Registration:
    """An entry that recognises programs by their first bytes.

    :param name: of the kernel's file (``qemu-aarch64``).
    :param enabled: whether the kernel uses it: the entry, and binfmt_misc as a whole.
    :param interpreter: the program that the recognised ones are given to, as it was registered.
    :param flags: letters of ``POCF``: argv[0] kept, opened binary, its credentials, interpreter opened for good.
    :param magic: bytes to be found.
    :param mask: the bits of each that count; as long as the magic.
    :param offset: where in a file, bytes.
    """

    name: str
    enabled: bool
    interpreter: Path
    flags: str
    magic: bytes
    mask: bytes
    offset: int

    def recognises(self, content: bytes) -> bool:
        """Whether the kernel would take a file of this content for one of the entry's."""
        seen = content[:_SEEN].ljust(_SEEN, b"\0")[self.offset :]
        return len(seen) >= len(self.magic) and all(
            (byte ^ wanted) & bits == 0
            for byte, wanted, bits in zip(seen, self.magic, self.mask, strict=False)
        )


@dataclass(frozen=True)
class Examination:
    """What is known of an entry.

    :param version: of the interpreter, as it says itself (``11.1.2``); empty where it says none.
    :param faults: sentences without a full stop.
    """

    version: str
    faults: tuple[str, ...]


def mounted(directory: Path = DIRECTORY) -> bool:
    """Whether binfmt_misc is there to be read."""
    return (directory / "status").is_file()


def registrations(directory: Path = DIRECTORY) -> tuple[Registration, ...]:
    """The entries in the order in which the kernel asks them: the newest first.

    Those that go by a file's extension are left out: they say nothing of an architecture.

    :return: empty where binfmt_misc is not mounted.
    """
    if not mounted(directory):
        return ()
    on = (directory / "status").read_text().strip() == "enabled"
    # The kernel lists the newest first, in its directory as in its list: both put new ones at the head. Seen on
    # Linux 6.18 by a test (tests/specs/test_emulation.py).
    files = [path for path in directory.iterdir() if path.name not in ("register", "status")]
    found = (_parsed(path.name, path.read_text(errors="surrogateescape"), on=on) for path in files)
    return tuple(entry for entry in found if entry is not None)


def _parsed(name: str, text: str, *, on: bool) -> Registration | None:
    state, *lines = text.splitlines()
    # "flags: F", but "interpreter /path", which may hold any character.
    values = {key.rstrip(":"): value for key, _, value in (line.partition(" ") for line in lines)}
    if "magic" not in values:
        return None
    magic = bytes.fromhex(values["magic"])
    return Registration(
        name=name,
        enabled=on and state == "enabled",
        interpreter=Path(values["interpreter"]),
        flags=values["flags"],
        magic=magic,
        mask=bytes.fromhex(values["mask"]) if "mask" in values else b"\xff" * len(magic),
        offset=int(values["offset"]),
    )


def serving(arch: Architecture, entries: tuple[Registration, ...]) -> Registration | None:
    """The entry that the kernel takes for programs of an architecture; without one that is enabled, a disabled one.

    :param entries: in the kernel's order.
    """
    content = sample.program(arch)
    fitting = [entry for entry in entries if entry.recognises(content)]
    return next((entry for entry in fitting if entry.enabled), next(iter(fitting), None))


def faults(entry: Registration) -> tuple[str, ...]:
    """What is wrong with an entry or may become so, each a sentence without a full stop; see :func:`examine`."""
    return examine(entry).faults


def examine(entry: Registration) -> Examination:
    """Look at an entry and at its interpreter, whose file is read and run."""
    found = [] if entry.enabled else ["it is disabled"]
    try:
        if not entry.interpreter.exists():
            return Examination("", (*found, _gone(entry)))
        if _FIXED not in entry.flags:
            found.append(_NOT_FIXED)
        # Debian registers a link, by whose name QEMU tells how it was called.
        path = entry.interpreter.resolve()
        version = executables.version(path)
        return Examination(version or "", (*found, *_interpreter_faults(path, version)))
    except OSError as error:
        return Examination("", (*found, f"{entry.interpreter} cannot be read: {error.strerror}"))


def _gone(entry: Registration) -> str:
    if _FIXED in entry.flags:
        return f"{entry.interpreter} is gone: the kernel holds it open, but it cannot be registered again"
    return f"{entry.interpreter} is gone: no program can start"


def _interpreter_faults(path: Path, version: str | None) -> tuple[str, ...]:
    linking = executables.linking(path)
    if linking is not None and linking.loader is not None and not linking.loader.exists():
        return (f"{path} needs {linking.loader}, which is not there",)
    if version is None:
        return (f"{path} does not run",)
    found = []
    if linking is not None and linking.loader is not None:
        found.append(f"{path} is not static: containers and chroots lack what it is linked with")
    if path.name.startswith("qemu-"):
        found += version_faults(version)
        if linking is not None and not linking.movable:
            found.append(f"{path} is not position independent: it may crash on kernels since early 2025")
    return tuple(found)


def version_faults(version: str) -> tuple[str, ...]:
    """What is known to be wrong with a version of QEMU (``7.2.22``)."""
    number = tuple(map(int, version.split(".")))
    reasons = (reason for before, reason in _BAD_VERSIONS if number < before)
    return tuple(f"QEMU {version} {reason}" for reason in reasons)[:1]
