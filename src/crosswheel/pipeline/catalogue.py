"""Which sources there are, and what a plan will fetch; cheap, for ``crosswheel plan``."""

import os
from dataclasses import replace

from crosswheel.model import Part, Plan
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.host import HostSource
from crosswheel.provision.toolchains import zig
from crosswheel.seams import Progress, Source
from crosswheel.store import Store

ZIG_ENGINES = ("native", "cross", "hybrid")


def sources(store: Store, progress: Progress, *, source: str, mirror: str | None) -> tuple[Source, ...]:
    """The sources to ask, in order.

    :param source: ``auto``, ``host`` or ``debian``.
    """
    debian, host = DebianSource(store, progress, mirror), HostSource(os.environ)
    return {"auto": (debian, host), "debian": (debian,), "host": (host,)}[source]


def complete(plan: Plan, store: Store) -> Plan:
    """The plan with the parts that no source knows of: zig."""
    tool = Part(f"zig {zig.VERSION}", zig.SIZE, zig.present(store))
    wanting = {job.identifier for job in plan.jobs if set(job.ladder) & set(ZIG_ENGINES)}
    parts = {name: (*plan.parts.get(name, ()), *((tool,) if name in wanting else ())) for name in
             (job.identifier for job in plan.jobs)}  # fmt: skip
    return replace(plan, parts=parts)
