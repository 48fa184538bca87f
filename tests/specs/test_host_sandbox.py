"""``--sandbox host``: on the machine itself, where neither user namespaces nor containers are to be had."""

import re
import signal
import time
import zipfile
from pathlib import Path

import pytest
from harness import Crosswheel, Result, alive, content, descendants, write
from terminal import Terminal
from test_interrupted_build import read_until
from test_no_user_namespaces import FORBIDDEN, without_docker

ONLY = ["--only", "cp311-manylinux_x86_64"]
ON_HOST = [*ONLY, "--sandbox", "host"]
WHEEL = "c_hello-1.0-cp311-cp311-manylinux1_x86_64.manylinux_2_28_x86_64.manylinux_2_5_x86_64.whl"
BUILT = f"""\
cp311-manylinux_x86_64  ok: {WHEEL} (<size>)
"""
# A project all of whose commands use the paths that a sandbox has; it fails where one of them leads elsewhere.
CONFIGURED = """\
[build-system]
requires = ["setuptools==80.9.0"]
build-backend = "setuptools.build_meta"
[project]
name = "c-hello"
version = "1.0"
[tool.setuptools]
ext-modules = [{ name = "c_hello", sources = ["c_hello.c"] }]
[tool.cibuildwheel]
environment = { CFLAGS = "-I/project/given", PLACE = "$(pwd)/given" }
before-all = "mkdir {project}/given && echo '#define GIVEN 1' > /project/given/given.h"
before-build = "pip install wheel && wheel version && touch $TMPDIR/a /tmp/b ~/c && test $PLACE -ef /project/given"
test-requires = "packaging"
test-sources = ["check.py"]
test-command = "python check.py && test -e {wheel} && test -e {package}/c_hello.c"
"""
CHECK = "import c_hello, packaging, os; assert not os.path.exists('c_hello.c')\n"


@pytest.mark.slow
@pytest.mark.network
def test_the_wheel_is_that_of_a_namespace(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", *ON_HOST, "--output-dir", "host", "c-hello")
    isolated = crosswheel(
        "build", *ONLY, "--sandbox", "namespace", "--source", "host", "--engine", "emulated",
        "--output-dir", "namespace", "c-hello",
    )  # fmt: skip

    assert (result.status, isolated.status) == (0, 0), result.err + isolated.err
    assert BUILT in result.err
    assert "note: commands run on this machine itself, without isolation\n" in result.err
    assert "cp311-manylinux_x86_64  test done in <time>\n" in result.err
    found = [next((crosswheel.cwd / name).glob("*.whl")) for name in ("host", "namespace")]
    assert [wheel.name for wheel in found] == [WHEEL, WHEEL]
    assert names_in(found[0]) == names_in(found[1])


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.mark.slow
@pytest.mark.network
def test_commands_of_a_project_find_the_paths_of_a_sandbox_and_leave_the_home_directory_alone(
    crosswheel: Crosswheel,
) -> None:
    project = crosswheel.project("c-hello")
    source = next(project.rglob("*.c")).read_text()
    write(
        project,
        {"c_hello.c": f"#include <given.h>\n{source}", "pyproject.toml": CONFIGURED, "check.py": CHECK},
    )
    (crosswheel.cwd / "a home").mkdir()
    write(
        crosswheel.cwd / "a home", {".pydistutils.cfg": "this would be an error", ".config/pip/pip.conf": "["}
    )
    home, mine = content(crosswheel.cwd / "a home"), content(project)

    result = crosswheel("build", *ON_HOST, "c-hello", env={"HOME": str(crosswheel.cwd / "a home")})

    assert result.status == 0, result.err
    assert crosswheel.wheels == [WHEEL]
    assert content(crosswheel.cwd / "a home") == home
    assert content(project) == mine
    assert not Path("/tmp/b").exists()


@pytest.mark.slow
@pytest.mark.network
def test_it_serves_where_user_namespaces_are_forbidden_and_there_are_no_containers(
    crosswheel: Crosswheel,
) -> None:
    crosswheel.project("c-hello")
    path = f"{without_docker(crosswheel.cwd / 'bin')}:/usr/bin"

    result = crosswheel(
        "build", *ON_HOST, "c-hello",
        under=["unshare", "--user", "--map-root-user", "sh", "-c", FORBIDDEN, "sh"], env={"PATH": path},
    )  # fmt: skip

    assert result.status == 0, result.err
    assert crosswheel.wheels == [WHEEL]


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_signal_ends_a_hanging_build_and_its_daemons(
    crosswheel: Crosswheel, number: signal.Signals, status: int
) -> None:
    crosswheel.project("hanging")
    with crosswheel.started("build", "--verbose", *ON_HOST, "hanging") as process:
        read_until(process, "| hanging now")
        below = descendants(process.pid)
        assert any("a daemon of the project hanging" in line for line in alive(below, within=0))

        process.send_signal(number)
        assert process.wait(timeout=20) == status

    assert alive(below, within=5) == []


def test_what_needs_a_sandbox_is_refused_before_anything_is_done(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    machine = "host runs this machine's own Python and compilers, which build for x86_64, not for"
    others = "(use one of auto, namespace, container)"

    foreign = crosswheel(
        "build", "--archs", "x86_64,i686,aarch64", "c-hello", env={"CROSSWHEEL_SANDBOX": "host"}
    )
    zig = crosswheel("build", *ON_HOST, "--engine", "native", "c-hello")
    root = crosswheel("build", *ON_HOST, "--source", "debian", "c-hello")

    assert foreign == Result(
        2,
        out="",
        err=f"""\
crosswheel: error: CROSSWHEEL_SANDBOX: {machine} i686 {others}
crosswheel: error: CROSSWHEEL_SANDBOX: {machine} aarch64 {others}
""",
    )
    assert zig == Result(
        2,
        out="",
        err="""\
crosswheel: error: --engine: native is not for the sandbox host: its compilers are set up for the paths of a \
sandbox (use one of auto, emulated)
""",
    )
    assert root == Result(
        2,
        out="",
        err="""\
crosswheel: error: --source: debian has roots, which commands on the machine itself do not see \
(give --source host, or take another --sandbox)
""",
    )


@pytest.mark.slow
@pytest.mark.network
def test_a_shell_stands_where_the_wheel_is_built_and_where_it_is_tested(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    there = ["cp311-manylinux_x86_64", "c-hello", "--sandbox", "host"]

    built = crosswheel("shell", *there, "--", "sh", "-c", "pwd; ls; build-wheel >&2; ls ../dist; exit 7")
    tested = crosswheel("shell", *there, "--step", "test", "--", "sh", "-c", "run-test && pwd")

    assert (built.status, tested.status) == (7, 0), built.err + tested.err
    place, *files = built.out.splitlines()
    assert re.fullmatch(r"<cache>/scratch/\w+/site/libc\+\+/project", place)
    assert files == [
        "c_hello.c",
        "c_hello.egg-info",
        "pyproject.toml",
        "c_hello-1.0-cp311-cp311-linux_x86_64.whl",
    ]
    assert re.fullmatch(r"<cache>/scratch/\w+/site/test-site/test\n", tested.out)


@pytest.mark.slow
@pytest.mark.network
def test_a_shell_at_a_terminal_has_jobs_and_ends_with_all_it_started(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    argv = crosswheel.argv("shell", "cp311-manylinux_x86_64", "c-hello", "--sandbox", "host")
    env = crosswheel.variables({"TERM": "xterm"})
    with Terminal(argv, env=env, cwd=crosswheel.cwd) as terminal:
        seen = terminal.expect(r"\(cp311-manylinux_x86_64\) [^ ]*/libc\+\+/project\$ ")
        assert (
            "The test step is elsewhere: crosswheel shell cp311-manylinux_x86_64 c-hello --step test" in seen
        )
        terminal.type("(setsid sleep 1234 &); sleep 1235 & jobs\n")
        terminal.expect(r"Running +sleep 1235")
        below = descendants(terminal.pid)
        assert "sleep 1234" in "".join(alive(below, within=0))
        terminal.type("sleep 4321\n")
        time.sleep(0.5)
        terminal.type("\x03")
        terminal.expect(r"\^C")
        terminal.type("exit 3\n")
        assert terminal.end() == 3
    assert alive(below, within=5) == []


@pytest.mark.slow
def test_a_cache_whose_path_a_shell_takes_apart_is_refused(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", *ON_HOST, "--cache-dir", "a cache", "c-hello")

    assert result.status == 1
    assert result.failures == [
        """\
cp311-manylinux_x86_64  FAILED: commands on the machine itself cannot work in <cwd>/a cache
  cause: its path stands in scripts, where only letters, digits and . / + @ - _ do no harm, 180 of them at most
  next: name another directory with --cache-dir
"""
    ]


def test_a_project_may_not_leave_its_sandbox(crosswheel: Crosswheel) -> None:
    write(crosswheel.cwd, {"setup.py": "", "pyproject.toml": '[tool.crosswheel]\nsandbox = "host"\n'})

    assert crosswheel("build") == Result(
        2,
        out="",
        err="""\
crosswheel: error: pyproject.toml:2: tool.crosswheel.sandbox: is 'host', which is for who runs the build to choose \
(give --sandbox host, or set CROSSWHEEL_SANDBOX=host)
""",
    )
