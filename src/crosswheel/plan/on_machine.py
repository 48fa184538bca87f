"""What can be built where commands run on the machine itself: its own Python's wheels, by its own compilers."""

from collections.abc import Iterable
from dataclasses import replace

from crosswheel.architectures import HOST
from crosswheel.errors import Fault
from crosswheel.model import EngineName, Target
from crosswheel.plan.settings import Settings

# The compilers of the root, which is the machine; zig's are set up for the paths of a sandbox.
LADDER: tuple[EngineName, ...] = ("emulated",)


def faults(settings: Settings, targets: Iterable[Target]) -> list[Fault]:
    """Architectures and engines that need a sandbox."""
    found: dict[Fault, None] = {}
    for target in targets:
        if target.arch != HOST:
            found[_foreign(settings.sandbox_place, target.arch.name)] = None
            continue
        engine, place = settings.engine_for(target.identifier)
        if engine not in ("auto", *LADDER):
            problem = (
                f"{engine} is not for the sandbox host: its compilers are set up for the paths of a sandbox"
            )
            found[Fault(place, problem, f"use one of auto, {', '.join(LADDER)}")] = None
    return [replace(fault, where=settings.line_of(fault.place)) for fault in found]


def _foreign(place: str, arch: str) -> Fault:
    problem = (
        f"host runs this machine's own Python and compilers, which build for {HOST.name}, not for {arch}"
    )
    return Fault(place, problem, "use one of auto, namespace, container")
