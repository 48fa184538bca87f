"""meson's cross file, and how meson-python hands it on."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from crosswheel.architectures import Architecture
from crosswheel.engines.backends.recipe import Recipe
from crosswheel.engines.record import TargetRecord
from crosswheel.site import places

_FILE = "meson-cross.ini"
_TOOLS = {"c": "CC", "cpp": "CXX", "ar": "AR", "ranlib": "RANLIB", "strip": "STRIP"}
# The names of meson's reference tables where they are not the kernel's.
_CPU_FAMILIES = {"i686": "x86", "armv7l": "arm", "ppc64le": "ppc64"}


def recipe(record: TargetRecord) -> Recipe:
    """A cross file; meson has no variable for it, so that only meson-python can be told."""
    path = f"{places.JOB}/{_FILE}"
    return Recipe(
        files={_FILE: cross_file(record)},
        settings={"setup-args": (f"--cross-file={path}",)},
        package="meson-python",
    )


def cross_file(record: TargetRecord) -> str:
    """The target as meson's cross file.

    No ``exe_wrapper``: what is built runs in the sandbox as it is, and ``needs_exe_wrapper`` says so.
    """
    tools = record.tools
    sections: dict[str, Mapping[str, str | bool | list[str]]] = {
        "binaries": {
            # By PATH, as in a native build: projects keep the names in their wheels (numpy's __config__).
            **{name: PurePosixPath(tools[variable]).name for name, variable in _TOOLS.items()},
            # The environment's own, native programs that answer for the target.
            "python": "python",
            "cython": "cython",
            "cmake": "cmake",
            "pkg-config": "pkg-config",
        },
        "properties": {
            "needs_exe_wrapper": False,
            # numpy's: it cannot read the format from an object file of another architecture (its meson.build).
            "longdouble_format": record.target.long_double,
            "sys_root": record.sysroot,
            "pkg_config_libdir": list(record.pkg_config_dirs),
        },
        "host_machine": _machine(record.arch),
    }
    return "\n".join(_section(name, values) for name, values in sections.items())


def _machine(arch: Architecture) -> dict[str, str | bool | list[str]]:
    return {
        "system": "linux",
        "kernel": "linux",
        "cpu_family": _CPU_FAMILIES.get(arch.name, arch.name),
        "cpu": arch.name,
        "endian": arch.order,
    }


def _section(name: str, values: Mapping[str, str | bool | list[str]]) -> str:
    # Of these types Python's way to write a value is meson's, but for the case of True and False.
    lines = (
        f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n"
        for key, value in values.items()
    )
    return f"[{name}]\n{''.join(lines)}"
