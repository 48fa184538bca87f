"""Environments for builds and tests: their layout, their scripts, and what uv is asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import StepError
from crosswheel.model import Python, Target
from crosswheel.process import Completed
from crosswheel.provision.roots import Root
from crosswheel.seams import Layered, Mount, View
from crosswheel.site import places
from crosswheel.site.environments import NativeEnvironment, TargetEnvironment
from crosswheel.site.site import NativePython, Site

PLACE = places.ENVIRONMENT
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


def site_for(tmp_path: Path, log: Log, arch: str = "aarch64", glibc: tuple[int, int] = (2, 36)) -> Site:
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    row = ARCHITECTURES[arch]
    path = tmp_path / "root"
    return Site(
        target=Target(Python("cp", 3, 11), "manylinux", row),
        work=work,
        root=Root(path, "suite", row, glibc, "/usr/bin/python3.11", row.triplet),
        layered=Layered(path, work / "layer"),
        native=NativePython(None, "/home/u/bin/python3.11", (Mount(Path("/home/u"), "/home/u"),)),
        make_sandbox=log.sandbox,
        uv_mounts=(Mount(Path("/host/uv"), places.UV),),
        uv_env={"UV_X": "1"},
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
    ((view, argv, env),) = log.ran
    assert argv[:3] == [places.UV, "pip", "install"]
    assert argv[-2:] == ["a>=1; extra == 'x'", "b"]
    assert "aarch64-manylinux_2_36" in argv
    assert argv[argv.index("--target") + 1] == f"{PLACE}/lib/python3.11/site-packages"
    assert argv[argv.index("--only-binary") + 1] == ":all:"
    assert view.emulate is None
    assert wheel in view.mounts
    assert set(site.uv_mounts) <= set(view.mounts)
    assert env == {"UV_X": "1"}


def test_nothing_is_run_for_no_requirements(site: Site, log: Log) -> None:
    TargetEnvironment(site, PLACE).install([])
    assert log.ran == []


@pytest.mark.parametrize(
    ("glibc", "platform"),
    [((2, 31), "2_31"), ((2, 29), "2_28"), ((2, 40), "2_40"), ((2, 43), "2_40"), ((2, 17), "2_17")],
)
def test_the_platform_is_the_newest_uv_knows_that_the_root_can_run(
    tmp_path: Path, log: Log, glibc: tuple[int, int], platform: str
) -> None:
    TargetEnvironment(site_for(tmp_path, log, glibc=glibc), PLACE).install(["a"])
    assert f"aarch64-manylinux_{platform}" in log.commands[0]


def test_what_has_no_wheel_is_built_by_the_targets_own_pip(site: Site, log: Log) -> None:
    log.answers = [1]
    log.says = "  cause: Because all versions of a have no usable wheels and you require a, we can conclude"
    TargetEnvironment(site, PLACE).install(["a"])
    unpack, pip, build = log.ran
    assert unpack[1][-1] == "a"
    assert (pip[1][0], pip[1][-1]) == (places.UV, "pip")
    assert build[1][:4] == [PYTHON, "-m", "pip", "install"]
    assert build[0].emulate == ARCHITECTURES["aarch64"]
    assert unpack[0].emulate is None


@pytest.mark.parametrize("arch", ["armv7l", "s390x", "riscv64", "i686"])
def test_an_architecture_that_uv_does_not_know_is_left_to_pip(tmp_path: Path, log: Log, arch: str) -> None:
    TargetEnvironment(site_for(tmp_path, log, arch=arch), PLACE).install(["a"])
    assert "--python-platform" not in log.commands[0]
    assert log.commands[-1][:4] == [PYTHON, "-m", "pip", "install"]
    assert log.commands[-1][-1] == "a"


def test_a_requirement_that_does_not_exist_is_not_tried_under_emulation(site: Site, log: Log) -> None:
    log.answers = [1]
    log.says = "  cause: Because a was not found in the package registry and you require a, we can conclude"
    with pytest.raises(StepError):
        TargetEnvironment(site, PLACE).install(["a"])
    assert len(log.ran) == 1


def test_a_requirement_that_nobody_can_meet_is_a_failed_step(site: Site, log: Log) -> None:
    log.answers = [1, 0, 1]
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
        scripts.mkdir()
        (scripts / "tool").write_bytes(content)
        (scripts / "__pycache__").mkdir()  # of uv's --compile-bytecode
        (scripts / "__pycache__" / "tool.pyc").write_bytes(b"")

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
        scripts.mkdir(exist_ok=True)
        (scripts / "tool").write_text(f"#!python\nversion = {len(log.ran)}\n")

    log.effect = installed
    environment = TargetEnvironment(site, PLACE)
    environment.install(["tool"])
    environment.install(["tool>2"])
    assert (site.work / "env/bin/tool").read_text() == f"#!{PYTHON}\nversion = 2\n"


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
