"""From the wheel that a build backend made to one that may leave: repaired, then verified."""

import sys
from collections.abc import Mapping
from pathlib import Path

from crosswheel.errors import VerificationError
from crosswheel.model import Job
from crosswheel.pipeline.parts import Parts
from crosswheel.pipeline.recorder import Recorder
from crosswheel.pipeline.variables import ProjectVariables
from crosswheel.provision import pythons
from crosswheel.seams import Mount, View
from crosswheel.site import places
from crosswheel.site.commands import fill, shell
from crosswheel.site.site import Site
from crosswheel.wheels import repair
from crosswheel.wheels.facts import WheelFacts
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.leaks import leaked
from crosswheel.wheels.verify import notes, problems

_WHEEL_IN = f"{places.BASE}/wheel"
_REPAIRED = f"{places.BASE}/repaired"
_SHIM = f"{places.BASE}/repair-tools"


def finish(
    site: Site,
    built: Path,
    common: Mapping[str, str],
    own: ProjectVariables,
    job: Job,
    package: str,
    parts: Parts,
    recorder: Recorder,
) -> tuple[Path, WheelFacts]:
    """Repair and verify a built wheel.

    :param own: the project's variables.
    :param package: the package's directory relative to the project.
    :param env: the variables common to all commands of the job.
    :return: the repaired wheel, on the host, and what it is.
    :raises RepairCountError: the repair command left none or several.
    :raises VerificationError: it is not correct for the target.
    """
    with recorder.step("repair"):
        wheel = _repaired(site, built, common, own, job, package)
    with recorder.step("verify"):
        facts = inspect(wheel)
        found = problems(
            facts,
            target=job.target,
            floor=site.root.libc_version,  # a wheel that promises no older one was built against this
            python_exports=parts.python_exports(_interpreter(site)),
            libc_exports=parts.libc_exports(site.root.path or Path("/"), job.target),
        )
        leaks = tuple(leaked(wheel, site.base, places.TOOLS))
        found = (*found, *(str(leak) for leak in leaks if leak.misleads))
        if found:
            raise VerificationError(wheel.name, found)
        for text in (*notes(facts), *(str(leak) for leak in leaks)):
            recorder.note(text)
    return wheel, facts


def _repaired(
    site: Site, built: Path, common: Mapping[str, str], own: ProjectVariables, job: Job, package: str
) -> Path:
    command = job.options.repair_wheel_command
    if command == "":
        return built
    out = site.directory("repaired")
    shim = repair.write_shim(site.directory("repair-tools"), sys.executable)
    seen = Path(_WHEEL_IN) / built.name
    line = fill(command or repair.default_command(), package=package, wheel=str(seen), dest_dir=_REPAIRED)
    mounts = (
        *site.common_mounts(),
        *_own_files(),
        Mount(built, str(seen)),
        Mount(out, _REPAIRED, writable=True),
        Mount(shim.parent, _SHIM),
        *((Mount(site.layered, places.SYSROOT),) if site.layered else ()),
    )
    env = {
        **common,
        "PATH": f"{_SHIM}:{Path(sys.executable).parent}:{places.SYSTEM_PATH}",
        "CROSSWHEEL_TARGET_MACHINE": job.target.arch.name,
        "CROSSWHEEL_TARGET_LIBC": common["AUDITWHEEL_POLICY"] if job.target.libc == "musllinux" else "",
        "CROSSWHEEL_TARGET_ROOT": places.SYSROOT if site.layered else "/",
    }
    env["CROSSWHEEL_DEFAULT_PLAT"] = env["AUDITWHEEL_PLAT"]
    sandbox = site.make_sandbox(View(None, mounts))
    shell(sandbox, line, own.over(env, sandbox), "repair")
    return repair.one_wheel(out)


def _own_files() -> tuple[Mount, ...]:
    """What crosswheel's own Python needs to start in a sandbox of the machine's programs."""
    modules = {Path(entry) for entry in (*sys.path, sys.prefix) if entry and Path(entry).is_dir()}
    return (*pythons.own().mounts, *pythons.hidden_places(modules))


def _interpreter(site: Site) -> Path:
    """The ELF that offers CPython's symbols to extension modules."""
    python = Path(site.root.python)
    return site.root.path / python.relative_to("/") if site.root.path else python
