"""``crosswheel cache``: what is kept between runs, and how to keep less of it."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosswheel.cli import trouble, workplace
from crosswheel.cli.names import nearest
from crosswheel.cli.options import DEBUG, Group, SectionedCommand, option, quantity
from crosswheel.cli.output import say, show
from crosswheel.errors import ConfigurationError, CrosswheelError, ExitCode, Fault

if TYPE_CHECKING:
    from crosswheel.store import Store
    from crosswheel.store.contents import Entry

_EXAMPLES = """\
Examples:

\b
  crosswheel cache info                what is kept, how large it is, when it was used
  crosswheel cache check               read all of it, and remove what is damaged
  crosswheel cache prune --keep 10G    remove what was not used for longest, until 10 GB are left
  crosswheel cache clear uv-cache      remove one kind
  crosswheel cache clear               remove everything
"""
_DIRECTORY = option(
    "Which",
    "--cache-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="This cache (CROSSWHEEL_CACHE, CIBW_CACHE_PATH).",
)


@click.group(cls=Group, epilog=_EXAMPLES, short_help="Show what is kept between runs, or keep less of it.")
def cache() -> None:
    """Show what crosswheel keeps between runs, or keep less of it.

    Whatever is removed is fetched or made again when a build needs it.
    """


@cache.command(cls=SectionedCommand, short_help="Show what is kept.")
@_DIRECTORY
@option("Output", "--json", "as_json", is_flag=True, help="Print it as JSON, entry by entry.")
@DEBUG
def info(cache_dir: Path | None, as_json: bool, **_: bool) -> int:
    """Show the kinds of things that are kept, with sizes, last uses and how often they were used."""
    from crosswheel.report import cache as report
    from crosswheel.store import contents

    store = _store(cache_dir)
    found = contents.entries(store)
    if as_json:
        say(report.to_json(store.root, found))
    else:
        show(report.render(store.root, found, now=time.time()))
    return ExitCode.OK


@cache.command(cls=SectionedCommand, short_help="Find what is damaged, and remove it.")
@_DIRECTORY
@DEBUG
def check(cache_dir: Path | None, **_: bool) -> int:
    """Read every file of what was fetched or made, and remove what is not as it was: the next build makes it anew.

    That files are there and as long as they were is looked at in each build; this reads their bytes too.
    """
    from crosswheel.report import cache as report
    from crosswheel.store import contents

    store = _store(cache_dir)
    found = dict(contents.damage(contents.entries(store)))
    wrong = {entry: names for entry, names in found.items() if names}
    for entry, names in wrong.items():
        say(report.damaged(entry, names))
    say(report.checked(found))
    return _remove(store, tuple(wrong)) if wrong else ExitCode.OK


@cache.command(cls=SectionedCommand, short_help="Remove what was not used for longest.")
@option("Which", "--keep", metavar="SIZE", required=True, help="How much may stay: 10G, 500M.")
@_DIRECTORY
@DEBUG
def prune(keep: str, cache_dir: Path | None, **_: bool) -> int:
    """Remove what was not used for longest, until no more than SIZE is left."""
    from crosswheel.config import forms
    from crosswheel.store import contents

    store, most = _store(cache_dir), quantity("--keep", forms.size, keep)
    return _remove(store, contents.surplus(contents.entries(store), most))


@cache.command(cls=SectionedCommand, short_help="Remove everything, or everything of some kinds.")
@click.argument("kind", nargs=-1)
@_DIRECTORY
@DEBUG
def clear(kind: tuple[str, ...], cache_dir: Path | None, **_: bool) -> int:
    """Remove everything, or everything of some KINDs, as `crosswheel cache info` names them."""
    from crosswheel.store import contents

    store = _store(cache_dir)
    found = contents.entries(store)
    known = tuple(dict.fromkeys((*(entry.kind for entry in found), *contents.KINDS)))
    faults = tuple(
        Fault(name, "is no kind of thing that is kept", nearest(name, known))
        for name in kind
        if name not in known
    )
    if faults:
        raise ConfigurationError(faults)
    return _remove(store, tuple(entry for entry in found if not kind or entry.kind in kind))


def _store(cache_dir: Path | None) -> "Store":
    from crosswheel import config
    from crosswheel.store import Store

    store = Store(workplace.cache_of_machine(cache_dir, config.switches(os.environ)))
    if store.root.exists() and not store.is_tagged():
        raise CrosswheelError(
            f"{store.root} is not a cache of crosswheel",
            cause="it has no CACHEDIR.TAG, which every cache has",
            remedy="name the cache with --cache-dir",
        )
    return store


def _remove(store: "Store", victims: "tuple[Entry, ...]") -> int:
    from crosswheel.report import cache as report
    from crosswheel.store import contents

    with trouble.explained({"--cache-dir": store.root}):
        if victims and not contents.remove(store, victims):
            raise CrosswheelError(
                "nothing was removed",
                cause=f"a run uses the cache in {store.root}",
                remedy="try again when it has ended",
            )
    say(report.removed(victims))
    return ExitCode.OK
