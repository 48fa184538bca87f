"""Whether images and roots fit what is to be built in them, as far as names and tables tell."""

from collections.abc import Iterable, Iterator, Sequence

from crosswheel import images
from crosswheel.errors import Fault
from crosswheel.images import Image
from crosswheel.model import ZIG_ENGINES, Glibc, Job, Target
from crosswheel.plan.floors import floor_of
from crosswheel.plan.ladders import ladder
from crosswheel.plan.settings import Settings

IMAGE = "image"  # the source whose roots are images; for any other an image only names a policy
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


def _misfits(name: str, target: Target) -> Iterator[tuple[str, str]]:
    """What is wrong with an image for a target, with what to name instead."""
    named = images.named(name)
    if named is None:  # another image; what is in it shows when it is there
        return
    image, arch = named.image, target.arch.name
    wants_musl = target.libc == "musllinux"
    if wants_musl != (image.libc == "musl"):
        needed = "musl" if wants_musl else "glibc"
        default = images.default(target.libc, arch).name
        yield f"names {name}, which has {image.libc}; a {target.libc} wheel needs {needed}", f"name {default}"
    elif named.arch not in ("", arch):
        hint = f"name {image.name if arch in image.archs else _serving(target)}"
        yield f"names {name}, which is for {named.arch}, not for {arch}", hint
    elif arch not in image.archs:
        yield f"names {name}, of which there is none for {arch}", f"name {_serving(target)}"


def _serving(target: Target) -> str:
    """The images that there are for a target."""
    libc = "musl" if target.libc == "musllinux" else "glibc"
    fitting = (
        image.name
        for image in images.IMAGES.values()
        if image.libc == libc and target.arch.name in image.archs and not image.ended
    )
    return " or ".join(fitting)


def warnings(jobs: Sequence[Job]) -> tuple[str, ...]:
    """What a person should know of the images and roots of a plan, a sentence each."""
    texts = (text for job in jobs for text in (*_about_policy(job), *_about_end(job)))
    return (*dict.fromkeys(texts), *_about_compilers(jobs))


def _about_policy(job: Job) -> Iterator[str]:
    """An image whose policy cannot be had, or that names none and is not used either."""
    image, arch = job.options.image, job.target.arch
    if not image or job.target.libc != "manylinux":
        return
    floor = floor_of(image)
    if floor is None and job.source != IMAGE:
        wanted = f"{_option(job.target)}: {image} names no manylinux policy, and no image is run"
        yield f"{wanted}; the floor is glibc {_version(job.floor)}"
    elif floor is not None and floor < arch.floor:
        lowest = f"the lowest for {arch.name}"
        yield f"{_option(job.target)}: {image} is below glibc {_version(job.floor)}, {lowest}"


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


def _about_compilers(jobs: Iterable[Job]) -> Iterator[str]:
    """Roots whose own compilers link against a newer glibc than the wheel's policy has."""
    groups: dict[tuple[str, Glibc, Glibc, str], list[str]] = {}
    for job in jobs:
        glibc = job.root_glibc
        if job.ladder[0] not in ZIG_ENGINES and glibc is not None and glibc > job.policy:
            above = next(engine for engine in ladder(job.target.arch, "auto") if engine in ZIG_ENGINES)
            groups.setdefault((job.ladder[0], glibc, job.policy, above), []).append(job.identifier)
    for (own, glibc, policy, better), names in groups.items():
        yield (
            f"{listed(names)}: {own} links against glibc {_version(glibc)} of the root, so that the wheel may "
            f"not hold manylinux_{policy[0]}_{policy[1]}; engine {better} links against an older one"
        )


def listed(names: Sequence[str]) -> str:
    """The first few of many identifiers."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _option(target: Target) -> str:
    return f"{target.libc}-{target.arch.name}-image"


def _version(glibc: Glibc) -> str:
    return f"{glibc[0]}.{glibc[1]}"
