"""Engine ``cross``: a native Python that describes the target, and zig. Nothing of the build is emulated.

What the build starts for the target runs all the same: its sandbox has the emulator too.
"""

from collections.abc import Iterable, Mapping

from crosswheel.architectures import HOST
from crosswheel.engines import backends, identity, libraries, links, overlay
from crosswheel.engines.record import TargetRecord, target_record
from crosswheel.engines.workshop import Workshop
from crosswheel.model import LibcVersion
from crosswheel.seams import Mount, Rust, Sandbox, Toolchain, View
from crosswheel.site import places
from crosswheel.site.environments import Environment, NativeEnvironment, packages_of, unpack_for_target
from crosswheel.site.site import Site

_DESCRIPTION = "identity.json"
_PROGRAMS = "programs"
_TWINS = (places.PROJECT, places.USUAL_PROJECT, places.ENVIRONMENT, places.BEFORE_ENVIRONMENT)
# Projects branch on `uname -m`: it must say the same as os.uname() in the described Python.
_UNAME = """\
#!/bin/sh
answer=$(/usr/bin/uname "$@") || exit
echo "$answer" | sed 's/{here}/{target}/g'
"""


def workshop(
    site: Site, toolchain: Toolchain, rust: Rust | None, floor: LibcVersion, env: Mapping[str, str]
) -> Workshop:
    """A workshop of the native Python.

    :param rust: None where the project needs none.
    :param env: the variables common to all commands of the job.
    """
    assert site.root.path is not None, "a foreign target has a root of its own"
    assert site.layered is not None
    record = target_record(site.target, site.root.path, places.SYSROOT, toolchain, floor, site.prefix)
    recipes = _recipes(record, rust)
    binaries = (f"{places.JOB}/{_PROGRAMS}", toolchain.env()["PATH"], *([rust.bin] if rust else ()))
    (site.directory("job") / _DESCRIPTION).write_text(identity.describe(record))
    _lay_programs(site)
    libraries.lay(site, toolchain)
    links.make_relative(site.root.path, site.layered.layer / "upper", site.target.triplet)
    for place in _TWINS:  # bwrap makes no mount points in what is mounted read-only
        (site.layered.layer / "upper" / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
    view = site.native_view(
        Mount(site.layered, places.SYSROOT), *toolchain.mounts, *(rust.mounts if rust else ())
    )
    view = View(view.root, view.mounts, emulate=site.target.arch, library_root=places.SYSROOT)

    def sandbox(further: tuple[Mount, ...]) -> Sandbox:
        mounts = (*view.mounts, *further)
        return site.make_sandbox(
            View(view.root, (*mounts, *_twins(mounts)), False, view.emulate, view.library_root)
        )

    return Workshop(
        sandbox=sandbox,
        environment=lambda place, env: NativeEnvironment(site, place, env),
        env={
            **env,
            **toolchain.env(),
            **backends.lay(recipes, site.directory("job")),
            "PATH": ":".join((*binaries, places.SYSTEM_PATH)),
            "CROSSWHEEL_ENGINE": "cross",
        },
        hook_env={
            identity.VARIABLE: f"{places.JOB}/{_DESCRIPTION}",
            "_PYTHON_HOST_PLATFORM": f"linux-{site.target.arch.name}",
        },
        settings=lambda requires: backends.settings(recipes, requires),
        prepare=lambda environment: identity.plant(packages_of(site, environment)),
        complete=lambda environment: _lay_over(site, environment),
    )


def _recipes(record: TargetRecord, rust: Rust | None) -> tuple[backends.Recipe, ...]:
    if rust is None:
        return backends.recipes(record)
    of_cargo = backends.cargo.recipe(record.target, rust, record.tools, record.variables)
    return (*backends.recipes(record), of_cargo)


def _twins(mounts: Iterable[Mount]) -> tuple[Mount, ...]:
    """The project and the environments once more below the sysroot.

    pkg-config puts PKG_CONFIG_SYSROOT_DIR before the paths of every ``.pc`` file, of those outside it too.
    """
    return tuple(Mount(one.source, f"{places.SYSROOT}{one.target}") for one in mounts if one.target in _TWINS)


def _lay_programs(site: Site) -> None:
    """Programs of the machine that must answer for the target."""
    directory = site.directory("job") / _PROGRAMS
    directory.mkdir(exist_ok=True)
    (directory / "uname").write_text(_UNAME.format(here=HOST.name, target=site.target.arch.name))
    (directory / "uname").chmod(0o755)


def _lay_over(site: Site, environment: Environment) -> None:
    """Make the target's what the build compiles against in this environment.

    :raises StepError: the target's wheel of such a package cannot be had.
    """
    packages = packages_of(site, environment)
    for found in overlay.compiled_against(packages):
        name = f"{found.name}-{found.version}"
        unpack_for_target(site, f"{places.JOB}/{name}", [f"{found.name}=={found.version}"])
        overlay.lay_over(found, site.directory("job") / name, packages)
