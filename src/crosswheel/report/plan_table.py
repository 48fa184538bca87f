"""A plan as a table for people and as JSON for programs."""

import json

from crosswheel.model import ASKED_FOR, UNKNOWN, ZIG_ENGINES, Estimate, Job, Libc, LibcVersion, Part, Plan
from crosswheel.report.installable import pip_of, policy_name, systems_of
from crosswheel.report.text import NO_BREAK, clean, count, duration, size, table, wrap

SCHEMA_VERSION = 1
_SHOWN = 4  # identifiers in one sentence
_HEADER = ("identifier", "engines", "source", "libc", "to fetch", "takes")


def render(plan: Plan, estimate: Estimate = UNKNOWN, *, width: int = 80) -> str:
    """The plan as plain text: a row per job, then why these sources, where several were asked, then the engines
    that failed in an earlier run, then who can install the wheels, then what is still to be fetched, then what was
    left out.

    :param width: columns that reasons are wrapped to.
    """
    sections = [
        _jobs(plan, estimate),
        _sources(plan, width),
        _skipped(plan, width),
        _installable(plan, width),
        _parts(plan),
        [_total(plan, estimate)],
        _left_out(plan, width),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def to_json(plan: Plan, estimate: Estimate = UNKNOWN) -> str:
    """The plan as JSON, in the plan's order. ``schema_version`` grows when a key changes or goes.

    - ``schema_version``: 1
    - ``project``: ``label`` (as the user named it), ``path``
    - ``jobs``: a list of ``identifier``, ``python`` (``cp311``), ``libc`` (``manylinux``, ``musllinux``),
      ``architecture``, ``engines`` (best first), ``engines_skipped`` (a list of ``engine``, ``reason``: they
      failed in an earlier run), ``source``, ``source_reason`` (a clause: why this one),
      ``glibc_floor`` (``2.17``; null for musllinux),
      ``installable`` (what the wheel may need at most where the first engine serves: ``policy``, the first ``pip``
      that takes it, ``systems``: a list of the first releases of distributions),
      ``parts``: a list of ``name``, ``bytes`` (null where not known), ``present``,
      ``seconds`` (as earlier runs tell; null where they do not), ``kept`` (whether an earlier run built and tested
      the wheel from the same)
    - ``takes``: ``seconds`` (for the whole run; null where a job is unknown), ``jobs_at_once``
    - ``to_fetch``: ``bytes`` (of the sizes known), ``unknown`` (number of parts of unknown size),
      ``parts`` (names; a part that several jobs share stands there once)
    - ``left_out``: a list of ``identifier``, ``reason``
    - ``warnings``: a list of sentences
    """
    missing = _missing(plan)
    document = {
        "schema_version": SCHEMA_VERSION,
        "project": {"label": plan.project.label, "path": str(plan.project.path)},
        "jobs": [
            {
                **_job(job, plan.parts.get(job.identifier, ())),
                "seconds": estimate.jobs.get(job.identifier),
                "kept": job.identifier in estimate.kept,
            }
            for job in plan.jobs
        ],
        "takes": {"seconds": estimate.whole, "jobs_at_once": estimate.at_once},
        "to_fetch": {
            "bytes": sum(part.size for part in missing),
            "unknown": sum(not part.size for part in missing),
            "parts": [part.name for part in missing],
        },
        "left_out": [{"identifier": identifier, "reason": reason} for identifier, reason in plan.left_out],
        "warnings": list(plan.warnings),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _job(job: Job, parts: tuple[Part, ...]) -> dict[str, object]:
    return {
        "identifier": job.identifier,
        "python": job.target.python.tag,
        "libc": job.target.libc,
        "architecture": job.target.arch.name,
        "engines": list(job.ladder),
        "engines_skipped": [{"engine": step.engine, "reason": step.reason} for step in job.skipped],
        "source": job.source,
        "source_reason": job.source_reason,
        "glibc_floor": _floor(job) if job.target.libc == "manylinux" else None,
        "installable": {
            "policy": policy_name(*_policy(job)),
            "pip": pip_of(*_policy(job)),
            "systems": list(systems_of(*_policy(job))),
        },
        "parts": [{"name": part.name, "bytes": part.size or None, "present": part.present} for part in parts],
    }


def _floor(job: Job) -> str:
    return ".".join(map(str, job.floor))


def _libc(job: Job) -> str:
    """The oldest C library that engines with zig compile for: ``glibc 2.17``, ``musl 1.2``."""
    return f"{job.target.c_library} {_floor(job)}"


def _jobs(plan: Plan, estimate: Estimate) -> list[str]:
    rows = [
        (
            job.identifier,
            ", ".join(job.ladder),
            job.source,
            _libc(job),
            _amount([part for part in plan.parts.get(job.identifier, ()) if not part.present]),
            "kept" if job.identifier in estimate.kept else _about(estimate.jobs.get(job.identifier)),
        )
        for job in plan.jobs
    ]
    if not estimate.jobs:  # nothing is known: no column of dashes
        return table([row[:-1] for row in (_HEADER, *rows)]) if rows else []
    return table([_HEADER, *rows]) if rows else []


def _sources(plan: Plan, width: int) -> list[str]:
    groups: dict[tuple[str, str], list[str]] = {}
    for job in plan.jobs:
        if job.source_reason and job.source_reason != ASKED_FOR:
            groups.setdefault((job.source, job.source_reason), []).append(job.identifier)
    lines = []
    for (source, reason), names in groups.items():
        who = "" if len(names) == len(plan.jobs) else f" ({', '.join(names[:_SHOWN])}{_more(names)})"
        lines += wrap(f"{source}: {clean(reason)}{who}", width=width, indent="  ")
    return ["why these sources:", *lines] if lines else []


def _more(names: list[str]) -> str:
    return f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""


def _about(seconds: float | None) -> str:
    return "-" if seconds is None else duration(seconds)


def _skipped(plan: Plan, width: int) -> list[str]:
    lines = []
    for job in plan.jobs:
        for step in job.skipped:
            text = f"{job.identifier} begins at {job.ladder[0]}: {step.engine} failed before, {clean(step.reason)}"
            lines += wrap(text, width=width, indent="")
    return [*lines, "--engine NAME tries one again"] if lines else []


def _policy(job: Job) -> tuple[Libc, LibcVersion]:
    """The newest policy that the wheel may need where the first engine serves."""
    if job.target.libc == "musllinux":
        return "musllinux", (1, 2)  # the only one that there is an image for
    own = () if job.ladder[0] in ZIG_ENGINES else (job.root_libc or job.policy,)
    return "manylinux", max((job.floor, *own))


def _installable(plan: Plan, width: int) -> list[str]:
    policies = dict.fromkeys(map(_policy, plan.jobs))
    lines = []
    for policy in sorted(policies):
        systems = systems_of(*policy) or ("no release that is known here",)
        who = ", ".join((f"pip {pip_of(*policy)}", *systems)).replace(" ", NO_BREAK)
        who = who.replace(f",{NO_BREAK}", ", ")
        lines += wrap(f"{policy_name(*policy)}: {who}", width=width, indent="  ")
    return ["who can install the wheels, each or newer:", *lines] if lines else []


def _parts(plan: Plan) -> list[str]:
    missing = _missing(plan)
    rows = [(f"  {clean(part.name)}", size(part.size) if part.size else "size not known") for part in missing]
    return ["to fetch, each once:", *table(rows)] if missing else []


def _missing(plan: Plan) -> list[Part]:
    """What is still to be fetched, each part once, in the order of first need."""
    parts = (part for job in plan.jobs for part in plan.parts.get(job.identifier, ()))
    return list({part.name: part for part in parts if not part.present}.values())


def _amount(parts: list[Part]) -> str:
    known = sum(part.size for part in parts)
    unknown = sum(not part.size for part in parts)
    words = [size(known)] if known else []
    if unknown:
        words.append(f"{count(unknown, 'part')} of unknown size")
    return " + ".join(words) or "nothing"


def _total(plan: Plan, estimate: Estimate) -> str:
    kept = f", {len(estimate.kept)} of them kept" if estimate.kept else ""
    text = f"{count(len(plan.jobs), 'wheel')} to build{kept}, {_amount(_missing(plan))} to fetch"
    if estimate.whole is None:
        return text
    at_once = f", {estimate.at_once} at once" if estimate.at_once > 1 else ""
    return f"{text}; about {duration(estimate.whole)}{at_once}, as earlier runs tell"


def _left_out(plan: Plan, width: int) -> list[str]:
    if not plan.left_out:
        return []
    column = max(len(identifier) for identifier, _ in plan.left_out) + 2
    lines = ["left out:"]
    for identifier, reason in plan.left_out:
        # No-break spaces pad the identifier: wrapping takes them for a part of it.
        text = f"{identifier:{NO_BREAK}<{column - 1}} {clean(reason)}"
        lines += wrap(text, width=width, indent="  ", hang=column)
    return lines
