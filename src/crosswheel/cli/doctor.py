"""``crosswheel doctor``: what this machine can build and test, found out by doing."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crosswheel.architectures import ARCHITECTURES
from crosswheel.cli import workplace
from crosswheel.cli.names import architectures
from crosswheel.cli.options import DEBUG, SectionedCommand, option
from crosswheel.cli.output import columns, on_terminal, say, show
from crosswheel.errors import ExitCode
from crosswheel.report import doctor as report

if TYPE_CHECKING:
    from crosswheel.doctor import Machine

_EXAMPLES = """\
Examples:

\b
  crosswheel doctor                          every architecture
  crosswheel doctor --arch arm64,linux/arm/v7
  crosswheel doctor --json                   the same for programs

Exit codes: 0 where the default build would work (engine auto, in a namespace, for the architectures of --arch, or
for aarch64 where none is named); 1 where it would not, with the reasons; 2 for a name that no architecture has.
"""


@dataclass(frozen=True)
class _Request:
    arch: tuple[str, ...]
    json: bool
    cache_dir: Path | None
    output_dir: Path | None
    mirror: str | None
    debug_traceback: bool
    package: Path = Path()
    config_file: str | None = None


@click.command(
    cls=SectionedCommand, epilog=_EXAMPLES, short_help="Find out what this machine can build and test."
)
@option(
    "Which wheels",
    "--arch",
    metavar="NAMES",
    multiple=True,
    help="Architectures by any name, as aarch64, arm64 or linux/arm64; by commas, or the option repeated.",
)
@option(
    "How",
    "--cache-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The directory with fetched parts (CROSSWHEEL_CACHE, CIBW_CACHE_PATH).",
)
@option(
    "How",
    "--output-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where wheels would go (CIBW_OUTPUT_DIR; wheelhouse).",
)
@option("How", "--mirror", metavar="URL", help="Ask this mirror of Debian.")
@option("Output", "--json", is_flag=True, help="Print it as JSON.")
@DEBUG
def doctor(**values: Any) -> int:
    """Find out by trying what this machine can build and test, how fast, and what would make more work.

    Sandboxes are made, programs of each architecture run, mirrors and container engines asked. Nothing is fetched
    or installed, and nothing but the cache is written to.
    """
    request = _Request(**values)
    archs = architectures(request.arch)
    from crosswheel.doctor import DEFAULT, examine

    shown = archs or tuple(ARCHITECTURES.values())
    found = examine(_machine(request), shown, archs or (ARCHITECTURES[DEFAULT],))
    if request.json:
        say(report.to_json(found))
    elif on_terminal(sys.stdout, os.environ):
        show(report.render_terminal(found, width=columns(), color=not os.environ.get("NO_COLOR")))
    else:
        show(report.render(found, width=columns()))
    return ExitCode.FATAL if found.obstacles else ExitCode.OK


def _machine(request: _Request) -> "Machine":
    from crosswheel import config
    from crosswheel.doctor import Machine
    from crosswheel.provision.debian import DebianSource
    from crosswheel.store import Store

    switches = config.switches(os.environ)
    store = Store(workplace.cache_dir(request, switches))
    kernel = os.uname()
    return Machine(
        platform=sys.platform,
        hardware=kernel.machine,
        kernel=kernel.release,
        environ=os.environ,
        store=store,
        debian=DebianSource(store, lambda _: None, request.mirror),
        as_root=workplace.as_root(),
        output=request.output_dir or Path(switches.output_dir or "wheelhouse"),
    )
