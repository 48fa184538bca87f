"""The command line where a CI service runs it."""

import io
from pathlib import Path

import pytest

from crosswheel.cli import run, step_summary
from crosswheel.cli.output import show, warn, watch
from crosswheel.model import Outcome, Wheel
from crosswheel.report.plain import PlainReporter
from crosswheel.report.terminal import TerminalReporter

PROJECT = '[project]\nname = "a"\nversion = "1"\n[tool.cibuildwheel]\nbuild = "cp311-manylinux_x86_64"\n'


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def outcome(directory: Path) -> Outcome:
    path = directory / "a-1-cp311-cp311-manylinux_2_17_aarch64.whl"
    path.write_bytes(b"wheel")
    return Outcome("cp311-manylinux_aarch64", "cross", Wheel(path, 5, "manylinux_2_17", "0123abcd"), None)


def test_a_wrong_mode_is_a_fault_with_the_nearest_name_among_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    monkeypatch.setenv("CIBW_LOG_FOLD_MODE", "gihub")
    monkeypatch.setenv("CIBW_ARCHS", "arm")
    assert run(["build", "--print-build-identifiers", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert (
        "crosswheel: error: CIBW_LOG_FOLD_MODE: 'gihub' is not one of azure, github, gitlab, travis, disabled"
        " (did you mean github?)\n" in err
    )
    assert "crosswheel: error: CIBW_ARCHS: " in err


@pytest.mark.parametrize("mode", ["azure", "github", "gitlab", "travis", "disabled", ""])
def test_every_mode_is_taken_without_a_warning(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    monkeypatch.setenv("CIBW_LOG_FOLD_MODE", mode)
    assert run(["build", "--print-build-identifiers", str(tmp_path)]) == 0
    assert capsys.readouterr() == ("cp311-manylinux_x86_64\n", "")


def test_an_error_of_the_whole_run_is_an_annotation_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run(["biuld"]) == 2
    assert capsys.readouterr().err == (
        "crosswheel: error: biuld: is not a command (did you mean build?)\n"
        "::error title=crosswheel::biuld: is not a command (did you mean build?)\n"
    )


def test_a_name_in_an_error_is_no_command_to_the_service(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run(["##[add-mask]a"]) == 2
    text, annotation = capsys.readouterr().err.splitlines()
    assert "# #[add-mask]a" in text
    assert annotation.startswith("::error title=crosswheel::")


def test_a_warning_of_a_command_is_marked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    warn("it rains")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    warn("it rains")
    assert capsys.readouterr().err == "crosswheel: warning: it rains\n::warning::it rains\n"


def test_a_result_for_people_is_harmless_only_where_a_service_reads_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    show("##[error]x\n  ::error::y")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    show("##[error]x\n  ::error::y")
    assert capsys.readouterr().out == "##[error]x\n  ::error::y\n# #[error]x\n  : :error::y\n"


@pytest.mark.parametrize(
    ("stream", "environ", "kind", "folds"),
    [
        (Terminal, {}, TerminalReporter, False),
        (Terminal, {"GITHUB_ACTIONS": "true"}, TerminalReporter, False),
        (Terminal, {"GITHUB_ACTIONS": "true", "CI": "true"}, PlainReporter, False),
        (Terminal, {"CIBW_LOG_FOLD_MODE": "github"}, PlainReporter, True),
        (io.StringIO, {}, PlainReporter, False),
        (io.StringIO, {"GITHUB_ACTIONS": "true"}, PlainReporter, True),
    ],
)
def test_a_person_on_a_terminal_sees_no_groups(
    stream: type[io.StringIO], environ: dict[str, str], kind: type, folds: bool
) -> None:
    reporter = watch(stream(), environ, verbose=False)
    assert isinstance(reporter, kind)
    assert (getattr(reporter, "_dialect", None) is not None) == folds


def test_the_summary_of_the_step_is_added_to_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary.md"
    file.write_text("from another command")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    step_summary.append((outcome(tmp_path),), 4.0)
    text = file.read_text()
    assert text.startswith("from another command\n### crosswheel\n")
    assert "| 0.0 s | `0123abcd` |\n\n1 wheel after 4.0 s\n" in text


def test_without_the_variable_no_summary_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "")
    step_summary.append((outcome(tmp_path),), 4.0)
    assert [path.suffix for path in tmp_path.iterdir()] == [".whl"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["missing/summary.md", "."])
def test_a_summary_that_cannot_be_written_is_a_warning(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / name))
    step_summary.append((outcome(tmp_path),), 4.0)
    assert capsys.readouterr().err.startswith(
        f"crosswheel: warning: the summary of this step is not written: {tmp_path / name}: "
    )
