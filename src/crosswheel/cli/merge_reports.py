"""``crosswheel merge-reports``: one report of several."""

from pathlib import Path

import click

from crosswheel.cli import trouble
from crosswheel.cli.options import DEBUG, SectionedCommand, option
from crosswheel.cli.output import say
from crosswheel.errors import ConfigurationError, ExitCode, Fault

_EXAMPLES = """\
Examples:

\b
  crosswheel build --shard 1/2 --report report-1            on one machine
  crosswheel build --shard 2/2 --report report-2            on another
  crosswheel merge-reports report-*/report.json --output report
"""


@click.command(
    "merge-reports",
    cls=SectionedCommand,
    epilog=_EXAMPLES,
    short_help="Make one report of several shards' reports.",
)
@click.argument("reports", metavar="REPORT.json...", nargs=-1, required=True, type=click.Path(path_type=Path))
@option(
    "Output",
    "--output",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path),
    help="Write report.html and report.json here.",
)
@DEBUG
def merge_reports(reports: tuple[Path, ...], output: Path, **_: bool) -> int:
    """Make one report of those of several shards of a project; the logs beside them come along.

    Where two tell of the same wheel, the later run counts, and a note says so.
    """
    from crosswheel.report.page import link_to_file, render
    from crosswheel.report.run import form, keeping, merge

    read, faults = {}, list[Fault]()
    for path in dict.fromkeys(reports):
        try:
            read[path] = form.read(path)
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(tuple(faults))
    report = merge.merged(read)
    beside = [path.parent for path, one in read.items() for _ in one.runs]
    with trouble.explained({"--output": output}):
        logs = keeping.copy_logs(output, report, beside)
        page = render(report, link=lambda log: logs.get(log) or link_to_file(log))
        keeping.write(output, report, page)
    say(str(output / keeping.HTML))
    return ExitCode.OK
