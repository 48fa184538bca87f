"""Where reports are: a directory of the user's, and the last few of each project in the store."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from crosswheel.errors import ConfigurationError
from crosswheel.model import Project
from crosswheel.report.run import form
from crosswheel.report.run.values import Report
from crosswheel.store import Store, digest, remove_tree

JSON, HTML = "report.json", "report.html"
_KIND = "reports"
_LOGS = "logs"
_KEPT = 5  # of a project: the last, the one to compare with, and what a person may still want to look at


class Keeping:
    """The last reports of a project in the store."""

    def __init__(self, store: Store, project: Project) -> None:
        self._store = store
        self._directory = store.path(_KIND, digest({"project": str(Path(project.label).resolve())}))

    def previous(self, report: Report) -> Report | None:
        """The newest report that is kept of any of the same jobs."""
        names = {job.identifier for job in report.jobs if job.began is not None}
        for kept in self._newest_first():
            with contextlib.suppress(ConfigurationError):  # of another version, or half gone
                found = form.read(kept / JSON)
                if names & {job.identifier for job in found.jobs if job.began is not None}:
                    return found
        return None

    def keep(self, report: Report, page: str) -> Path:
        """Keep a report, and only the last few of the project.

        :param page: the contents of ``report.html``.
        :returns: the directory that it is in, whole from the first moment.
        :raises OSError: the store cannot be written.
        """
        moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(report.runs[-1].began))
        final = self._directory / f"{moment}-{os.getpid()}"
        with self._store.scratch() as scratch:
            made = scratch / "report"
            write(made, report, page)
            self._directory.mkdir(parents=True, exist_ok=True)
            made.rename(final)
        others = [
            path for path in self._newest_first() if path != final
        ]  # a clock set back made it the oldest
        for old in others[_KEPT - 1 :]:
            remove_tree(old)
        return final

    def _newest_first(self) -> Iterator[Path]:
        """By when they were written."""
        found = list(self._directory.iterdir()) if self._directory.is_dir() else []
        yield from sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def write(directory: Path, report: Report, page: str) -> None:
    """Write a report's two files, each whole or not at all.

    :param directory: made where it is missing.
    :param page: the contents of ``report.html``.
    :raises OSError: it cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in ((JSON, form.to_json(report)), (HTML, page)):
        partial = directory / f".{name}.{os.getpid()}"  # another run may write its own
        try:
            partial.write_text(text, encoding="utf-8", errors="backslashreplace")
            partial.rename(directory / name)
        finally:
            partial.unlink(missing_ok=True)


def copy_logs(directory: Path, report: Report, beside: Sequence[Path] = ()) -> dict[str, str]:
    """Put the logs of a report's jobs beside it: whoever gets the directory from a machine of CI has not its cache.

    :param beside: where the logs were put beside the reports that this one was merged of: a directory for each run.
    :returns: the address of each copy in the directory, by the path of the log. A log that is gone has none.
    :raises OSError: the directory cannot be written.
    """
    copies = {}
    for job in report.jobs:
        name = f"{_LOGS}/{job.identifier}.log"
        source = beside[job.run] / name if beside else Path(job.log or "")
        if job.log and source.is_file():
            copies[job.log] = name
            (directory / _LOGS).mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(shutil.SameFileError):
                shutil.copyfile(source, directory / name)
    return copies
