"""The target of a command that names no identifier: an architecture, and perhaps a Python."""

from collections.abc import Sequence

from crosswheel.architectures import Architecture
from crosswheel.errors import ConfigurationError, Fault, ProvisionError
from crosswheel.model import Python, Target
from crosswheel.plan.identifiers import TARGETS
from crosswheel.seams import Source


def choose(
    arch: Architecture, wanted: str | None, own: tuple[int, int], sources: Sequence[Source]
) -> tuple[Target, Source]:
    """The target, and the first source that offers it.

    :param wanted: ``3.11`` or ``cp311``; None for the Python that runs crosswheel, or the newest release offered.
    :param own: the version of that Python.
    :raises ConfigurationError: ``wanted`` names no Python.
    :raises ProvisionError: no source has it.
    """
    offered = [
        (target, source)
        for target in TARGETS
        if target.arch == arch and (source := next((one for one in sources if one.offers(target)), None))
    ]
    if wanted is not None:
        named = {name: target.python for target in TARGETS for name in _names(target.python)}
        if wanted not in named:
            raise ConfigurationError(
                (Fault("--python", f"is {wanted!r}, which names no Python", "as 3.11 or cp311"),)
            )
        offered = [(target, source) for target, source in offered if target.python == named[wanted]]
    if not offered:
        raise ProvisionError(
            f"no source has {f'Python {wanted}' if wanted else 'a Python'} for {arch.name}",
            cause="; ".join(source.describe() for source in sources),
            remedy="name another with --python, or another --source",
        )
    return max(offered, key=lambda one: _rank(one[0].python, own))


def _names(python: Python) -> tuple[str, ...]:
    plain = (f"{python.version}{python.suffix}",) if python.implementation == "cp" else ()
    return (python.tag, *plain)


def _rank(python: Python, own: tuple[int, int]) -> tuple[bool, tuple[int, int]]:
    """What is nearest to the own Python comes last: for that there is a native one to help."""
    version = (python.major, python.minor)
    return version == own, version
