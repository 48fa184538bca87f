"""``crosswheel inspect``: what is in a wheel, and what differs from another one."""

import tempfile
from pathlib import Path

import click

from crosswheel.cli import trouble
from crosswheel.cli.options import DEBUG, SectionedCommand, option
from crosswheel.cli.output import columns, say, show
from crosswheel.errors import ConfigurationError, ExitCode, Fault
from crosswheel.report import inspection as report

_EXAMPLES = """\
Examples:

\b
  crosswheel inspect wheelhouse/*.whl               one wheel
  crosswheel inspect mine.whl theirs.whl            what differs
  crosswheel inspect wheelhouse/*.whl --published   from the wheel of the project itself

Exit codes: 0 where nothing that matters differs, or there is nothing to compare with; 1 where something does;
2 for a file that is no wheel for Linux.
"""
_WHEEL = click.Path(path_type=Path)


@click.command(
    cls=SectionedCommand, epilog=_EXAMPLES, short_help="Show what is in a wheel, and how two differ."
)
@click.argument("wheel", type=_WHEEL)
@click.argument("other", type=_WHEEL, required=False)
@option("Compare", "--published", is_flag=True, help="Compare with the wheel that the project publishes.")
@option("Output", "--json", "as_json", is_flag=True, help="Print it as JSON.")
@DEBUG
def inspect(wheel: Path, other: Path | None, published: bool, as_json: bool, **_: bool) -> int:
    """Show what is in WHEEL: tags, policy, floors, libraries, compiled files, and what is wrong with them.

    With OTHER, what differs between the two, as far as a user may notice it. Wheels of every Linux
    architecture, on any machine; nothing of them is run.
    """
    if published and other is not None:
        raise ConfigurationError((Fault("--published", "takes the place of OTHER: give one of the two"),))
    with trouble.explained({"TMPDIR": Path(tempfile.gettempdir())}):
        if published:
            with tempfile.TemporaryDirectory(prefix="crosswheel-") as scratch:
                return _compare(wheel, _published(wheel, Path(scratch)), "the published one", as_json)
        return _compare(wheel, other, "the other", as_json) if other else _show(wheel, as_json)


def _show(wheel: Path, as_json: bool) -> int:
    from crosswheel.wheels import overview

    found = overview.overview(wheel, overview.read(wheel))
    if as_json:
        say(report.to_json(found))
    else:
        show(report.render(found, width=columns()))
    return ExitCode.OK


def _compare(wheel: Path, other: Path, other_name: str, as_json: bool) -> int:
    from crosswheel.wheels import overview
    from crosswheel.wheels.compare import Names, differences

    mine, theirs = overview.read(wheel), overview.read(other)
    found = differences(mine, theirs, Names(other=other_name))
    if as_json:
        both = overview.overview(wheel, mine), overview.overview(other, theirs)
        say(report.to_json(*both, found))
    else:
        show(report.render_differences(found, mine.filename, theirs.filename, width=columns()))
    return ExitCode.FATAL if any(difference.matters for difference in found) else ExitCode.OK


def _published(wheel: Path, directory: Path) -> Path:
    from crosswheel.provision.published import published_wheel
    from crosswheel.wheels import overview

    facts = overview.read(wheel)
    found = published_wheel(facts.name, facts.version, facts.tags, directory)
    if found is None:
        tag = max(facts.tags, key=str)
        problem = f"the package index has no wheel of {facts.name} {facts.version} for {tag}"
        raise ConfigurationError((Fault("--published", problem),))
    return found
