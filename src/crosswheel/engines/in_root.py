"""Engines whose build Python is the root's own.

``hybrid`` (foreign target) and ``native`` (this machine's architecture) put zig before the root's compilers;
``emulated`` leaves those alone and is the reference.
"""

from collections.abc import Mapping

from crosswheel.engines.workshop import Workshop
from crosswheel.model import EngineName
from crosswheel.seams import Mount, Sandbox, Toolchain
from crosswheel.site import places
from crosswheel.site.environments import TargetEnvironment
from crosswheel.site.site import Site


def workshop(site: Site, engine: EngineName, toolchain: Toolchain | None, env: Mapping[str, str]) -> Workshop:
    """A workshop of the root's Python.

    :param toolchain: zig's compilers; None for the root's own.
    :param env: the variables common to all commands of the job.
    """
    tools = dict(toolchain.env()) if toolchain else {}
    mounts = toolchain.mounts if toolchain else ()
    path = f"{tools['PATH']}:{places.SYSTEM_PATH}" if tools else places.SYSTEM_PATH

    def sandbox(further: tuple[Mount, ...]) -> Sandbox:
        return site.make_sandbox(site.target_view(*mounts, *further))

    return Workshop(
        sandbox=sandbox,
        environment=lambda place: TargetEnvironment(site, place),
        env={**env, **tools, "PATH": path, "CROSSWHEEL_ENGINE": engine},
    )
