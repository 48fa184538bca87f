"""The edge: argv, the environment and the platform come in; text and exit codes go out."""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import click

from crosswheel.cli import trouble
from crosswheel.errors import ExitCode

__all__ = ["main", "run"]

_PROGRAM = "crosswheel"


class Terminated(KeyboardInterrupt):
    """SIGTERM: the run ends as it does on Ctrl-C, so that every child and scratch directory goes with it."""


def main() -> NoReturn:
    """Run the command line of this process and exit with its code."""
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Run a command line; whatever goes wrong becomes text on standard error.

    :param args: without the program's name.
    :returns: the exit code.
    """
    try:
        return _invoke(list(args))
    except click.exceptions.Exit as end:
        return end.exit_code
    except KeyboardInterrupt as error:
        text = "; ".join(["interrupted", *getattr(error, "__notes__", ())])
        click.echo(f"{_PROGRAM}: {text}", err=True)
        return 128 + signal.SIGTERM if isinstance(error, Terminated) else ExitCode.INTERRUPTED
    except Exception as error:
        text, code = trouble.present(error, debug=trouble.wants_traceback(args, os.environ))
        click.echo(text, err=True)
        return code


def _invoke(args: list[str]) -> int:
    from crosswheel.cli.root import root  # inside: what its import raises is presented too

    with root.make_context(_PROGRAM, args) as context:
        return int(root.invoke(context) or ExitCode.OK)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 (the signature of a handler)
    raise Terminated
