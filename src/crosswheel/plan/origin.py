"""Which source serves a target where the user leaves it open (``--source auto``).

The first of these that has the target's Python:

1. **The image that the project names**, where it is unpacked already or its registry answers. An alias such as
   ``manylinux_2_28`` names a policy, not an image: only a full name (``quay.io/pypa/manylinux_2_28_aarch64:TAG``, a
   digest, a name of one's own registry) asks for an image's files. So a project that says which systems its wheels
   are for is built without an image, fast and offline, and one that wants the files of an image gets them.
2. **What served this target of this project before**, noted when it was chosen. Without the note a root that
   another project has fetched, or that ``cache prune`` took away, would give the next run a wheel of other headers
   and libraries.
3. **What is in the store** already.
4. **What is had fastest**, in the order debian, host, standalone, musl: a root of Debian is the same on every
   machine, and a standalone Python needs one too; this machine's own Pythons fetch nothing, but are others on the
   next one; a CPython for musl takes minutes to compile.

Nobody is asked on the network but where something has to be fetched, and another source could do without the one
that is asked, or one that is not the first has the Python alone. If that cannot be reached, a target that only a
wildcard selects is left out, as one that no source has. One that could be had before is not left out but fails: no
run gives fewer wheels than the last without an error. What serves only because another cannot be reached is not
noted: the next run asks again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from crosswheel import images
from crosswheel.model import ASKED_FOR, Target
from crosswheel.seams import Reach, Source

IMAGE, HOST = "image", "host"
ONLY, STORED = "no other source has it", "its root is in the cache"


@dataclass(frozen=True)
class Choice:
    """A source for a target.

    :param reason: why this one, a clause without a full stop.
    :param lasting: whether the next run is to choose the same.
    :param instead_of: why the image that the project names is not used; else empty.
    :param away: why the source, which alone has the target, cannot be reached; else empty.
    """

    source: Source
    reason: str
    lasting: bool = False
    instead_of: str = ""
    away: str = ""


@dataclass(frozen=True)
class Earlier:
    """What was chosen before, by the name of the source."""

    source: str
    reason: str


Ask = Callable[[Reach], str]  # the reason why it cannot be reached; empty where it can


def choose(
    target: Target,
    image: str,
    sources: Sequence[Source],
    *,
    earlier: Mapping[str, Earlier],
    ask: Ask | None = None,
) -> Choice | None:
    """The source of a target; None where none has it.

    :param image: what the project names for its architecture: an alias, an image, or nothing.
    :param sources: the fastest first; a single one is the user's own choice.
    :param earlier: what served before, by identifier.
    :param ask: asks on the network; None where nobody is asked, and the first choice is taken to be there.
    """
    if len(sources) == 1:
        return Choice(sources[0], ASKED_FOR) if sources[0].offers(target) else None
    without = ""
    for source in sources:
        if source.name == IMAGE and images.is_reference(image) and source.offers(target):
            usual = _usual(target, sources)
            without = _unreachable(source, target, ask)
            if not without or not usual:
                return Choice(source, _of_image(source, target, image, usual, asked=ask is not None))
    before = earlier.get(target.identifier)
    found = _known(target, sources, before)
    if found is None:
        usual = _usual(target, sources)
        found = (
            _only(target, usual[0], sources[0], ask) if len(usual) == 1 else _of_several(target, usual, ask)
        )
    if found is None or not without:
        return found
    return replace(found, reason=f"{image} cannot be had", lasting=False, instead_of=without)


def _usual(target: Target, sources: Sequence[Source]) -> list[Source]:
    return [source for source in sources if source.name != IMAGE and source.offers(target)]


def _known(target: Target, sources: Sequence[Source], before: Earlier | None) -> Choice | None:
    """What served before, else what is in the store.

    No source is asked what it has before it must be: for standalone's table uv is run.
    """
    for source in sources:
        if before is not None and source.name == before.source and source.offers(target):
            return Choice(source, before.reason, lasting=True)
    for source in sources:
        if source.name not in {IMAGE, HOST} and source.offers(target) and not source.reaches(target):
            return Choice(source, STORED, lasting=True)
    return None


def _of_image(source: Source, target: Target, image: str, usual: Sequence[Source], *, asked: bool) -> str:
    reason = f"the project names {image}"
    if asked or not usual or not source.reaches(target):
        return reason
    return f"{reason}; {usual[0].name} where that cannot be reached"


def _only(target: Target, source: Source, first: Source, ask: Ask | None) -> Choice:
    if source is first:
        return Choice(source, ONLY, lasting=True)
    why = _unreachable(source, target, ask)
    return Choice(source, ONLY, lasting=ask is not None and not why, away=why)


def _of_several(target: Target, sources: Sequence[Source], ask: Ask | None) -> Choice | None:
    if not sources:
        return None
    first, *others = sources
    usual = Choice(first, f"it comes before {' and '.join(one.name for one in others)}", lasting=True)
    if ask is None:
        return usual
    for reach in first.reaches(target):
        # Those that can do without: where somebody cannot be reached, they may be.
        without = [source for source in others if reach not in source.reaches(target)]
        if without and ask(reach):
            serving = (source for source in without if not _unreachable(source, target, ask))
            found = next(serving, None)
            return (
                Choice(found, f"{first.name} cannot be reached") if found else replace(usual, lasting=False)
            )
    return usual


def _unreachable(source: Source, target: Target, ask: Ask | None) -> str:
    """Why it cannot be reached; empty where it can, or nobody is asked."""
    if ask is None:
        return ""
    return next((why for reach in source.reaches(target) if (why := ask(reach))), "")
