"""The environment of a job's commands: nothing of the host's comes in unless it is named."""

import os
from collections.abc import Mapping
from functools import partial

from crosswheel.config.environment import evaluate
from crosswheel.errors import StepError
from crosswheel.model import Job
from crosswheel.seams import Sandbox
from crosswheel.site import places
from crosswheel.site.environments import NOTHING

# Reproducible builds: passed whenever set, as cibuildwheel does.
_ALWAYS_PASSED = ("SOURCE_DATE_EPOCH",)


def common(job: Job) -> dict[str, str]:
    """What every command of the job sees; names as in the official images and in cibuildwheel."""
    policy = "{}_{}_{}".format(job.target.libc, *job.policy)
    passed = (*_ALWAYS_PASSED, *job.options.environment_pass)
    return {
        "PATH": places.SYSTEM_PATH,
        "HOME": places.HOME,
        "LANG": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",  # there is nobody to ask
        "CIBUILDWHEEL": "1",
        "CROSSWHEEL": "1",
        "CIBUILDWHEEL_BUILD_IDENTIFIER": job.identifier,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "UV_SYSTEM_CERTS": "true",  # those of this machine, as for crosswheel's own uv
        "AUDITWHEEL_ARCH": job.target.arch.name,
        "AUDITWHEEL_POLICY": policy,
        "AUDITWHEEL_PLAT": f"{policy}_{job.target.arch.name}",
        **{name: os.environ[name] for name in passed if name in os.environ},
    }


def evaluated(
    assignments: tuple[tuple[str, str], ...], base: Mapping[str, str], sandbox: Sandbox
) -> dict[str, str]:
    """The base with bash assignments on top, their command substitutions run in the sandbox.

    :raises StepError: such a command failed.
    """
    return evaluate(assignments, base, partial(_output, sandbox))


class ProjectVariables:
    """The ``environment`` of a job. Its commands run once, where the build runs: what follows sees their output.

    :param assignments: as ``config`` read them.
    """

    def __init__(self, assignments: tuple[tuple[str, str], ...]) -> None:
        self._assignments = assignments
        self._outputs: tuple[str, ...] | None = None

    @property
    def has_commands_to_run(self) -> bool:
        """Whether ``over`` would run a command."""
        return self._outputs is None and any("$(" in value or "`" in value for _, value in self._assignments)

    def over(
        self,
        base: Mapping[str, str],
        sandbox: Sandbox,
        programs: str = "",
        further: Mapping[str, str] = NOTHING,
    ) -> dict[str, str]:
        """The base with the assignments on top.

        :param programs: a directory that commands in them search first; PATH itself does not get it.
        :param further: variables of these commands alone.
        :raises StepError: such a command failed.
        """
        replayed = iter(self._outputs or ())
        heard = []

        def execute(argv: list[str], env: Mapping[str, str]) -> str:
            output = next(replayed, None)
            if output is None:
                path = ":".join(filter(None, (programs, env.get("PATH", ""))))
                output = _output(sandbox, argv, {**env, **further, "PATH": path})
            heard.append(output)
            return output

        result = evaluate(self._assignments, base, execute)
        self._outputs = tuple(heard)
        return result


def _output(sandbox: Sandbox, argv: list[str], env: Mapping[str, str]) -> str:
    done = sandbox.run(argv, cwd=places.PROJECT, env=env, capture=True)
    if done.returncode != 0:
        raise StepError("environment", " ".join(argv), done.returncode, done.tail)
    return f"{done.output}\n" if done.output else ""
