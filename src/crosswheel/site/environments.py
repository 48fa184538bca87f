"""Python environments for builds and tests: one of the native Python, one of the target's.

Both are filled by uv, which runs natively. Which wheels are the target's uv asks the target's own Python, emulated,
once for each root: what it answers is kept in uv's cache. Wheels of the target are unpacked, not run; only a
requirement that has no wheel for the target is built by the target's own pip, emulated.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from crosswheel.errors import StepError
from crosswheel.options import Frontend
from crosswheel.process import Completed
from crosswheel.seams import Mount, Sandbox
from crosswheel.site import installers, places
from crosswheel.site.site import Site

# uv's words for a requirement that exists, but not as a wheel for the target.
_NO_WHEEL = re.compile("no usable wheels|no wheels with|building from source is disabled")

# How a script names the Python that runs it; by a shell where its path is long or holds a space.
_PYTHON_LINE = re.compile(rb"\A(?:#!/bin/sh\n'''exec' .*\n' '''|#!.*python.*)")

# By two processes. compileall -j hands each file over by itself, which costs a third more.
_COMPILE = """
import compileall, os, sys
files = [os.path.join(place, name) for place, _, names in os.walk(sys.argv[1]) for name in names]
child = os.fork()
for file in files[bool(child)::2]:
    if file.endswith(".py"):
        compileall.compile_file(file, quiet=2)
if child:
    os.wait()
"""

NOTHING: Mapping[str, str] = MappingProxyType({})


class Environment(Protocol):
    """A directory with a Python that sees what is installed into it, and nothing else."""

    @property
    def python(self) -> str:
        """Its path in the sandbox."""
        ...

    @property
    def mount(self) -> Mount: ...

    def install(self, requirements: Iterable[str], mounts: tuple[Mount, ...] = ()) -> None:
        """:raises StepError: a requirement cannot be met."""
        ...


class NativeEnvironment:
    """An environment of the native Python.

    :param place: its path in sandboxes.
    :param variables: the project's own, of which those for installers hold here too.
    """

    def __init__(self, site: Site, place: str, variables: Mapping[str, str] = NOTHING) -> None:
        self._site = site
        self._place = place
        self._env = {**site.uv_env, **installers.settings(variables)}
        self.mount = Mount(site.directory(Path(place).name), place, writable=True)
        self.python = f"{place}/bin/python"
        self._uv("venv", "--python", site.native.executable, "--allow-existing", place)

    def install(self, requirements: Iterable[str], mounts: tuple[Mount, ...] = ()) -> None:
        """Install by uv; what has no wheel is built in the sandbox, natively."""
        wanted = sorted(set(requirements))
        if wanted:
            self._uv("pip", "install", "--python", self.python, *wanted, mounts=mounts)

    def _uv(self, *arguments: str, mounts: tuple[Mount, ...] = ()) -> None:
        view = self._site.native_view(self.mount, *mounts, *self._site.uv_mounts)
        _checked(self._site.make_sandbox(view), [places.UV, *arguments], self._env)


class TargetEnvironment:
    """An environment of the target's Python, laid out as ``python -m venv`` does (PEP 405).

    :param place: its path in sandboxes.
    :param variables: the project's own, of which those for installers hold here too.
    """

    def __init__(self, site: Site, place: str, variables: Mapping[str, str] = NOTHING) -> None:
        self._site = site
        self._place = place
        self._env = {**site.uv_env, **installers.settings(variables)}
        self._directory = site.directory(Path(place).name)
        self.mount = Mount(self._directory, place, writable=True)
        self.python = f"{place}/bin/python"
        self._lay_out()

    def _lay_out(self) -> None:
        python = self._site.root.python
        target = self._site.target.python
        binaries = self._directory / "bin"
        self._packages.mkdir(parents=True, exist_ok=True)
        binaries.mkdir(exist_ok=True)
        for name in ("python", "python3", target.directory):
            (binaries / name).unlink(missing_ok=True)
            (binaries / name).symlink_to(python)
        (self._directory / "pyvenv.cfg").write_text(
            f"home = {Path(python).parent}\ninclude-system-site-packages = false\nversion = {target.version}\n"
        )

    @property
    def _packages(self) -> Path:
        return packages_of(self._site, self)

    def install(self, requirements: Iterable[str], mounts: tuple[Mount, ...] = ()) -> None:
        """Unpack the target's wheels by uv; where one is missing, fall back to the target's own pip."""
        wanted = sorted(set(requirements))
        if not wanted:
            return
        done = self._unpack(wanted, mounts)
        if done.returncode == 0:
            return
        if not _NO_WHEEL.search("\n".join(done.tail)):
            raise StepError("requirements", f"uv pip install {' '.join(wanted)}", done.returncode, done.tail)
        self._build(wanted, mounts)

    def _unpack(self, wanted: list[str], mounts: tuple[Mount, ...] = ()) -> Completed:
        """Succeeds where every requirement has a wheel for the target (or for any machine)."""
        packages = f"{self._place}/{self._packages.relative_to(self._directory)}"
        done = _unpacked(self._site, packages, wanted, self._env, (self.mount, *mounts))
        if done.returncode == 0:
            python = self._site.seen(self.python, self.mount)
            _adopt_scripts(self._packages / "bin", self._directory / "bin", python)
            self._compile(packages)
        return done

    def _compile(self, packages: str) -> None:
        """Byte-compile natively: else every emulated start does it. Some files are wrong on purpose."""
        native = self._site.native.executable
        sandbox = self._site.make_sandbox(self._site.native_view(self.mount))
        sandbox.run([native, "-I", "-S", "-c", _COMPILE, packages], cwd="/", env=self._env)

    def _build(self, wanted: list[str], mounts: tuple[Mount, ...]) -> None:
        self._unpack(["pip"])  # pip is pure: its wheel is any platform's
        sandbox = self._site.make_sandbox(self._site.target_view(self.mount, *mounts))
        _checked(sandbox, [self.python, "-m", "pip", "install", "--no-input", *wanted], self._env)


def packages_of(site: Site, environment: Environment) -> Path:
    """The ``site-packages`` of an environment of the job, on this machine."""
    directory = site.directory(Path(environment.mount.target).name)
    return directory / "lib" / site.target.python.directory / "site-packages"


def installer_programs(frontend: Frontend) -> tuple[str, ...]:
    """What a project's commands find on PATH to install with, as in the official images."""
    return ("pip", "uv") if frontend.name in ("uv", "build[uv]") else ("pip",)


def unpack_for_target(site: Site, place: str, requirements: Iterable[str]) -> None:
    """Unpack the target's wheels of these requirements alone, not of what they require.

    :param place: a path in the sandbox; its directory is made.
    :raises StepError: one of them has no wheel for the target.
    """
    wanted = list(requirements)
    done = _unpacked(site, place, ["--no-deps", *wanted], site.uv_env)
    if done.returncode != 0:
        raise StepError("requirements", f"uv pip install {' '.join(wanted)}", done.returncode, done.tail)


def _unpacked(
    site: Site, place: str, arguments: list[str], env: Mapping[str, str], mounts: tuple[Mount, ...] = ()
) -> Completed:
    uv = site.uv_in_root
    return site.make_sandbox(site.target_view(*mounts, *site.uv_mounts, *uv.mounts)).run(
        [*uv.command, "pip", "install", "--python", _asked(site), "--target", place, "--only-binary", ":all:",
         *arguments],
        cwd="/",
        env={**env, **uv.env},
    )  # fmt: skip


def _asked(site: Site) -> str:
    """The target's Python by a path that no other root's has: uv keeps what a Python answers by its path.

    That, and when its file was last changed, which Debian sets to one time for all architectures.
    """
    if site.root.path is None:
        return site.root.python
    name = f"python-{hashlib.sha256(bytes(site.root.path)).hexdigest()[:16]}"
    link = site.directory("job") / name
    if not link.is_symlink():
        link.symlink_to(site.root.python)
    return f"{places.JOB}/{name}"


def _adopt_scripts(scripts: Path, binaries: Path, python: str) -> None:
    """Move console scripts beside the environment's Python and let that run them."""
    if not scripts.is_dir():
        return
    for script in (path for path in scripts.iterdir() if path.is_file()):
        content = _PYTHON_LINE.sub(b"#!" + python.encode(), script.read_bytes())
        (binaries / script.name).write_bytes(content)
        (binaries / script.name).chmod(0o755)
        script.unlink()


def _checked(sandbox: Sandbox, argv: list[str], env: Mapping[str, str]) -> None:
    done = sandbox.run(argv, cwd="/", env=env)
    if done.returncode != 0:
        raise StepError("requirements", " ".join(argv), done.returncode, done.tail)
