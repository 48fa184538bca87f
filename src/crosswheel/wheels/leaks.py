"""Paths of the build in a wheel's text files: ``__config__.py``, ``.pc`` files and their like.

A name of the compiler is of no harm. What another build reads is: a ``.pc`` file or a CMake package that leads to
compilers or a root which no other machine has. The directories of the project and of its environment are left to
the project: a native build writes such paths too.
"""

import re
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

# What other builds read.
_CONSUMED = ("*.pc", "*.cmake", "*.la", "*-config", "*_sysconfigdata*.py", "*/Makefile", "*.mk")
_METADATA = "*.dist-info/*"
_LARGEST = 2_000_000  # bytes: no file that a person or a build system reads


@dataclass(frozen=True)
class Leak:
    """A path of the build in a file of the wheel.

    :param misleads: whether other builds follow it to what is not there.
    """

    file: str
    path: str
    misleads: bool

    def __str__(self) -> str:
        if self.misleads:
            return f"{self.file} leads other builds to {self.path}, which only this build has"
        return f"{self.file} holds {self.path}, a path of the build"


def leaked(wheel: Path, base: str, tools: Collection[str]) -> Iterator[Leak]:
    """The first such path of each file.

    :param base: the directory that the build saw everything below.
    :param tools: names in it that a native build has no path of: compilers, the target's root.
    """
    pattern = re.compile(rb"(?<![\w.])" + re.escape(base).encode() + rb"/([\w.+-]+)[\w./+-]*")
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            if info.is_dir() or info.file_size > _LARGEST or fnmatch(info.filename, _METADATA):
                continue
            content = archive.read(info)
            if b"\0" in content[:1024]:
                continue  # no text
            matches = list(pattern.finditer(content))
            ours = [match for match in matches if match[1].decode() in tools]
            consumed = any(fnmatch(f"/{info.filename}", f"*{name}") for name in _CONSUMED)
            for match in (ours or matches)[:1]:
                yield Leak(info.filename, match[0].decode(), misleads=bool(ours) and consumed)
