"""Selected targets become jobs: read this room from here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from crosswheel.errors import ConfigurationError, ProvisionError
from crosswheel.model import EngineChoice, EngineName, Job, LibcVersion, Plan, Project, Target
from crosswheel.plan import checks, fit, on_machine
from crosswheel.plan.fit import listed
from crosswheel.plan.floors import floor_of, lowest, policy_of
from crosswheel.plan.identifiers import TARGETS
from crosswheel.plan.ladders import ladder, ladder_from, misfit
from crosswheel.plan.origin import IMAGE, Choice, choose
from crosswheel.plan.selectors import nothing, select
from crosswheel.plan.settings import Settings
from crosswheel.seams import Source

_AWAY = "only"  # begins the reason why a target is left out that a source has
Origin = Callable[[Target, str], Choice | None]  # by what the project names as image


def make(
    project: Project,
    configuration: Settings,
    *,
    sources: Sequence[Source],
    no_test: bool,
    origin: Origin | None = None,
) -> Plan:
    """All jobs of a project, in the order of the identifiers.

    A target that only a wildcard selects is left out, and said so, where no source offers it.

    :param sources: of these one serves a target.
    :param no_test: no test of any job.
    :param origin: chooses it; by default nobody is asked and nothing is remembered (:mod:`crosswheel.plan.origin`).
    :raises ConfigurationError: a pattern that can select nothing, or an engine that cannot serve a target.
    :raises NothingToBuildError: nothing is selected.
    :raises ProvisionError: no source offers a target named in full, or any target at all.
    """
    targets = select(configuration)
    checks.check_build(configuration)
    if not targets:
        raise nothing(configuration)
    if configuration.sandbox == "host" and (misfits := on_machine.faults(configuration, targets)):
        raise ConfigurationError(tuple(misfits))
    origin = origin or partial(choose, sources=sources, earlier={})
    images = {target: configuration.options_for(target.identifier).image for target in targets}
    chosen = {target: choice for target in targets if (choice := origin(target, images[target])) is not None}
    left_out = (*_left_out(configuration, targets, chosen, sources), *_without_engine(configuration, chosen))
    chosen = {target: choice for target, choice in chosen.items() if target.identifier not in dict(left_out)}
    offered = [(target, choice.source) for target, choice in chosen.items()]
    _check(configuration, offered)
    jobs = tuple(_job(configuration, target, choice, no_test) for target, choice in chosen.items())
    return Plan(
        project=project,
        jobs=jobs,
        parts={target.identifier: source.parts(target) for target, source in offered},
        left_out=left_out,
        warnings=(
            *configuration.warnings,
            *checks.warnings(configuration),
            *fit.instead_of_images(chosen),
            *(f"{name}: {reason}" for name, reason in left_out if reason.startswith(_AWAY)),
            *fit.warnings(jobs),
        ),
    )


def _check(settings: Settings, offered: Sequence[tuple[Target, Source]]) -> None:
    """:raises ConfigurationError: with every engine and every image that cannot serve its targets."""
    chosen = {(target.arch, *settings.engine_for(target.identifier)): None for target, _ in offered}
    misfits = [misfit(arch, engine, place) for arch, engine, place in chosen if not ladder(arch, engine)]
    misfits += fit.faults(settings, [target for target, source in offered if source.name == IMAGE])
    misfits += fit.engine_faults(settings, {target: source.name for target, source in offered})
    if misfits:
        raise ConfigurationError(
            tuple(replace(fault, where=settings.line_of(fault.place)) for fault in misfits)
        )


def _job(settings: Settings, target: Target, choice: Choice, no_test: bool) -> Job:
    source = choice.source
    options, (engine, _) = settings.options_for(target.identifier), settings.engine_for(target.identifier)
    return Job(
        target=target,
        options=replace(options, test_skip=options.test_skip or no_test),
        ladder=_ladder(settings, target, source, engine),
        source=source.name,
        source_reason=choice.reason,
        floor=_floor(target, options.image),
        policy=max(policy_of(options.image, target), lowest(target)),
        root_libc=source.libc_version(target),
    )


def _ladder(
    settings: Settings, target: Target, source: Source, engine: EngineChoice
) -> tuple[EngineName, ...]:
    if settings.sandbox == "host":
        return on_machine.LADDER
    return ladder_from(source.name, target, engine)


def _floor(target: Target, image: str) -> LibcVersion:
    return max(floor_of(image, target.libc) or lowest(target), lowest(target))


def _left_out(
    settings: Settings, targets: Sequence[Target], chosen: Mapping[Target, Choice], sources: Sequence[Source]
) -> tuple[tuple[str, str], ...]:
    """What is selected but not offered, or cannot be reached, each with the reason.

    :raises ProvisionError: one that is not offered is named in full, or nothing is left.
    """
    missing = [target for target in targets if target not in chosen]
    away = {target: f"{_AWAY} {choice.source.name} has it, and {choice.away}" for target, choice in chosen.items()
            if choice.away and target.identifier not in settings.build.exact}  # fmt: skip
    asked = [source for source in sources if len(sources) == 1 or source.name != IMAGE]
    named = [target for target in missing if target.identifier in settings.build.exact]
    if named or not chosen:
        raise ProvisionError(
            f"no source has the Python for {_sentence(named or missing)}",
            cause=_what_there_is(named or missing, asked),
            remedy="build one of these Pythons, or take another --source",
        )
    if len(away) == len(chosen):
        raise ProvisionError(
            f"no source that can be reached has the Python for {_sentence(list(away))}",
            cause=next(choice.away for choice in chosen.values()),
            remedy="check the network, or name a mirror that has it",
        )
    have = "has" if len(asked) == 1 else "have"
    names = _and([source.name for source in asked])
    reasons = {target: f"{names} {have} no {_what(target)}" for target in missing} | away
    return tuple((target.identifier, reasons[target]) for target in targets if target in reasons)


def _what_there_is(missing: Sequence[Target], sources: Sequence[Source]) -> str:
    """Which Pythons the sources have where others are missing: for the first of these C libraries and machines."""
    libc, arch = missing[0].libc, missing[0].arch
    alike = [target for target in TARGETS if (target.libc, target.arch) == (libc, arch)]
    found = {
        source.name: [target.python.tag for target in alike if source.offers(target)] for source in sources
    }
    having = "; ".join(f"{name} has {_and(tags)}" for name, tags in found.items() if tags)
    return f"for {missing[0].machine}: {having or 'nothing'}"


def _without_engine(settings: Settings, chosen: Mapping[Target, Choice]) -> tuple[tuple[str, str], ...]:
    """What only a wildcard selects and the engine that is asked for cannot build; nothing where that is all."""
    unfit = fit.without_engine(settings, {target: choice.source.name for target, choice in chosen.items()})
    if len(unfit) == len(chosen):  # a fault of the engine, then
        return ()
    wild = {target: why for target, why in unfit.items() if target.identifier not in settings.build.exact}
    return tuple((target.identifier, why) for target, why in wild.items())


def _what(target: Target) -> str:
    libc = " with musl" if target.libc == "musllinux" else ""
    return f"{target.python.title}{libc} for {target.arch.name}"


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _sentence(targets: Sequence[Target]) -> str:
    return listed([target.identifier for target in targets])
