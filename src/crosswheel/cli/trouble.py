"""Whatever was raised, as an error of ours: usage, full disks, defects."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.errors import ConfigurationError, CrosswheelError, Fault

if TYPE_CHECKING:
    import traceback

    import click


def present(error: Exception, *, debug: bool) -> tuple[str, int]:
    """The text and the exit code for an error.

    :param debug: put Python's traceback before the text.
    """
    import traceback

    from crosswheel.report import failure

    ours = _ours(error)
    lines = ["".join(traceback.format_exception(error)).rstrip()] if debug else []
    lines.append(failure.render(ours))
    lines += [f"  note: {note}" for note in getattr(error, "__notes__", ())]
    return "\n".join(lines), int(ours.exit_code)


def wants_traceback(args: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether ``--debug-traceback`` or ``CIBW_DEBUG_TRACEBACK`` is set, however wrong the rest is."""
    if "--debug-traceback" in args:
        return True
    try:
        from crosswheel import config

        return config.switches(environ).debug_traceback
    except Exception:
        return False  # the switches themselves may be what is wrong: that error is presented, not this one


@contextlib.contextmanager
def explained(directories: Mapping[str, Path]) -> Iterator[None]:
    """Turn an ``OSError`` about one of the run's own directories into a sentence.

    :param directories: by the option that names another one.
    :raises CrosswheelError: the disk is full, or a directory cannot be used.
    """
    try:
        yield
    except OSError as error:
        ours = _about_directory(error, directories)
        if ours is None:
            raise
        for note in getattr(error, "__notes__", ()):
            ours.add_note(note)
        raise ours from error


def _about_directory(error: OSError, directories: Mapping[str, Path]) -> CrosswheelError | None:
    import shutil

    from crosswheel.report.text import size
    from crosswheel.resources import is_full

    # A copy that fails names where it goes second.
    name = next((name for name in (error.filename2, error.filename) if isinstance(name, str)), None)
    if is_full(error):
        option, place = _owner(name, directories) or _fullest(directories)
        return CrosswheelError(
            f"the disk of {place} is full",
            cause=f"{size(shutil.disk_usage(_existing(place)).free)} are free there now that the run has ended",
            remedy=f"free space there, or name a directory on another disk with {option}",
        )
    owner = _owner(name, directories)
    if owner is None:
        return None
    option, place = owner
    return CrosswheelError(
        f"{place} cannot be used",
        cause=f"{name}: {error.strerror}",
        remedy=f"make it writable for you, or name another directory with {option}",
    )


def _owner(name: str | None, directories: Mapping[str, Path]) -> tuple[str, Path] | None:
    if name is None:
        return None
    path = Path(name).absolute()
    for option, directory in directories.items():
        whole = directory.absolute()
        # A parent that cannot be written is the same trouble: the directory cannot be made in it.
        if path == whole or whole in path.parents or path in whole.parents:
            return option, directory
    return None


def _fullest(directories: Mapping[str, Path]) -> tuple[str, Path]:
    import shutil

    return min(directories.items(), key=lambda item: shutil.disk_usage(_existing(item[1])).free)


def _existing(path: Path) -> Path:
    """The directory, or the nearest one above it that is there."""
    return next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())


def _ours(error: Exception) -> CrosswheelError:
    import click

    match error:
        case CrosswheelError():
            return error
        case click.UsageError():
            return _usage(error)
        case _:
            return _defect(error)


def _usage(error: "click.UsageError") -> ConfigurationError:
    command = error.ctx.command_path if error.ctx else "crosswheel"
    wrong = ConfigurationError((_usage_fault(error, command),))
    wrong.remedy = f"{command} --help lists what it takes"
    return wrong


def _usage_fault(error: "click.UsageError", command: str) -> Fault:
    import click

    if isinstance(error, click.NoSuchOption):
        close = f"did you mean {error.possibilities[0]}?" if error.possibilities else ""
        return Fault(error.option_name, "is not an option", close)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        is_option = isinstance(error.param, click.Option)
        return Fault(error.param.opts[-1] if is_option else error.param.human_readable_name, "is missing")
    problem = error.message.rstrip(".")
    problem = problem[:1].lower() + problem[1:]
    if isinstance(error, click.BadOptionUsage):
        return Fault(error.option_name, problem.removeprefix(f"option {error.option_name!r} "))
    if isinstance(error, click.BadParameter) and error.param is not None:
        return Fault(error.param.opts[-1], problem)
    return Fault(command, problem)


def _defect(error: Exception) -> CrosswheelError:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({_place(frames[-1])})" if frames else ""
    said = str(error).splitlines()
    return CrosswheelError(
        "this is a defect of crosswheel, not of your project",
        cause=": ".join([type(error).__name__, *said[:1]]) + where,
        remedy="run it again with --debug-traceback and report what it prints",
    )


def _place(frame: "traceback.FrameSummary") -> str:
    """``provision/roots.py, line 30, in unpack``."""
    return f"{'/'.join(Path(frame.filename).parts[-2:])}, line {frame.lineno}, in {frame.name}"
