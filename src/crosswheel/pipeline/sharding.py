"""One of several parts of a plan."""

from dataclasses import replace

from crosswheel.engines.foresight import may_serve_several_pythons
from crosswheel.model import Plan
from crosswheel.plan.shards import parsed, shard


def part(plan: Plan, text: str) -> Plan:
    """The plan with the jobs of one part: ``2/5`` is the second of five; the same on every machine.

    :raises ConfigurationError: it is no such pair.
    """
    number, total = parsed(text)
    together = may_serve_several_pythons(plan.project.path)
    return replace(plan, jobs=shard(plan.jobs, number, total, together=together))
