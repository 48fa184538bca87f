"""Which names a wheel gives to ``import``."""

from collections.abc import Iterable
from dataclasses import dataclass, field

_INSTALLED_SCHEMES = ("purelib", "platlib")  # of a .data directory (PEP 427); the others are not importable
# Directories that projects ship by accident beside their package, without an __init__: importing what is in
# them proves nothing and often wants requirements that only the project's own tests have.
_NOT_A_NAMESPACE = frozenset(
    {"test", "tests", "doc", "docs", "example", "examples", "benchmark", "benchmarks"}
)
_NOT_A_MODULE = frozenset({"setup", "conftest"})


@dataclass
class _Directory:
    modules: set[str] = field(default_factory=set)
    directories: dict[str, "_Directory"] = field(default_factory=dict)


def importable(files: Iterable[str]) -> tuple[str, ...]:
    """The packages and modules on top of a wheel, sorted.

    A directory without ``__init__`` that leads to modules is a namespace (PEP 420): what it leads to is named
    in full (``ns.pkg``). Directories without modules, ``*.dist-info``, ``*.libs`` and names that ``import``
    does not take are left out.

    :param files: paths in the wheel.
    """
    top = _Directory()
    for file in files:
        parts = _installed(file.split("/"))
        module = _module_name(parts[-1]) if parts else ""
        if not module or not all(part.isidentifier() for part in parts[:-1]):
            continue
        directory = top
        for part in parts[:-1]:
            directory = directory.directories.setdefault(part, _Directory())
        directory.modules.add(module)
    return tuple(sorted(_names(top, "")))


def _installed(parts: list[str]) -> list[str]:
    """The path under site-packages; nothing where the file goes elsewhere."""
    if not parts[0].endswith(".data"):
        return parts
    return parts[2:] if len(parts) > 2 and parts[1] in _INSTALLED_SCHEMES else []


def _module_name(filename: str) -> str:
    stem, _, suffix = filename.partition(".")
    is_module = suffix in {"py", "so"} or suffix.endswith(".so")
    return stem if is_module and stem.isidentifier() else ""


def _names(directory: _Directory, prefix: str) -> Iterable[str]:
    yield from (
        prefix + module
        for module in directory.modules
        if module not in _NOT_A_MODULE and module != "__main__"
    )
    for name, child in directory.directories.items():
        if "__init__" in child.modules:
            yield prefix + name
        elif name not in _NOT_A_NAMESPACE:
            yield from _names(child, f"{prefix}{name}.")
