"""CPythons of this machine, found without trusting a name."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crosswheel.model import Python
from crosswheel.provision.pythons import MachinePython, candidates, find, own

RUNNING = Python("cp", *sys.version_info[:2])
NAME = f"python{RUNNING.version}"
REAL = Path(os.path.realpath(sys.executable))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def link(place: Path, target: Path = REAL) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    return place


def test_the_running_python_is_found_on_path(tmp_path: Path, home: Path) -> None:
    link(tmp_path / "bin" / NAME)
    found = find(RUNNING, {"PATH": str(tmp_path / "bin"), "HOME": str(home)})
    assert found == MachinePython(REAL, Path(sys.base_prefix))


@pytest.mark.parametrize(
    ("place", "variable"),
    [
        ("home/.pyenv/versions/{v}.4/bin", {}),
        ("elsewhere/versions/{v}.4/bin", {"PYENV_ROOT": "elsewhere"}),
        ("home/.local/share/uv/python/cpython-{v}.4-linux-x86_64-gnu/bin", {}),
        ("elsewhere/cpython-{v}.4-linux-x86_64-gnu/bin", {"UV_PYTHON_INSTALL_DIR": "elsewhere"}),
    ],
)
def test_pythons_of_pyenv_and_uv_are_found(
    tmp_path: Path, home: Path, place: str, variable: dict[str, str]
) -> None:
    link(tmp_path / place.format(v=RUNNING.version) / NAME)
    variables = {name: str(tmp_path / value) for name, value in variable.items()}
    assert candidates(RUNNING, {"HOME": str(home), **variables}) == (REAL,)


def test_the_order_is_path_pyenv_uv_and_each_is_named_once(tmp_path: Path, home: Path) -> None:
    places = [
        tmp_path / "bin",
        home / ".pyenv/versions" / f"{RUNNING.version}.1" / "bin",
        home / ".local/share/uv/python" / f"cpython-{RUNNING.version}.1-linux-x86_64-gnu" / "bin",
    ]
    for place in places:
        place.mkdir(parents=True)
        shutil.copy(REAL, place / NAME)
    environ = {"PATH": f"{places[0]}:{places[0]}::/nonexistent", "HOME": str(home)}
    assert candidates(RUNNING, environ) == tuple(place / NAME for place in places)


def test_a_shim_or_script_of_that_name_is_no_python(tmp_path: Path, home: Path) -> None:
    shim = tmp_path / NAME
    shim.write_text('#!/bin/sh\nexec python3 "$@"\n')
    shim.chmod(0o755)
    (tmp_path / "dangling").mkdir()
    link(tmp_path / "dangling" / NAME, tmp_path / "missing")
    link(tmp_path / "loop" / NAME, tmp_path / "loop" / NAME)
    (tmp_path / "directory" / NAME).mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / NAME).write_text("")
    path = ":".join(str(tmp_path / name) for name in ("", "dangling", "loop", "directory", "empty"))
    assert candidates(RUNNING, {"PATH": path, "HOME": str(home)}) == ()


def test_a_program_that_is_not_what_its_name_says_is_passed_over(tmp_path: Path, home: Path) -> None:
    other = Python("cp", 3, RUNNING.minor + 1)
    link(tmp_path / "a" / f"python{other.version}")
    environ = {"PATH": str(tmp_path / "a"), "HOME": str(home)}
    assert candidates(other, environ) == (REAL,)
    assert find(other, environ) is None
    link(tmp_path / "b" / NAME, Path("/bin/true"))
    link(tmp_path / "c" / NAME)
    found = find(RUNNING, {"PATH": f"{tmp_path}/b:{tmp_path}/c", "HOME": str(home)})
    assert found is not None
    assert found.executable == REAL


FREE_THREADED, PYPY = Python("cp", 3, RUNNING.minor, "t"), Python("pp", 3, RUNNING.minor)


@pytest.mark.parametrize("python", [FREE_THREADED, PYPY, Python("gp", 3, RUNNING.minor, "_250")])
def test_a_plain_cpython_under_the_name_of_another_python_is_passed_over(
    tmp_path: Path, home: Path, python: Python
) -> None:
    link(tmp_path / python.directory)
    environ = {"PATH": str(tmp_path), "HOME": str(home)}
    assert candidates(python, environ) == (REAL,)
    assert find(python, environ) is None


@pytest.mark.parametrize(
    ("python", "place"),
    [
        (FREE_THREADED, ".pyenv/versions/{v}.0t/bin/python{v}t"),
        (FREE_THREADED, ".local/share/uv/python/cpython-{v}.0+freethreaded-linux-x86_64-gnu/bin/python{v}t"),
        (PYPY, ".pyenv/versions/pypy{v}-7.3.19/bin/pypy{v}"),
        (PYPY, ".local/share/uv/python/pypy-{v}.13-linux-x86_64-gnu/bin/pypy{v}"),
    ],
)
def test_pythons_without_the_gil_and_pypys_of_pyenv_and_uv_are_found(
    home: Path, python: Python, place: str
) -> None:
    link(home / place.format(v=RUNNING.version))
    assert candidates(python, {"HOME": str(home)}) == (REAL,)
    assert candidates(RUNNING, {"HOME": str(home)}) == ()


def says(place: Path, text: str) -> Path:
    """A program that looks like an executable and answers as a Python would."""
    source = place.with_suffix(".c")
    source.write_text(f"#include <stdio.h>\nint main(void) {{ puts({json.dumps(text)}); return 0; }}\n")
    subprocess.run(["cc", "-o", place, source], check=True)
    return place


@pytest.mark.skipif(shutil.which("cc") is None, reason="it needs a C compiler")
@pytest.mark.parametrize(
    ("python", "answer", "found"),
    [
        (FREE_THREADED, f"cpython {RUNNING.version}t", True),
        (FREE_THREADED, f"cpython {RUNNING.version}td", False),
        (RUNNING, f"cpython {RUNNING.version}t", False),
        (RUNNING, f"cpython {RUNNING.version}d", False),
        (PYPY, f"pypy {RUNNING.version}", True),
        (PYPY, f"cpython {RUNNING.version}", False),
    ],
)
def test_a_python_is_known_by_what_it_says_of_itself(
    tmp_path: Path, home: Path, python: Python, answer: str, found: bool
) -> None:
    says(tmp_path / python.directory, f"/prefix\n{answer}")
    named = find(python, {"PATH": str(tmp_path), "HOME": str(home)})
    assert named == (MachinePython(tmp_path / python.directory, Path("/prefix")) if found else None)


def test_variables_of_the_user_do_not_change_what_a_python_says_of_itself(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nonexistent")
    monkeypatch.setenv("PYTHONSTARTUP", "/nonexistent")
    link(tmp_path / NAME)
    assert find(RUNNING, {"PATH": str(tmp_path), "HOME": str(home)}) is not None


def test_a_directory_that_may_not_be_read_has_no_pythons(tmp_path: Path, home: Path) -> None:
    closed = home / ".pyenv" / "versions"
    closed.mkdir(parents=True)
    closed.chmod(0)
    try:
        assert candidates(RUNNING, {"PATH": str(closed / "x"), "HOME": str(home)}) == ()
    finally:
        closed.chmod(0o700)


def test_a_python_in_a_home_directory_is_mounted_and_one_of_the_system_is_seen_already() -> None:
    home = MachinePython(
        Path("/home/u/.pyenv/versions/3.11.4/bin/python3.11"), Path("/home/u/.pyenv/versions/3.11.4")
    )
    assert [(mount.source, mount.target, mount.writable) for mount in home.mounts] == [
        (Path("/home/u/.pyenv/versions/3.11.4"), "/home/u/.pyenv/versions/3.11.4", False)
    ]
    for prefix in ("/usr", "/usr/local", "/opt/python"):
        assert MachinePython(Path(prefix, "bin/python3.11"), Path(prefix)).mounts == ()
    apart = MachinePython(Path("/home/u/bin/python3.11"), Path("/home/u/python"))
    assert [mount.target for mount in apart.mounts] == ["/home/u/bin", "/home/u/python"]
    assert MachinePython(Path("/usrx/bin/python3.11"), Path("/usrx")).mounts != ()


def test_the_python_that_runs_crosswheel_is_the_real_one_not_the_environments() -> None:
    assert own().prefix == Path(sys.base_prefix)
    assert own().executable == REAL
    assert not own().executable.is_symlink()
