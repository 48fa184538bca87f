"""The command line: what goes in by flags, what comes out as text and exit code. The stages are stand-ins."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import crosswheel
from crosswheel.architectures import ARCHITECTURES
from crosswheel.cli import run, trouble
from crosswheel.cli.workplace import require_machine
from crosswheel.errors import (
    CrosswheelError,
    NothingToBuildError,
    NoWheelError,
    ProvisionError,
    StepError,
)
from crosswheel.events import JobFinished, Noted, RunStarted
from crosswheel.model import Estimate, Job, Outcome, Part, Plan, Project, Python, Target, Wheel
from crosswheel.options import Options, Sandboxing
from crosswheel.pipeline import Budget, Limits, Run
from crosswheel.report.run import form

TARGET = Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])
ID = TARGET.identifier
WHEEL = Wheel(Path("wheelhouse/a-1-cp311-cp311-manylinux_2_17_aarch64.whl"), 24_100, "manylinux_2_17")
OK = Outcome(ID, "cross", WHEEL, None, tested=True)


@dataclass
class Stages:
    """What the stand-ins were told, and what they do."""

    outcomes: tuple[Outcome, ...] = (OK,)
    during: Callable[[], None] = lambda: None
    making: Callable[[], None] = lambda: None
    plan_extras: dict[str, Any] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    cache: Path | None = None

    def read_switches(self, environ: object) -> SimpleNamespace:
        none = {"output_dir": "", "cache_path": ""}
        none |= dict.fromkeys(("allow_empty", "debug_traceback", "keep_container"), False)
        return SimpleNamespace(**none | self.switches)

    def load(self, project_dir: Path, **told: Any) -> SimpleNamespace:
        self.told |= told | {"project_dir": project_dir}
        source, sandbox = (getattr(told["flags"], name, None) for name in ("source", "sandbox"))
        return SimpleNamespace(
            source=source or "host",
            sandbox=sandbox or "auto",
            options_for=lambda _: Options(),
            own=SimpleNamespace(
                **{
                    name: getattr(told["flags"], name, None) or usual
                    for name, usual in (("jobs", "auto"), ("memory", ""), ("time_limit", ""))
                }
            ),
        )

    def cache_of(self, project_dir: Path, *, config_file: str | None) -> Path | None:
        return self.cache

    def select(self, configuration: object) -> tuple[Target, ...]:
        self.making()
        return (TARGET,)

    def make(self, project: Project, configuration: object, **told: Any) -> Plan:
        self.told |= told
        self.making()
        return Plan(
            project,
            (Job(TARGET, Options(), ("native", "cross", "hybrid"), "debian", (2, 17)),),
            **self.plan_extras,
        )

    @contextmanager
    def open_project(self, package: Path, scratch: Path) -> Iterator[Project]:
        assert scratch.is_dir()
        if not package.exists():
            raise CrosswheelError(f"{package} does not exist", remedy="name a directory or an sdist")
        yield Project(package, package, str(package))

    def sources(self, store: Any, progress: Callable[[object], None], **told: Any) -> tuple[str, ...]:
        self.told |= told | {"cache": store.root}
        progress(Noted("the mirror is slow", warning=True))
        return ("debian",)

    def origins(self, *_: object, asking: bool) -> SimpleNamespace:
        self.told |= {"asking": asking}
        return SimpleNamespace(remember=lambda: None)

    def recall(self, plan: Plan, store: Any) -> Plan:
        return replace(plan, jobs=tuple(replace(job, ladder=job.ladder[1:]) for job in plan.jobs))

    def complete(self, plan: Plan, store: Any, sources: Any) -> Plan:
        return replace(plan, parts={ID: (Part("zig", 100_000_000, False),)})

    def part(self, plan: Plan, text: str) -> Plan:
        self.told |= {"shard": text}
        return plan

    def estimate(self, plan: Plan, store: Any, at_once: int, kept: frozenset[str]) -> Estimate:
        return Estimate({ID: 12.0}, 12.0, at_once)

    def run(self, plan: Plan, how: Run) -> tuple[Outcome, ...]:
        self.told |= {name: getattr(how, name) for name in how.__dataclass_fields__}
        how.progress(RunStarted((ID,)))
        for outcome in self.outcomes:
            how.progress(JobFinished(outcome))
        self.during()
        return self.outcomes


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stages:
    made = Stages()
    rooms: dict[str, dict[str, Any]] = {
        "config": {
            "load": made.load,
            "switches": made.read_switches,
            "cache_of": made.cache_of,
            "Flags": SimpleNamespace,
        },
        "plan": {"select": made.select, "make": made.make},
        "pipeline": {
            "open_project": made.open_project,
            "sources": made.sources,
            "complete": made.complete,
            "recall": made.recall,
            "run": made.run,
            "part": made.part,
            "estimate": made.estimate,
            "Origins": made.origins,
            **{one.__name__: one for one in (Budget, Limits, Run)},
        },
    }
    for name, members in rooms.items():
        room = ModuleType(f"crosswheel.{name}")
        vars(room).update(members)
        monkeypatch.setitem(sys.modules, room.__name__, room)
        monkeypatch.setattr(crosswheel, name, room, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("CI", "true")
    return made


def fails(error: BaseException) -> Callable[[], None]:
    def raiser() -> None:
        raise error

    return raiser


# build


def test_build_hands_its_flags_to_the_stages(stages: Stages, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    line = (
        "build project --archs aarch64,armv7l --only X --enable pypy --enable graalpy --platform linux "
        "--config-file c.toml --engine hybrid --source debian --mirror http://m --cache-dir cache "
        "--output-dir out --no-test --sandbox container --jobs 3 --memory 2G --time-limit 5m --fail-fast "
        "--no-cache --shard 1/2"
    )
    assert run(line.split()) == 0
    told = stages.told
    assert told["project_dir"] == Path("project")
    assert told["config_file"] == "c.toml"
    assert vars(told["flags"]) == {
        "archs": "aarch64,armv7l",
        "only": "X",
        "enable": ("pypy", "graalpy"),
        "platform": "linux",
        "engine": "hybrid",
        "source": "debian",
        "sandbox": "container",
        "jobs": "3",
        "memory": "2G",
        "time_limit": "5m",
    }
    assert (told["source"], told["mirror"]) == ("debian", "http://m")
    assert told["sandboxing"] == Sandboxing("container", keep=False)
    assert (told["cache"], told["output_dir"], told["test"]) == (tmp_path / "cache", Path("out"), False)
    assert told["budget"].jobs == 1  # no more than there are wheels
    assert told["limits"] == Limits(2_000_000_000, 300.0)
    assert (told["keep_going"], told["kept"], told["shard"]) == (False, False, "1/2")


def test_build_without_flags_takes_the_defaults(stages: Stages, tmp_path: Path) -> None:
    assert run(["build"]) == 0
    assert stages.told["project_dir"] == Path()
    assert stages.told["cache"] == tmp_path / "xdg" / "crosswheel"
    assert (stages.told["output_dir"], stages.told["test"]) == (Path("wheelhouse"), True)
    assert stages.told["source"] == "host"  # as the configuration says
    assert stages.told["limits"] == Limits()
    assert (stages.told["keep_going"], stages.told["kept"]) == (True, True)
    assert "shard" not in stages.told
    assert stages.told["sandboxing"] == Sandboxing("auto", keep=False)


def test_containers_stay_where_the_environment_says_so(stages: Stages) -> None:
    stages.switches = {"keep_container": True}
    assert run(["build", "--sandbox", "container"]) == 0
    assert stages.told["sandboxing"] == Sandboxing("container", keep=True)


def test_the_cache_is_that_of_the_table_unless_a_flag_or_a_variable_names_another(
    stages: Stages, tmp_path: Path
) -> None:
    stages.cache = tmp_path / "of-table"
    assert run(["build"]) == 0
    assert stages.told["cache"] == tmp_path / "of-table"
    stages.switches = {"cache_path": "of-variable"}
    assert run(["build"]) == 0
    assert stages.told["cache"] == tmp_path / "of-variable"
    assert run(["build", "--cache-dir", "of-flag"]) == 0
    assert stages.told["cache"] == tmp_path / "of-flag"


def test_an_sdist_has_no_say_in_where_the_cache_is(stages: Stages, tmp_path: Path) -> None:
    stages.cache = tmp_path / "of-table"
    (tmp_path / "a-1.tar.gz").touch()
    assert run(["build", "a-1.tar.gz"]) == 0
    assert stages.told["cache"] == tmp_path / "xdg" / "crosswheel"


def test_build_takes_directories_from_the_switches_of_the_environment(stages: Stages, tmp_path: Path) -> None:
    stages.switches = {"output_dir": "dist", "cache_path": str(tmp_path / "parts")}
    assert run(["build"]) == 0
    assert (stages.told["cache"], stages.told["output_dir"]) == (tmp_path / "parts", Path("dist"))


def test_build_writes_the_summary_to_stdout_and_progress_to_stderr(
    stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["build"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"ok      {ID}  cross  tested")
    assert "1 wheel to build" in err
    assert "1 wheel to build" not in out


def test_build_ends_with_the_code_of_its_first_failure(
    stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    failures = (NoWheelError("no wheel came out"), StepError("build", "make", 1, ("cc: error",)))
    stages.outcomes = (OK, *(Outcome(ID, "cross", None, failure) for failure in failures))
    assert run(["build"]) == 10
    out, err = capsys.readouterr()
    assert "    | cc: error" in err
    assert "1 of 3 wheels in wheelhouse" in out


def test_build_prints_identifiers_without_the_pipeline(
    stages: Stages, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "crosswheel.pipeline", None)  # importing it raises
    monkeypatch.delattr(crosswheel, "pipeline")
    (tmp_path / "setup.py").touch()
    assert run(["build", "--print-build-identifiers"]) == 0
    assert capsys.readouterr().out == f"{ID}\n"


def test_nothing_to_build_is_an_error_unless_it_is_allowed(
    stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    stages.making = fails(NothingToBuildError("nothing is selected by build = 'cp27-*'"))
    assert run(["build"]) == 3
    assert "crosswheel: error: nothing is selected by build = 'cp27-*'\n" in capsys.readouterr().err
    assert run(["build", "--allow-empty"]) == 0
    assert "crosswheel: note: nothing is selected by build = 'cp27-*'\n" in capsys.readouterr().err
    stages.switches = {"allow_empty": True}
    assert run(["build"]) == 0


def test_a_package_that_is_not_there_is_one_sentence(
    stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["build", "nowhere"]) == 1
    assert capsys.readouterr().err == (
        "crosswheel: error: nowhere does not exist\n  next: name a directory or an sdist\n"
    )


def test_another_machine_is_told_where_wheels_are_built() -> None:
    require_machine("linux", "x86_64")
    with pytest.raises(CrosswheelError, match="on x86_64 Linux only") as caught:
        require_machine("darwin", "arm64")
    assert caught.value.cause == "this machine is arm64 darwin"


def test_build_says_what_the_plan_warns_of_and_leaves_out(
    stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    left_out = tuple((f"cp3{minor}-manylinux_aarch64", "debian has none") for minor in (10, 12, 14, 15))
    away = ("cp314t-manylinux_aarch64", "only standalone has it, and mirror.invalid cannot be reached")
    warnings = ("skip: cp27-* has no effect", ": ".join(away))
    stages.plan_extras = {"warnings": warnings, "left_out": (*left_out, away)}
    assert run(["build"]) == 0
    err = capsys.readouterr().err
    assert "warning: skip: cp27-* has no effect\n" in err
    # A plan asks nobody: who cannot be reached is told here alone.
    assert (
        "warning: cp314t-manylinux_aarch64: only standalone has it, and mirror.invalid cannot be reached\n"
        in err
    )
    assert (
        "note: 4 wheels left out: cp310-manylinux_aarch64, cp312-manylinux_aarch64, cp314-manylinux_aarch64 "
        "and more; crosswheel plan tells why\n"
    ) in err


# plan


def test_plan_is_a_table_on_stdout_and_warnings_on_stderr(
    stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", "--engine", "cross", "--no-test"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("identifier ")
    assert f"\n{ID}  cross, hybrid  debian  glibc 2.17  100 MB    12.0 s\n" in out
    assert err == "crosswheel: warning: the mirror is slow\n"
    assert (stages.told["flags"].engine, stages.told["no_test"]) == ("cross", True)


def test_plan_as_json_is_all_that_is_on_stdout(stages: Stages, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["jobs"][0]["identifier"] == ID


def test_plan_writes_nothing_to_the_cache(stages: Stages, tmp_path: Path) -> None:
    assert run(["plan"]) == 0
    assert not (tmp_path / "xdg").exists()


# usage


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("bild", "bild: is not a command (did you mean build?)"),
        (".", ".: is not a command (did you mean crosswheel build .?)"),
        ("build --arch x", "--arch: is not an option (did you mean --archs?)"),
        ("build --engine corss", "--engine: is 'corss', which is not known (did you mean cross?)"),
        (
            "plan --source apt",
            "--source: is 'apt', which is not known (one of auto, host, debian, image, standalone, musl)",
        ),
        (
            "build --platform macos",
            "--platform: is macos, and crosswheel builds wheels for Linux alone, of every architecture "
            "(build those for macos with cibuildwheel)",
        ),
        ("build --platform linus", "--platform: is 'linus', which is no platform (did you mean linux?)"),
        ("build --archs", "--archs: requires an argument"),
        ("build a b", "crosswheel build: got unexpected extra argument (b)"),
    ],
)
def test_a_wrong_command_line_is_a_configuration_error_with_the_nearest_name(
    line: str, first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert run(line.split()) == 2
    out, err = capsys.readouterr()
    assert err.splitlines()[0] == f"crosswheel: error: {first}"
    assert out == ""


def test_help_and_version_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"crosswheel {crosswheel.__version__}\n"
    for args in ([], ["--help"], ["build", "-h"], ["plan", "--help"]):
        assert run(args) == 0
        out, err = capsys.readouterr()
        assert "Examples:" in out
        assert err == ""


@pytest.mark.parametrize("group", ["cache", "emulation", "image"])
def test_a_group_alone_prints_its_help(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([group, "--help"]) == 0
    helped = capsys.readouterr()
    assert run([group]) == 0
    assert capsys.readouterr() == helped
    assert run([group, "nonsense"]) == 2
    assert "nonsense: is not a command (" in capsys.readouterr().err


def test_help_imports_no_stage() -> None:
    program = (
        "import sys\nfrom crosswheel.cli import run\nrun(['build', '--help'])\n"
        "heavy = {'rich', 'crosswheel.pipeline', 'crosswheel.plan', 'crosswheel.config', 'platformdirs'}\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# trouble


def test_ctrl_c_says_what_was_finished_before(stages: Stages, capsys: pytest.CaptureFixture[str]) -> None:
    stages.during = fails(KeyboardInterrupt())
    assert run(["build"]) == 130
    last = capsys.readouterr().err.splitlines()[-1]
    said, page = last.split("; the report is ")
    assert said == "crosswheel: interrupted; 1 wheel finished before is in wheelhouse"
    report = form.read(Path(page).parent / "report.json")
    assert (report.runs[0].interrupted, report.jobs[0].result) == (True, "passed")


def test_ctrl_c_before_the_first_wheel_is_said_to_be_that(
    stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    stages.making = fails(KeyboardInterrupt())
    assert run(["build"]) == 130
    assert capsys.readouterr().err.endswith("crosswheel: interrupted\n")


def test_a_full_disk_is_named_with_the_option_that_avoids_it(
    stages: Stages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "cache" / "roots" / "x")
    stages.during = fails(OSError(errno.ENOSPC, "No space left on device", place))
    assert run(["build", "--cache-dir", "cache"]) == 1
    err = capsys.readouterr().err
    assert f"crosswheel: error: the disk of {tmp_path / 'cache'} is full\n  cause: " in err
    assert "  next: free space there, or name a directory on another disk with --cache-dir\n" in err
    assert "  note: 1 wheel finished before is in wheelhouse\n  note: the report is " in err


def test_a_directory_that_cannot_be_written_is_named(
    stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    stages.during = fails(PermissionError(errno.EACCES, "Permission denied", "wheelhouse/a.whl"))
    assert run(["build"]) == 1
    err = capsys.readouterr().err
    assert (
        "crosswheel: error: wheelhouse cannot be used\n  cause: wheelhouse/a.whl: Permission denied\n" in err
    )
    assert "with --output-dir\n" in err


def test_a_full_disk_without_a_name_is_the_fullest_one(tmp_path: Path) -> None:
    with (
        pytest.raises(CrosswheelError, match="is full"),
        trouble.explained({"--cache-dir": tmp_path / "not" / "yet"}),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_unexpected_exception_is_a_defect_with_its_place(
    stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    stages.making = fails(ZeroDivisionError("division by zero"))
    assert run(["plan"]) == 1
    err = capsys.readouterr().err
    assert "crosswheel: error: this is a defect of crosswheel, not of your project\n" in err
    assert "  cause: ZeroDivisionError: division by zero (unit/test_cli.py, line " in err
    assert "  next: run it again with --debug-traceback and report what it prints\n" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("by", ["flag", "environment"])
def test_a_traceback_is_shown_where_it_is_asked_for(
    by: str, stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    stages.making = fails(ProvisionError("no mirror answered"))
    stages.switches = {"debug_traceback": by == "environment"}
    assert run(["plan", *(["--debug-traceback"] if by == "flag" else [])]) == 1
    err = capsys.readouterr().err
    assert "Traceback (most recent call last):" in err
    assert err.endswith("crosswheel: error: no mirror answered\n")


def test_sigterm_ends_a_run_as_ctrl_c_does(tmp_path: Path) -> None:
    program = """
import sys, time
from types import ModuleType, SimpleNamespace
import crosswheel
from crosswheel import cli
config = crosswheel.config = sys.modules["crosswheel.config"] = ModuleType("crosswheel.config")
def switches(environ):
    try:
        print("ready", flush=True)
        time.sleep(30)
    finally:
        print("cleaned up", flush=True)
config.switches = switches
sys.argv = ["crosswheel", "build"]
cli.main()
"""
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=10)
    assert (child.returncode, out, err) == (143, "cleaned up\n", "crosswheel: interrupted\n")


def test_a_reader_that_left_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    program = "import sys\nfrom crosswheel.cli.output import say\nsay('x' * 100_000)\nsys.exit(7)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=10,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (7, "")


def test_the_help_is_instant() -> None:
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "crosswheel", "--help"], capture_output=True, check=True)
    assert time.monotonic() - started < 2.0  # 0.15 s on a quiet machine
