"""Engines whose build Python is the root's own.

``hybrid`` (foreign target) and ``native`` (this machine's architecture) put zig before the root's compilers;
``emulated`` leaves those alone and is the reference.
"""

from collections.abc import Mapping

from crosswheel.engines import backends
from crosswheel.engines.record import sysconfig_data
from crosswheel.engines.workshop import Workshop
from crosswheel.model import EngineName
from crosswheel.seams import Mount, Rust, Sandbox, Toolchain
from crosswheel.site import places
from crosswheel.site.environments import TargetEnvironment
from crosswheel.site.site import Site


def workshop(
    site: Site,
    engine: EngineName,
    toolchain: Toolchain | None,
    rust: Rust | None,
    env: Mapping[str, str],
) -> Workshop:
    """A workshop of the root's Python.

    :param toolchain: zig's compilers; None for the root's own.
    :param rust: None where the project needs none, and where the root's own is used.
    :param env: the variables common to all commands of the job.
    """
    tools = dict(toolchain.env()) if toolchain else {}
    mounts = toolchain.mounts if toolchain else ()
    path = f"{tools['PATH']}:{places.SYSTEM_PATH}" if tools else places.SYSTEM_PATH
    if rust is not None:
        variables = sysconfig_data(site.root.path, site.target) if site.root.path else {}
        recipe = backends.cargo.recipe(site.target, rust, tools, variables)
        env = {**env, **backends.lay([recipe], site.directory("job"))}
        mounts = (*mounts, *rust.mounts)
        path = f"{rust.bin}:{path}"

    def sandbox(further: tuple[Mount, ...]) -> Sandbox:
        return site.make_sandbox(site.target_view(*mounts, *further))

    return Workshop(
        sandbox=sandbox,
        environment=lambda place: TargetEnvironment(site, place),
        env={**env, **tools, "PATH": path, "CROSSWHEEL_ENGINE": engine},
    )
