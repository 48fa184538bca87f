"""What the shell lines of workflows do, with stand-ins for the programs that need a service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ci_examples import DATA, EXAMPLES, Example, each
from test_ci_workflows import load, shell_lines

from crosswheel.cli import run

BIN = Path(sys.executable).parent
# docker runs what comes after the image here; the other programs write down how they were called.
DOCKER = 'while [ "$1" != sh ]; do shift; done; exec "$@"'
CALL = '{ printf "<%s>" "${0##*/}" "$@"; echo; } >>"$CALLS"'
HOSTED = tuple(example for example in EXAMPLES if example.name.endswith(("-runner", "-qemu")))


@each(EXAMPLES)
def test_bash_can_read_every_line(example: Example) -> None:
    for line in shell_lines(example.service, load(example.written())):
        done = subprocess.run(["bash", "-n", "-c", line], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def script_of(service: str, workflow: str) -> str:
    """The lines that build in a container."""
    return next(line for line in shell_lines(service, yaml.safe_load(workflow)) if "docker run" in line)


@pytest.mark.parametrize("service", ["circleci", "azure"])
@pytest.mark.parametrize("stable", [True, False])
def test_a_container_builds_what_the_job_is_told(
    service: str,
    stable: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    package = tmp_path / "my package"
    package.mkdir()
    text = "[tool.cibuildwheel]\nbuild = 'cp31[13]-many*'\narchs = ['aarch64']\n"
    (package / "pyproject.toml").write_text(text + ("# abi3\n" if stable else ""), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["ci", service, "--no-test", "--output", "-", "my package"]) == 0
    script = script_of(service, capsys.readouterr().out)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, body in {
        "docker": DOCKER,
        **dict.fromkeys(("unshare", "python", "crosswheel", "sudo"), CALL),
    }.items():
        (programs / name).write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    env = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "CROSSWHEEL": "crosswheel @ git+https://host.example/x",
        "CROSSWHEEL_CACHE": str(tmp_path / "a cache"),
        "PACKAGE": "my package",
        "BUILD": "cp311-manylinux_aarch64",
    }

    subprocess.run(["bash", "-eo", "pipefail", "-c", script], check=True, cwd=tmp_path, env=env)

    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    only = "" if stable else "<--only><cp311-manylinux_aarch64>"
    assert calls[1:3] == [
        "<python><-m><pip><install><--root-user-action=ignore><crosswheel @ git+https://host.example/x>",
        f"<crosswheel><build>{only}<--no-test><--output-dir><wheelhouse><my package>",
    ]
    assert (tmp_path / "a cache").is_dir()
    passed = script.partition("python:")[0].split()
    assert ("BUILD" in passed, "CIBW_BUILD" in passed) == (not stable, stable)


@each(HOSTED)
def test_cibuildwheel_takes_its_command_line(example: Example) -> None:
    """And would build what the job is for."""
    lines = [
        line for text in shell_lines(example.service, load(example.written())) for line in text.splitlines()
    ]
    line = next(line for line in lines if "cibuildwheel" in line and "--only" in line)
    script = f'"$0" {line[line.index("--only") :]} --print-build-identifiers'
    env = {**os.environ, "BUILD": "cp313-musllinux_aarch64", "PACKAGE": "."}

    done = subprocess.run(
        ["bash", "-c", script, BIN / "cibuildwheel"],
        check=False,
        cwd=DATA / example.project,
        capture_output=True,
        text=True,
        env=env,
    )

    assert (done.returncode, done.stdout) == (0, "cp313-musllinux_aarch64\n"), done.stderr
