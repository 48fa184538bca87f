"""The jobs of a workflow: what is planned for the project, and how many jobs it becomes."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel import ci
from crosswheel.ci.workflow import HOSTED
from crosswheel.cli.options import Selection
from crosswheel.cli.output import warn
from crosswheel.errors import ConfigurationError, Fault
from crosswheel.model import Plan, Target

if TYPE_CHECKING:
    from crosswheel.config import Configuration
    from crosswheel.model import Project


def entries(made: Plan, shards: int | None, engine: str | None, *, stable: bool) -> tuple[ci.Entry, ...]:
    """The jobs, each with a digest of its part of the plan.

    :param shards: how many there shall be; None for one for each wheel or architecture.
    :param engine: the one that all wheels are built with, if one was named.
    :param stable: the wheels are of the stable ABI.
    :raises ConfigurationError: the plan has fewer parts.
    """
    from crosswheel import pipeline
    from crosswheel.store import digest

    if shards is None:
        found = ci.split([job.target for job in made.jobs], stable=stable)
    else:
        parts = [pipeline.part(made, f"{number}/{shards}").jobs for number in range(1, shards + 1)]
        filled = sum(map(bool, parts))
        if filled < shards:
            problem = f"is {shards}, but the plan fills {filled} of them"
            raise ConfigurationError((Fault("--shards", problem, f"--shards {filled}" if filled else ""),))
        found = ci.shards([[job.target for job in part] for part in parts])
    sources = {job.identifier: job.source for job in made.jobs}

    def of_plan(entry: ci.Entry) -> str:
        jobs = [(name, sources[name]) for name in entry.identifiers]
        return digest({"jobs": jobs, "engine": engine})[:12]

    return tuple(replace(entry, plan=of_plan(entry)) for entry in found)


def planned(
    request: Selection, arm: ci.Arm, found: "Configuration", project: "Project"
) -> tuple[Plan, tuple[Target, ...]]:
    """The plan of crosswheel's jobs, and the targets of cibuildwheel's.

    :raises CrosswheelError: nothing can be planned.
    """
    from crosswheel import pipeline
    from crosswheel import plan as planning
    from crosswheel.plan.origin import HOST as HOST_SOURCE
    from crosswheel.store import Store

    elsewhere = HOSTED[arm]
    selected = planning.select(found)
    hosted = tuple(target for target in selected if target.arch.name in elsewhere)
    if elsewhere and selected and not hosted:
        problem = f"is {arm}, but no wheel for {' or '.join(elsewhere)} is selected"
        raise ConfigurationError((Fault("--arm", problem, f"select it with --archs {elsewhere[0]}"),))
    if any("apt-get" in found.options_for(target.identifier).before_all for target in hosted):
        warn("before-all calls apt-get, which the images of cibuildwheel do not have")
    if hosted and len(hosted) == len(selected):
        return Plan(project, ()), hosted
    own = tuple(name for name in found.architectures if name not in elsewhere)
    # As build plans where nothing is in the store. This machine's own Pythons are not those of the service's.
    known = pipeline.sources(
        Store(Path()), lambda _: None, source=found.source, mirror=request.mirror, options=found.options_for
    )
    sources = tuple(one for one in known if found.source != "auto" or one.name != HOST_SOURCE)
    made = planning.make(
        project,
        replace(found, architectures=own) if hosted else found,
        sources=sources,
        no_test=request.no_test,
    )
    for warning in made.warnings:
        warn(warning)
    return made, hosted
