"""The edge: argv, the environment and the platform come in; text and exit codes go out."""

import os
import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from types import FrameType
from typing import NoReturn

from crosswheel.cli import output, trouble
from crosswheel.errors import ExitCode

__all__ = ["main", "run"]

_PROGRAM = "crosswheel"


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: the run ends as on Ctrl-C, so that every child and scratch directory goes with it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def main() -> NoReturn:
    """Run the command line of this process and exit with its code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # None where the caller closed it
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Run a command line; whatever goes wrong becomes text on standard error.

    :param args: without the program's name.
    :returns: the exit code.
    """
    try:
        return _invoke(list(args))
    except KeyboardInterrupt as error:
        text = "; ".join(["interrupted", *getattr(error, "__notes__", ())])
        import click

        click.echo(f"{_PROGRAM}: {text}", err=True)
        return 128 + error.number if isinstance(error, Terminated) else ExitCode.INTERRUPTED
    except Exception as error:
        text, code = trouble.present(error, debug=trouble.wants_traceback(args, os.environ))
        output.complain(text)
        return code


def _invoke(args: list[str]) -> int:
    from crosswheel.cli import identifiers  # inside: what its import raises is presented too

    if plain := identifiers.plainly(args):
        identifiers.show(*plain)
        return ExitCode.OK
    import click

    from crosswheel.cli.root import root

    try:
        with root.make_context(_PROGRAM, args) as context:
            return int(root.invoke(context) or ExitCode.OK)
    except click.exceptions.Exit as end:
        return end.exit_code


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 (the signature of a handler)
    raise Terminated(number)
