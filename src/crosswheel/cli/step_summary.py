"""The summary page of a run of GitHub Actions."""

import os
from collections.abc import Sequence
from pathlib import Path

from crosswheel.cli.output import warn
from crosswheel.cli.reports import Written
from crosswheel.model import Outcome

_FASTER, _OTHERWISE = "What would make it faster", "Otherwise than in the run before"


def append(outcomes: Sequence[Outcome], seconds: float, report: Written | None = None) -> None:
    """Add what became of every job to the file of ``GITHUB_STEP_SUMMARY``, where it is set.

    Other commands of the same step write to it too. A file that cannot be written costs no wheel: a warning.

    :param seconds: wall time of the whole run.
    :param report: what there is to say of it beside that.
    """
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from crosswheel.report import markdown

    found = {_FASTER: report.advice, _OTHERWISE: report.changes} if report else {}
    text = markdown.render(outcomes, seconds, found)
    try:
        with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
            # A heading after other text without an empty line between would be a part of it.
            file.write(f"\n{text}" if file.tell() else text)
    except OSError as error:
        warn(f"the summary of this step is not written: {error.filename}: {error.strerror}")
