"""From what the probes found: what can be built and tested for an architecture, and what is in the way. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crosswheel.architectures import Architecture
from crosswheel.findings import Ability, Finding, Sample, Way
from crosswheel.model import EngineName

_UNPACKED = 5  # times as much as is fetched: what it takes on the disk
_WITHOUT_ZIG = ("hybrid-gcc", "emulated")
_CONTAINERS = ("docker", "podman")
_ORDER = ("native", "namespace", "host", *_CONTAINERS)


@dataclass(frozen=True)
class Stock:
    """What the cache has for an architecture, and what is made for it.

    :param native: whether its programs run as they are.
    :param ladder: the engines of ``auto``.
    :param roots: the Pythons of the roots that are there (``3.11``).
    :param missing: bytes that have to be fetched by apt before the first wheel.
    :param zig: whether it is there.
    :param cross_gcc: whether Debian has cross compilers for it.
    """

    native: bool
    ladder: tuple[EngineName, ...]
    roots: tuple[str, ...] = ()
    missing: int = 0
    zig: bool = False
    cross_gcc: bool = False


@dataclass(frozen=True)
class Case:
    """All that an architecture is judged by.

    :param findings: by the probe's name.
    :param ways: those that were tried.
    """

    arch: Architecture
    findings: Mapping[str, Finding]
    ways: Sequence[Way]
    stock: Stock

    def way(self, name: str) -> Way | None:
        return next((way for way in self.ways if way.name == name), None)


def judge(case: Case, sample: Sample | str) -> Ability:
    """What this machine can do for an architecture.

    :param sample: how fast its programs run, or why that is not known.
    """
    ways = [*case.ways]
    if case.stock.native:
        ways.append(Way("native", True, "they run as they are"))
    obstacles = tuple(dict.fromkeys(_obstacles(case)))
    return Ability(
        arch=case.arch.name,
        engines=tuple(_engines(case)),
        ways=tuple(sorted(ways, key=lambda way: _ORDER.index(way.name))),
        roots=case.stock.roots,
        sample=sample if isinstance(sample, Sample) else None,
        no_sample=sample if isinstance(sample, str) else "",
        obstacles=obstacles,
        improvements=tuple(dict.fromkeys(filter(None, _improvements(case, blocked=bool(obstacles))))),
    )


def _obstacles(case: Case) -> Iterator[str]:
    yield from map(_sentence, _in_the_way(case, ("machine", "user-namespaces", "cache", "disk")))
    if not case.stock.native:
        yield from _emulation_obstacles(case)
    if case.findings["cache"].status == "good":
        yield from _fetching_obstacles(case)


def _in_the_way(case: Case, names: Iterable[str]) -> list[Finding]:
    found = [case.findings[name] for name in names]
    return [finding for finding in found if finding.status in ("bad", "unknown")]


def _emulation_obstacles(case: Case) -> Iterator[str]:
    emulation, way = case.findings["private-emulation"], case.way("namespace")
    if case.findings["user-namespaces"].status == "bad":
        return  # that says it all
    if way is None:  # the probe did not end
        yield _sentence(emulation)
    elif way.works is False:
        yield f"programs of {case.arch.name} do not run in a sandbox: {way.reason}"


def _fetching_obstacles(case: Case) -> Iterator[str]:
    stock, findings, name = case.stock, case.findings, case.arch.name
    if stock.missing and findings["mirror"].status != "good":
        yield f"what {name} needs cannot be fetched: {_sentence(findings['mirror'])}"
    if not stock.zig and findings["index"].status != "good":
        yield f"zig cannot be fetched: {_sentence(findings['index'])}"
    if findings["zig"].status == "bad":
        yield _sentence(findings["zig"])
    free, need = _free(findings["disk"]), stock.missing * _UNPACKED
    if free is not None and free < need:
        yield (
            f"the first build for {name} fetches and unpacks about {need / 1e9:.1f} GB, "
            f"and {free / 1e9:.1f} GB are free"
        )


def _free(disk: Finding) -> int | None:
    """Bytes that are free for the cache; None where that could not be found out."""
    place = disk.details.get("cache")
    free = place.get("free") if isinstance(place, Mapping) else None
    return free if isinstance(free, int) else None


def _sentence(finding: Finding) -> str:
    return f"{finding.fact}: {finding.cause}" if finding.cause else finding.fact


def _engines(case: Case) -> Iterator[EngineName]:
    """Those of the ladder that serve, in whichever sandbox programs of the architecture run."""
    if _in_the_way(case, ("machine", "cache", "disk")) or not _runs(case):
        return
    zig = case.stock.zig or case.findings["index"].status == "good"
    for engine in case.stock.ladder:
        if engine == "hybrid-gcc" and not case.stock.cross_gcc:
            continue
        if engine in _WITHOUT_ZIG or (zig and case.findings["zig"].status != "bad"):
            yield engine


def _runs(case: Case) -> bool:
    """Whether there is a sandbox: a namespace, which may not have been tried for want of QEMU, or a container."""
    if any((way := case.way(name)) is not None and way.works for name in _CONTAINERS):
        return True
    if _in_the_way(case, ("user-namespaces",)):
        return False
    namespace = case.way("namespace")
    return case.stock.native or (namespace is not None and namespace.works is not False)


def _improvements(case: Case, *, blocked: bool) -> Iterator[str]:
    """Commands; nothing where all is well."""
    needed = ("machine", "user-namespaces", "cache", "disk", *(() if case.stock.native else ("zig",)))
    yield from (finding.remedy for finding in _in_the_way(case, needed))
    namespace, host = case.way("namespace"), case.way("host")
    if namespace is not None and namespace.works is False:
        yield namespace.remedy
        if host is not None and any(case.findings[name].status == "good" for name in _CONTAINERS):
            yield host.remedy
    if blocked and case.findings["cache"].status == "good":
        missing = (("mirror", case.stock.missing > 0), ("index", not case.stock.zig))
        yield from (case.findings[name].remedy for name, wanted in missing if wanted)
    for name in _CONTAINERS:
        way = case.way(name)
        if way is not None and way.works and blocked:
            yield f"crosswheel build --sandbox container --archs {case.arch.name}"
        elif way is not None and way.works is False and case.findings[name].status == "good":
            yield way.remedy
