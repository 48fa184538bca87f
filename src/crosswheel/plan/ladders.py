"""Which engines are tried for an architecture, best first."""

from typing import Literal

from crosswheel.architectures import HOST, Architecture
from crosswheel.errors import Fault
from crosswheel.model import EngineName

# Keyed by whether the architecture's programs run on the host as they are; `emulated` then means the root's
# own compilers, run directly.
_LADDERS: dict[bool, tuple[EngineName, ...]] = {
    True: ("native", "emulated"),
    False: ("cross", "hybrid", "emulated"),
}


def ladder(arch: Architecture, engine: EngineName | Literal["auto"]) -> tuple[EngineName, ...]:
    """The engines to try.

    :param engine: one engine, or ``auto`` for all that serve.
    :return: empty where the engine named cannot serve the architecture.
    """
    engines = _LADDERS[HOST.name in arch.runs_on]
    if engine == "auto":
        return engines
    return (engine,) if engine in engines else ()


def misfit(arch: Architecture, engine: str) -> Fault:
    """The fault of an engine that cannot serve an architecture."""
    native = HOST.name in arch.runs_on
    why = f"programs of {arch.name} {'run' if native else 'do not run'} on {HOST.name} as they are"
    others = ", ".join(_LADDERS[native])
    return Fault("--engine", f"{engine} is not for {arch.name}: {why}", f"use one of auto, {others}")
