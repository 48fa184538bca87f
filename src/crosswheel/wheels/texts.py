"""Files of two wheels that no compiler made, compared word for word: sources, data, generated headers.

A header or a module that the build wrote (``config.h``, ``__config__.py``) tells what it found out about the
target; a wrong answer there may be all that shows of a lost feature.
"""

import re
import zipfile
from pathlib import Path, PurePosixPath

from crosswheel.model import Difference
from crosswheel.wheels.compare import file_key
from crosswheel.wheels.elf import MAGIC
from crosswheel.wheels.naming import Names

_ARCHIVE = b"!<arch>\n"  # static libraries: each compiler makes its own
# Written by each build in its own way, whatever it built.
_OWN = re.compile(r"\*\.dist-info/(?:RECORD|WHEEL|sboms/.*)\Z")
# What says where and with which program a build was made, and not what it made.
_SET_ASIDE = (
    (re.compile(r"(?<![\w.])/[\w.+@~-]+(?:/[\w.+@~-]+)*"), "<path>"),
    (re.compile(r"(?<![\w-])(?:[\w.]+-)*(?:gcc|g\+\+|clang|clang\+\+|cc|c\+\+|zig|ld(?:\.\w+)?)(?:-\d+)?(?![\w+-])"),
     "<program>"),
    (re.compile(r"\b\d+(?:\.\d+)+\b"), "<version>"),
)  # fmt: skip


def text_differences(mine: Path, other: Path, names: Names) -> tuple[int, tuple[Difference, ...]]:
    """Compare the files that both wheels have.

    :return: how many were compared, and what differs.
    """
    with zipfile.ZipFile(mine) as ours, zipfile.ZipFile(other) as theirs:
        paths = {file_key(path): path for path in theirs.namelist()}
        pairs = [
            (path, ours.read(path), theirs.read(paths[file_key(path)]))
            for path in sorted(ours.namelist())
            if file_key(path) in paths and _is_compared(path)
        ]
    pairs = [pair for pair in pairs if not pair[1].startswith((MAGIC, _ARCHIVE))]
    found = (_difference(path, a, b, names) for path, a, b in pairs)
    return len(pairs), tuple(difference for difference in found if difference is not None)


def _is_compared(path: str) -> bool:
    return not (path.endswith("/") or _OWN.match(file_key(path)) or PurePosixPath(path).suffix == ".pyc")


def _difference(path: str, ours: bytes, theirs: bytes, names: Names) -> Difference | None:
    if ours == theirs:
        return None
    try:
        lines, others = ours.decode().splitlines(), theirs.decode().splitlines()
    except UnicodeDecodeError:
        return Difference("texts", f"{path} is not the same in both wheels")
    only_mine, only_other = _only(lines, others), _only(others, lines)
    if not only_mine and not only_other:
        return None
    said = [
        f"{who} has {only[0].strip()!r}" + (f" and {len(only) - 1} more lines" if len(only) > 1 else "")
        for who, only in ((names.mine, only_mine), (names.other, only_other))
        if only
    ]
    return Difference("texts", f"{path}: {'; '.join(said)}")


def _only(lines: list[str], others: list[str]) -> list[str]:
    """The lines that have no counterpart, in whatever order the others are."""
    known = {_plain(line) for line in others}
    return [line for line in lines if _plain(line) not in known]


def _plain(line: str) -> str:
    for pattern, name in _SET_ASIDE:
        line = pattern.sub(name, line)
    return line.strip()
