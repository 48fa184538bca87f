"""Engines whose build Python is the root's own.

``hybrid`` (foreign target) and ``native`` (this machine's architecture) put zig before the root's compilers;
``hybrid-gcc`` puts Debian's cross compilers there, which have what zig lacks (OpenMP, Fortran); ``emulated`` leaves
the root's alone and is the reference.
"""

from collections.abc import Mapping

from crosswheel import sample
from crosswheel.engines import backends, libraries, native_programs
from crosswheel.engines.record import sysconfig_data
from crosswheel.engines.workshop import Workshop
from crosswheel.model import EngineName
from crosswheel.seams import Mount, Rust, Sandbox, Toolchain
from crosswheel.site import places
from crosswheel.site.environments import Environment, TargetEnvironment
from crosswheel.site.site import Site


def workshop(
    site: Site,
    engine: EngineName,
    toolchain: Toolchain | None,
    rust: Rust | None,
    env: Mapping[str, str],
    fetch: native_programs.Fetch,
) -> Workshop:
    """A workshop of the root's Python.

    :param toolchain: native compilers, or what stands before the root's own; None for those as they are.
    :param rust: None where the project needs none, and where the root's own is used.
    :param env: the variables common to all commands of the job.
    :param fetch: this machine's programs of a wheel; called only where a foreign root has such an environment.
    """
    if toolchain is not None:
        libraries.lay(site, toolchain)
    tools = dict(toolchain.env()) if toolchain else {}
    mounts = toolchain.mounts if toolchain else ()
    path = f"{tools['PATH']}:{places.SYSTEM_PATH}" if tools else places.SYSTEM_PATH
    if rust is not None:
        variables = sysconfig_data(site.root.path, site.target, site.prefix) if site.root.path else {}
        recipe = backends.cargo.recipe(site.target, rust, tools, variables)
        env = {**env, **backends.lay([recipe], site.directory("job"))}
        mounts = (*mounts, *rust.mounts)
        path = f"{rust.bin}:{path}"

    def sandbox(further: tuple[Mount, ...]) -> Sandbox:
        return site.make_sandbox(site.target_view(*mounts, *further))

    beside = engine != "emulated" and not sample.runs_here(site.target.arch)

    def complete(environment: Environment) -> None:
        if beside:
            native_programs.lay(site, environment, fetch)

    return Workshop(
        sandbox=sandbox,
        environment=lambda place, env: TargetEnvironment(site, place, env),
        env={**env, **tools, "PATH": path, "CROSSWHEEL_ENGINE": engine},
        complete=complete,
        seen=site.seen,
    )
