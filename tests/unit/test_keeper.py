"""A command on the machine itself ends with all that it started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crosswheel.provision.sandboxes import keeper

KEEPER = [sys.executable, "-I", "-S", keeper.__file__]
DAEMON = "setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $!"


def ends(pid: int, within: float = 5.0) -> bool:
    """Whether a process ends in this many seconds."""
    deadline = time.monotonic() + within
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137)])
def test_the_status_is_that_of_the_command(script: str, status: int) -> None:
    assert subprocess.run([*KEEPER, "/bin/sh", "-c", script], check=False).returncode == status


def test_a_daemon_ends_with_its_command() -> None:
    done = subprocess.run([*KEEPER, "/bin/sh", "-c", DAEMON], check=True, capture_output=True, text=True)
    assert ends(int(done.stdout))


def test_all_ends_where_the_keeper_is_killed_with_its_session() -> None:
    script = f"{DAEMON}; echo $$; sleep 1000"
    with subprocess.Popen(
        [*KEEPER, "/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        daemon, shell = int(process.stdout.readline()), int(process.stdout.readline())
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(5) == -signal.SIGKILL
        assert ends(daemon)
        assert ends(shell)


def test_a_signal_that_asks_to_end_is_the_commands_to_answer() -> None:
    script = "trap 'exit 5' TERM; trap 'echo heard' INT; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen([*KEEPER, "/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "heard\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 5


def test_the_environment_is_the_one_given_and_signals_are_as_usual() -> None:
    done = subprocess.run(
        [*KEEPER, "/bin/sh", "-c", "env -u PWD; grep SigIgn /proc/self/status"],
        check=True,
        capture_output=True,
        text=True,
        env={"A": "b=c", "PATH": "/usr/bin"},
    )
    *variables, ignored = done.stdout.splitlines()
    assert {line for line in variables if not line.startswith(("_=", "OLDPWD=", "SHLVL="))} == {
        "A=b=c",
        "PATH=/usr/bin",
    }
    # As of a program that no keeper started: whoever runs the tests may ignore some.
    usual = subprocess.run(
        ["grep", "SigIgn", "/proc/self/status"], check=True, capture_output=True, text=True
    )
    assert ignored == usual.stdout.strip()
