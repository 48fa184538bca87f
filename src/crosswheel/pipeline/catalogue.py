"""Which sources there are, and what a plan will fetch; cheap, for ``crosswheel plan``."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from crosswheel.architectures import HOST
from crosswheel.engines.foresight import compiles, needs_rust
from crosswheel.model import ZIG_ENGINES, Job, Part, Plan, Target
from crosswheel.options import Options
from crosswheel.provision import own_rust, pythons, uv
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.host import HostSource
from crosswheel.provision.images import ImageSource
from crosswheel.provision.musl import MuslSource
from crosswheel.provision.standalone import StandaloneSource
from crosswheel.provision.toolchains import ccache, zig
from crosswheel.seams import Progress, Source
from crosswheel.store import Store

GCC_ENGINE = "hybrid-gcc"


def sources(
    store: Store,
    progress: Progress,
    *,
    source: str,
    mirror: str | None,
    options: Callable[[str], Options] = lambda _: Options(),
    asking: bool = True,
) -> tuple[Source, ...]:
    """The sources to ask, in order.

    :param source: one of ``SOURCE_CHOICES``; of those of ``auto`` :mod:`crosswheel.plan.origin` chooses.
    :param options: the options of an identifier, which name its image.
    :param asking: whether a source may be asked on the network before anything of it is needed.
    """
    debian, host = DebianSource(store, progress, mirror), HostSource(os.environ)
    image = ImageSource(store, progress, options=options, environ=os.environ, debian=debian, asking=asking)
    musl = MuslSource(store, progress, debian=debian, mirror=mirror)
    standalone = StandaloneSource(store, progress, environ=os.environ, debian=debian, musl=musl.base)
    named: tuple[Source, ...] = (debian, host, standalone, musl, image)
    return named if source == "auto" else tuple(one for one in named if one.name == source)


def complete(plan: Plan, store: Store, sources: Sequence[Source]) -> Plan:
    """The plan with the parts that serve a target but are not the target's: zig, and a native Python.

    :param sources: those that the plan was made with.
    """
    rust, keeps = needs_rust(plan.project.path), compiles(plan.project.path)
    sources = _with_debian(sources)
    parts = {job.identifier: _unique((*plan.parts.get(job.identifier, ()), *_native_parts(job, store, sources),
                                       *(_ccache(job, store) if keeps else ()),
                                       *(_rust(job, sources) if rust else ()), *_cross_gcc(job, sources),
                                       *_runtime(job, sources)))
             for job in plan.jobs}  # fmt: skip
    return replace(plan, parts=parts)


def _native_parts(job: Job, store: Store, sources: Sequence[Source]) -> tuple[Part, ...]:
    zigs = (
        (Part(f"zig {zig.VERSION}", zig.SIZE, zig.present(store)),)
        if set(job.ladder) & set(ZIG_ENGINES)
        else ()
    )
    if job.target.arch == HOST or pythons.candidates(job.target.python, os.environ):
        return zigs
    native = Target(job.target.python, "manylinux", HOST)
    has = next((source for source in sources if source.offers(native)), None)
    if isinstance(has, StandaloneSource):
        return (*zigs, has.native_part(native.python))
    return (*zigs, *(has.parts(native) if has is not None else ()))


def _ccache(job: Job, store: Store) -> tuple[Part, ...]:
    if job.source == "host" and job.ladder == ("emulated",):  # the machine's own compilers are left alone
        return ()
    return (Part(f"ccache {ccache.VERSION}", ccache.SIZE, ccache.present(store)),)


def _rust(job: Job, sources: Sequence[Source]) -> tuple[Part, ...]:
    own, outside = own_rust.find(os.environ), not {"cross", "native"}.isdisjoint(job.ladder)
    if own is not None and own.serves(job.target.rust) and outside:  # it does not run in a foreign root
        return ()
    if job.ladder == ("emulated",):  # the root's own
        return ()
    return tuple(source.rust.part(job.target) for source in sources if isinstance(source, DebianSource))


def _cross_gcc(job: Job, sources: Sequence[Source]) -> tuple[Part, ...]:
    """Debian's cross compilers where they are sure to be fetched: few jobs of a whole ladder come to need them."""
    if job.ladder != (GCC_ENGINE,):
        return ()
    base = job.source == StandaloneSource.name
    parts = (
        source.cross_gcc_part(job.target, base=base) for source in sources if isinstance(source, DebianSource)
    )
    return tuple(part for part in parts if part is not None)


def _runtime(job: Job, sources: Sequence[Source]) -> tuple[Part, ...]:
    """What uv and other native programs run with in a root that is not of their kind."""
    if uv.runs_in_root(job.target):
        return ()
    return tuple(source.runtime_part() for source in sources if isinstance(source, DebianSource))


def _with_debian(sources: Sequence[Source]) -> tuple[Source, ...]:
    """The sources for what serves a target: Debian first, which others bring along, and no images."""
    found: dict[str, Source] = {}
    for source in sources:
        if isinstance(source, ImageSource | MuslSource | StandaloneSource):
            found.setdefault(source.debian.name, source.debian)
        if not isinstance(source, ImageSource | MuslSource):
            found[source.name] = source
    return tuple(found.values())


def _unique(parts: Iterable[Part]) -> tuple[Part, ...]:
    return tuple({part.name: part for part in parts}.values())
