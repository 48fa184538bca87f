"""``crosswheel.process.attach``: a program with this process's terminal, or with its pipes."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from terminal import Terminal

from crosswheel import process

SOURCE = Path(process.__file__).parents[1]


def runner(*argv: str) -> list[str]:
    """A process that attaches a program, says how it ended, and ends."""
    code = f"""
        import sys
        from crosswheel import process
        code = process.attach({list(argv)!r})
        print("status", code, flush=True)
    """
    return [sys.executable, "-c", textwrap.dedent(code)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE)}


def at_terminal(*argv: str, size: tuple[int, int] = (24, 80)) -> Terminal:
    return Terminal(runner(*argv), env=environment(), cwd=Path("/"), size=size)


def piped(*argv: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        runner(*argv), env=environment(), input=typed, capture_output=True, text=True, timeout=30, check=False
    )


# --- without a terminal


def test_standard_input_output_and_error_are_the_programs_own() -> None:
    done = piped("sh", "-c", "tr a-z A-Z; echo wrong >&2; exit 3", typed="hello\n")
    assert (done.stdout, done.stderr) == ("HELLO\nstatus 3\n", "wrong\n")


def test_bytes_go_through_as_they_are() -> None:
    done = subprocess.run(
        runner("cat"), env=environment(), input=bytes(range(256)), capture_output=True, timeout=30, check=True
    )
    assert done.stdout == bytes(range(256)) + b"status 0\n"


def test_a_status_is_negative_for_a_signal() -> None:
    assert piped("sh", "-c", "kill -SEGV $$").stdout == f"status {-signal.SIGSEGV}\n"


def test_a_missing_program_is_an_error() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        process.attach(["no-such-program"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT])
def test_a_signal_is_the_programs_to_answer(number: signal.Signals) -> None:
    trap = f"trap 'echo told; exit 7' {number.name.removeprefix('SIG')}; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen(
        runner("sh", "-c", trap), env=environment(), stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        run.send_signal(number)
        assert run.stdout.read() == "told\nstatus 7\n"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_program_ends_with_the_process_that_it_is_attached_to(number: signal.Signals) -> None:
    with subprocess.Popen(
        runner("sh", "-c", "echo $$; exec sleep 60"), env=environment(), stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        run.send_signal(number)
        run.wait(10)
        limit = time.monotonic() + 5
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < limit
            time.sleep(0.01)


# --- at a terminal


def test_a_program_at_a_terminal_has_one_for_all_three() -> None:
    with at_terminal("sh", "-c", "test -t 0 && test -t 1 && test -t 2 && echo all three") as run:
        assert run.end() == 0
        assert run.seen == "all three\nstatus 0\n"


def test_what_is_typed_is_read_and_echoed_once() -> None:
    with at_terminal("sh", "-c", "echo name?; read name; echo hello $name") as run:
        run.expect("name\\?\n")
        run.type("you\n")
        assert run.end() == 0
        assert run.seen == "you\nhello you\nstatus 0\n"


def test_the_terminal_is_as_it_was_afterwards() -> None:
    with at_terminal("sh", "-c", "stty raw -echo; echo raw; read line; exit 5") as run:
        before = run.settings()
        run.expect("raw")
        assert run.settings() != before
        run.type("\n")
        run.expect("status 5\n")
        assert run.settings() == before
        run.end()


def test_the_terminal_is_as_it_was_after_a_signal_too() -> None:
    with at_terminal("sh", "-c", "echo ready; sleep 60") as run:
        before = run.settings()
        run.expect("ready\n")
        run.signal(signal.SIGTERM)
        run.expect("status -15\n")
        assert run.settings() == before
        run.end()


def test_the_size_is_the_terminals_and_follows_it() -> None:
    follows = "stty size; until test \"$(stty size)\" = '50 100'; do sleep 0.05; done; echo followed"
    with at_terminal("sh", "-c", follows, size=(40, 132)) as run:
        run.expect("40 132\n")
        run.resize(50, 100)
        run.expect("followed\n")
        assert run.end() == 0


def test_a_long_paste_into_a_program_that_does_not_read_stops_nothing() -> None:
    code = "import time, tty; tty.setraw(0); print('ready', flush=True); time.sleep(1); print('x' * 200000 + 'end')"
    with at_terminal(sys.executable, "-c", code) as run:
        run.expect("ready")
        for _ in range(30):
            run.type("y" * 1000)
        run.expect("end")
        assert run.end() == 0
        assert run.seen.strip() == "status 0"


def test_only_error_may_go_elsewhere(tmp_path: Path) -> None:
    line = f'{sys.executable} -c "$1" 2> errors'
    argv = ["/bin/sh", "-c", line, "sh", runner("sh", "-c", "echo out; echo err >&2")[2]]
    with Terminal(argv, env=environment(), cwd=tmp_path) as run:
        assert run.end() == 0
        assert run.seen == "out\nstatus 0\n"
    assert (tmp_path / "errors").read_text() == "err\n"
