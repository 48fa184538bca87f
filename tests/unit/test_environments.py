"""Environments for builds and tests: their layout, their scripts, and what uv is asked."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import StepError
from crosswheel.model import Python, Target
from crosswheel.process import Completed
from crosswheel.provision.roots import Root
from crosswheel.seams import Layered, Mount, View
from crosswheel.site import environments, places
from crosswheel.site.environments import NativeEnvironment, TargetEnvironment
from crosswheel.site.site import NativePython, RootUv, Site

PLACE = places.ENVIRONMENT
LOADED = [f"{places.UV_LIB}/ld.so", "--library-path", places.UV_LIB, places.UV]
PYTHON = f"{PLACE}/bin/python"


@dataclass
class Log:
    """Every command that was run, with its view; ``answers`` are given in order, then 0."""

    answers: list[int] = field(default_factory=list)
    says: str = "last line"
    ran: list[tuple[View, list[str], dict[str, str]]] = field(default_factory=list)
    effect: Callable[[list[str]], None] = lambda argv: None

    def sandbox(self, view: View) -> "_Sandbox":
        return _Sandbox(self, view)

    @property
    def commands(self) -> list[list[str]]:
        return [argv for _, argv, _ in self.ran]


@dataclass
class _Sandbox:
    log: Log
    view: View

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        binds: Mapping[str, Path] | None = None,
        on_line: Callable[[str], None] | None = None,
        capture: bool = False,
    ) -> Completed:
        self.log.ran.append((self.view, list(argv), dict(env)))
        self.log.effect(list(argv))
        status = self.log.answers.pop(0) if self.log.answers else 0
        return Completed(status, 0.0, 0.0, 0, (self.log.says,))


def site_for(tmp_path: Path, log: Log, arch: str = "aarch64", root: str = "root") -> Site:
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    row = ARCHITECTURES[arch]
    path = tmp_path / root
    return Site(
        target=Target(Python("cp", 3, 11), "manylinux", row),
        work=work,
        root=Root(path, "suite", row, (2, 36), "/usr/bin/python3.11", row.triplet),
        layered=Layered(path, work / "layer"),
        native=NativePython(None, "/home/u/bin/python3.11", (Mount(Path("/home/u"), "/home/u"),)),
        make_sandbox=log.sandbox,
        uv_mounts=(Mount(Path("/host/uv"), places.UV),),
        uv_env={"UV_X": "1"},
        uv_in_root=RootUv(
            tuple(LOADED), (Mount(Path("/store/lib"), places.UV_LIB),), {"SSL_CERT_FILE": "/trusted"}
        ),
    )


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def site(tmp_path: Path, log: Log) -> Site:
    return site_for(tmp_path, log)


# --- of the target


def test_an_environment_is_laid_out_as_venv_does(site: Site, log: Log) -> None:
    environment = TargetEnvironment(site, PLACE)
    directory = site.work / "env"
    assert environment.python == PYTHON
    assert environment.mount == Mount(directory, PLACE, writable=True)
    for name in ("python", "python3", "python3.11"):
        assert (directory / "bin" / name).readlink() == Path("/usr/bin/python3.11")
    config = dict(line.split(" = ") for line in (directory / "pyvenv.cfg").read_text().splitlines())
    assert config == {"home": "/usr/bin", "include-system-site-packages": "false", "version": "3.11"}
    assert (directory / "lib/python3.11/site-packages").is_dir()
    assert log.ran == []  # nothing is emulated for it


def test_laying_it_out_again_keeps_what_is_installed(site: Site) -> None:
    TargetEnvironment(site, PLACE)
    kept = site.work / "env/lib/python3.11/site-packages/kept.py"
    kept.write_text("")
    TargetEnvironment(site, PLACE)
    assert kept.exists()


def test_requirements_are_unpacked_natively_for_the_target(site: Site, log: Log) -> None:
    wheel = Mount(Path("/w/a.whl"), "/crosswheel/wheel/a.whl")
    TargetEnvironment(site, PLACE).install(["b", "a>=1; extra == 'x'", "b"], mounts=(wheel,))
    (view, argv, env), _ = log.ran
    assert argv[:6] == [*LOADED, "pip", "install"]
    assert argv[-2:] == ["a>=1; extra == 'x'", "b"]
    assert argv[argv.index("--target") + 1] == f"{PLACE}/lib/python3.11/site-packages"
    assert argv[argv.index("--only-binary") + 1] == ":all:"
    assert wheel in view.mounts
    assert {*site.uv_mounts, *site.uv_in_root.mounts} <= set(view.mounts)
    assert env == {"UV_X": "1", "SSL_CERT_FILE": "/trusted"}


@pytest.mark.parametrize("arch", sorted(set(ARCHITECTURES) - {"x86_64", "i686"}))
def test_uv_asks_the_targets_own_python_which_wheels_it_takes(tmp_path: Path, log: Log, arch: str) -> None:
    site = site_for(tmp_path, log, arch=arch)
    TargetEnvironment(site, PLACE).install(["a"])
    view, argv, _ = log.ran[0]
    asked = Path(argv[argv.index("--python") + 1])
    assert str(asked.parent) == places.JOB
    assert (site.work / "job" / asked.name).readlink() == Path("/usr/bin/python3.11")
    assert view.root == site.layered
    assert view.emulate == ARCHITECTURES[arch]
    assert "--python-platform" not in argv


def test_no_two_roots_have_their_python_at_the_same_path(tmp_path: Path, log: Log) -> None:
    one, other = (site_for(tmp_path, log, root=name) for name in ("one", "other"))
    for site in (one, other, one):
        TargetEnvironment(site, PLACE).install(["a"])
    asked = [argv[argv.index("--python") + 1] for argv in log.commands if "--python" in argv]
    assert asked[0] == asked[2] != asked[1]


def test_on_the_machine_itself_its_own_python_is_asked(site: Site, log: Log) -> None:
    own = replace(site, root=replace(site.root, path=None), layered=None, uv_in_root=RootUv())
    TargetEnvironment(own, PLACE).install(["a"])
    assert log.commands[0][:5] == [places.UV, "pip", "install", "--python", "/usr/bin/python3.11"]


def test_what_was_unpacked_is_compiled_by_the_native_python(site: Site, log: Log) -> None:
    TargetEnvironment(site, PLACE).install(["a"])
    _, (view, argv, _) = log.ran
    assert argv[0] == "/home/u/bin/python3.11"
    assert argv[-1] == f"{PLACE}/lib/python3.11/site-packages"
    assert view.emulate is None


def test_files_are_compiled_but_those_that_are_wrong(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"good{number}.py").write_text("x = 1\n")
    (tmp_path / "wrong.py").write_text("x = = 1\n")
    (tmp_path / "data.txt").write_text("x = = 1\n")
    done = subprocess.run(
        [sys.executable, "-c", environments._COMPILE, tmp_path], check=False, capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    compiled = sorted(path.name.partition(".")[0] for path in (tmp_path / "__pycache__").iterdir())
    assert compiled == [f"good{number}" for number in range(5)]


def test_nothing_is_run_for_no_requirements(site: Site, log: Log) -> None:
    TargetEnvironment(site, PLACE).install([])
    assert log.ran == []


def test_what_has_no_wheel_is_built_by_the_targets_own_pip(site: Site, log: Log) -> None:
    log.answers = [1]
    log.says = "  cause: Because all versions of a have no usable wheels and you require a, we can conclude"
    TargetEnvironment(site, PLACE).install(["a"])
    unpack, pip, _, build = log.ran
    assert unpack[1][-1] == "a"
    assert (pip[1][:4], pip[1][-1]) == (LOADED, "pip")
    assert build[1][:4] == [PYTHON, "-m", "pip", "install"]
    assert build[0].emulate == ARCHITECTURES["aarch64"]


def test_a_requirement_that_does_not_exist_is_not_tried_under_emulation(site: Site, log: Log) -> None:
    log.answers = [1]
    log.says = "  cause: Because a was not found in the package registry and you require a, we can conclude"
    with pytest.raises(StepError):
        TargetEnvironment(site, PLACE).install(["a"])
    assert len(log.ran) == 1


def test_a_requirement_that_nobody_can_meet_is_a_failed_step(site: Site, log: Log) -> None:
    log.answers = [1, 0, 0, 1]
    log.says = "hint: building from source is disabled"
    with pytest.raises(StepError) as caught:
        TargetEnvironment(site, PLACE).install(["a"])
    assert (caught.value.step, caught.value.tail) == ("requirements", (log.says,))


# --- console scripts


LONG = "/home/" + "x" * 200 + "/bin/python3.11"
SHELL = f"#!/bin/sh\n'''exec' '{LONG}' \"$0\" \"$@\"\n' '''\n# -*- coding: utf-8 -*-\nimport sys\n"


@pytest.mark.parametrize(
    ("content", "adopted"),
    [
        (b"#!/home/u/bin/python3.11\nimport sys\n", b"#!" + PYTHON.encode() + b"\nimport sys\n"),
        (b"#!/usr/bin/env python3\r\nx", None),
        (b"#!python\nx = '#!python'\n", b"#!" + PYTHON.encode() + b"\nx = '#!python'\n"),
        (SHELL.encode(), b"#!" + PYTHON.encode() + b"\n# -*- coding: utf-8 -*-\nimport sys\n"),
        (b"#!/bin/sh\nexec python3 tool\n", b"#!/bin/sh\nexec python3 tool\n"),
        (b"#!/usr/bin/perl\n# not python\n", b"#!/usr/bin/perl\n# not python\n"),
        (b"\x7fELF\x02python\n\xff", b"\x7fELF\x02python\n\xff"),
        (b"", b""),
    ],
    ids=["path", "env", "bare", "shell", "sh", "perl", "elf", "empty"],
)
def test_scripts_are_run_by_the_environments_python_and_programs_are_left_alone(
    site: Site, log: Log, content: bytes, adopted: bytes | None
) -> None:
    scripts = site.work / "env/lib/python3.11/site-packages/bin"

    def installed(argv: list[str]) -> None:
        if "pip" in argv:
            scripts.mkdir()
            (scripts / "tool").write_bytes(content)
            (scripts / "directory").mkdir()

    log.effect = installed
    TargetEnvironment(site, PLACE).install(["tool"])
    script = site.work / "env/bin/tool"
    if adopted is None:
        assert script.read_bytes().startswith(b"#!" + PYTHON.encode())
    else:
        assert script.read_bytes() == adopted
    assert script.stat().st_mode & 0o777 == 0o755
    assert not (scripts / "tool").exists()
    assert (site.work / "env/bin/python").is_symlink()


def test_a_script_replaces_one_of_an_earlier_installation(site: Site, log: Log) -> None:
    scripts = site.work / "env/lib/python3.11/site-packages/bin"

    def installed(argv: list[str]) -> None:
        if "pip" in argv:
            scripts.mkdir(exist_ok=True)
            (scripts / "tool").write_text(f"#!python\nwanted = '{argv[-1]}'\n")

    log.effect = installed
    environment = TargetEnvironment(site, PLACE)
    environment.install(["tool"])
    environment.install(["tool>2"])
    assert (site.work / "env/bin/tool").read_text() == f"#!{PYTHON}\nwanted = 'tool>2'\n"


# --- of the native Python


def test_a_native_environment_is_made_and_filled_by_uv_natively(site: Site, log: Log) -> None:
    environment = NativeEnvironment(site, PLACE)
    environment.install(["b", "a", "b"])
    environment.install([])
    made, filled = log.ran
    assert made[1][:2] == [places.UV, "venv"]
    assert made[1][-1] == PLACE
    assert "/home/u/bin/python3.11" in made[1]
    assert filled[1] == [places.UV, "pip", "install", "--python", PYTHON, "a", "b"]
    assert all(view.emulate is None and view.root is None for view, _, _ in log.ran)
    assert all(Mount(Path("/home/u"), "/home/u") in view.mounts for view, _, _ in log.ran)


def test_a_native_environment_that_cannot_be_made_is_a_failed_step(site: Site, log: Log) -> None:
    log.answers = [2]
    with pytest.raises(StepError):
        NativeEnvironment(site, PLACE)
