"""``[tool.crosswheel]`` says what the table of cibuildwheel has no word for."""

import json

from harness import Crosswheel, Result, write

TABLE = """\
[project]
name = "a"
version = "1"
[tool.cibuildwheel]
build = "cp31{1,3}-manylinux_*"
[tool.crosswheel]
engine = "hybrid"
source = "debian"
cache = "parts"
[[tool.crosswheel.overrides]]
select = "cp313-*"
engine = "emulated"
"""


def engines(crosswheel: Crosswheel, *args: str, **env: str) -> dict[str, list[str]]:
    result = crosswheel("plan", "--json", "--archs", "aarch64", *args, env=env)
    assert result.status == 0, result.err
    assert all("emulated links against glibc" in line for line in result.err.splitlines())
    return {job["identifier"]: job["engines"] for job in json.loads(result.out)["jobs"]}


def test_the_table_is_below_a_variable_and_a_variable_below_a_flag(crosswheel: Crosswheel) -> None:
    write(crosswheel.cwd, {"pyproject.toml": TABLE})
    cp311, cp313 = "cp311-manylinux_aarch64", "cp313-manylinux_aarch64"
    assert engines(crosswheel) == {cp311: ["hybrid"], cp313: ["emulated"]}
    assert engines(crosswheel, CROSSWHEEL_ENGINE="cross") == {cp311: ["cross"], cp313: ["cross"]}
    assert engines(crosswheel, "--engine", "emulated", CROSSWHEEL_ENGINE="cross") == {
        cp311: ["emulated"],
        cp313: ["emulated"],
    }


def test_every_wrong_word_is_told_with_its_line(crosswheel: Crosswheel) -> None:
    table = '[tool.crosswheel]\nengin = "cross"\nsource = "debain"\njobs = 0\n'
    write(crosswheel.cwd, {"setup.py": "", "ci.toml": table})
    assert crosswheel("build", "--config-file", "ci.toml") == Result(
        2,
        out="",
        err="""\
crosswheel: error: ci.toml:2: tool.crosswheel.engin: is not an option of crosswheel (did you mean engine?)
crosswheel: error: ci.toml:3: tool.crosswheel.source: is 'debain', which is not known (did you mean debian?)
crosswheel: error: ci.toml:4: tool.crosswheel.jobs: is '0', which is no number of jobs (write 1 or more, or auto)
""",
    )


def test_a_cache_that_cannot_be_made_is_told(crosswheel: Crosswheel) -> None:
    write(crosswheel.cwd, {"setup.py": "", "pyproject.toml": '[tool.crosswheel]\ncache = "/dev/null/x"\n'})
    result = crosswheel("build", "--archs", "aarch64", env={"CIBW_CACHE_PATH": ""})
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("crosswheel: error: /dev/null/x cannot be used\n")


def test_a_placeholder_that_nobody_knows_is_a_fault(crosswheel: Crosswheel) -> None:
    table = '[tool.cibuildwheel]\nbuild = "cp311-many*"\ntest-command = "pytest {projct} ${projct} {a,b}"\n'
    write(crosswheel.cwd, {"setup.py": "", "pyproject.toml": table})
    result = crosswheel("plan", "--archs", "aarch64")
    assert (result.status, result.err) == (
        2,
        "crosswheel: error: pyproject.toml:3: tool.cibuildwheel.test-command: holds {projct}, which is no "
        "placeholder (did you mean {project}?)\n",
    )
