"""What may stand in a workflow: nothing that a service or a shell would read as more than text."""

import re
from pathlib import Path

from crosswheel.ci.workflow import Workflow
from crosswheel.errors import ConfigurationError, Fault

# No $ (expressions of GitHub, variables of GitLab, macros of Azure, shells), no quotes, backslashes, braces or line
# breaks; `<<` is CircleCI's.
_PLAIN = re.compile(r"(?!.*<<)[\w ./@~:=+,;<>!&?%#()\[\]-]*", re.ASCII)
_PASSWORD = re.compile(r"//[^/@\s]*:[^/@\s]*@")


def check(workflow: Workflow) -> None:
    """Refuse what a user named where it is more than plain text.

    :raises ConfigurationError: with all of them.
    """
    told = {
        "PACKAGE": workflow.package,
        "--config-file": workflow.config_file,
        "--mirror": workflow.mirror,
        "--crosswheel": workflow.requirement,
        "--enable": workflow.enable,
        "tool.crosswheel.cache": workflow.cache,
    }
    seen = "everybody who reads the workflow would see it"
    faults = [
        Fault(place, "holds a password", seen) for place, value in told.items() if _PASSWORD.search(value)
    ]
    hint = "letters, digits, spaces and . / @ ~ : = + , ; < > ! & ? % # ( ) [ ] - _"
    faults += [
        Fault(place, f"is {value!r}, which a workflow cannot hold as plain text", f"it may hold {hint}")
        for place, value in told.items()
        if not _PLAIN.fullmatch(value)
    ]
    if faults:
        raise ConfigurationError(tuple(faults))


def inside(path: Path, *, place: str) -> str:
    """A path as seen from the working directory, which is the repository's.

    :raises ConfigurationError: it is elsewhere.
    """
    here, there = Path.cwd().resolve(), path.resolve()
    if here != there and here not in there.parents:
        problem = f"{path} is not in this directory, and a workflow sees nothing else"
        raise ConfigurationError((Fault(place, problem, "run crosswheel ci in the repository's directory"),))
    return there.relative_to(here).as_posix()
