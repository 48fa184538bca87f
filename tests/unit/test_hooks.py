"""A build backend's hooks, called in a sandbox that is none: paths of the sandbox are made the host's again."""

import json
import os
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.engines import hooks
from crosswheel.engines.hooks import Backend, BuildSystem, build_system
from crosswheel.engines.workshop import Workshop
from crosswheel.errors import ConfigurationError, CrosswheelError, NoWheelError, StepError
from crosswheel.process import Completed
from crosswheel.seams import Mount
from crosswheel.site import places

IN_TREE = """
    [build-system]
    requires = ["one", "two>=2; python_version > '3'"]
    build-backend = "backend"
    backend-path = ["tools"]
"""
BACKEND = """
    import json, os, pathlib, sys

    def get_requires_for_build_wheel(config_settings=None):
        return ["cython"] if (config_settings or {}).get("cython") else []

    def build_wheel(directory, config_settings=None, metadata_directory=None):
        seen = {"cwd": os.getcwd(), "settings": config_settings, "variable": os.environ.get("HOOK_ONLY"),
                "path": os.environ["PATH"].split(":")[0], "file": __file__}
        print("building")
        pathlib.Path(directory, "made.whl").write_text(json.dumps(seen))
        return "made.whl"
"""


@dataclass
class HostSandbox:
    """Runs natively what is meant for a sandbox.

    :param seen: the places of the sandbox as directories of the host.
    """

    seen: dict[str, Path]
    variables: list[dict[str, str]] = field(default_factory=list)

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
        places_here = {**self.seen, **(binds or {})}

        def here(word: str) -> str:
            for place, directory in places_here.items():
                word = word.replace(place, str(directory))
            return word

        self.variables.append(dict(env))
        words = [here(word) for word in argv]
        # The backend is told its directories in a file that only the host knows.
        for control in (binds or {}).values():
            given = control / "input.json"
            asked = json.loads(given.read_text())
            asked["kwargs"] = {
                name: here(value) if isinstance(value, str) else value
                for name, value in asked["kwargs"].items()
            }
            given.write_text(json.dumps(asked))
        environment = {name: here(value) for name, value in env.items()}
        for name in environment.keys() & {"_PYPROJECT_HOOKS_BACKEND_PATH_JSON"}:
            environment[name] = json.dumps([here(path) for path in json.loads(env[name])])
        return process.run(words, cwd=Path(here(cwd)), env=environment, on_line=on_line)


@dataclass
class HostEnvironment:
    python: str = sys.executable
    mount: Mount = field(default_factory=lambda: Mount(Path("/nonexistent"), "/crosswheel/env"))

    def install(self, requirements: Iterable[str], mounts: tuple[Mount, ...] = ()) -> None:
        raise AssertionError("hooks install nothing")


@dataclass
class Build:
    """A project with what is needed to call its backend."""

    project: Path
    dist: Path
    sandbox: HostSandbox
    mounted: list[tuple[Mount, ...]] = field(default_factory=list)

    def write(self, pyproject: str, backend: str = "") -> None:
        (self.project / "pyproject.toml").write_text(textwrap.dedent(pyproject))
        (self.project / "tools").mkdir(exist_ok=True)
        (self.project / "tools" / "backend.py").write_text(textwrap.dedent(backend))

    @property
    def backend(self) -> Backend:
        def sandbox(mounts: tuple[Mount, ...]) -> HostSandbox:
            self.mounted.append(mounts)
            for mount in mounts:
                if isinstance(mount.source, Path) and mount.source.exists():
                    self.sandbox.seen[mount.target] = mount.source
            return self.sandbox

        workshop = Workshop(
            sandbox=sandbox,
            environment=lambda place: HostEnvironment(),
            env={"PATH": os.defpath, "COMMON": "1"},
            hook_env={"HOOK_ONLY": "set"},
        )
        return Backend(workshop, self.project, self.project, [HostEnvironment()])


@pytest.fixture(params=["plain", 'with spaces, ä€ and "quotes"'])
def build(tmp_path: Path, request: pytest.FixtureRequest) -> Build:
    project, dist = tmp_path / request.param / "project", tmp_path / "dist"
    project.mkdir(parents=True)
    dist.mkdir()
    return Build(project, dist, HostSandbox({places.PROJECT: project, places.DIST: dist}))


# --- [build-system]


def test_without_a_pyproject_the_legacy_backend_is_taken(tmp_path: Path) -> None:
    assert build_system(tmp_path) == BuildSystem(
        ("setuptools>=40.8.0",), "setuptools.build_meta:__legacy__", ()
    )


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n"])
def test_without_the_table_the_legacy_backend_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert build_system(tmp_path) == BuildSystem()


def test_without_a_backend_the_legacy_one_gets_the_requirements(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[build-system]\nrequires = ['cython']\n")
    assert build_system(tmp_path) == BuildSystem(("cython",), "setuptools.build_meta:__legacy__", ())


def test_the_table_is_read(build: Build) -> None:
    build.write(IN_TREE)
    assert build_system(build.project) == BuildSystem(
        ("one", "two>=2; python_version > '3'"), "backend", ("tools",)
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[build-system]\n", "build-system.requires: is missing"),
        ("[build-system]\nrequires = 'x'\n", "build-system.requires"),
        ("[build-system]\nrequires = [1]\n", "build-system.requires"),
        ("[build-system]\nrequires = []\nbuild-backend = 1\n", "build-system.build-backend"),
        ("[build-system]\nrequires = []\nbackend-path = 'tools'\n", "build-system.backend-path"),
        ("build-system = 3\n", "build-system: must be a table"),
        ("[build-system\n", "pyproject.toml: is not TOML"),
    ],
)
def test_a_table_that_breaks_the_standard_is_a_fault_with_its_place(
    tmp_path: Path, text: str, place: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=place):
        build_system(tmp_path)


def test_all_faults_of_the_table_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[build-system]\nbuild-backend = 1\nbackend-path = 2\n")
    with pytest.raises(ConfigurationError) as caught:
        build_system(tmp_path)
    assert {fault.place for fault in caught.value.faults} == {
        "build-system.requires",
        "build-system.build-backend",
        "build-system.backend-path",
    }


@pytest.mark.parametrize("path", ["/etc", "../outside"])
def test_a_backend_outside_the_project_is_refused(build: Build, path: str) -> None:
    build.write(IN_TREE.replace("tools", path), BACKEND)
    with pytest.raises(ConfigurationError, match="backend-path"):
        build.backend  # noqa: B018


# --- the calls


def test_a_wheel_is_built_in_the_project_with_the_settings(build: Build) -> None:
    build.write(IN_TREE, BACKEND)
    wheel = build.backend.wheel({"a": "1", "b": ["2", "3"]}, build.dist)
    assert wheel == build.dist / "made.whl"
    seen = json.loads(wheel.read_text())
    assert seen == {
        "cwd": str(build.project),
        "settings": {"a": "1", "b": ["2", "3"]},
        "variable": "set",
        "path": str(Path(sys.executable).parent),
        "file": str(build.project / "tools" / "backend.py"),
    }


def test_no_path_of_the_host_is_handed_into_the_sandbox(build: Build) -> None:
    build.write(IN_TREE, BACKEND)
    build.backend.wheel({}, build.dist)
    (variables,) = build.sandbox.variables
    assert not [name for name, value in variables.items() if str(build.project.parent) in value]
    assert variables["_PYPROJECT_HOOKS_BACKEND_PATH_JSON"] == f'["{places.PROJECT}/tools"]'
    assert [mount.target for mount in build.mounted[0]] == ["/crosswheel/env", places.HOOKS]


def test_the_backend_says_what_it_requires(build: Build) -> None:
    build.write(IN_TREE, BACKEND)
    assert build.backend.requires({}) == []
    assert build.backend.requires({"cython": "yes"}) == ["cython"]


def test_a_backend_that_requires_nothing_need_not_say_so(build: Build) -> None:
    build.write(IN_TREE, "def build_wheel(*args): raise AssertionError")
    assert build.backend.requires({}) == []


def test_a_backend_that_fails_is_a_failed_build_with_its_last_lines(build: Build) -> None:
    build.write(IN_TREE, "def build_wheel(*args, **kwargs): raise RuntimeError('the compiler ran away')")
    with pytest.raises(StepError) as caught:
        build.backend.wheel({}, build.dist)
    assert (caught.value.step, caught.value.command) == ("build", "backend build_wheel")
    assert "the compiler ran away" in caught.value.tail[-1]


def test_a_backend_that_ends_its_process_without_a_result_is_told(build: Build) -> None:
    build.write(IN_TREE, "import os\ndef build_wheel(*args, **kwargs): os._exit(0)")
    with pytest.raises(CrosswheelError, match="without a result"):
        build.backend.wheel({}, build.dist)


def test_a_backend_that_names_a_wheel_that_is_not_there_made_none(build: Build) -> None:
    build.write(IN_TREE, "def build_wheel(*args, **kwargs): return 'none.whl'")
    with pytest.raises(NoWheelError, match=r"none\.whl"):
        build.backend.wheel({}, build.dist)


def test_a_backend_that_cannot_be_imported_is_told_with_the_cause(build: Build) -> None:
    build.write(IN_TREE, "import module_that_is_missing")
    with pytest.raises(CrosswheelError, match="backend cannot be imported") as caught:
        build.backend.requires({})
    assert "module_that_is_missing" in caught.value.cause


def test_a_backend_without_the_hook_is_a_failed_build_that_names_the_hook(build: Build) -> None:
    build.write(IN_TREE, "")
    with pytest.raises(StepError) as caught:
        build.backend.wheel({}, build.dist)
    assert "build_wheel" in caught.value.tail[-1]


def test_what_a_backend_warns_of_is_not_repeated_as_a_warning_of_ours(
    build: Build, recwarn: pytest.WarningsRecorder
) -> None:
    build.write(
        IN_TREE,
        BACKEND.replace('print("building")', "import warnings; warnings.warn('old metadata', UserWarning)"),
    )
    before = tempfile.tempdir
    with hooks.prepared(build.dist):
        build.backend.wheel({}, build.dist)
    assert not recwarn.list
    assert tempfile.tempdir == before
