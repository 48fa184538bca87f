"""A plan: which jobs, by which engines, from which source, with which floor; and what is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crosswheel import config, plan
from crosswheel.config import Flags
from crosswheel.errors import ConfigurationError, ExitCode, NothingToBuildError, ProvisionError
from crosswheel.model import EngineChoice, EngineName, Libc, Part, Plan, Project, Target
from crosswheel.plan.origin import Choice, choose
from crosswheel.seams import Reach, Root


@dataclass
class Shelf:
    """A source of some Pythons for some architectures, of one C library."""

    name: str
    pythons: tuple[str, ...]
    archs: tuple[str, ...]
    has: tuple[int, int] = (2, 36)
    libc: Libc = "manylinux"

    def offers(self, target: Target) -> bool:
        return (
            target.libc == self.libc and target.python.tag in self.pythons and target.arch.name in self.archs
        )

    def libc_version(self, target: Target) -> tuple[int, int]:
        return self.has

    def parts(self, target: Target) -> tuple[Part, ...]:
        return (Part(f"{self.name} {target.python.version}", 7, present=False),)

    def reaches(self, target: Target) -> tuple[Reach, ...]:
        return (Reach(f"{self.name}.example", lambda: None),)

    def key(self, target: Target) -> str:
        return f"{self.name} {target.identifier}"

    def root(self, target: Target, finish: object = None) -> Root:
        raise AssertionError("a plan makes no root")

    def describe(self) -> str:
        return f"{self.name} has {', '.join(self.pythons)} for {', '.join(self.archs)}"


DEBIAN = Shelf("debian", ("cp39", "cp311", "cp313"), ("x86_64", "i686", "aarch64"))


def make(
    directory: Path,
    environ: Mapping[str, str],
    *,
    flags: Flags | None = None,
    engine: EngineChoice | None = None,
    sources: tuple[Shelf, ...] = (DEBIAN,),
    no_test: bool = False,
) -> Plan:
    told = flags or Flags(engine=engine)
    configuration = config.load(directory, config_file=None, environ=environ, flags=told)
    project = Project(directory, directory, ".")
    return plan.make(project, configuration, sources=sources, no_test=no_test)


def test_jobs_are_in_the_order_of_the_identifiers(tmp_path: Path) -> None:
    made = make(tmp_path, {"CIBW_ARCHS": "aarch64 x86_64", "CIBW_BUILD": "cp{313,39}-many*"})
    assert [job.identifier for job in made.jobs] == [
        "cp39-manylinux_x86_64",
        "cp313-manylinux_x86_64",
        "cp39-manylinux_aarch64",
        "cp313-manylinux_aarch64",
    ]


@pytest.mark.parametrize(
    ("arch", "engine", "ladder"),
    [
        ("x86_64", "auto", ("native", "emulated")),
        ("i686", "auto", ("native", "emulated")),
        ("aarch64", "auto", ("cross", "hybrid", "hybrid-gcc", "emulated")),
        ("aarch64", "hybrid", ("hybrid",)),
        ("aarch64", "hybrid-gcc", ("hybrid-gcc",)),
        ("x86_64", "emulated", ("emulated",)),
    ],
)
def test_the_ladder_holds_the_engines_that_serve_best_first(
    tmp_path: Path, arch: str, engine: EngineName, ladder: tuple[EngineName, ...]
) -> None:
    made = make(tmp_path, {"CIBW_ARCHS": arch, "CIBW_BUILD": "cp311-many*"}, engine=engine)
    assert [job.ladder for job in made.jobs] == [ladder]


def test_an_engine_that_cannot_serve_is_refused_for_each_architecture(tmp_path: Path) -> None:
    environ = {"CIBW_ARCHS": "x86_64 i686 aarch64", "CIBW_BUILD": "cp311-many*"}
    with pytest.raises(ConfigurationError) as caught:
        make(tmp_path, environ, engine="cross")
    assert [fault.problem for fault in caught.value.faults] == [
        "cross is not for x86_64: programs of x86_64 run on x86_64 as they are",
        "cross is not for i686: programs of i686 run on x86_64 as they are",
    ]
    assert caught.value.faults[0].hint == "use one of auto, native, emulated"
    with pytest.raises(ConfigurationError, match=r"native is not for aarch64: .* do not run on x86_64"):
        make(tmp_path, environ, engine="native")


def test_the_first_source_that_offers_a_target_serves_it(tmp_path: Path) -> None:
    other = Shelf("other", ("cp311",), ("x86_64",))
    made = make(tmp_path, {"CIBW_BUILD": "cp3{11,13}-many*"}, sources=(other, DEBIAN))
    assert [(job.source, job.source_reason) for job in made.jobs] == [
        ("other", "it comes before debian"),
        ("debian", "no other source has it"),
    ]
    assert made.parts["cp313-manylinux_x86_64"] == (Part("debian 3.13", 7, present=False),)


FAR = Shelf("far", ("cp310", "cp311"), ("aarch64",))


def away(target: Target, image: str) -> Choice | None:
    choice = choose(target, image, (DEBIAN, FAR), earlier={})
    return (
        replace(choice, away="far.example cannot be reached") if choice and choice.source is FAR else choice
    )


def made_away(directory: Path, build: str) -> Plan:
    environ = {"CIBW_ARCHS": "aarch64", "CIBW_BUILD": build, "CIBW_SKIP": "*musl*"}
    configuration = config.load(directory, config_file=None, environ=environ, flags=Flags())
    project = Project(directory, directory, ".")
    return plan.make(project, configuration, sources=(DEBIAN, FAR), no_test=False, origin=away)


def test_what_only_an_unreachable_source_has_is_left_out_with_a_warning(tmp_path: Path) -> None:
    made = made_away(tmp_path, "cp3{10,11}-*")
    reason = "only far has it, and far.example cannot be reached"
    assert [job.identifier for job in made.jobs] == ["cp311-manylinux_aarch64"]
    assert made.left_out == (("cp310-manylinux_aarch64", reason),)
    assert f"cp310-manylinux_aarch64: {reason}" in made.warnings


def test_what_is_named_in_full_is_never_left_out(tmp_path: Path) -> None:
    made = made_away(tmp_path, "cp310-manylinux_aarch64 cp311-*")
    assert [job.identifier for job in made.jobs] == ["cp310-manylinux_aarch64", "cp311-manylinux_aarch64"]
    assert made.left_out == ()


def test_where_nothing_can_be_reached_that_is_the_error(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError) as caught:
        made_away(tmp_path, "cp310-*")
    assert caught.value.fact == "no source that can be reached has the Python for cp310-manylinux_aarch64"
    assert caught.value.cause == "far.example cannot be reached"


@pytest.mark.parametrize(
    ("image", "floor"),
    [
        ("manylinux1", (2, 5)),
        ("quay.io/pypa/manylinux2010-pypy_x86_64:1", (2, 12)),
        ("manylinux2014", (2, 17)),
        ("manylinux_2_28", (2, 28)),
        ("quay.io/pypa/manylinux_2_28_aarch64:2025.1", (2, 28)),
        ("host:5000/manylinux_2_39@sha256:00", (2, 39)),
        ("musllinux_1_2", None),
        ("debian:12", None),
        ("", None),
    ],
)
def test_the_name_of_an_image_says_its_glibc(image: str, floor: tuple[int, int] | None) -> None:
    assert plan.floor_of(image) == floor


@pytest.mark.parametrize(
    ("environ", "floor", "warning"),
    [
        ({}, (2, 17), None),
        ({"CIBW_MANYLINUX_AARCH64_IMAGE": "manylinux_2_28"}, (2, 28), None),
        ({"CIBW_MANYLINUX_X86_64_IMAGE": "manylinux_2_28"}, (2, 17), None),
        (
            {"CIBW_MANYLINUX_AARCH64_IMAGE": "me/manylinux2010:1"},
            (2, 17),
            "below glibc 2.17, the lowest for aarch64",
        ),
        (
            {"CIBW_MANYLINUX_AARCH64_IMAGE": "debian:12"},
            (2, 17),
            "names no manylinux policy, and no image is run",
        ),
    ],
)
def test_the_floor_is_that_of_the_image_but_not_below_the_architecture(
    tmp_path: Path, environ: dict[str, str], floor: tuple[int, int], warning: str | None
) -> None:
    made = make(tmp_path, {"CIBW_ARCHS": "aarch64", "CIBW_BUILD": "cp311-many* cp39-many*", **environ})
    assert {job.floor for job in made.jobs} == {floor}
    assert len(made.warnings) == (warning is not None)
    assert warning is None or warning in made.warnings[0]


def test_what_only_a_wildcard_selects_is_left_out_with_the_reason(tmp_path: Path) -> None:
    made = make(tmp_path, {"CIBW_ARCHS": "aarch64", "CIBW_BUILD": "cp31?-* cp314t-many*"})
    assert [job.identifier for job in made.jobs] == ["cp311-manylinux_aarch64", "cp313-manylinux_aarch64"]
    assert dict(made.left_out)["cp310-manylinux_aarch64"] == "debian has no CPython 3.10 for aarch64"
    assert (
        dict(made.left_out)["cp314t-manylinux_aarch64"]
        == "debian has no CPython 3.14 without the GIL for aarch64"
    )
    assert (
        dict(made.left_out)["cp311-musllinux_aarch64"] == "debian has no CPython 3.11 with musl for aarch64"
    )


@pytest.mark.parametrize(
    ("environ", "flags"),
    [
        ({"CIBW_ARCHS": "aarch64", "CIBW_BUILD": "cp311-* cp310-manylinux_aarch64"}, Flags()),
        ({}, Flags(only="cp310-manylinux_aarch64")),
        ({"CIBW_ARCHS": "aarch64", "CIBW_BUILD": "cp310-many*"}, Flags()),
    ],
)
def test_what_is_named_or_all_there_is_must_be_offered(
    tmp_path: Path, environ: dict[str, str], flags: Flags
) -> None:
    with pytest.raises(ProvisionError) as caught:
        make(tmp_path, environ, flags=flags)
    assert caught.value.exit_code == ExitCode.FATAL
    assert caught.value.fact == "no source has the Python for cp310-manylinux_aarch64"
    assert caught.value.cause == "for aarch64: debian has cp39, cp311 and cp313"


def test_where_nobody_has_a_python_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError) as caught:
        make(tmp_path, {}, flags=Flags(only="cp311-musllinux_s390x"))
    assert caught.value.cause == "for musl on s390x: nothing"


def test_a_long_list_of_what_is_missing_is_cut_short(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match=r"cp313-musllinux_\w+, .* and 1 more$"):
        make(tmp_path, {"CIBW_ARCHS": "all", "CIBW_BUILD": "cp313-musl*"})


@pytest.mark.parametrize(
    ("environ", "fact", "cause"),
    [
        (
            {"CIBW_BUILD": "cp311-*", "CIBW_SKIP": "cp3*"},
            'build = "cp311-*" and skip = "cp3*" selects nothing to build',
            "skip matches all that build does",
        ),
        (
            {"CIBW_BUILD": "cp311-manylinux_aarch64"},
            'build = "cp311-manylinux_aarch64" selects nothing to build',
            "none of them is for x86_64 (archs)",
        ),
        (
            {"CIBW_BUILD": "cp39-*", "CIBW_PROJECT_REQUIRES_PYTHON": ">=3.10"},
            'build = "cp39-*" selects nothing to build',
            "requires-python is >=3.10",
        ),
        (
            {"CIBW_BUILD": "*-win_amd64"},
            'build = "*-win_amd64" selects nothing to build',
            "no identifier matches build",
        ),
    ],
)
def test_a_selection_of_nothing_names_its_patterns_and_what_took_the_last(
    tmp_path: Path, environ: dict[str, str], fact: str, cause: str
) -> None:
    with pytest.raises(NothingToBuildError) as caught:
        make(tmp_path, environ)
    assert (caught.value.fact, caught.value.cause) == (fact, cause)
    assert caught.value.exit_code == ExitCode.NOTHING_TO_BUILD


@pytest.mark.parametrize(
    ("build", "problem", "hint"),
    [
        ("cp311-* cp38-*", "cp38-* matches no build identifier", "cibuildwheel 4 begins with Python 3.9"),
        ("cp311-* cp31-*", "cp31-* matches no build identifier", "see --print-build-identifiers --archs all"),
        (
            "cp311-* pp311-*",
            "pp311-* selects identifiers of the group pypy, which is not enabled",
            "add pypy",
        ),
        ("cp99-*", "cp99-* matches no build identifier", "see --print-build-identifiers --archs all"),
        ("pp39-*", "pp39-* selects identifiers of the group pypy-eol, which is not enabled", "add pypy-eol"),
        ("cp311-manylinux_arm64", "cp311-manylinux_arm64 is not a build identifier", "linux_aarch64?"),
    ],
)
def test_a_pattern_of_build_that_cannot_match_is_a_fault(
    tmp_path: Path, build: str, problem: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(tmp_path, {"CIBW_BUILD": build})
    (fault,) = caught.value.faults
    assert (fault.place, fault.problem) == ("CIBW_BUILD", problem)
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("build", "code"),
    [
        ("cp27-*", ExitCode.DEPRECATED),
        ("cp37-* cp311-*", ExitCode.DEPRECATED),
        ("cp38-manylinux_aarch64", ExitCode.DEPRECATED),
        ("cp313t-*", ExitCode.DEPRECATED),
        ("xyz cp36-*", ExitCode.CONFIGURATION),
        ("cp38-* xyz", ExitCode.DEPRECATED),
    ],
)
def test_a_python_that_is_gone_has_the_exit_code_of_cibuildwheel(
    tmp_path: Path, build: str, code: ExitCode
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(tmp_path, {"CIBW_BUILD": build})
    assert caught.value.exit_code == code


def test_patterns_elsewhere_that_cannot_match_are_warnings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.cibuildwheel]\nskip = "cp36-* *-win32 *-macosx_universal2:arm64"\n'
        '[[tool.cibuildwheel.overrides]]\nselect = "*_arm"\nbefore-all = "x"\n'
    )
    made = make(tmp_path, {"CIBW_BUILD": "cp311-many*", "CIBW_NO": "1"})
    file = tmp_path / "pyproject.toml"
    assert made.warnings == (
        "CIBW_NO is not a variable of cibuildwheel and is not read",
        f"{file}:2: tool.cibuildwheel.skip: cp36-* matches no build identifier and has no effect",
        f"{file}:4: tool.cibuildwheel.overrides[0].select: *_arm matches no build identifier and has no effect",
    )


def test_a_pattern_of_build_in_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.cibuildwheel]\n\nbuild = "cp311-* cp38-*"\n')
    with pytest.raises(ConfigurationError) as caught:
        make(tmp_path, {})
    (fault,) = caught.value.faults
    assert (fault.where, fault.place) == (f"{tmp_path}/pyproject.toml:3", "tool.cibuildwheel.build")


def test_the_engine_of_a_wheel_is_that_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.crosswheel]\nengine = "hybrid"\n'
        '[[tool.crosswheel.overrides]]\nselect = "cp313-*"\nengine = "auto"\n'
    )
    made = make(tmp_path, {"CIBW_ARCHS": "aarch64", "CIBW_BUILD": "cp31{1,3}-many*"})
    assert [job.ladder for job in made.jobs] == [
        ("hybrid",),
        ("cross", "hybrid", "hybrid-gcc", "emulated"),
    ]


def test_an_engine_of_the_table_that_cannot_serve_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.crosswheel]\nengine = "native"\n')
    with pytest.raises(ConfigurationError) as caught:
        make(tmp_path, {"CIBW_ARCHS": "aarch64", "CIBW_BUILD": "cp311-many*"})
    (fault,) = caught.value.faults
    assert (fault.where, fault.place) == (f"{tmp_path}/pyproject.toml:2", "tool.crosswheel.engine")


def test_a_wrong_only_is_told_before_anything_else(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--only: cp311-manylinux_arm is not a build identifier"):
        make(tmp_path, {}, flags=Flags(only="cp311-manylinux_arm"))


@pytest.mark.parametrize(
    ("skip", "no_test", "expected"), [("", False, False), ("cp311-*", False, True), ("", True, True)]
)
def test_a_job_says_whether_its_test_is_skipped(
    tmp_path: Path, skip: str, no_test: bool, expected: bool
) -> None:
    made = make(tmp_path, {"CIBW_BUILD": "cp311-many*", "CIBW_TEST_SKIP": skip}, no_test=no_test)
    assert [job.options.test_skip for job in made.jobs] == [expected]
