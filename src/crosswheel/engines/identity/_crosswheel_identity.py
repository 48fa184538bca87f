"""Runs at the start of a build's native Python (3.9 or newer) and makes it describe the target.

Copied into isolated build environments; see ``crosswheel.engines.identity``.
"""

import os
import sys

# What Meson starts describes the target. Itself it must see the build machine where a cross file tells it of the
# target; where a setup.py starts it without one, it must take the target for this machine.
_MESON = {"meson", "meson.py"}
# These install for the Python that runs, and so does everything that they start.
_INSTALLERS = {"pip", "uv"}


def _program() -> str:
    """What this Python was told to run: the name of a module or of a script."""
    words = iter(_command_line()[1:])
    for word in words:
        if not word.startswith("-"):
            return os.path.basename(word)  # noqa: PTH119
        if word in ("-X", "-W"):
            next(words, "")
        elif word[1:].isalpha() and word.endswith("m"):  # -m, -Im
            return next(words, "")
        elif word[1:].isalpha() and word.endswith("c"):
            return ""
    return ""


def _command_line() -> "list[str]":
    if hasattr(sys, "orig_argv"):  # Python 3.10
        return sys.orig_argv
    with open("/proc/self/cmdline", "rb") as file:  # noqa: PTH123
        return os.fsdecode(file.read()).split("\0")


def _describes_target() -> bool:
    program = _program()
    if program.rstrip("0123456789.") in _INSTALLERS:  # pip3.11
        for name in ("CROSSWHEEL_IDENTITY", "_PYTHON_HOST_PLATFORM"):
            os.environ.pop(name, None)
        return False
    return program not in _MESON or _sets_up_without_cross_file()


def _sets_up_without_cross_file() -> bool:
    words = _command_line()
    return "setup" in words and not any(word.startswith("--cross-file") for word in words)


def _activate(path: str) -> None:
    import json

    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        target = json.load(file)
    _describe_sysconfig(target)
    _describe_machine(target)
    _describe_platform(target)


def _describe_machine(target: dict) -> None:  # type: ignore[type-arg]
    real, confstr = os.uname(), os.confstr
    # The constructor keeps the named fields.
    described = os.uname_result((real.sysname, real.nodename, real.release, real.version, target["machine"]))
    os.uname = lambda: described

    def described_confstr(name):  # type: ignore[no-untyped-def]
        if name != "CS_GNU_LIBC_VERSION":
            return confstr(name)
        if not target["glibc"]:  # as with musl
            raise ValueError("unrecognized configuration name")
        return "glibc " + target["glibc"]

    os.confstr = described_confstr
    if not target["glibc"]:
        # packaging would find this machine's glibc by ctypes; PEP 600 lets a distribution say that it has none.
        sys.modules["_manylinux"] = type(sys)("_manylinux")
        sys.modules["_manylinux"].manylinux_compatible = lambda *_: False  # type: ignore[attr-defined]


def _describe_sysconfig(target: dict) -> None:  # type: ignore[type-arg]
    import sysconfig

    # Its variables are one dictionary for the whole process; distutils copies from it.
    sysconfig.get_config_vars().update(target["variables"])
    # Whoever reads the build-time data again (distutils of Python 3.9) imports it by a name with the multiarch.
    sys.implementation._multiarch = target["multiarch"]  # type: ignore[attr-defined]  # noqa: SLF001
    name = sysconfig._get_sysconfigdata_name()  # type: ignore[attr-defined]  # noqa: SLF001
    sys.modules[name] = type(sys)(name)
    sys.modules[name].build_time_vars = target["variables"]  # type: ignore[attr-defined]
    sysconfig.get_platform = lambda: target["platform"]
    include = target["variables"]["INCLUDEPY"]
    sysconfig.get_config_h_filename = lambda: include + "/pyconfig.h"
    get_paths = sysconfig.get_paths
    headers = {"include": include, "platinclude": include}

    # Whoever gives variables asks where to install, not where the headers are. Meson gives a scheme.
    def described_path(name, scheme=None, vars=None, expand=True):  # type: ignore[no-untyped-def]  # noqa: A002
        return sysconfig.get_paths(scheme, vars, expand)[name]

    def described_paths(scheme=None, vars=None, expand=True):  # type: ignore[no-untyped-def]  # noqa: A002
        given = {"scheme": scheme} if scheme else {}
        paths = get_paths(vars=vars, expand=expand, **given)
        return paths if vars else {**paths, **headers}

    sysconfig.get_path, sysconfig.get_paths = described_path, described_paths


def _describe_platform(target: dict) -> None:  # type: ignore[type-arg]
    """Patch ``platform`` when it is imported: importing it here would slow every start."""
    import importlib.util

    # For musl as CPython finds it in its own executable.
    libc = ("musl", "1") if sys.version_info >= (3, 14) else ("", "")
    if target["glibc"]:
        libc = ("glibc", target["glibc"])

    class Finder:
        @staticmethod
        def find_spec(name, path=None, wanted=None):  # type: ignore[no-untyped-def]
            if name != "platform":
                return None
            sys.meta_path.remove(Finder)
            spec = importlib.util.find_spec(name)
            assert spec is not None
            assert spec.loader is not None
            execute = spec.loader.exec_module

            def exec_module(module):  # type: ignore[no-untyped-def]
                execute(module)
                module.libc_ver = lambda *_args, **_kwargs: libc
                module.processor = lambda: target["machine"]

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
            return spec

    sys.meta_path.insert(0, Finder)
    if "platform" in sys.modules:
        sys.modules["platform"]._uname_cache = None  # type: ignore[attr-defined]  # noqa: SLF001


if os.environ.get("CROSSWHEEL_IDENTITY") and _describes_target():
    _activate(os.environ["CROSSWHEEL_IDENTITY"])
