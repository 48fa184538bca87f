"""How a log speaks to the services of continuous integration: groups that fold, warnings, errors.

A dialect makes lines and nothing else; where they go is the business of who writes them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# https://docs.github.com/actions/reference/workflow-commands-for-github-actions, and ActionCommand.cs of the runner
_GITHUB_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_GITHUB_PROPERTY = _GITHUB_DATA | str.maketrans({":": "%3A", ",": "%2C"})
# https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands, and percentEncoding.md of the agent
_AZURE_DATA = str.maketrans({"%": "%AZP25", "\r": "%0D", "\n": "%0A"})
_CLEAR = "\x1b[0K"  # to the end of the line: hides the mark where the log is shown as it is


@dataclass(frozen=True)
class Dialect:
    """What one service reads in a log; each mark is a line of its own.

    :param start: the mark that opens a group: of its title, its name and the Unix time.
    :param end: the mark that closes it: of its name and the Unix time.
    :param command: the beginning of what the service would take for a command, in whatever line it stands.
    :param warning: the mark of a warning; None where the service has none.
    :param error: the mark of an error: of a title and a text; None where the service has none.
    """

    start: Callable[[str, str, int], str]
    end: Callable[[str, int], str]
    command: re.Pattern[str]
    warning: Callable[[str], str] | None = None
    error: Callable[[str, str], str] | None = None

    def safe(self, text: str) -> str:
        """Lines in which nothing is a command to the service: a space stands in what would be one."""
        return self.command.sub(r"\g<0> ", text)


def _github_start(title: str, name: str, when: int) -> str:  # noqa: ARG001 (every start takes these)
    return f"::group::{title.translate(_GITHUB_DATA)}"


def _github_warning(text: str) -> str:
    return f"::warning::{text.translate(_GITHUB_DATA)}"


def _github_error(title: str, text: str) -> str:
    return f"::error title={title.translate(_GITHUB_PROPERTY)}::{text.translate(_GITHUB_DATA)}"


def _azure_start(title: str, name: str, when: int) -> str:  # noqa: ARG001 (every start takes these)
    return f"##[group]{AZURE.safe(title)}"


def _azure_warning(text: str) -> str:
    return f"##vso[task.logissue type=warning]{text.translate(_AZURE_DATA)}"


def _azure_error(title: str, text: str) -> str:
    return f"##vso[task.logissue type=error]{f'{title}: {text}'.translate(_AZURE_DATA)}"


def _gitlab_start(title: str, name: str, when: int) -> str:
    return f"{_CLEAR}section_start:{when}:{name}[collapsed=true]\r{_CLEAR}{GITLAB.safe(title)}"


def _gitlab_end(name: str, when: int) -> str:
    return f"{_CLEAR}section_end:{when}:{name}\r{_CLEAR}"


def _travis_start(title: str, name: str, when: int) -> str:  # noqa: ARG001 (every start takes these)
    return f"travis_fold:start:{name}\r{_CLEAR}{TRAVIS.safe(title)}"


def _travis_end(name: str, when: int) -> str:  # noqa: ARG001 (every end takes these)
    return f"travis_fold:end:{name}\r{_CLEAR}"


# The runner trims a line before it looks for `::`, and finds `##[` anywhere in it: TryParseV2 and TryParse of
# ActionCommand.cs. What stands before a line of a build is no guard.
GITHUB = Dialect(
    _github_start,
    lambda name, when: "::endgroup::",  # noqa: ARG005 (every end takes these)
    re.compile(r"^[^\S\n]*:(?=:)|#(?=#\[)", re.MULTILINE),
    _github_warning,
    _github_error,
)
# The agent finds `##vso[` anywhere in a line (Command.cs), and warns of `##vso` without the bracket.
AZURE = Dialect(
    _azure_start,
    lambda name, when: "##[endgroup]",  # noqa: ARG005 (every end takes these)
    re.compile(r"#(?=#(?:\[|vso))", re.IGNORECASE),
    _azure_warning,
    _azure_error,
)
# https://docs.gitlab.com/ci/jobs/job_logs/: "custom collapsible sections"
GITLAB = Dialect(_gitlab_start, _gitlab_end, re.compile(r"section_(?=(?:start|end):)"))
# travis_fold and travis_time in the bash functions of travis-build
TRAVIS = Dialect(_travis_start, _travis_end, re.compile(r"travis_(?=(?:fold|time):)"))

MODES: Mapping[str, Dialect | None] = {
    "azure": AZURE,
    "github": GITHUB,
    "gitlab": GITLAB,
    "travis": TRAVIS,
    "disabled": None,
}
# The variables that cibuildwheel tells services by, the first that is set wins. GitHub's stands before Azure's
# here: the action azure/login leaves AZURE_HTTP_USER_AGENT set (and empty) in workflows of GitHub.
_SERVICES: Mapping[str, Dialect | None] = {
    "TRAVIS": TRAVIS,
    "APPVEYOR": None,
    "CIRCLECI": None,
    "GITHUB_ACTIONS": GITHUB,
    "AZURE_HTTP_USER_AGENT": AZURE,
    "GITLAB_CI": GITLAB,
}


def spoken(environ: Mapping[str, str], *, watched: bool) -> Dialect | None:
    """The dialect for a stream; None where nothing reads along.

    ``CIBW_LOG_FOLD_MODE`` names one; else the service that runs this is known by its variable.

    :param watched: whether the stream is a terminal. There only ``CIBW_LOG_FOLD_MODE`` counts: a person may have
        the variables of a service set.
    """
    mode = environ.get("CIBW_LOG_FOLD_MODE", "")
    if mode in MODES:
        return MODES[mode]
    if watched:
        return None
    return next((dialect for name, dialect in _SERVICES.items() if name in environ), None)
