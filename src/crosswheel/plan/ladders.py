"""Which engines are tried for an architecture, best first."""

from crosswheel import sample
from crosswheel.architectures import HOST, Architecture
from crosswheel.errors import ConfigurationError, Fault
from crosswheel.model import EngineChoice, EngineName, Libc, Target

# Keyed by whether the architecture's programs run on the host as they are; `emulated` then means the root's
# own compilers, run directly.
_LADDERS: dict[bool, tuple[EngineName, ...]] = {
    True: ("native", "emulated"),
    False: ("cross", "hybrid", "hybrid-gcc", "emulated"),
}
_FOR_DEBIAN = "Debian's cross compilers link for Debian's roots"


def _without_compilers(roots: str) -> dict[str, str]:
    return {
        "hybrid-gcc": f"{roots}: {_FOR_DEBIAN}",
        "emulated": f"{roots}: there is no compiler in its roots",
    }


# What the roots of a source with a C library lack for an engine.
_OF_IMAGES = {"hybrid-gcc": f"images: {_FOR_DEBIAN}"}
_LACKING: dict[tuple[str, Libc], dict[str, str]] = {
    ("image", "manylinux"): _OF_IMAGES,
    ("image", "musllinux"): _OF_IMAGES,
    ("musl", "musllinux"): _without_compilers("the source musl"),
    ("standalone", "musllinux"): _without_compilers("the source standalone with musl"),
}


def ladder(arch: Architecture, engine: EngineChoice) -> tuple[EngineName, ...]:
    """The engines to try.

    :param engine: one engine, or ``auto`` for all that serve.
    :return: empty where the engine named cannot serve the architecture.
    """
    engines = _LADDERS[sample.runs_here(arch)]
    if engine == "auto":
        return engines
    return (engine,) if engine in engines else ()


def ladder_from(source: str, target: Target, engine: EngineChoice) -> tuple[EngineName, ...]:
    """The same for a target whose root is a source's: not all of them have what every engine needs.

    :param source: by its name.
    """
    lacking = _LACKING.get((source, target.libc), {})
    return tuple(name for name in ladder(target.arch, engine) if name not in lacking)


def lack(source: str, libc: Libc, engine: str) -> str:
    """Why an engine cannot work in the roots of a source, to follow ``ENGINE is not for``; empty where it can."""
    return _LACKING.get((source, libc), {}).get(engine, "")


def misfit(arch: Architecture, engine: str, place: str) -> Fault:
    """The fault of an engine that cannot serve an architecture.

    :param place: what names the engine: a flag, a variable or a key path.
    """
    native = sample.runs_here(arch)
    why = f"programs of {arch.name} {'run' if native else 'do not run'} on {HOST.name} as they are"
    others = ", ".join(_LADDERS[native])
    return Fault(place, f"{engine} is not for {arch.name}: {why}", f"use one of auto, {others}")


def pair(
    target: Target, names: str | None, first: EngineName | None = None, source: str = ""
) -> tuple[EngineName, EngineName]:
    """Two engines whose wheels are to be compared.

    :param names: the two by a comma; None for ``first`` and the reference: ``emulated``, or the lowest there is.
    :param first: the engine to judge; the fastest where it is None or the reference itself.
    :param source: of the root.
    :raises ConfigurationError: they are not two different engines that serve the target in such a root.
    """
    engines = ladder_from(source, target, "auto")
    if len(engines) < 2:
        problem = f"names a wheel with one engine, {engines[0]}, and two are compared"
        raise ConfigurationError((Fault("--only", problem),))
    if names is None:
        return engines[0] if first in (None, engines[-1]) else first, engines[-1]
    wanted = [name.strip() for name in names.split(",")]
    found = [engine for name in wanted for engine in engines if engine == name]
    if len(wanted) != 2 or len(set(found)) != 2:
        problem = f"is {names!r}, which is not two different engines for {target.arch.name}"
        raise ConfigurationError((Fault("--engines", problem, f"two of {', '.join(engines)}, by a comma"),))
    return found[0], found[1]
