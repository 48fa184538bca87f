"""Whether images and roots fit what is to be built in them, as far as names and tables tell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from crosswheel import images, references
from crosswheel.errors import Fault
from crosswheel.images import Image
from crosswheel.model import ZIG_ENGINES, Job, LibcVersion, Target
from crosswheel.plan.floors import floor_of, lowest
from crosswheel.plan.ladders import lack, ladder, ladder_from
from crosswheel.plan.origin import IMAGE, Choice
from crosswheel.plan.settings import Settings

_SHOWN = 6  # identifiers in one sentence


def faults(settings: Settings, targets: Iterable[Target]) -> list[Fault]:
    """Images that cannot serve what they are named for.

    :param targets: those whose roots are images.
    """
    found: dict[Fault, None] = {}
    for target in targets:
        image = settings.options_for(target.identifier).image
        place = settings.place_of(_option(target))
        found.update((Fault(place, problem, hint), None) for problem, hint in _misfits(image, target))
    return list(found)


def engine_faults(settings: Settings, sources: Mapping[Target, str]) -> list[Fault]:
    """Engines that are named and cannot work in the roots of a source.

    :param sources: the names of the targets' sources.
    """
    found: dict[Fault, None] = {}
    for target, why in without_engine(settings, sources).items():
        _, place = settings.engine_for(target.identifier)
        engines = ", ".join(("auto", *ladder_from(sources[target], target, "auto")))
        found[Fault(place, why, f"use one of {engines}")] = None
    return list(found)


def without_engine(settings: Settings, sources: Mapping[Target, str]) -> dict[Target, str]:
    """Targets whose engine cannot work in the roots of their source, each with the reason.

    :param sources: the names of the targets' sources.
    """
    engines = (
        (target, source, settings.engine_for(target.identifier)[0]) for target, source in sources.items()
    )
    return {target: f"{engine} is not for {why}" for target, source, engine in engines
            if ladder(target.arch, engine) and (why := lack(source, target.libc, engine))}  # fmt: skip


def _misfits(name: str, target: Target) -> Iterator[tuple[str, str]]:
    """What is wrong with an image for a target, with what to name instead."""
    named = images.named(name)
    if named is None:  # another image; what is in it shows when it is there
        if name and references.parse(name) is None:
            yield f"names {name}, which is no name of an image", f"use one of {references.FORMS}"
        return
    image, arch = named.image, target.arch.name
    needed = target.c_library
    if image.libc != needed:
        default = images.default(target.libc, arch).name
        yield f"names {name}, which has {image.libc}; a {target.libc} wheel needs {needed}", f"name {default}"
    elif named.arch not in ("", arch):
        hint = f"name {image.name if arch in image.archs else _serving(target)}"
        yield f"names {name}, which is for {named.arch}, not for {arch}", hint
    elif arch not in image.archs:
        yield f"names {name}, of which there is none for {arch}", f"name {_serving(target)}"


def _serving(target: Target) -> str:
    """The images that there are for a target."""
    libc = target.c_library
    fitting = (
        image.name
        for image in images.IMAGES.values()
        if image.libc == libc and target.arch.name in image.archs and not image.ended
    )
    return " or ".join(fitting)


def warnings(jobs: Sequence[Job]) -> tuple[str, ...]:
    """What a person should know of the images and roots of a plan, a sentence each."""
    texts = (text for job in jobs for text in (*_about_policy(job), *_about_end(job)))
    return (*dict.fromkeys(texts), *about_compilers(jobs))


def instead_of_images(chosen: Mapping[Target, Choice]) -> Iterator[str]:
    """Images that a project names and that are not used, a sentence each."""
    found = ((_option(target), choice) for target, choice in chosen.items() if choice.instead_of)
    for option, source, why in dict.fromkeys((name, one.source.name, one.instead_of) for name, one in found):
        yield f"{option}: {why}, so that {source} serves in place of the image (--source image insists on it)"


def _about_policy(job: Job) -> Iterator[str]:
    """An image whose policy cannot be had, or that names none and is not used either."""
    image, target = job.options.image, job.target
    if not image:
        return
    floor, libc = floor_of(image, target.libc), target.c_library
    if floor is None and job.source != IMAGE:
        wanted = f"{_option(target)}: {image} names no {target.libc} policy, and no image is run"
        yield f"{wanted}; the floor is {libc} {_version(job.floor)} (--source image builds in the image)"
    elif floor is not None and floor < lowest(target):
        yield f"{_option(target)}: {image} is below {libc} {_version(job.floor)}, the lowest for {target.arch.name}"


def _about_end(job: Job) -> Iterator[str]:
    """An image that is no longer made, or whose distribution is no longer supported."""
    named = images.named(job.options.image)
    if named is None or job.source != IMAGE:
        return
    image: Image = named.image
    instead = f"{image.heir} replaces it"
    if image.ended:
        when = f"has had no release since {image.ended} ({image.about})"
        yield f"{_option(job.target)}: {image.name} {when}; {instead}"
    elif image.base_ended:
        when = f"is made of {image.base}, which lost its support on {image.base_ended}"
        yield f"{_option(job.target)}: {image.name} {when}; {instead}"


def about_compilers(jobs: Iterable[Job]) -> Iterator[str]:
    """Roots whose own compilers link against a newer glibc than the wheel's policy has. musl has one policy."""
    groups: dict[tuple[str, LibcVersion, str], list[Job]] = {}
    for job in jobs:
        newer = job.root_libc is not None and job.root_libc > job.policy and job.target.libc == "manylinux"
        if newer and job.ladder[0] not in ZIG_ENGINES:
            above = next(engine for engine in ladder(job.target.arch, "auto") if engine in ZIG_ENGINES)
            groups.setdefault((job.ladder[0], job.policy, above), []).append(job)
    for (own, policy, better), found in groups.items():
        has = " or ".join(sorted({_version(job.root_libc or policy) for job in found}))
        yield (
            f"{listed([job.identifier for job in found])}: {own} links against glibc {has} of the root, so that "
            f"the wheel may not hold manylinux_{_version(policy, '_')}; {better} links against an older one"
        )


def listed(names: Sequence[str]) -> str:
    """The first few of many identifiers."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _option(target: Target) -> str:
    return f"{target.libc}-{target.arch.name}-image"


def _version(glibc: LibcVersion, sign: str = ".") -> str:
    return f"{glibc[0]}{sign}{glibc[1]}"
