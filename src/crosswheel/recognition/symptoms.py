"""What is said where the machine, its kernel or an emulator is to blame, as it is said; what is read from the
output is in ``tests/unit/test_symptoms.py``.

A row a symptom. The first row that is found decides. Where rows stand among the causes that build tools name is
told by ``engines/causes.py``.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

Shipped = Callable[[str], bool]
"""Whether there is a file of this name among what was worked with."""

_LAST = 40  # lines that are likelier to tell the cause than those before them
_LONG = 4000  # characters of a line that are looked at


class Kind(Enum):
    """What is to blame; the reasons go by it."""

    SPACE = auto()
    LARGE_FILES = auto()
    GLIBC = auto()
    ADDRESS_SPACE = auto()
    CPU = auto()
    SUDO = auto()
    NAMESPACES = auto()
    TRACING = auto()
    PROCESSES = auto()
    FILES = auto()
    NETWORK = auto()
    CERTIFICATE = auto()
    EXEC_FORMAT = auto()
    LIBRARY = auto()
    LOADER = auto()
    ABORT = auto()
    GUEST_CRASH = auto()
    CRASH = auto()
    FILE_SIZE = auto()
    CPU_TIME = auto()
    KILLED = auto()
    MEMORY = auto()
    PERHAPS_NETWORK = auto()


@dataclass(frozen=True)
class Symptom:
    """A recognisable trouble.

    :param pattern: found in the output, whose last line is ``status N`` (negative for a signal). A group ``file``
        names what was run or loaded, ``version`` what it wants, ``where`` the place that was not reached.
    :param fact: said to people; groups of the pattern may be used in it.
    :param there: whether it counts only where the named file is there: else it is simply missing.
    """

    kind: Kind
    pattern: str
    fact: str
    there: bool = False


@dataclass(frozen=True)
class Found:
    """A symptom in an output.

    :param fact: in words.
    :param named: what the groups of the pattern found.
    """

    kind: Kind
    fact: str
    named: Mapping[str, str]


_FOREIGN = "it ran a program of another architecture"
_NO_LOADER = r"\g<file> was not started: the program that loads its libraries is missing"
_STARTS = r"(?m)^(?:\S*sh: )?(?:line )?(?:\d+: )?"  # of what a shell says

_ROWS = (
    # docker's and podman's words for a limit of user namespaces hold those for a full disk.
    (Kind.NAMESPACES,
     r"(?:unshare failed|cannot clone|newuidmap\S*|Creating new namespace failed): (?P<why>[^\n]*)",
     r"it made a namespace of its own (\g<why>)"),
    (Kind.SPACE, r"No space left on device|\bENOSPC\b|Disk quota exceeded", "there is no space left on the device"),
    (Kind.LARGE_FILES, r"Value too large for defined data type|\[Errno 75\]",
     "a 32-bit program met a file whose number does not fit"),
    (Kind.GLIBC,
     r"version [`'](?P<version>(?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)' not found \(required by (?P<file>[^)]+)\)",
     r"\g<file> needs \g<version>, which is not there"),
    (Kind.ADDRESS_SPACE,
     r"Unable to reserve 0x[0-9a-f]+ bytes of virtual address space|Unable to find a guest_base",
     "QEMU could not reserve the memory of a 32-bit program"),
    (Kind.CPU, r"Fatal glibc error: (?P<why>[^\n]*(?:does not support|lacks|required)[^\n]*)",
     r"the C library does not run on this CPU: \g<why>"),
    (Kind.CPU, r"uncaught target signal 4\b", "an emulated program used an instruction that its CPU does not have"),
    (Kind.SUDO, r"sudo: (?:effective uid is not 0|The \"no new privileges\"|(?:command )?not found)",
     "it called sudo"),
    (Kind.TRACING, r"(?i)ptrace[^\n]*(?:function not implemented|operation not permitted|input/output error)",
     "it traced a program"),
    (Kind.PROCESSES, r"fork: (?:retry: )?Resource temporarily unavailable|[Cc]annot fork|can't start new thread"
     r"|pthread_create(?:\(\))? failed|Resource temporarily unavailable \(os error 11\)",
     "no further process or thread could be started"),
    (Kind.FILES, r"Too many open files", "too many files were open"),
    # Installers and fetchers, which say it once they have given up. What programs say at large comes last.
    (Kind.NETWORK, r"Could not resolve host:? ?(?P<where>[\w.-]*)|Temporary failure in name resolution",
     "the network failed: a name could not be looked up"),
    (Kind.NETWORK,
     r"host='(?P<where>[\w.-]+)', port=(?P<port>\d+)\)[^\n]*(?:Failed to establish a new connection|timed out)"
     r"|Failed to connect to (?P<server>[\w.-]+)|Could not connect|[Ff]ailed to fetch: `?(?P<url>\S*?)`?(?:\s|$)",
     "the network failed: a server could not be reached"),
    (Kind.CERTIFICATE, r"(?i)certificate[ _]verify[ _]failed|SSL certificate problem|invalid peer certificate"
     r"|UnknownIssuer", "a server showed a certificate that is not trusted"),
    (Kind.EXEC_FORMAT, _STARTS + r"(?P<file>[^\s:]+): (?:cannot execute binary file|Exec format error)", _FOREIGN),
    (Kind.EXEC_FORMAT, r"Exec format error: '(?P<file>[^']+)'", _FOREIGN),
    (Kind.EXEC_FORMAT, r"(?i)exec (?:container process )?[`'\"]?(?P<file>/[^\s`'\":]+)[`'\"]?: exec format error",
     _FOREIGN),
    # An emulated execvp hands what the kernel refuses to a shell, which reads it (seen with QEMU 7.2 and 11.1).
    (Kind.EXEC_FORMAT, r"(?m)^(?P<file>[^\s:]+): \d+: (?:Syntax error: )?[^\w\n]{0,2}ELF\W", _FOREIGN),
    (Kind.EXEC_FORMAT, r"(?i)exec format error|cannot execute binary file", _FOREIGN),
    # What cibuildwheel says where the shell of a container dies at once (its issue 2114).
    (Kind.EXEC_FORMAT, r"the container shell has exited|exec user process caused",
     "the container's own shell ended at once"),
    (Kind.LOADER, r"(?:qemu|binfmt)\S*: Could not open '(?P<loader>[^']+)'",
     r"a program of the target did not find its loader \g<loader>"),
    (Kind.LOADER, _STARTS + r"(?P<file>[^\s:]+): cannot execute: required file not found", _NO_LOADER),
    (Kind.LOADER, r"(?i)exec (?P<file>/\S+): no such file or directory", _NO_LOADER),
    (Kind.LOADER, _STARTS + r"(?P<file>[^\s:]*/[^\s:]+): not found$", _NO_LOADER, True),
    (Kind.LOADER, r"_execute_child[\s\S]*FileNotFoundError: [^\n]*: '(?P<file>[^']*/[^']+)'", _NO_LOADER, True),
    # An emulated make does not learn why a program did not start (posix_spawn).
    (Kind.EXEC_FORMAT, r"(?m)^(?P<file>\S*/\S+)(?: .*)?\nmake\S*: \*\*\* \[[^\]]+\] Error 127$",
     r"make could not start \g<file>", True),
    # glibc passes over a library of another architecture and says that there is none.
    (Kind.LIBRARY, r"(?:Import|OS)Error: (?P<file>\S*/[\w.-]+\.so[\d.]*): cannot open shared object"
     r"|(?:Import|OS)Error: (?P<library>\S+): (?:wrong ELF class|invalid ELF header)",
     r"it loaded \g<file>\g<library>, which is missing or of another architecture"),
    (Kind.ABORT, r"uncaught target signal 6\b", "an emulated program ended itself (abort)"),
    (Kind.GUEST_CRASH, r"(?:uncaught target signal|QEMU internal) (?P<signal>\w+)",
     r"an emulated program crashed (signal \g<signal>)"),
    (Kind.FILE_SIZE, r"File size limit exceeded|(?m:^status -25$)", "a program wrote more than one file may hold"),
    (Kind.CPU_TIME, r"[Cc]pu ?time limit exceeded|(?m:^status -24$)", "a program used more time than it may"),
    (Kind.MEMORY, r"[Cc]annot allocate memory|std::bad_alloc|virtual memory exhausted|LLVM ERROR: out of memory"
     r"|\bOutOfMemory\b|(?m:^)MemoryError\b|out of memory allocating", "memory ran out"),
    (Kind.KILLED, r"\bKilled\b|(?m:^status (?:-9|137|247)$)", "a process was killed"),
    (Kind.CRASH, r"(?m)^status (?:-11|-7|139|135)$", "a program crashed (segmentation fault)"),
    (Kind.PERHAPS_NETWORK, r"Name or service not known", "the network failed: a name could not be looked up"),
    (Kind.PERHAPS_NETWORK,
     r"\[Errno 111\]|Connection refused|[Cc]onnection timed out|Network is unreachable|No route to host",
     "the network failed: a server could not be reached"),
)  # fmt: skip

SYMPTOMS = tuple(Symptom(*row) for row in _ROWS)


def of(*kinds: Kind) -> tuple[Symptom, ...]:
    """The rows of some kinds, in the table's order."""
    return tuple(symptom for symptom in SYMPTOMS if symptom.kind in kinds)


def output(lines: Sequence[str], returncode: int) -> tuple[str, ...]:
    """What patterns are looked for in.

    :param returncode: negative for a signal, as in ``subprocess``.
    """
    return (*(line[:_LONG] for line in lines), f"status {returncode}")


def texts(lines: Sequence[str]) -> Iterable[str]:
    """The last lines, then all."""
    return dict.fromkeys(("\n".join(lines[-_LAST:]), "\n".join(lines)))


def match(symptom: Symptom, text: str, shipped: Shipped) -> Found | None:
    """The symptom in a text, if it is there."""
    for found in re.finditer(symptom.pattern, text):
        named = {name: value for name, value in found.groupdict().items() if value}
        if not symptom.there or shipped(named["file"]):
            return Found(symptom.kind, found.expand(symptom.fact), named)
    return None


def recognise(lines: Sequence[str], returncode: int, shipped: Shipped = lambda _: False) -> Found | None:
    """The machine's trouble that a failed command tells of; None where none is known.

    :param lines: what it printed.
    :param returncode: its status; negative for a signal.
    """
    found = (
        match(symptom, text, shipped) for text in texts(output(lines, returncode)) for symptom in SYMPTOMS
    )
    return next((one for one in found if one is not None), None)
