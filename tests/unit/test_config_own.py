"""``[tool.crosswheel]``: its words, what wins over them, and how wrong ones are told."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from crosswheel import config
from crosswheel.config import Configuration, Flags
from crosswheel.errors import ConfigurationError

ID = "cp311-manylinux_aarch64"


def load(
    directory: Path, text: str = "", environ: Mapping[str, str] | None = None, flags: Flags | None = None
) -> Configuration:
    (directory / "pyproject.toml").write_text(text)
    return config.load(directory, config_file=None, environ=environ or {}, flags=flags or Flags())


def own(*lines: str) -> str:
    return "\n".join(["[tool.crosswheel]", *lines, ""])


TABLE = own('engine = "hybrid"', 'source = "debian"')
OVERRIDE = '[[tool.crosswheel.overrides]]\nselect = "*aarch64"\nengine = "emulated"\n'
VARIABLES = {"CROSSWHEEL_ENGINE": "cross", "CROSSWHEEL_SOURCE": "host"}


@pytest.mark.parametrize(
    ("text", "environ", "flags", "engine", "source"),
    [
        ("", {}, Flags(), ("auto", "--engine"), "auto"),
        (TABLE, {}, Flags(), ("hybrid", "tool.crosswheel.engine"), "debian"),
        (TABLE + OVERRIDE, {}, Flags(), ("emulated", "tool.crosswheel.overrides[0].engine"), "debian"),
        (TABLE + OVERRIDE, VARIABLES, Flags(), ("cross", "CROSSWHEEL_ENGINE"), "host"),
        (TABLE, {"CROSSWHEEL_ENGINE": "", "CROSSWHEEL_SOURCE": ""}, Flags(),
         ("hybrid", "tool.crosswheel.engine"), "debian"),
        (TABLE + OVERRIDE, VARIABLES, Flags(engine="auto", source="auto"), ("auto", "--engine"), "auto"),
    ],
)  # fmt: skip
def test_a_higher_place_wins(
    tmp_path: Path,
    text: str,
    environ: dict[str, str],
    flags: Flags,
    engine: tuple[str, str],
    source: str,
) -> None:
    found = load(tmp_path, text, environ, flags)
    assert (found.engine_for(ID), found.source) == (engine, source)


def test_an_override_is_for_the_identifiers_that_it_selects(tmp_path: Path) -> None:
    found = load(tmp_path, TABLE + OVERRIDE)
    assert found.engine_for("cp311-manylinux_s390x")[0] == "hybrid"
    assert [(place, str(select)) for place, select in found.selects] == [
        ("tool.crosswheel.overrides[0].select", "*aarch64")
    ]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('engine = "crss"', "tool.crosswheel.engine: is 'crss', which is not known (did you mean cross?)"),
        ("engine = 1", "tool.crosswheel.engine: is an integer where a string is wanted"),
        ('source = "network"', "tool.crosswheel.source: is 'network', which is not known (one of auto, host,"),
        ('cache = ""', "tool.crosswheel.cache: is '', which is no path"),
        ('cache = "~no-such-user-here/x"', "tool.crosswheel.cache: is '~no-such-user-here/x', and the home"),
        ('egine = "x"', "tool.crosswheel.egine: is not an option of crosswheel (did you mean engine?)"),
        ("jobs = 0", "tool.crosswheel.jobs: is '0', which is no number of jobs (write 1 or more, or auto)"),
        ("jobs = true", "tool.crosswheel.jobs: is a boolean where a string is wanted"),
        ('memory = "5k"', "tool.crosswheel.memory: is '5k', less than any build needs (write 100M or more)"),
        ('memory = "much"', "tool.crosswheel.memory: is 'much', which is no size (write 4G or 500M)"),
        ('time-limit = "0"', "tool.crosswheel.time-limit: is '0', which is no time (write 30m, 90s or 2h)"),
        ('time-limit = "soon"', "tool.crosswheel.time-limit: is 'soon', which is no time (write 30m, 90s"),
        ("skip = 1", "tool.crosswheel.skip: is an option of cibuildwheel (set it in tool.cibuildwheel)"),
        ("overrides = 1", "tool.crosswheel.overrides: is an integer where a list of tables is wanted"),
        ("overrides = [1]", "tool.crosswheel.overrides[0]: is an integer where a table is wanted"),
        ('overrides = [{ select = "{*" }]', "tool.crosswheel.overrides[0].select: has the pattern"),
        ('overrides = [{ select = "*", source = "host" }]',
         "tool.crosswheel.overrides[0].source: may not stand here (set it in tool.crosswheel)"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_told_by_its_place(tmp_path: Path, lines: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, own(lines))
    first = caught.value.faults[0]
    assert f"{first.place}: {first.problem} ({first.hint})".startswith(fault)
    assert first.where.endswith("pyproject.toml:2")


def test_a_wrong_variable_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, environ={"CROSSWHEEL_ENGINE": "nativ"})
    assert str(caught.value) == "CROSSWHEEL_ENGINE: is 'nativ', which is not known"


def test_the_table_itself_may_be_wrong(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, 'tool.crosswheel = "fast"\n')
    assert str(caught.value) == "tool.crosswheel: is a string where a table is wanted"


def test_the_cache_is_relative_to_the_file_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    load(tmp_path, own('cache = "parts"'))
    (tmp_path / "ci.toml").write_text(own('cache = "~/parts"'))
    assert config.cache_of(tmp_path, config_file=None) == tmp_path / "parts"
    assert config.cache_of(tmp_path, config_file="{package}/ci.toml") == Path("/home/someone/parts")


@pytest.mark.parametrize("text", ["", own("cache = 3"), "[tool", "tool = 1"])
def test_a_cache_that_is_not_named_or_wrong_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert config.cache_of(tmp_path, config_file=None) is None


def test_a_project_without_a_file_names_no_cache(tmp_path: Path) -> None:
    assert config.cache_of(tmp_path, config_file=None) is None


def test_the_variable_of_the_cache_wins_over_that_of_cibuildwheel() -> None:
    environ = {"CIBW_CACHE_PATH": "theirs"}
    assert config.switches(environ).cache_path == "theirs"
    assert config.switches({**environ, "CROSSWHEEL_CACHE": "ours"}).cache_path == "ours"


BUDGET = own('jobs = 4\nmemory = "2G"\ntime-limit = "1h"')


@pytest.mark.parametrize(
    ("text", "environ", "flags", "told"),
    [
        ("", {}, Flags(), ("auto", "", "")),
        (BUDGET, {}, Flags(), ("4", "2G", "1h")),
        (BUDGET, {"CROSSWHEEL_JOBS": "2", "CROSSWHEEL_TIME_LIMIT": "30m"}, Flags(), ("2", "2G", "30m")),
        (BUDGET, {"CROSSWHEEL_MEMORY": "4G"}, Flags(jobs="auto", memory="8G"), ("auto", "8G", "1h")),
    ],
)
def test_what_jobs_may_use_is_said_by_the_table_a_variable_or_a_flag(
    tmp_path: Path, text: str, environ: dict[str, str], flags: Flags, told: tuple[str, str, str]
) -> None:
    found = load(tmp_path, text, environ, flags).own
    assert (found.jobs, found.memory, found.time_limit) == told


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (Flags(jobs="0"), "--jobs: is '0', which is no number of jobs"),
        (Flags(jobs="many"), "--jobs: is 'many', which is no number of jobs"),
        (Flags(memory="5k"), "--memory: is '5k', less than any build needs"),
        (Flags(time_limit="soon"), "--time-limit: is 'soon', which is no time"),
    ],
)
def test_a_wrong_flag_is_told_by_its_name(tmp_path: Path, flags: Flags, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, flags=flags)
    assert str(caught.value) == fault


def test_the_machine_itself_is_a_sandbox_that_only_its_user_chooses(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, own('sandbox = "host"'))
    assert str(caught.value.faults[0].problem) == "is 'host', which is for who runs the build to choose"
    for environ, flags in (({"CROSSWHEEL_SANDBOX": "host"}, Flags()), ({}, Flags(sandbox="host"))):
        found = load(tmp_path, own('sandbox = "container"'), environ, flags)
        place = "CROSSWHEEL_SANDBOX" if environ else "--sandbox"
        assert (found.sandbox, found.sandbox_place, found.source) == ("host", place, "host")


def test_commands_on_the_machine_itself_have_no_other_source(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, TABLE, {}, Flags(sandbox="host"))
    (fault,) = caught.value.faults
    assert (fault.place, fault.hint) == (
        "tool.crosswheel.source",
        "give --source host, or take another --sandbox",
    )
    assert load(tmp_path, TABLE, {}, Flags(sandbox="host", source="host")).source == "host"
