"""The digests of official images, as a registry has them now."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from crosswheel.errors import ProvisionError
from crosswheel.images import IMAGES, Pins
from crosswheel.provision.images.refusals import UnreachableError
from crosswheel.provision.images.ways import parsed
from crosswheel.references import Reference

__all__ = ["names", "renewed", "write"]

_HEAD = """\
# The official images that an alias (manylinux_2_28) stands for. `crosswheel image pin` renews this file: it asks
# the registry for the digest of every image of the release. An image without a digest is taken by its tag alone.

"""


def names(asked: Iterable[str]) -> tuple[str, ...]:
    """Images by name and architecture (``manylinux_2_28_aarch64``), in the order of the table.

    :param asked: aliases or such names; where it is empty, all that are still made.
    :raises ProvisionError: one is not an official image.
    """
    known = {f"{image.name}_{arch}": image for image in IMAGES.values() for arch in image.archs}
    wanted = set(asked)
    if wrong := sorted(wanted - known.keys() - IMAGES.keys()):
        raise ProvisionError(
            f"{', '.join(wrong)}: no such official image",
            cause=f"there are {', '.join(name for name, image in IMAGES.items() if not image.ended)}",
            remedy="name one of them, or one with an architecture (manylinux_2_28_aarch64)",
        )
    return tuple(
        name for name, image in known.items() if ({name, image.name} & wanted if wanted else not image.ended)
    )


def renewed(pins: Pins, wanted: Iterable[str], digest_of: Callable[[Reference, str], str]) -> Pins:
    """The pins with the digests that the registry has now for these images; those of other images stay.

    :param digest_of: asks for a tag; its second argument is the architecture.
    :raises ProvisionError: the registry lacks some of them: all are named.
    """
    found, refused = dict(pins.digests), []
    for name in wanted:
        reference = parsed(f"{pins.registry}/{name}:{pins.release}")
        try:
            found[name] = digest_of(reference, next(arch for arch in _archs() if name.endswith(f"_{arch}")))
        except UnreachableError:
            raise  # it would not answer for the others either
        except ProvisionError as error:
            refused.append(error)
    if refused:
        raise ProvisionError(
            "; ".join(error.fact for error in refused),
            cause=refused[0].cause,
            remedy="name the images that there are",
        )
    return replace(pins, digests=found)


def write(file: Path, pins: Pins) -> None:
    """Write a file of pins, whole or not at all.

    :raises OSError: it cannot be written.
    """
    digests = "".join(f'{name} = "{digest}"\n' for name, digest in sorted(pins.digests.items()))
    partial = file.with_name(f"{file.name}.new")
    partial.write_text(
        f'{_HEAD}registry = "{pins.registry}"\nrelease = "{pins.release}"\n\n[digests]\n{digests}',
        encoding="utf-8",
    )
    partial.rename(file)


def _archs() -> tuple[str, ...]:
    """The longest names first: ``x86_64`` and no other ends another's."""
    return tuple(sorted({arch for image in IMAGES.values() for arch in image.archs}, key=len, reverse=True))
