"""``crosswheel shell``: a look around where a wheel is built or tested, before and after it failed."""

import time
from pathlib import Path

import pytest
from harness import Crosswheel, content
from terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.network]

IDENTIFIER = "cp311-manylinux_aarch64"
LEFT = "crosswheel: this is where the {} step failed <time> ago; --fresh begins anew\n"


def at_terminal(crosswheel: Crosswheel, *args: str) -> Terminal:
    env = crosswheel.variables({"TERM": "xterm", "CI": "1"})  # lines, not a live view, while it is made
    return Terminal(crosswheel.argv("shell", IDENTIFIER, *args), env=env, cwd=crosswheel.cwd)


def kept(crosswheel: Crosswheel) -> set[Path]:
    return set((crosswheel.cache / "failed").glob("*"))


# --- a new site


def test_it_is_as_the_build_sees_it(crosswheel: Crosswheel) -> None:
    project = crosswheel.project("c-hello")
    before = content(project)

    result = crosswheel(
        "shell", IDENTIFIER, "c-hello", "--", "sh", "-c",
        'pwd; ls; echo $CC $FLAVOUR; python -c "import setuptools, platform; print(platform.machine())"; touch new;'
        "ls /crosswheel/sysroot/told",
        env={"CIBW_ENVIRONMENT": 'FLAVOUR="$(echo sweet)"', "CIBW_BEFORE_ALL": "touch /told"},
    )  # fmt: skip

    assert result.status == 0, result.err
    assert result.out.split() == [
        "/project", "c_hello.c", "c_hello.egg-info", "pyproject.toml",
        "/crosswheel/bin/cc", "sweet", "aarch64", "/crosswheel/sysroot/told",
    ]  # fmt: skip
    assert content(project) == before


@pytest.mark.parametrize("engine", ["cross", "hybrid"])
def test_the_build_step_can_be_made_again(crosswheel: Crosswheel, engine: str) -> None:
    crosswheel.project("c-hello")

    result = crosswheel(
        "shell", IDENTIFIER, "c-hello", "--engine", engine, "--",
        "sh", "-c", "build-wheel > /dev/null && build-wheel > /dev/null && ls /crosswheel/dist",
    )  # fmt: skip

    assert (result.status, result.out) == (0, "c_hello-1.0-cp311-cp311-linux_aarch64.whl\n"), result.err


def test_the_test_step_is_a_place_of_its_own(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel(
        "shell", IDENTIFIER, "c-hello", "--step", "test", "--", "sh", "-c", "pwd; run-test; run-test",
        env={"CIBW_TEST_COMMAND": "python -c 'import c_hello, os; print(c_hello.__name__, os.uname().machine)'"},
    )  # fmt: skip

    assert result.status == 0, result.err
    assert result.out == "/crosswheel/test\nc_hello aarch64\nc_hello aarch64\n"


def test_the_exit_code_is_the_commands_own_and_127_where_there_is_none(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    assert crosswheel("shell", IDENTIFIER, "c-hello", "--", "sh", "-c", "exit 7").status == 7
    result = crosswheel("shell", IDENTIFIER, "c-hello", "--", "no-such-command")
    assert result.status == 127
    assert "crosswheel: error: there is no command no-such-command for aarch64" in result.err


def test_a_shell_at_a_terminal(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    with at_terminal(crosswheel, "c-hello") as run:
        seen = run.expect(r"\(cp311-manylinux_aarch64\) /project# ")
        assert (
            seen[seen.index("crosswheel: ") :].partition("\x1b")[0]
            == """\
crosswheel: cp311-manylinux_aarch64 by engine cross
  /project             a copy of the project: your own files are not touched
  /crosswheel/env      the build requirements, with the build's python
  /crosswheel/dist     where the build step puts the wheel
  /crosswheel/sysroot  the root of aarch64
  build-wheel          the build step as crosswheel runs it
The test step is elsewhere: crosswheel shell cp311-manylinux_aarch64 c-hello --step test
What you change here is gone when you leave. Leave with exit.
"""
        )
        run.type("sleep 60\n")
        time.sleep(0.5)
        run.type("\x03")
        run.expect("# ")
        run.type("build-wheel && echo built-$?\n")
        run.expect("\nbuilt-0\n")
        run.type("exit 3\n")
        assert run.end() == 3


# --- after a failure


def test_what_a_failed_build_left_is_entered_as_it_was(crosswheel: Crosswheel) -> None:
    crosswheel.project("broken")
    failure = crosswheel("build", "--only", IDENTIFIER, "broken")
    assert f"\n  look around: crosswheel shell {IDENTIFIER} broken\n" in failure.err

    look = crosswheel("shell", IDENTIFIER, "broken", "--", "sh", "-c", "ls; build-wheel")

    assert look.status == 1
    assert look.out.startswith("broken.c\nbroken.egg-info\nbuild\npyproject.toml\nrunning bdist_wheel\n")
    assert LEFT.format("build") in look.err
    assert "broken.c:3:29: error: expected ';' after return statement\n" in look.err

    repair = "sed -i 's/return 42 }/return 42; }/' broken.c && build-wheel > /dev/null"
    assert crosswheel("shell", IDENTIFIER, "broken", "--", "sh", "-c", repair).status == 0
    fresh = crosswheel("shell", IDENTIFIER, "broken", "--fresh", "--", "build-wheel")
    assert fresh.status == 1
    assert "this is where" not in fresh.err


def test_it_is_gone_when_the_wheel_is_built(crosswheel: Crosswheel) -> None:
    project, before = crosswheel.project("broken"), kept(crosswheel)
    crosswheel("build", "--only", IDENTIFIER, "broken")
    assert len(kept(crosswheel) - before) == 2  # the directory and its lock
    crosswheel("build", "--only", IDENTIFIER, "broken")
    assert len(kept(crosswheel) - before) == 2

    code = (project / "broken.c").read_text().replace("return 42 }", "return 42; }")
    (project / "broken.c").write_text(code)
    crosswheel("build", "--only", IDENTIFIER, "broken", "--no-test")

    assert kept(crosswheel) <= before


def test_a_failed_test_leaves_its_own_site(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    env = {"CIBW_TEST_COMMAND": "echo once more; false"}
    crosswheel("build", "--only", IDENTIFIER, "c-hello", env=env)

    test = crosswheel("shell", IDENTIFIER, "c-hello", "--", "sh", "-c", "pwd; run-test", env=env)
    assert (test.status, test.out) == (1, "/crosswheel/test\nonce more\n")
    assert LEFT.format("test") in test.err

    build = crosswheel(
        "shell", IDENTIFIER, "c-hello", "--step", "build", "--", "ls", "/crosswheel/dist", env=env
    )
    assert (build.status, build.out) == (0, "c_hello-1.0-cp311-cp311-linux_aarch64.whl\n")


def test_a_test_that_was_never_come_to_cannot_be_entered(crosswheel: Crosswheel) -> None:
    crosswheel.project("broken")
    crosswheel("build", "--only", IDENTIFIER, "broken")

    result = crosswheel("shell", IDENTIFIER, "broken", "--step", "test", "--", "true")

    assert result.status == 1
    assert (
        result.err
        == """\
crosswheel: error: the build that failed did not come to its test
  next: leave out --step to look at the build, or give --fresh to build again
"""
    )


def test_two_at_once_do_not_share_it(crosswheel: Crosswheel) -> None:
    crosswheel.project("broken")
    crosswheel("build", "--only", IDENTIFIER, "broken")
    with at_terminal(crosswheel, "broken") as first:
        first.expect("/project# ")

        second = crosswheel("shell", IDENTIFIER, "broken", "--", "true")
        assert second.status == 1
        assert "another crosswheel is at work in what the failed build left\n" in second.err

        again = crosswheel("build", "--only", IDENTIFIER, "broken")
        assert "look around" not in again.err

        first.type("ls; exit\n")
        assert first.end() == 0
        assert "broken.egg-info" in first.seen


def test_a_wrong_identifier_is_told(crosswheel: Crosswheel) -> None:
    result = crosswheel("shell", "cp311-manylinux_arm64", ".")

    assert result.status == 2
    assert (
        result.err == "crosswheel: error: IDENTIFIER: cp311-manylinux_arm64 is not a build identifier"
        " (did you mean cp311-manylinux_aarch64?)\n"
    )
