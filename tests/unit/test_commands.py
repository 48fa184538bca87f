"""Placeholders of a project's commands, and what its variables say to installers."""

import pytest
from cibuildwheel.util.helpers import format_safe
from hypothesis import given
from hypothesis import strategies as st

from crosswheel.site import installers, places
from crosswheel.site.commands import fill

PIECES = (
    "{project}",
    "{package}",
    "{wheel}",
    "#{project}",
    "##{package}",
    "{other}",
    "{",
    "}",
    "#",
    "\\1",
    " a ",
)


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_placeholders_are_filled_in_as_cibuildwheel_does(command: str) -> None:
    project, package = places.PROJECT, f"{places.PROJECT}/sub"

    filled = format_safe(command, project=project, package=package, wheel="w.whl")

    assert fill(command, package="sub", wheel="w.whl") == filled


@pytest.mark.parametrize(
    ("env", "found"),
    [
        ({"CFLAGS": "-O2", "PATH": "/bin"}, {}),
        (
            {"PIP_CONSTRAINT": "constraints.txt /other.txt https://e.org/c.txt"},
            {
                "PIP_CONSTRAINT": "constraints.txt /other.txt https://e.org/c.txt",
                "UV_CONSTRAINT": f"{places.PROJECT}/constraints.txt /other.txt https://e.org/c.txt",
                "UV_BUILD_CONSTRAINT": f"{places.PROJECT}/constraints.txt /other.txt https://e.org/c.txt",
            },
        ),
        (
            {"PIP_CONSTRAINT": "/a.txt", "UV_CONSTRAINT": "/b.txt"},
            {"PIP_CONSTRAINT": "/a.txt", "UV_CONSTRAINT": "/b.txt", "UV_BUILD_CONSTRAINT": "/a.txt"},
        ),
        ({"PIP_PRE": "1"}, {"PIP_PRE": "1", "UV_PRERELEASE": "allow"}),
        ({"PIP_PRE": "0"}, {"PIP_PRE": "0"}),
        (
            {"PIP_EXTRA_INDEX_URL": "https://e.org/simple"},
            {"PIP_EXTRA_INDEX_URL": "https://e.org/simple", "UV_INDEX": "https://e.org/simple"},
        ),
        ({"UV_CACHE_DIR": "/x", "UV_PYTHON": "/y", "PIP_INDEX_URL": ""}, {}),
    ],
)
def test_what_a_project_says_to_pip_is_said_to_uv(env: dict[str, str], found: dict[str, str]) -> None:
    assert installers.settings(env) == found
