"""The environment of a job's commands: nothing of the host's comes in unless it is named."""

import os
from collections.abc import Mapping

from crosswheel.config.environment import evaluate
from crosswheel.errors import StepError
from crosswheel.model import Job
from crosswheel.seams import Sandbox
from crosswheel.site import places

# Reproducible builds: passed whenever set, as cibuildwheel does.
_ALWAYS_PASSED = ("SOURCE_DATE_EPOCH",)


def common(job: Job) -> dict[str, str]:
    """What every command of the job sees; names as in the official images and in cibuildwheel."""
    policy = "manylinux_{}_{}".format(*job.policy)
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

    def execute(argv: list[str], env: Mapping[str, str]) -> str:
        done = sandbox.run(argv, cwd=places.PROJECT, env=env, capture=True)
        if done.returncode != 0:
            raise StepError("environment", " ".join(argv), done.returncode, done.tail)
        return f"{done.output}\n" if done.output else ""

    return evaluate(assignments, base, execute)
