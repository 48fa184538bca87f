"""Shell lines of a project's configuration: placeholders and running."""

import re
from collections.abc import Mapping

from crosswheel.errors import StepError
from crosswheel.seams import Sandbox
from crosswheel.site import places


def fill(command: str, *, package: str, **further: str) -> str:
    """Replace the placeholders of a command by paths in the sandbox.

    A hash keeps one as it is: ``#{project}`` becomes ``{project}``.
    """
    values = {
        "project": places.PROJECT,
        "package": f"{places.PROJECT}/{package}".removesuffix("/."),
        **further,
    }
    for name, value in values.items():
        command = re.sub(rf"(?<!#)\{{{name}\}}", value.replace("\\", r"\\"), command)
        command = command.replace(f"#{{{name}}}", f"{{{name}}}")
    return command


def shell(
    sandbox: Sandbox, command: str, env: Mapping[str, str], step: str, cwd: str = places.PROJECT
) -> None:
    """Run a shell line of the project's.

    :param step: the name of its step, for the error.
    :raises StepError: its status is not 0.
    """
    done = sandbox.run(["sh", "-c", command], cwd=cwd, env=env)
    if done.returncode != 0:
        raise StepError(step, command, done.returncode, done.tail)
