"""Commands on the machine itself: what they are told lies in the attempt's own directories."""

import io
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.provision.sandboxes.host import OnMachine, check_place
from crosswheel.seams import Layered, Mount, View


@pytest.fixture
def view(tmp_path: Path) -> View:
    for name in ("project", "home", "tmp"):
        (tmp_path / name).mkdir()
    return View(
        None,
        (
            Mount(tmp_path / "project", "/crosswheel/project", writable=True),
            Mount(tmp_path / "home", "/crosswheel/home", writable=True),
            Mount(tmp_path / "tmp", "/tmp", writable=True),
        ),
    )


def told(view: View, script: str, **env: str) -> list[str]:
    done = OnMachine(view).run(
        ["sh", "-c", script], cwd="/crosswheel/project", env={"PATH": "/usr/bin:/bin", **env}, capture=True
    )
    assert done.returncode == 0, done.tail
    return done.output.splitlines()


def test_its_directories_are_those_of_the_attempt(view: View, tmp_path: Path) -> None:
    script = 'pwd; echo "$HOME" "$TMPDIR"; touch /tmp/a ~/b c'
    assert told(view, script) == [f"{tmp_path}/project", f"{tmp_path}/home {tmp_path}/tmp"]
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/*")) == [
        "home/b",
        "project/c",
        "tmp/a",
    ]


def test_nothing_of_the_users_environment_comes_in(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    names = {line.partition("=")[0] for line in told(view, "env", NAMED="y")}
    assert "SECRET" not in names
    assert "NAMED" in names


def test_a_variable_of_the_job_wins(view: View, tmp_path: Path) -> None:
    assert told(view, 'echo "$TMPDIR"', TMPDIR="/crosswheel/project/t") == [f"{tmp_path}/project/t"]


def test_a_bound_directory_has_the_path_that_it_is_given(view: View, tmp_path: Path) -> None:
    log = io.StringIO()
    (tmp_path / "control").mkdir()
    done = OnMachine(view, log).run(
        ["ls", "-d", "/crosswheel/control"],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        binds={"/crosswheel/control": tmp_path / "control"},
    )
    assert (done.returncode, log.getvalue()) == (0, f"{tmp_path}/control\n")


def test_a_missing_command_has_the_status_of_a_shell_and_a_killed_one_that_of_its_signal(view: View) -> None:
    sandbox = OnMachine(view)
    missing = sandbox.run(["no-such-command"], cwd="/", env={"PATH": "/usr/bin"})
    killed = sandbox.run(["sh", "-c", "kill -SEGV $$"], cwd="/", env={"PATH": "/usr/bin:/bin"})
    assert (missing.returncode, killed.returncode) == (127, -11)


def test_another_root_and_foreign_programs_need_a_sandbox(tmp_path: Path) -> None:
    layered = Layered(tmp_path, tmp_path)
    for view in (
        View(layered),
        View(None, (Mount(layered, "/x"),)),
        View(None, emulate=ARCHITECTURES["aarch64"]),
    ):
        with pytest.raises(ProvisionError, match="only its own programs"):
            OnMachine(view)


@pytest.mark.parametrize("place", ["/a b", "/a:b", "/a'b", "/é", f"/{'a' * 180}"])
def test_a_place_that_scripts_cannot_name_is_refused(place: str) -> None:
    with pytest.raises(ProvisionError, match="cannot work in"):
        check_place(Path(place))
    check_place(Path("/home/me/.cache/crosswheel"))
