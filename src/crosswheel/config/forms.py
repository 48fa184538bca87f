"""The forms that values may take: a string, a list or a table becomes one exact value."""

import re
import shlex
from pathlib import Path

from crosswheel import images
from crosswheel.architectures import ARCHITECTURES, HOST
from crosswheel.config import environment
from crosswheel.config.malformed import MalformedError
from crosswheel.config.patterns import Patterns
from crosswheel.errors import did_you_mean

# cibuildwheel's EnableGroup; the groups of Pyodide are about another platform, but may be named.
ENABLE_GROUPS = ("cpython-prerelease", "graalpy", "pypy", "pypy-eol", "pyodide-eol", "pyodide-prerelease")
_TRUE = {"y", "yes", "t", "true", "on", "1"}
_DEBIAN_NAMES = {row.debian: row.name for row in ARCHITECTURES.values()}
_NARROW = tuple(name for name, row in ARCHITECTURES.items() if row.bits == 32 and HOST.name in row.runs_on)

Settings = tuple[tuple[str, tuple[str, ...]], ...]


def kind(value: object) -> str:
    """What a TOML value is, for a sentence: ``a table``."""
    names = {
        bool: "a boolean",
        int: "an integer",
        float: "a float",
        str: "a string",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), "a date or time")


def leaf(value: object) -> str:
    """A string as it is; a number or boolean as cibuildwheel writes it."""
    if isinstance(value, str | int | float):
        return str(value)
    raise MalformedError(f"holds {kind(value)} where a string is wanted")


def truth(text: str) -> bool:
    """Whether a word says yes: cibuildwheel's strtobool."""
    return text.lower() in _TRUE


def shell_split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise MalformedError(f"has a quotation that is not closed in {text!r}") from None


def items(value: object) -> list[str]:
    """A string or list as a list of strings."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [leaf(item) for item in value]
    raise MalformedError(f"is {kind(value)} where a string or a list of strings is wanted")


def words(value: object) -> tuple[str, ...]:
    """Words parted by white space, in one string or in several."""
    return tuple(" ".join(items(value)).split())


def patterns(value: object) -> Patterns:
    """:raises MalformedError: a brace is not closed, or the braces stand for too many names."""
    result = Patterns(words(value))
    result.check()
    return result


def names(value: object) -> tuple[str, ...]:
    """Names parted by commas (``test-extras``)."""
    return tuple(name.strip() for name in ",".join(items(value)).split(",") if name.strip())


def requirements(value: object) -> tuple[str, ...]:
    """A list, or a string split as a shell would."""
    return tuple(items(value)) if isinstance(value, list) else shell_split("".join(items(value)))


def command(value: object) -> str:
    """A shell line; a list is joined by ``&&``."""
    return " && ".join(items(value))


def modern_command(value: object) -> str:
    """A command without the placeholders that cibuildwheel 3 took away."""
    text = command(value)
    for gone in ("python", "pip"):
        if f"{{{gone}}}" in text:
            raise MalformedError(f"holds {{{gone}}}, which cibuildwheel 3 took away", f"write {gone}")
    return text


def text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise MalformedError(f"is {kind(value)} where a string is wanted")


def verbosity(value: object) -> int:
    """An integer; outside of -3 to 3 it is the nearest of them, as in cibuildwheel."""
    if isinstance(value, str) and not value.strip():
        return 0
    try:
        number = int(value) if isinstance(value, str) else value
    except ValueError:
        raise MalformedError(f"is {value!r} where an integer from -3 to 3 is wanted") from None
    if not isinstance(number, int) or isinstance(number, bool):
        raise MalformedError(f"is {kind(value)} where an integer from -3 to 3 is wanted")
    return max(-3, min(3, number))


def settings(value: object) -> Settings:
    """``config-settings``: ``KEY=VALUE`` words of a string, or a table of strings and lists of strings."""
    pairs: list[tuple[str, str]] = []
    if isinstance(value, dict):
        for key, held in value.items():
            if shell_split(key) != (key,):
                raise MalformedError(f"has the key {key!r}, which is not one word")
            pairs += [(key, leaf(item)) for item in (held if isinstance(held, list) else [held])]
    elif isinstance(value, str):
        pairs = [(key, held) for key, _, held in (word.partition("=") for word in shell_split(value))]
    else:
        raise MalformedError(f"is {kind(value)} where a string or a table is wanted")
    merged: dict[str, tuple[str, ...]] = {}
    for key, item in pairs:
        merged[key] = (*merged.get(key, ()), item)
    return tuple(merged.items())


def assignments(value: object) -> environment.Assignments:
    """``environment``: bash assignments in a string, or a table whose values are in double quotes in bash."""
    if isinstance(value, str):
        return environment.parse(value)
    if isinstance(value, dict):
        made = [environment.parse(f'{name}="{leaf(held)}"') for name, held in value.items()]
        return tuple(assignment for assignments in made for assignment in assignments)
    raise MalformedError(f"is {kind(value)} where a string or a table is wanted")


def groups(value: object) -> frozenset[str]:
    """``enable``: names of groups, or ``all``."""
    found = words(value)
    for group in found:
        if group not in (*ENABLE_GROUPS, "all"):
            raise MalformedError(
                f"names the unknown group {group!r}",
                did_you_mean(group.lower(), (*ENABLE_GROUPS, "all"))
                or f"one of {', '.join(ENABLE_GROUPS)}, all",
            )
    return frozenset(ENABLE_GROUPS if "all" in found else found)


def architectures(value: object) -> tuple[str, ...]:
    """``archs``: names and the words that stand for several, in the order of the table of architectures.

    ``auto`` is the host's own architecture only, as in cibuildwheel 4.
    """
    stands_for: dict[str, tuple[str, ...]] = {
        **{name.lower(): (name,) for name in ARCHITECTURES},
        "auto": (HOST.name,),
        "native": (HOST.name,),
        "auto64": (HOST.name,),
        "auto32": _NARROW,
        "all": tuple(name for name, row in ARCHITECTURES.items() if row.in_cibuildwheel),
    }
    chosen: set[str] = set()
    for name in re.split(r"[\s,]+", " ".join(items(value)).strip()):
        if name and name.lower() not in stands_for:
            linux = _DEBIAN_NAMES.get(name.lower())
            hint = f"did you mean {linux}?" if linux else did_you_mean(name, stands_for)
            problem = f"names {name!r}, which is no architecture of Linux wheels"
            raise MalformedError(problem, hint, deprecated=name in _ELSEWHERE)
        chosen.update(stands_for.get(name.lower(), ()))
    return ordered(chosen)


# cibuildwheel's names of architectures on other platforms.
_ELSEWHERE = (
    "x86_64", "arm64", "universal2", "AMD64", "x86", "ARM64", "wasm32", "arm64_v8a", "arm64_iphoneos",
    "arm64_iphonesimulator", "x86_64_iphonesimulator", "auto", "native", "auto64", "auto32", "all",
)  # fmt: skip


def architectures_elsewhere(value: object) -> None:
    """``archs`` of another platform: the names are checked, and no more."""
    for name in re.split(r"[\s,]+", " ".join(items(value)).strip()):
        if name and name.lower() not in map(str.lower, (*_ELSEWHERE, *ARCHITECTURES)):
            raise MalformedError(f"names {name!r}, which is no architecture", did_you_mean(name, _ELSEWHERE))


def ordered(chosen: set[str]) -> tuple[str, ...]:
    return tuple(name for name in ARCHITECTURES if name in chosen)


def image(value: object) -> str:
    """The alias of a policy, or the full name of an image."""
    name = text(value)
    if name in images.GONE:
        problem = f"names {name!r}, which cibuildwheel 4 no longer supports"
        raise MalformedError(problem, f"name {images.IMAGES[name].heir} or a newer one", deprecated=True)
    return name


def path(value: object) -> str:
    """A path, of which ``~`` stands for the home directory."""
    name = text(value)
    if not name or "\0" in name:
        raise MalformedError(f"is {name!r}, which is no path")
    try:
        Path(name).expanduser()
    except RuntimeError:
        raise MalformedError(f"is {name!r}, and the home directory of that user is not known") from None
    return name


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]?)B?", re.IGNORECASE)
_BYTES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}


def size(value: object) -> int:
    """Bytes: ``4G``, ``500M``."""
    found = _SIZE.fullmatch(text(value).strip())
    if found is None:
        raise MalformedError(f"is {value!r}, which is no size", "write 4G or 500M")
    return round(float(found[1]) * _BYTES[found[2].upper()])


def seconds(value: object) -> float:
    """A time: ``30m``, ``90s``, ``2h``."""
    found = _TIME.fullmatch(text(value).strip())
    if found is None or not float(found[1]):
        raise MalformedError(f"is {value!r}, which is no time", "write 30m, 90s or 2h")
    return float(found[1]) * _SECONDS[found[2].lower()]


_LEAST = 100_000_000  # a Python that imports setuptools, under QEMU


def memory(value: object) -> int:
    """A size that a build can do with."""
    found = size(value)
    if found < _LEAST:
        raise MalformedError(f"is {value!r}, less than any build needs", "write 100M or more")
    return found


def jobs(value: object) -> int:
    """A number of jobs; 0 for ``auto``."""
    told = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)
    if told == "auto":
        return 0
    if not told.isascii() or not told.isdecimal() or int(told) == 0:
        raise MalformedError(f"is {told!r}, which is no number of jobs", "write 1 or more, or auto")
    return int(told)
