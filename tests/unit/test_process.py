"""``crosswheel.process``: output, ends, and nothing left behind."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel import process

SOURCE = Path(process.__file__).parents[1]


def shell(command: str, **options: object) -> process.Completed:
    return process.run(["sh", "-c", command], capture=True, **options)  # type: ignore[arg-type]


def python(code: str, **options: object) -> process.Completed:
    return process.run([sys.executable, "-c", code], capture=True, **options)  # type: ignore[arg-type]


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.01)
    return True


def alive(pid: int) -> bool:
    """Whether a process still runs (a zombie that its parent has not reaped does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


# --- output


def test_output_is_kept_only_when_it_is_asked_for() -> None:
    assert process.run(["echo", "hello"]).output == ""
    assert process.run(["echo", "hello"], capture=True).output == "hello"


def test_a_last_line_without_an_end_is_a_line_all_the_same() -> None:
    lines: list[str] = []
    assert shell("printf 'one\\ntwo'", on_line=lines.append).output == "one\ntwo"
    assert lines == ["one", "two"]


def test_empty_lines_are_lines() -> None:
    assert shell("printf '\\n\\na\\n\\n'").output == "\n\na\n"


def test_standard_error_joins_standard_output_in_order() -> None:
    assert shell("echo 1; echo 2 >&2; echo 3").output == "1\n2\n3"


def test_standard_error_is_left_out_of_the_output_but_not_of_the_log() -> None:
    log = io.StringIO()
    done = shell("echo out; echo err >&2", stdout_only=True, log=log)
    assert done.output == "out"
    assert sorted(log.getvalue().splitlines()) == ["err", "out"]
    assert set(done.tail) == {"out", "err"}


def test_of_a_progress_bar_only_what_it_ended_on_is_shown() -> None:
    assert shell("printf '10%%\\r50%%\\r100%%\\r\\n'").output == "100%"


def test_bytes_that_are_no_text_do_not_stop_the_program() -> None:
    done = python("import sys; sys.stdout.buffer.write(bytes(range(256)) * 100)")
    assert done.returncode == 0
    assert "\ufffd" in done.output


def test_characters_of_several_bytes_are_whole_though_they_come_in_pieces() -> None:
    code = (
        "import os,time; [(os.write(1, bytes([b])), time.sleep(0.01)) for b in 'ä\u20ac\U0001f3a1'.encode()]"
    )
    assert python(code).output == "ä\u20ac\U0001f3a1"


def test_a_hundred_thousand_lines_come_out_and_the_last_ones_are_the_tail() -> None:
    done = python("for i in range(100_000): print(i)")
    assert done.output.count("\n") == 99_999
    assert done.tail == tuple(str(number) for number in range(100_000 - process.TAIL_LINES, 100_000))


def test_one_line_of_forty_megabytes_takes_seconds_not_minutes() -> None:
    done = python("import sys; sys.stdout.write('x' * 40_000_000)")
    assert len(done.output) == 40_000_000
    assert done.seconds < 20


def test_lines_come_while_the_program_runs() -> None:
    seen: list[float] = []
    done = shell("echo now; sleep 0.5", on_line=lambda _: seen.append(time.monotonic()))
    assert time.monotonic() - seen[0] > 0.3
    assert done.returncode == 0


def test_standard_input_is_empty() -> None:
    assert shell("cat; echo end").output == "end"


# --- the end


def test_the_status_of_a_program_is_told() -> None:
    assert shell("exit 42").returncode == 42


def test_a_program_that_a_signal_ended_has_a_negative_status() -> None:
    assert shell("kill -SEGV $$").returncode == -signal.SIGSEGV


def test_a_program_that_is_missing_is_an_error_not_a_status() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        process.run(["no-such-program"])
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        process.run(["/nonexistent/no-such-program"], env={})


def test_a_program_is_looked_for_on_the_path_of_its_own_environment(tmp_path: Path) -> None:
    tool = tmp_path / "our-tool"
    tool.write_text("#!/bin/sh\necho found\n")
    tool.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    assert process.run(["our-tool"], env=environment, capture=True).output == "found"


def test_cpu_and_memory_of_children_are_counted() -> None:
    done = shell(f"{sys.executable} -c 'x = bytearray(150_000_000); sum(range(6_000_000))'")
    assert done.peak > 150_000_000
    assert done.cpu > 0.05
    assert done.seconds > 0


def test_the_environment_is_what_is_given_however_strange() -> None:
    environment = {
        "PATH": os.defpath,
        "EMPTY": "",
        "LINES": "a\nb",
        "EQUALS": "a=b",
        "BYTES": "\udcff",
        "ä": "ö",
    }
    done = process.run(["env", "-0"], env=environment, capture=True)
    got = dict(entry.split("=", 1) for entry in done.output.rstrip("\0").split("\0"))
    assert got == {**environment, "BYTES": "\ufffd"}


def test_a_silent_daemon_that_holds_the_output_is_not_waited_for() -> None:
    started = time.monotonic()
    done = shell("printf 'no end'; setsid sleep 30 & exit 3")
    assert (done.returncode, done.output) == (3, "no end")
    assert time.monotonic() - started < 10


def test_a_daemon_that_never_stops_talking_is_not_waited_for() -> None:
    started = time.monotonic()
    done = shell("setsid sh -c 'while echo chatter; do :; done' & sleep 0.2; exit 3")
    assert done.returncode == 3
    assert time.monotonic() - started < 10


def test_all_that_was_written_before_the_end_is_read_though_a_daemon_holds_the_output() -> None:
    done = python(
        "import subprocess, sys, os\n"
        "subprocess.Popen(['setsid', 'sleep', '30'])\n"
        "os.write(1, b'x' * 60_000 + b'\\nlast')\n"
    )
    assert done.tail[-1] == "last"
    assert len(done.tail[0]) == 60_000


def test_children_left_in_the_session_end_with_the_program() -> None:
    pid = int(shell("sleep 60 & echo $!").output)
    assert eventually(lambda: not alive(pid))


def test_nothing_is_left_of_a_run_that_on_line_ended() -> None:
    before = descriptors()
    pids: list[int] = []

    def refuse(text: str) -> None:
        pids.append(int(text))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.run(["sh", "-c", "sleep 60 & echo $!; wait"], on_line=refuse)
    assert eventually(lambda: not alive(pids[0]))
    assert descriptors() == before


def test_no_descriptor_is_left_open_after_many_runs() -> None:
    before = descriptors()
    for _ in range(20):
        process.run(["true"], capture=True, stdout_only=True)
    with pytest.raises(FileNotFoundError):
        process.run(["no-such-program"])
    assert descriptors() == before


def test_a_child_gets_the_descriptors_it_is_given_and_no_others(tmp_path: Path) -> None:
    with (tmp_path / "a").open("w") as given, (tmp_path / "b").open("w") as other:
        os.set_inheritable(other.fileno(), True)
        done = process.run(["ls", "/proc/self/fd"], capture=True, pass_fds=(given.fileno(),))
        # ls itself opens the directory.
        assert {"0", "1", "2", str(given.fileno())} <= set(done.output.split())
        assert str(other.fileno()) not in done.output.split()


def start(code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


RUNNER = """
    from crosswheel import process
    process.run(["sh", "-c", "echo $$; exec sleep 60"], on_line=lambda line: print(line, flush=True))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_program_ends_with_the_process_that_runs_it(how: signal.Signals) -> None:
    with start(RUNNER) as runner:
        assert runner.stdout is not None
        pid = int(runner.stdout.readline())
        assert alive(pid)
        runner.send_signal(how)
        runner.wait()
        assert eventually(lambda: not alive(pid))


def test_no_zombie_is_left() -> None:
    process.run(["true"])
    shell("sleep 0.01 & exit 0")
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


# --- programs that have little to do


def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="sh"):
        process.briefly(["sh", "-c", f"echo $$ > {tmp_path}/pid; sleep 100"], within=0.5)
    assert not alive(int((tmp_path / "pid").read_text()))


def test_a_program_that_ends_in_time_gives_its_output() -> None:
    done = process.briefly(["sh", "-c", "echo one; exit 3"], within=20)
    assert (done.returncode, done.output) == (3, "one")


def test_what_the_kernel_cannot_run_is_an_error_where_no_shell_may_try_it(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("exit 0")
    script.chmod(0o755)
    assert process.run([script]).returncode == 0
    with pytest.raises(OSError, match="Exec format error"):
        process.run([script], guarded=False)


def test_a_program_that_takes_longer_than_the_block_has_is_killed_with_its_children(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(process.OverdueError), process.within(0.3):
        shell(f"sleep 61 & echo $! > {tmp_path}/child; exec sleep 60")
    assert time.monotonic() - started < 5
    child = int((tmp_path / "child").read_text())
    assert eventually(lambda: not alive(child))


def test_a_program_that_has_closed_its_output_is_overdue_too() -> None:
    with pytest.raises(process.OverdueError), process.within(0.3):
        shell("exec >&- 2>&-; sleep 60")


def test_all_programs_of_a_block_share_its_time() -> None:
    with pytest.raises(process.OverdueError), process.within(0.5):
        for _ in range(10):
            shell("sleep 0.2")


def test_a_block_inside_another_has_no_more_time_than_that() -> None:
    with pytest.raises(process.OverdueError), process.within(0.2), process.within(60):
        shell("sleep 60")


def test_after_the_block_a_program_has_as_long_as_it_takes() -> None:
    with process.within(0.05):
        pass
    assert shell("sleep 0.2").returncode == 0


def test_another_thread_may_end_the_programs_of_a_block() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()
    with pytest.raises(process.OverdueError), process.within(60, stop), process.within(60):
        shell("sleep 60")
    assert time.monotonic() - started < 5
