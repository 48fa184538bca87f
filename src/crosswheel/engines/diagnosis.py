"""Why a rung of the ladder failed, and whether a lower one can cure it."""

import re
from dataclasses import dataclass

from crosswheel.errors import StepError, VerificationError
from crosswheel.model import EngineName
from crosswheel.site import places


@dataclass(frozen=True)
class Descent:
    """Why to step down, and how far.

    :param own_compilers: only a rung with the root's own compilers can do better.
    """

    reason: str
    own_compilers: bool = False


_REFUSAL = r"crosswheel: cannot compile here: (.*)"  # printed by the compilers' wrapper


@dataclass(frozen=True)
class _Cause:
    """A recognisable cause.

    :param pattern: found in the last lines of the output.
    :param reason: said to people; groups of the pattern may be used in it.
    :param curable: whether a lower rung can do better.
    :param remedy: what to do where it ends the job.
    """

    pattern: str
    reason: str
    curable: bool
    remedy: str = ""


_MEMORY = 'give the machine more memory, or run fewer compilers at once (environment = { MAKEFLAGS = "-j1" })'
_CAUSES = tuple(
    _Cause(*row)
    for row in (
        (_REFUSAL, r"\1", True),
        (r"(?i)exec format error|cannot execute binary file", "it ran a program of another architecture",
         True),
        (r"\bKilled\b", "a process was killed, as where memory runs out", False, _MEMORY),
        (r"[Cc]annot allocate memory|std::bad_alloc", "memory ran out", False, _MEMORY),
        (r"qemu: uncaught target signal (\d+)", r"an emulated program crashed (signal \1)", False,
         "run it again; where it stays, QEMU cannot run this program: try another version, or test-skip"),
        (r"No space left on device", "there is no space left on the device", False,
         "free space, or keep the cache on another disk with --cache-dir"),
        (r"Could not (?:resolve host|connect)|Temporary failure in name resolution|[Ff]ailed to fetch: ",
         "the network failed", False, "check the network and the settings of its proxy, then run it again"),
        (r"Missing `Content-Type` header|invalid (?:HTML|JSON)|there are no versions of",
         "the package index answers what is no index", False,
         "check the address of the index (UV_DEFAULT_INDEX, PIP_INDEX_URL) and whether the network wants a login"),
        (r"Because (\S+) was not found in the package registry", r"the package index has no \1", False,
         "correct the name in requires or test-requires, or name the index that has it (UV_INDEX)"),
        (r"(\S+\.(?:c|cc|cpp|cxx|h|hpp|pyx)):\d+:\d+: error: expected", r"\1 does not compile", False,
         "correct the source: no engine can compile it"),
        (r"fatal error: '?([\w./+-]+\.h\w*)'?(?: file not found|: No such file)", r"the header \1 was not found",
         True, 'install what has it into the target\'s root (before-all = "apt-get install -y ...")'),
        (r"unable to find (?:dynamic )?(?:system )?library '?([\w.+-]+)'?", r"the library \1 was not found", True,
         'install what has it into the target\'s root (before-all = "apt-get install -y ...")'),
        (r"cannot find -l([\w.+-]+)", r"the library \1 was not found", True,
         'install what has it into the target\'s root (before-all = "apt-get install -y ...")'),
        (r"undefined symbol: (\S+)", r"the symbol \1 is missing", True),
        (r"ImportError: .*?([\w.-]+\.so)\S*: (?:cannot open|wrong ELF|invalid ELF)",
         r"it imported \1, which is of the target", True),
        (r"ModuleNotFoundError: No module named '([\w.]+)'", r"it imports \1, which is not among its requirements",
         False, "name it in requires of [build-system], or in test-requires for a test"),
        (r"ImportError: (.*)", r"an import failed: \1", True),
    )
)  # fmt: skip
# Steps that a lower rung does in another way; a failed test or repair would fail there too.
_STEPS = ("before-build", "requirements", "build")
_REMEDIES = {
    "build": "read the whole log; --engine emulated tells, by the root's own compilers, whether ours are to blame",
    "test": "read the whole log; --no-test keeps the wheel without a test",
    "repair": 'correct repair-wheel-command; an empty one ("") leaves the wheel as it was built',
}
_KILLED = -9
_INSTALLER = (places.UV, "uv pip install")
_BUILDS = "Failed to build"  # uv's words for a requirement whose own build failed


def curable(error: StepError | VerificationError) -> Descent | None:
    """The reason to step down the ladder, or None where a lower rung would fail alike."""
    if isinstance(error, VerificationError):
        return Descent(f"the wheel is not correct: {error.problems[0]}")
    if error.step not in _STEPS or error.returncode == _KILLED:
        return None
    if error.command.startswith(_INSTALLER) and not any(_BUILDS in line for line in error.tail):
        return None  # the index, the network or a name is to blame: a lower rung asks for the same
    cause, reason = _recognised(error)
    if cause is not None:
        return Descent(reason, own_compilers=cause.pattern == _REFUSAL) if cause.curable else None
    last = next((line for line in reversed(error.tail) if line.strip()), "no output")
    return Descent(f"the {error.step} step failed in a way not known to crosswheel: {last.strip()[:160]}")


def explain(error: StepError, engine: EngineName | None) -> None:
    """Give a failure that ends its job a cause and a next step, where they are not known yet."""
    cause, reason = _recognised(error)
    if cause is None and error.returncode == _KILLED:
        reason, remedy = "the kernel ends processes where memory runs out", _MEMORY
    else:
        remedy = cause.remedy if cause else ""
    error.cause = error.cause or reason
    usual = _REMEDIES.get(error.step, "read the whole log") if engine != "emulated" else "read the whole log"
    error.remedy = error.remedy or remedy or usual


def _recognised(error: StepError) -> tuple[_Cause | None, str]:
    output = "\n".join(error.tail)
    for cause in _CAUSES:
        found = re.search(cause.pattern, output)
        if found:
            return cause, found.expand(cause.reason)
    return None, ""
