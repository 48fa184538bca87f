"""The CI services: where each keeps its file, and which ways of building for arm it has."""

from collections.abc import Mapping
from dataclasses import dataclass

from crosswheel.ci.workflow import Arm


@dataclass(frozen=True)
class Service:
    """A CI service.

    :param label: its name for people.
    :param file: its configuration, from the repository's directory.
    :param arms: the ways of building for arm that it has.
    :param trusted: whether the package index takes its word for who publishes (trusted publishing).
    :param beside: how one gets the jobs where the file is somebody else's already.
    """

    label: str
    file: str
    arms: tuple[Arm, ...]
    trusted: bool
    beside: str


SERVICES: Mapping[str, Service] = {
    "github": Service(
        "GitHub Actions",
        ".github/workflows/crosswheel.yml",
        ("cross", "runner", "qemu"),
        trusted=True,
        beside="write another file with --output",
    ),
    "gitlab": Service(
        "GitLab CI",
        ".gitlab-ci.yml",
        ("cross", "runner", "qemu"),
        trusted=True,
        beside="write another file with --output .gitlab/crosswheel.yml and name it under include:",
    ),
    "circleci": Service(
        "CircleCI",
        ".circleci/config.yml",
        ("cross", "runner", "qemu"),
        trusted=False,
        beside="see the jobs with --output - and put them in by hand",
    ),
    # Microsoft hosts no arm agents with Linux.
    "azure": Service(
        "Azure Pipelines",
        "azure-pipelines.yml",
        ("cross", "qemu"),
        trusted=False,
        beside="write another file with --output, and make a pipeline of it",
    ),
}
