"""``crosswheel inspect`` and ``crosswheel certify`` from the command line: what is refused, and exit codes."""

import json
from pathlib import Path

import pytest
from elf_maker import make_elf, make_wheel

from crosswheel.cli import run
from crosswheel.provision import published

NAME = "demo-1.0-cp311-cp311-manylinux_2_17_aarch64.whl"
MODULE = "demo/_fast.cpython-311-aarch64-linux-gnu.so"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return make_wheel(tmp_path / "mine", NAME, {MODULE: make_elf(defined=["PyInit__fast"])})


@pytest.fixture
def other(tmp_path: Path) -> Path:
    files = {MODULE: make_elf(defined=["PyInit__fast"]), "demo/data.json": b"{}"}
    return make_wheel(tmp_path / "other", NAME, files)


def test_one_wheel(wheel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(wheel)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("demo 1.0\n  tags       cp311-cp311-manylinux_2_17_aarch64\n")
    assert out.endswith("no problem was found\n")
    assert err == ""


def test_two_wheels(wheel: Path, other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(wheel), str(wheel)]) == 0
    assert capsys.readouterr().out.endswith("nothing that matters to a user differs\n")
    assert run(["inspect", str(wheel), str(other)]) == 1
    assert "  - only the other has demo/data.json\n" in capsys.readouterr().out


def test_two_wheels_for_programs(wheel: Path, other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", "--json", str(wheel), str(other)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["wheel"]["filename"] == found["other"]["filename"] == NAME
    assert [difference["kind"] for difference in found["differences"]] == ["files"]


def test_the_published_wheel(
    wheel: Path, other: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(published, "published_wheel", lambda *_: other)
    assert run(["inspect", str(wheel), "--published"]) == 1
    assert "only the published one has demo/data.json" in capsys.readouterr().out


def test_no_published_wheel(
    wheel: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(published, "published_wheel", lambda *_: None)
    assert run(["inspect", str(wheel), "--published"]) == 2
    assert capsys.readouterr().err == (
        "crosswheel: error: --published: the package index has no wheel of demo 1.0 for"
        " cp311-cp311-manylinux_2_17_aarch64\n"
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("missing-1.0-py3-none-any.whl", "cannot be read: No such file or directory"),
        ("README.md", "README.md is not the name of a wheel (PEP 427)"),
    ],
)
def test_what_is_no_wheel(name: str, sentence: str, wheel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([name], [str(wheel), name]):
        assert run(["inspect", *arguments]) == 2
        assert capsys.readouterr().err == f"crosswheel: error: {name}: {sentence}\n"


def test_published_and_another_wheel_are_one_too_many(
    wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["inspect", str(wheel), str(wheel), "--published"]) == 2
    assert "--published: takes the place of OTHER" in capsys.readouterr().err


def test_certify_wants_one_wheel_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["certify"]) == 2
    assert capsys.readouterr().err == (
        "crosswheel: error: --only: is missing: it names the one wheel to build twice\n"
    )


def test_certify_has_no_engine_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["certify", "--engine", "cross"]) == 2
    assert "--engine" in capsys.readouterr().err


def test_certify_refuses_engines_that_cannot_be_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'a'\nversion = '1'\n")
    only = ["--only", "cp311-manylinux_aarch64", "--cache-dir", str(tmp_path / "cache")]
    assert run(["certify", *only, "--engines", "cross,native", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        "crosswheel: error: --engines: is 'cross,native', which is not two different engines for aarch64"
        " (two of cross, hybrid, hybrid-gcc, emulated, by a comma)\n"
    )
