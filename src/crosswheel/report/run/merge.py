"""One report of several: of the shards of a project, or of a run and those that went on with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import crosswheel
from crosswheel.errors import ConfigurationError, Fault
from crosswheel.report.run.values import JobReport, Report


def merged(reports: Mapping[Path, Report]) -> Report:
    """All runs and all jobs; where one identifier is in several runs, what the latest run says of it, with a note.

    :param reports: by the file that each was read from.
    :raises ConfigurationError: they are not of one project, each with its file.
    """
    first = next(iter(reports.values()))
    faults = tuple(
        Fault(str(path), f"is of the project {report.project!r}, and those before it of {first.project!r}")
        for path, report in reports.items()
        if report.project != first.project
    )
    if faults:
        raise ConfigurationError(faults)
    runs = tuple(chain.from_iterable(report.runs for report in reports.values()))
    jobs: dict[str, JobReport] = {}
    before = 0
    for report in reports.values():
        for job in report.jobs:
            here = replace(job, run=before + job.run)
            there = jobs.get(job.identifier)
            jobs[job.identifier] = here if there is None else _later(there, here, [run.began for run in runs])
        before += len(report.runs)
    return Report(crosswheel.__version__, first.project, runs, tuple(jobs.values()))


def _later(one: JobReport, other: JobReport, began: Sequence[float]) -> JobReport:
    """A job that did not begin has nothing to say, whenever that was."""
    earlier, later = sorted((one, other), key=lambda job: (job.began is not None, began[job.run]))
    if earlier.began is None:
        return later
    when = datetime.fromtimestamp(began[earlier.run], UTC).strftime("%Y-%m-%d %H:%M:%S")
    note = f"the run of {when} UTC had it too ({earlier.result}); this is what the later one says"
    return replace(later, notes=(*later.notes, note))
