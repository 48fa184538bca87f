"""Every command of the pages works, as it stands there: a page is followed from its top to its end."""

import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from harness import Crosswheel
from private_host import Machine

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("exec-format-error", "arm", "emulation")
# On a machine whose emulators the command may change; all others run as a user runs them.
_ON_A_MACHINE = "emulation"

pytestmark = [pytest.mark.slow, pytest.mark.network]


def commands(page: Path) -> list[str]:
    """The lines after ``$`` in its console blocks, without comments."""
    blocks = re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = (line for block in blocks for line in block.splitlines() if line.startswith("$ "))
    return [line.removeprefix("$ ").split("  #")[0].strip() for line in lines]


def status(command: str, crosswheel: Crosswheel, machine: Machine) -> tuple[int, str]:
    """The status of a command, and what it says."""
    words = shlex.split(command)
    own = words[words[0] == "sudo" :]
    if own[0] != "crosswheel":
        done = subprocess.run(own, check=False, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr
    if own[1] == _ON_A_MACHINE:
        result = machine.emulation(*own[2:])
    else:
        assert words[0] != "sudo", command
        result = crosswheel(*own[1:])
    return result.status, result.out + result.err


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_works(crosswheel: Crosswheel, machine: Machine, name: str) -> None:
    inside = replace(crosswheel, cwd=crosswheel.project("c-hello"))
    for command in commands(DOCS / f"{name}.md"):
        code, said = status(command, inside, machine)
        assert code == 0, f"{command}\n{said}"


@pytest.mark.parametrize("name", [*PAGES, "migration", "engines"])
def test_both_languages_have_the_same_commands(name: str) -> None:
    english = commands(DOCS / f"{name}.md")
    assert english == commands(DOCS / f"{name}.zh-CN.md")
    assert english or name == "engines"
