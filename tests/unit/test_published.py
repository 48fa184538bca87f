"""The wheel that a project publishes is asked for by the tags of another one."""

from pathlib import Path

import pytest
from packaging.tags import Tag, parse_tag

from crosswheel.errors import ProvisionError
from crosswheel.provision.published import _environment, _has_none, _wanted, published_wheel


def options(tag: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    words = [str(word) for word in _wanted(tuple(parse_tag(tag)))]
    for word in words:
        if word.startswith("--"):
            key = word
            found.setdefault(key, [])
        else:
            found[key].append(word)
    return found


def test_any_policy_of_the_same_platform_serves() -> None:
    found = options("cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64")
    assert found["--python-version"] == ["3.11"]
    assert found["--abi"] == ["cp311", "abi3", "none"]
    assert {"manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"} <= set(
        found["--platform"]
    )
    assert found["--platform"].index("manylinux_2_34_aarch64") < found["--platform"].index(
        "manylinux_2_17_aarch64"
    )


@pytest.mark.parametrize(
    ("tag", "name", "expected"),
    [
        ("cp314-cp314t-manylinux_2_28_x86_64", "--abi", ["cp314t", "none"]),
        ("cp36-abi3-manylinux_2_28_x86_64", "--abi", ["abi3", "none"]),
        ("py2.py3-none-manylinux1_i686", "--implementation", ["cp"]),
        ("pp311-pypy311_pp73-manylinux_2_28_x86_64", "--implementation", ["pp"]),
        ("cp311-cp311-musllinux_1_2_aarch64", "--platform",
         ["musllinux_1_3_aarch64", "musllinux_1_2_aarch64", "musllinux_1_1_aarch64", "musllinux_1_0_aarch64"]),
        ("py3-none-any", "--platform", ["any"]),
    ],
)  # fmt: skip
def test_what_pip_is_asked_for(tag: str, name: str, expected: list[str]) -> None:
    assert options(tag)[name] == expected


def test_an_index_that_only_uv_is_told_of_serves_pip_too() -> None:
    assert _environment({"UV_DEFAULT_INDEX": "a"}) == {"UV_DEFAULT_INDEX": "a", "PIP_INDEX_URL": "a"}
    assert _environment({"UV_DEFAULT_INDEX": "a", "PIP_INDEX_URL": "b"})["PIP_INDEX_URL"] == "b"


def test_only_an_index_that_answered_has_none() -> None:
    """The lines are pip's."""
    none = (
        "ERROR: Could not find a version that satisfies the requirement x==9 (from versions: none)",
        "ERROR: No matching distribution found for x==9",
    )
    broken = (
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/x/"
    )
    assert _has_none(none)
    assert not _has_none((broken, *none))
    assert not _has_none(("ERROR: something else",))


@pytest.mark.network
def test_the_published_wheel_is_fetched_where_there_is_one(tmp_path: Path) -> None:
    tags = [Tag("cp311", "cp311", "manylinux_2_17_aarch64")]
    wheel = published_wheel("markupsafe", "3.0.2", tags, tmp_path / "a")
    assert wheel is not None
    assert wheel.name.startswith("MarkupSafe-3.0.2-cp311-cp311-manylinux_2_17_aarch64")
    assert published_wheel("markupsafe", "99.0", tags, tmp_path / "b") is None


def test_an_index_that_cannot_be_reached_is_no_missing_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple/")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    with pytest.raises(ProvisionError, match="the published wheel of markupsafe"):
        published_wheel("markupsafe", "3.0.2", [Tag("cp311", "cp311", "linux_aarch64")], tmp_path / "a")
