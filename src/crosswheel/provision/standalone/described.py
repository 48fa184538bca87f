"""The build-time variables of a standalone Python, made right for the place where it stands.

python-build-standalone builds for ``/install``, with clang and libraries below ``/tools``; uv writes the place it
installs to in. None of it holds in a root: the Python has moved, and the compilers are the root's own.
"""

import ast
import pprint
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from crosswheel.errors import ProvisionError

__all__ = ["settle"]

_BUILT_FOR = "/install"
# The root's compilers, by which extension modules are built where no engine brings its own.
_TOOLS = {
    "CC": "gcc", "CXX": "g++", "MAINCC": "gcc", "LINKCC": "gcc", "CPP": "gcc -E", "AR": "ar", "RANLIB": "ranlib",
    "NM": "nm", "LDSHARED": "gcc -shared", "BLDSHARED": "gcc -shared", "LDCXXSHARED": "g++ -shared",
    "CONFIGURE_CC": "gcc", "LIBPYTHON": "",
}  # fmt: skip
# Words of flags that name the build machine's directories, and those that only clang or a build of Python has.
_FOREIGN = re.compile(
    r"(?<!\S)(?:"
    r"-(?:I|L|isystem\s*|Wl,-rpath(?:-link)?[,=])/(?:tools|build)\b\S*"
    r"|-fprofile-\S+|-flto\S*|-fdebug-default-version=\S+|--?target[= ]\S+|-Wno-unused-command-line-argument"
    r"|-fuse-ld=\S+|-mllvm\s+\S+|--rtlib=\S+|-fno-reorder-blocks-and-partition|-Wl,--(?:emit-relocs|icf=\S+)"
    r")(?!\S)"
)
_TEXTS = ("lib/pkgconfig/*.pc", "lib/python3*/config-*/Makefile", "lib/python3*/build-details.json",
          "bin/python3*-config")  # fmt: skip


def settle(directory: Path, was: Path, place: str) -> None:
    """Make what a Python says of itself true where it will stand; its files may be links to others, which stay.

    :param directory: its prefix, on this machine.
    :param was: where uv installed it.
    :param place: its prefix as its programs see it (``/opt/python/cp312-cp312``).
    :raises ProvisionError: it has no build-time data.
    """
    found = sorted(directory.glob("lib/python3*/_sysconfigdata_*.py"))
    if not found:
        raise ProvisionError("the archive of a standalone Python has no _sysconfigdata module")
    for path in found:
        variables = {
            name: _cleaned(value, was, place) if isinstance(value, str) else value
            for name, value in _variables(path).items()
        }
        variables.update({name: tool for name, tool in _TOOLS.items() if name in variables})
        _write(path, f"build_time_vars = {pprint.pformat(variables)}\n")
    for path in _matching(directory, _TEXTS):
        text = path.read_bytes()
        if b"\0" not in text:  # no program
            _write(path, _moved(text.decode("utf-8", "surrogateescape"), was, place))


def _variables(path: Path) -> dict[str, str | int]:
    """What the module assigns; it is read, not run.

    :raises ProvisionError: it is not what CPython makes.
    """
    try:
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if (
                isinstance(statement, ast.Assign)
                and getattr(statement.targets[0], "id", "") == "build_time_vars"
            ):
                return dict(ast.literal_eval(statement.value))
    except (ValueError, SyntaxError) as error:
        raise ProvisionError(f"{path.name} of a standalone Python cannot be read", cause=str(error)) from None
    raise ProvisionError(f"{path.name} of a standalone Python assigns no build_time_vars")


def _cleaned(value: str, was: Path, place: str) -> str:
    cleaned = _FOREIGN.sub("", value)
    return _moved(" ".join(cleaned.split()) if cleaned != value else value, was, place)


def _moved(text: str, was: Path, place: str) -> str:
    text = text.replace(str(was), place)
    return re.sub(rf"(?:(?<![\w./-])|(?<=-[ILR])){_BUILT_FOR}(?![\w.-])", place, text)


def _matching(directory: Path, patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        for path in sorted(directory.glob(pattern)):
            if path.is_file() and not path.is_symlink():
                yield path


def _write(path: Path, text: str) -> None:
    mode = path.stat().st_mode
    path.unlink()
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    path.chmod(mode)
