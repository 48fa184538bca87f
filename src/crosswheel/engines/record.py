"""The record of a target: what it is, its compilers and its Python's build-time variables, read once.

All that build systems are told is generated from it: the identity of the native Python, meson's cross file,
CMake's toolchain file. It holds what PEP 739's ``build-details.json`` holds, under sysconfig's names.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.model import LibcVersion, Target
from crosswheel.seams import Toolchain

# Of these a build backend reads a string; the values of Debian's own build (hardening, debug information, its
# compiler's options) would describe Debian's packages, not this build. As prototype and FACTS: a plain -O2.
_OPTIMISE = "-DNDEBUG -fwrapv -O2 -Wall"
_FLAGS = {
    "OPT": _OPTIMISE,
    "BASECFLAGS": "-Wsign-compare",
    "CFLAGS": f"-Wsign-compare {_OPTIMISE}",
    "PY_CFLAGS": f"-Wsign-compare {_OPTIMISE}",
    "CCSHARED": "-fPIC",
    "ARFLAGS": "rcs",
}
_BLANK = ("LDFLAGS", "PY_LDFLAGS", "CPPFLAGS", "CONFIGURE_CFLAGS", "CONFIGURE_CPPFLAGS", "CONFIGURE_LDFLAGS",
          "CONFIGURE_CFLAGS_NODIST", "PY_CORE_CFLAGS", "PY_LDFLAGS_NOLTO")  # fmt: skip
# What is true of the Python that runs, whatever it builds for.
_OWN = ("prefix", "exec_prefix", "base", "platbase", "installed_base", "installed_platbase", "projectbase",
        "userbase", "srcdir", "BINDIR", "abs_builddir", "abs_srcdir")  # fmt: skip


class NoBuildDataError(ProvisionError):
    """A root's Python says nothing of how it was built: only its own code knows (PyPy before 3.10)."""


@dataclass(frozen=True)
class TargetRecord:
    """A target as build systems must see it.

    :param sysroot: where the build sees the target's root.
    :param floor: the glibc or musl compiled against.
    :param tools: the programs of the toolchain by their variables (``CC``), as paths in the sandbox.
    :param variables: its Python's build-time variables, with these tools and the sysroot's paths.
    """

    target: Target
    sysroot: str
    floor: LibcVersion
    tools: Mapping[str, str]
    variables: Mapping[str, str | int]

    @property
    def arch(self) -> Architecture:
        return self.target.arch

    @property
    def ext_suffix(self) -> str:
        """``.cpython-311-aarch64-linux-gnu.so``"""
        return str(self.variables["EXT_SUFFIX"])

    @property
    def soabi(self) -> str:
        """``cpython-311-aarch64-linux-gnu``; not PyPy's own SOABI, which leaves out the platform."""
        return self.ext_suffix.removeprefix(".").removesuffix(".so")

    @property
    def include(self) -> str:
        """The directory of ``Python.h`` in the sandbox."""
        return str(self.variables["INCLUDEPY"])

    @property
    def pkg_config_dirs(self) -> tuple[str, ...]:
        """Where the target's ``.pc`` files are in the sandbox."""
        places = (f"lib/{self.target.triplet}", "lib64", "lib", "share")
        return tuple(
            f"{self.sysroot}/{prefix}/{place}/pkgconfig"
            for prefix in ("usr/local", "usr")
            for place in places
        )


def target_record(
    target: Target, root: Path, sysroot: str, toolchain: Toolchain, floor: LibcVersion, prefix: str = "/usr"
) -> TargetRecord:
    """Read a target's record from its root.

    :param root: the target's root on the host, whose ``_sysconfigdata`` is read (parsed, not run).
    :param prefix: where its Python is installed in it.
    :raises NoBuildDataError: the root's Python has none.
    """
    tools = {name: path for name, path in toolchain.env().items() if name != "PATH"}
    variables = {
        name: _moved(value, sysroot, prefix) if isinstance(value, str) else value
        for name, value in sysconfig_data(root, target, prefix).items()
        if name not in _OWN
    }
    variables.update(_FLAGS)
    variables.update(dict.fromkeys(_BLANK, ""))
    variables.update(
        CC=tools["CC"], CXX=tools["CXX"], AR=tools["AR"], RANLIB=tools["RANLIB"], LINKCC=tools["CC"],
        LDSHARED=f"{tools['CC']} -shared", BLDSHARED=f"{tools['CC']} -shared",
        LDCXXSHARED=f"{tools['CXX']} -shared",
    )  # fmt: skip
    # distutils links libpython where this is absent and _PYTHON_HOST_PLATFORM is set.
    variables.setdefault("ANDROID_API_LEVEL", 0)
    return TargetRecord(target, sysroot, floor, tools, variables)


def sysconfig_data(root: Path, target: Target, prefix: str = "/usr") -> dict[str, str | int]:
    """The target Python's build-time variables, read without running the target's code.

    :raises NoBuildDataError: it has none.
    """
    library = root / prefix.lstrip("/") / "lib" / target.python.directory
    found = sorted(library.glob("_sysconfigdata_*.py"))
    found = [path for path in found if not path.name.startswith("_sysconfigdata_d")] or found
    if not found:
        raise NoBuildDataError(f"{target.python.title} of the root has no _sysconfigdata module")
    for statement in ast.parse(found[0].read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "build_time_vars":
            data: dict[str, str | int] = ast.literal_eval(statement.value)
            return data
    raise NoBuildDataError(f"{found[0].name} of the root assigns no build_time_vars")


def _moved(value: str, sysroot: str, prefix: str) -> str:
    """Paths of the root as the build sees them."""
    return re.sub(
        rf"(?<![\w./-])(-[IL])?(/usr|{re.escape(prefix)})(?=/|$|\s)",
        lambda found: f"{found[1] or ''}{sysroot}{found[2]}",
        value,
    )
