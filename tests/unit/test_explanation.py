"""A file is found by the name that a command gave it, whatever that is."""

from pathlib import Path

import pytest

from crosswheel.pipeline.explanation import _look
from crosswheel.recognition import Program


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    files = {
        "scratch/libc++/project/tools/gen": "#!/usr/bin/ruby\n",
        "scratch/libc++/project/other/gen": "#!/usr/bin/lua\n",
        "scratch/libc++/target-layer/upper/usr/bin/new": "#!/usr/bin/perl\n",
        "root/usr/bin/old": "#!/bin/sh\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "scratch"


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("./tools/gen", "/usr/bin/ruby"),
        ("other/gen", "/usr/bin/lua"),
        ("/crosswheel/project/tools/gen", "/usr/bin/"),
        ("../elsewhere/gen", "/usr/bin/"),
        ("/usr/bin/new", "/usr/bin/perl"),
        ("/usr/bin/old", "/bin/sh"),
        ("//usr/bin/old", "/bin/sh"),
    ],
)
def test_a_file_is_found_where_the_command_saw_it(scratch: Path, name: str, starts: str) -> None:
    found = _look(scratch, scratch.parent / "root", name)
    assert isinstance(found, Program)
    assert found.loader.startswith(starts)


@pytest.mark.parametrize(
    "name", ["", ".", "/", "tools", "./nosuch", "x" * 5000, "a\0b", "*", "/../../etc/nosuch"]
)
def test_what_is_no_file_is_not_found(scratch: Path, name: str) -> None:
    assert _look(scratch, scratch.parent / "root", name) is None
