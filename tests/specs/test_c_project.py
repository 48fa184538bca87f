"""A project of one C file becomes a tested wheel, for every Python and by every engine."""

import pytest
from harness import Crosswheel, content

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.mark.parametrize("python", ["cp39", "cp311", "cp313", "cp314"])
def test_each_python_of_an_architecture_gets_its_wheel(crosswheel: Crosswheel, python: str) -> None:
    project = crosswheel.project("c-hello")
    before = content(project)

    result = crosswheel("build", "--only", f"{python}-manylinux_aarch64", "c-hello")

    wheel = f"c_hello-1.0-{python}-{python}-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
    assert result.status == 0, result.err
    assert (
        result.out
        == f"""\
ok      {python}-manylinux_aarch64  cross  tested  <time>
  {wheel}
  <size>, manylinux_2_17_aarch64
  fetch <time>, prepare <time>, requirements <time>, build <time>, repair <time>, verify <time>, test <time>; \
peak memory <size>

1 wheel in wheelhouse after <time>
report: <cache>/reports/<run>/report.html
"""
    )
    assert crosswheel.wheels == [wheel]
    assert content(project) == before, "a build leaves the user's checkout as it was"


@pytest.mark.parametrize(
    ("identifier", "engine"),
    [
        ("cp311-manylinux_aarch64", "cross"),
        ("cp311-manylinux_aarch64", "hybrid"),
        ("cp311-manylinux_aarch64", "hybrid-gcc"),
        ("cp311-manylinux_aarch64", "emulated"),
        ("cp311-manylinux_x86_64", "native"),
    ],
)
def test_each_engine_makes_a_tested_wheel(crosswheel: Crosswheel, identifier: str, engine: str) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "--only", identifier, "--engine", engine, "c-hello")

    assert result.status == 0, result.err
    assert result.out.splitlines()[0].split() == ["ok", identifier, engine, "tested", "<time>"]
    platform = identifier.removeprefix("cp311-manylinux_")
    assert [name.split("-")[:4] for name in crosswheel.wheels] == [["c_hello", "1.0", "cp311", "cp311"]]
    assert crosswheel.wheels[0].endswith(f"_{platform}.whl")


def test_a_project_in_the_current_directory_is_built_without_naming_it(crosswheel: Crosswheel) -> None:
    project = crosswheel.project("c-hello")
    here = Crosswheel(project, crosswheel.cache)

    result = here(
        "build", env={"CIBW_BUILD": "cp311-many*", "CIBW_ARCHS": "aarch64", "CIBW_OUTPUT_DIR": "../out"}
    )

    assert result.status == 0, result.err
    assert "\n1 wheel in ../out after <time>\n" in result.out
    assert [path.name for path in (crosswheel.cwd / "out").iterdir()] == [
        "c_hello-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
    ]


def test_two_runs_at_once_share_the_cache(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    build = ["build", "--only", "cp311-manylinux_aarch64", "c-hello", "--output-dir"]
    with crosswheel.started(*build, "first") as first, crosswheel.started(*build, "second") as second:
        errors = [process.communicate()[1] for process in (first, second)]
        assert [first.returncode, second.returncode] == [0, 0], errors
    for place in ("first", "second"):
        assert len(list((crosswheel.cwd / place).glob("*.whl"))) == 1


def test_without_a_test_the_summary_says_so(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "--no-test", "c-hello")

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == "ok      cp311-manylinux_aarch64  cross  not tested  <time>"
