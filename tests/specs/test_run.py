"""``crosswheel run``: any command in a target's root, with the user's terminal and directory."""

import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

import pytest
from harness import Crosswheel, alive, descendants
from terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.network]

ARCH = ["run", "--arch", "aarch64", "--python", "3.11"]


def at_terminal(crosswheel: Crosswheel, *command: str) -> Terminal:
    return Terminal(
        crosswheel.argv(*ARCH, "--", *command),
        env=crosswheel.variables({"TERM": "xterm"}),
        cwd=crosswheel.cwd,
        size=(40, 132),
    )


@pytest.mark.parametrize("name", ["aarch64", "arm64", "linux/arm64", "aarch64-linux-gnu"])
def test_a_program_of_another_architecture(crosswheel: Crosswheel, name: str) -> None:
    result = crosswheel("run", "--arch", name, "--", "uname", "-m")

    assert (result.status, result.out) == (0, "aarch64\n")


def test_python_and_pip_are_the_targets(crosswheel: Crosswheel) -> None:
    code = "import platform, sys; print(platform.machine(), *sys.version_info[:2])"

    assert crosswheel(*ARCH, "python", "-c", code).out == "aarch64 3 11\n"
    assert crosswheel(*ARCH, "pip", "--version").out.endswith(" (python 3.11)\n")


def test_its_own_compiler_compiles_for_it(crosswheel: Crosswheel) -> None:
    (crosswheel.cwd / "hello.c").write_text("int main(void) { return sizeof(void *) + 34; }\n")

    result = crosswheel(*ARCH, "--", "sh", "-c", "gcc -o hello hello.c && ./hello")

    assert result.status == 42
    machine = (crosswheel.cwd / "hello").read_bytes()[18:20]
    assert int.from_bytes(machine, "little") == 183  # EM_AARCH64


def test_the_directory_is_the_users_own_and_all_else_is_gone_afterwards(crosswheel: Crosswheel) -> None:
    crosswheel(*ARCH, "--", "sh", "-c", "pwd > here; touch /usr/there; touch ~/there /tmp/there")

    assert (crosswheel.cwd / "here").read_text() == "/project\n"
    assert (crosswheel.cwd / "here").owner() == Path.home().owner()
    assert crosswheel(*ARCH, "--", "sh", "-c", "ls /usr/there ~/there /tmp/there").status == 2


def test_read_only_keeps_the_directory_as_it_is(crosswheel: Crosswheel) -> None:
    result = crosswheel(*ARCH, "--read-only", "--", "touch", "here")

    assert (result.status, result.err) == (1, "touch: cannot touch 'here': Read-only file system\n")
    assert list(crosswheel.cwd.iterdir()) == []


def test_variables_come_in_by_name_alone(crosswheel: Crosswheel) -> None:
    result = crosswheel(
        *ARCH, "--env", "PASSED", "--env", "SET=a b", "--", "sh", "-c", 'echo "$PASSED,$SET,$SECRET"',
        env={"PASSED": "yes", "SECRET": "no"},
    )  # fmt: skip

    assert result.out == "yes,a b,\n"


def test_standard_input_output_and_error_are_its_own(crosswheel: Crosswheel) -> None:
    done = subprocess.run(
        crosswheel.argv(*ARCH, "--", "sh", "-c", "cat; echo wrong >&2; exit 3"),
        input=bytes(range(256)), capture_output=True, cwd=crosswheel.cwd, env=crosswheel.variables({}), check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (3, bytes(range(256)), b"wrong\n")


def test_a_signal_gives_128_and_its_number(crosswheel: Crosswheel) -> None:
    assert crosswheel(*ARCH, "--", "sh", "-c", "kill -TERM $$").status == 143


def test_a_command_that_is_missing_gives_127(crosswheel: Crosswheel) -> None:
    result = crosswheel(*ARCH, "--", "no-such-command")

    assert result.status == 127
    assert (
        result.err
        == """\
crosswheel: error: there is no command no-such-command for aarch64 with Python 3.11
  next: name one that is there: python, pip, gcc, sh, apt-get, or a file of the project as ./NAME
"""
    )


def test_a_command_that_itself_says_127_is_left_alone(crosswheel: Crosswheel) -> None:
    result = crosswheel(*ARCH, "--", "sh", "-c", "exit 127")

    assert (result.status, result.err) == (127, "")


def test_wrong_options_are_told_together(crosswheel: Crosswheel) -> None:
    result = crosswheel("run", "--arch", "arm64", "--env", "NOT_SET_HERE", "--env", "=x", "--", "true")

    assert (result.status, result.out) == (2, "")
    assert (
        result.err
        == """\
crosswheel: error: --env: NOT_SET_HERE is not set here (set it there by --env NOT_SET_HERE=VALUE)
crosswheel: error: --env: is '=x' (as NAME, or NAME=VALUE)
"""
    )


@pytest.mark.parametrize(
    ("args", "err"),
    [
        (["--arch", "arm65", "true"], "arm65: is not an architecture (did you mean arm64?)\n"),
        (["true"], "--arch: is missing\n  next: crosswheel run --help lists what it takes\n"),
        (["--arch", "arm64"], "COMMAND: is missing\n  next: crosswheel run --help lists what it takes\n"),
        (
            ["--arch", "arm64", "--python", "311", "true"],
            "--python: is '311', which names no Python (as 3.11 or cp311)\n",
        ),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(crosswheel: Crosswheel, args: list[str], err: str) -> None:
    result = crosswheel("run", *args)

    assert (result.status, result.err) == (2, f"crosswheel: error: {err}")


# --- at a terminal


def test_a_session_with_python(crosswheel: Crosswheel) -> None:
    with at_terminal(crosswheel, "python") as run:
        run.expect(">>> ")
        run.type("import os, time; print(os.get_terminal_size())\n")
        run.expect(r"columns=132, lines=40\)\n>>> ")
        run.type("time.sleep(60)\n")
        time.sleep(0.5)
        run.type("\x03")
        run.expect("KeyboardInterrupt\n>>> ")
        run.type("exit(4)\n")
        assert run.end() == 4


def test_a_shell_has_job_control(crosswheel: Crosswheel) -> None:
    with at_terminal(crosswheel, "bash", "--norc") as run:
        run.expect("# ")
        run.type("sleep 60\n")
        time.sleep(0.5)
        run.type("\x1a")
        run.expect(r"\[1\]\+  Stopped +sleep 60\n")
        run.type("kill %1; exit 3\n")
        run.expect("There are stopped jobs|exit\n")
        run.type("exit 3\n")
        assert run.end() == 3


def test_ctrl_c_ends_what_runs_and_the_terminal_is_as_it_was(crosswheel: Crosswheel) -> None:
    with at_terminal(crosswheel, "sh", "-c", "stty raw isig -echo; echo ready; sleep 60") as run:
        before = run.settings()
        run.expect("ready")
        assert run.settings() != before
        time.sleep(1)  # until sleep runs: a signal amid QEMU's fork is lost
        run.type("\x03")
        assert run.end() == 130
        assert run.settings() == before


def test_nothing_is_shown_but_what_the_program_writes(crosswheel: Crosswheel) -> None:
    with at_terminal(crosswheel, "echo", "hello") as run:
        assert run.end() == 0
        assert run.seen == "hello\n"


# --- how it ends


def started(crosswheel: Crosswheel, line: str) -> "subprocess.Popen[str]":
    run = subprocess.Popen(
        crosswheel.argv(*ARCH, "--", "sh", "-c", line),
        cwd=crosswheel.cwd,
        env=crosswheel.variables({}),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "ready\n"
    return run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT])
def test_a_signal_is_the_programs_to_answer(crosswheel: Crosswheel, number: signal.Signals) -> None:
    name = number.name.removeprefix("SIG")
    line = f"trap 'echo told; exit 7' {name}; echo ready; while :; do sleep 0.1; done"
    with started(crosswheel, line) as run:
        run.send_signal(number)
        assert run.stdout is not None
        assert run.stdout.read() == "told\n"
        assert run.wait(20) == 7


@pytest.mark.parametrize(("number", "status"), [(signal.SIGHUP, 129), (signal.SIGKILL, -9)])
def test_nothing_outlives_it(crosswheel: Crosswheel, number: signal.Signals, status: int) -> None:
    mark = f"mark-{uuid.uuid4().hex}"
    with started(crosswheel, f"touch /tmp/{mark}; setsid sleep 61 & echo ready; sleep 62") as run:
        assert len(list(crosswheel.cache.glob(f"scratch/*/tmp/{mark}"))) == 1
        below = descendants(run.pid)
        os.kill(run.pid, number)
        assert run.wait(20) == status
    assert alive(below, within=5) == []

    assert crosswheel(*ARCH, "true").status == 0
    assert list(crosswheel.cache.glob(f"scratch/*/tmp/{mark}")) == []
