"""``crosswheel image``: the official images, and what their names stand for."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosswheel.cli import trouble, workplace
from crosswheel.cli.options import DEBUG, Group, SectionedCommand, option
from crosswheel.cli.output import say, watch
from crosswheel.errors import ConfigurationError, ExitCode, Fault

if TYPE_CHECKING:
    from crosswheel.images import Pins

_EXAMPLES = """\
Examples:

\b
  crosswheel image pin                              renew the digests of the pinned release
  crosswheel image pin --release 2026.11.20-1       pin another release
  crosswheel image pin --registry mirror.example/pypa --file images.toml manylinux_2_28_aarch64
  CROSSWHEEL_IMAGES=images.toml crosswheel build --source image

The registry is asked with the credentials and by the proxy that docker and podman use; neither is needed.
"""


@click.group(cls=Group, epilog=_EXAMPLES, short_help="Pin the official images.")
def image() -> None:
    """Pin the official images, by digest, that aliases as manylinux_2_28 stand for."""


@image.command(cls=SectionedCommand, short_help="Renew the digests that aliases stand for.")
@click.argument("name", nargs=-1)
@option(
    "Which", "--release", metavar="TAG", help="Pin this tag of the images (default: the one that is pinned)."
)
@option("Which", "--registry", metavar="HOST/PATH", help="Where the images are (default: quay.io/pypa).")
@option(
    "How",
    "--file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write this file of pins (default: CROSSWHEEL_IMAGES, else crosswheel's own).",
)
@option("How", "--mirror", metavar="URL", help="Fetch Debian's packages from this mirror.")
@option(
    "How",
    "--cache-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Keep fetched parts here (CROSSWHEEL_CACHE, CIBW_CACHE_PATH).",
)
@DEBUG
def pin(
    name: tuple[str, ...],
    release: str | None,
    registry: str | None,
    file: Path | None,
    mirror: str | None,
    cache_dir: Path | None,
    **_: bool,
) -> int:
    """Ask the registry what each NAME (or every official image) stands for, and write it to the file of pins.

    NAME is an alias (manylinux_2_28) or one with an architecture (manylinux_2_28_aarch64). Nothing is written
    unless the registry has all of them.
    """
    from crosswheel import config, images
    from crosswheel.architectures import ARCHITECTURES
    from crosswheel.provision.debian import DebianSource
    from crosswheel.provision.images import pins
    from crosswheel.provision.images.ways import Ways
    from crosswheel.store import Store

    place = file or Path(os.environ.get("CROSSWHEEL_IMAGES") or images.PINS_FILE)
    before = _pins(place)
    if release is not None and release != before.release:
        before = replace(before, release=release, digests={})  # those of another release are none of this one
    asked = replace(before, registry=registry or before.registry)
    wanted = pins.names(name)
    store = Store(workplace.cache_of_machine(cache_dir, config.switches(os.environ)))
    directories = {"--cache-dir": store.root, "--file": place.absolute().parent}
    with trouble.explained(directories), watch(sys.stderr, os.environ, verbose=False) as progress:
        programs = DebianSource(store, progress, mirror).programs
        ways = Ways(programs.skopeo, store.root / "image-blobs", os.environ, progress)
        after = pins.renewed(asked, wanted, lambda tag, arch: ways.digest(tag, ARCHITECTURES[arch]))
        pins.write(place, after)
    for one in wanted:
        changed = before.digests.get(one) != after.digests[one]
        say(f"{one} {after.digests[one]}" + (" (new)" if changed else ""))
    return ExitCode.OK


def _pins(file: Path) -> "Pins":
    """The pins of a file; where there is none yet, those of crosswheel's own without the digests."""
    from crosswheel import images

    try:
        return images.pins(file)
    except FileNotFoundError:
        return replace(images.PINS, digests={})
    except ValueError as error:
        raise ConfigurationError((Fault(str(file), f"is no file of pins: {error}"),)) from error
