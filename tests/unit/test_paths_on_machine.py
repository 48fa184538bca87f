"""Paths of a view as the machine itself has them."""

from pathlib import Path

import pytest

from crosswheel.seams import Mount
from crosswheel.site.paths import on_machine

WORK = "/tmp/cache/scratch/a1"
MOUNTS = (
    Mount(Path(f"{WORK}/project"), "/project"),
    Mount(Path(f"{WORK}/project"), "/crosswheel/project"),
    Mount(Path(f"{WORK}/env"), "/crosswheel/env"),
    Mount(Path(f"{WORK}/tmp"), "/tmp"),
    Mount(Path("/home/me/python"), "/home/me/python"),
    Mount(Path("/out/x-1.whl"), "/crosswheel/wheel/x-1.whl"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/project", f"{WORK}/project"),
        ("cd /project/src && make", f"cd {WORK}/project/src && make"),
        ("-I/project/include -L/crosswheel/project", f"-I{WORK}/project/include -L{WORK}/project"),
        ("--prefix=/tmp/out", f"--prefix={WORK}/tmp/out"),
        ("/crosswheel/env/bin:/usr/bin:/tmp", f"{WORK}/env/bin:/usr/bin:{WORK}/tmp"),
        ("x @ file:///crosswheel/wheel/x-1.whl", "x @ file:///out/x-1.whl"),
        ("""sh -c 'cat "/project/a b"'""", f"""sh -c 'cat "{WORK}/project/a b"'"""),
    ],
)
def test_a_path_leads_to_where_its_mount_comes_from(text: str, expected: str) -> None:
    assert on_machine(text, MOUNTS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "/projects and /project-2 and /project.d",
        "src/project ../project ./tmp /usr/project",
        "$HOME/project ${HOME}/tmp $(pwd)/project `pwd`/project",
        "pre-L/project",
        "https://example.org/project",
        "/crosswheel",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert on_machine(text, MOUNTS) == text


@pytest.mark.parametrize("text", [f"{WORK}/project/a", f"{WORK}/libs", "/tmp/cache", "/home/me/python/bin"])
def test_a_path_of_the_machine_stays_although_it_begins_as_one_of_the_view(text: str) -> None:
    assert on_machine(text, MOUNTS) == text


def test_without_mounts_nothing_changes() -> None:
    assert on_machine("/project", ()) == "/project"
