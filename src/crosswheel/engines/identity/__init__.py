"""The native Python of engine ``cross`` describes the target: what it is told, and where.

``_crosswheel_identity.py`` is copied into the build's isolated environment with a ``.pth`` that loads it. It does
nothing unless the variable ``CROSSWHEEL_IDENTITY`` names the description, and only the process that runs the build
backend (and what that starts) has this variable, so that uv and pip install native requirements.
"""

import ast
import json
import re
import shutil
from pathlib import Path

from crosswheel.errors import ProvisionError
from crosswheel.model import Glibc, Target
from crosswheel.seams import Toolchain

VARIABLE = "CROSSWHEEL_IDENTITY"
MODULE = "_crosswheel_identity"
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


def describe(target: Target, root: Path, sysroot: str, toolchain: Toolchain, floor: Glibc) -> str:
    """The target as JSON for ``_crosswheel_identity``.

    :param root: the target's root on the host, whose ``_sysconfigdata`` is read (parsed, not run).
    :param sysroot: where the build sees that root.
    :raises ProvisionError: the root's Python has no build-time data.
    """
    tools = toolchain.env()
    variables = {
        name: _moved(value, sysroot) if isinstance(value, str) else value
        for name, value in sysconfig_data(root, target).items()
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
    return json.dumps(
        {
            "machine": target.arch.name,
            "platform": f"linux-{target.arch.name}",
            "glibc": ".".join(map(str, floor)),
            "multiarch": target.arch.triplet,
            "variables": variables,
        },
        indent=1,
        sort_keys=True,
    )


def sysconfig_data(root: Path, target: Target) -> dict[str, str | int]:
    """The target Python's build-time variables, read without running the target's code."""
    library = root / "usr/lib" / f"python{target.python.version}"
    found = sorted(library.glob("_sysconfigdata_*.py"))
    found = [path for path in found if not path.name.startswith("_sysconfigdata_d")] or found
    if not found:
        raise ProvisionError(f"the root's Python {target.python.version} has no _sysconfigdata module")
    for statement in ast.parse(found[0].read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "build_time_vars":
            data: dict[str, str | int] = ast.literal_eval(statement.value)
            return data
    raise ProvisionError(f"{found[0].name} of the root assigns no build_time_vars")


def _moved(value: str, sysroot: str) -> str:
    """Paths of the root as the build sees them."""
    return re.sub(
        r"(?<![\w./-])(-[IL])?/usr(?=/|$|\s)", lambda found: f"{found[1] or ''}{sysroot}/usr", value
    )


def plant(site_packages: Path) -> None:
    """Put the identity into an environment."""
    shutil.copy(Path(__file__).with_name(f"{MODULE}.py"), site_packages / f"{MODULE}.py")
    (site_packages / f"{MODULE}.pth").write_text(f"import {MODULE}\n")
