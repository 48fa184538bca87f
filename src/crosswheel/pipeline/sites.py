"""The site of a job: every part that it needs, ready in a directory of its own."""

from pathlib import Path
from typing import IO

from crosswheel.architectures import Architecture
from crosswheel.model import Job
from crosswheel.pipeline.parts import Parts
from crosswheel.provision.sandboxes.namespace import Namespace
from crosswheel.seams import Layered, MakeSandbox
from crosswheel.site.site import RootUv, Site


def sandboxes(parts: Parts, arch: Architecture, log: IO[str] | None = None) -> MakeSandbox:
    """What makes the sandboxes of an architecture.

    :param log: gets every line that a command prints.
    :raises ProvisionError: they cannot be made here.
    """
    if parts.sandboxes.on_machine:
        return parts.sandboxes.of_machine(log)
    tools = parts.sandboxes.tools(arch)
    return lambda view: Namespace(tools, view, log)


def site(parts: Parts, job: Job, work: Path, make_sandbox: MakeSandbox, *, exact: bool = False) -> Site:
    """The parts of a job, fetched where they are not there yet.

    :param work: takes all that is written.
    :param exact: whether the native Python must be of the target's version.
    :raises ProvisionError: one of them cannot be had.
    """
    root = parts.root(job)
    return Site(
        target=job.target,
        work=work,
        root=root,
        layered=Layered(root.path, work / "target-layer", root.arch) if root.path else None,
        native=parts.native_python(
            job.target.python, work / "native-layer", job.options.container_engine, exact=exact
        ),
        make_sandbox=make_sandbox,
        uv_mounts=parts.uv_mounts(),
        uv_env=parts.uv_env(),
        isolated=not parts.sandboxes.on_machine,
        uv_in_root=parts.uv_in_root(job.target) if root.path else RootUv(),
    )
