"""``crosswheel ci``: a workflow of a CI service for the project here."""

import difflib
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from crosswheel import __version__, ci
from crosswheel.architectures import HOST
from crosswheel.ci.safe import check, inside
from crosswheel.ci.workflow import declares_submodules, stable_abi
from crosswheel.cli import ci_jobs, trouble, workplace
from crosswheel.cli.options import SectionedCommand, Selection, one_of, option, selection
from crosswheel.cli.output import say
from crosswheel.errors import ConfigurationError, ExitCode, Fault

_EXAMPLES = """\
Examples:

\b
  crosswheel ci github --archs x86_64,aarch64            .github/workflows/crosswheel.yml
  crosswheel ci github --archs x86_64,aarch64 --publish  with an sdist, published by trusted publishing
  crosswheel ci github --archs all --shards 6            many wheels in six jobs of about the same work
  crosswheel ci gitlab --archs aarch64 --output -        show it, and write nothing
  crosswheel ci github --archs x86_64,aarch64 --check    end with 1 where it would be written otherwise

Your own jobs stay: only what stands between the comments "crosswheel begin" and "crosswheel end" is written anew.
CIBW_* and CROSSWHEEL_* variables of this shell are not read: what is written is the same on every machine.
"""
_FILE = "The file"
_STDOUT = "-"


@dataclass(frozen=True)
class _Request(Selection):
    service: str
    arm: ci.Arm
    publish: bool
    shards: int | None
    crosswheel: str
    output: str | None
    check: bool
    force: bool


def _service(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        raise ConfigurationError((Fault("service", "none is named", f"one of {', '.join(ci.SERVICES)}"),))
    return one_of(tuple(ci.SERVICES))(context, parameter, value)


@click.command(
    name="ci", cls=SectionedCommand, epilog=_EXAMPLES, short_help="Write a workflow for GitHub, GitLab, ..."
)
@click.argument("service", metavar="|".join(ci.SERVICES), required=False, callback=_service)
@selection(
    option(
        "How",
        "--arm",
        metavar="NAME",
        default="cross",
        callback=one_of(ci.ARMS),
        help="How arm is built: cross (the default, the fastest that every service has), runner (cibuildwheel on "
        "hosted arm machines) or qemu (cibuildwheel, emulated).",
    ),
    option(
        "How",
        "--shards",
        metavar="N",
        type=int,
        help="Build in N jobs of about the same work, not in one for each wheel or architecture.",
    ),
    option("How", "--publish", is_flag=True, help="Add an sdist, and publish tags v* by trusted publishing."),
    option(
        "How",
        "--crosswheel",
        metavar="REQUIREMENT",
        default=f"crosswheel=={__version__}",
        show_default=True,
        help="What the jobs install, as pip takes it: a version, an address, a path.",
    ),
    option(_FILE, "--output", metavar="FILE", help="Write this file; - for standard output."),
    option(
        _FILE, "--check", is_flag=True, help="Write nothing; end with 1 where the file is not up to date."
    ),
    option(
        _FILE, "--force", is_flag=True, help="Overwrite what crosswheel did not write, or what was changed."
    ),
    cache=False,
)
def command(**values: Any) -> int:
    """Write a workflow that builds the wheels of PACKAGE, a directory in this one, which is the repository's.

    Its jobs build what crosswheel plan shows: one for each wheel or, where they are many, for each architecture.
    It keeps fetched parts in the service's cache, has no more permissions than it needs, and says in comments why
    it is as it is.
    """
    request = _Request(**values, cache_dir=None)
    service = ci.SERVICES[request.service]
    _check_service(request, service)
    with trouble.explained({"TMPDIR": Path(tempfile.gettempdir())}):
        workflow = _workflow(request)
    name = request.output or service.file
    text = ci.render(request.service, workflow)
    if name == _STDOUT and not request.check:
        say(text.removesuffix("\n"))
        return ExitCode.OK
    path = Path(service.file if name == _STDOUT else name)
    with trouble.explained({"--output": path}):
        old = _read(path)
        new = ci.merge(old, text, name=str(path), beside=service.beside, force=request.force)
        if request.check:
            return _compare(path, old or "", new, workflow.command)
        return _write(path, old, new, workflow)


def _check_service(request: _Request, service: ci.Service) -> None:
    faults = []
    if request.arm not in service.arms:
        hint = f"it has {' and '.join(service.arms)}; the fastest is cross"
        faults.append(Fault("--arm", f"{service.label} has no hosted arm machines with Linux", hint))
    if request.publish and not service.trusted:
        hint = "publish from GitHub Actions or GitLab CI, or by a job of your own"
        faults.append(Fault("--publish", f"{service.label} has no trusted publishing", hint))
    if not request.package.is_dir():
        hint = "name a directory of the repository"
        faults.append(Fault(str(request.package), "is not a directory: a workflow builds a checkout", hint))
    if request.shards is not None and request.shards < 1:
        faults.append(Fault("--shards", f"is {request.shards}, which is no number of jobs", "write 4"))
    if request.shards is not None and request.only:
        faults.append(Fault("--shards", "has nothing to part: --only selects one wheel", "leave one out"))
    if faults:
        raise ConfigurationError(tuple(faults))


def _workflow(request: _Request) -> ci.Workflow:
    from crosswheel import config

    package = inside(request.package, place="PACKAGE")
    named = (request.config_file or "").replace("{package}", str(request.package))
    config_file = inside(Path(named), place="--config-file") if named else ""
    found = config.load(
        request.package, config_file=request.config_file, environ={}, flags=workplace.flags(request)
    )
    with workplace.opened(request.package, Path(tempfile.gettempdir())) as project:
        made, hosted = ci_jobs.planned(request, request.arm, found, project)
    stable = stable_abi(request.package)
    workflow = ci.Workflow(
        entries=ci_jobs.entries(made, request.shards, request.engine, stable=stable),
        hosted=ci.split(hosted, stable=stable, emulated=request.arm == "qemu"),
        arm=request.arm,
        package=package,
        requirement=request.crosswheel,
        command=_command(request, package, config_file),
        config_file=config_file,
        engine=request.engine or "",
        source=request.source or "",
        mirror=request.mirror or "",
        enable=" ".join(request.enable),
        cache=_cache(request, package, config_file),
        no_test=request.no_test,
        submodules=declares_submodules(Path()),
        publish=request.publish,
        archs=" ".join(dict.fromkeys(job.target.arch.name for job in made.jobs)) if request.shards else "",
        left_out=made.left_out,
    )
    check(workflow)
    return workflow


def _cache(request: _Request, package: str, config_file: str) -> str:
    """The directory that the table names for the cache, as seen from the repository's."""
    from crosswheel import config

    word = config.cache_word(request.package, config_file=request.config_file) or ""
    if not word or word.startswith(("~", "/")):
        return word
    return (Path(config_file).parent if config_file else Path(package)).joinpath(word).as_posix()


def _command(request: _Request, package: str, config_file: str) -> str:
    valued = {
        "--archs": request.archs,
        "--only": request.only,
        "--config-file": config_file,
        "--engine": request.engine,
        "--source": request.source,
        "--mirror": request.mirror,
        "--shards": str(request.shards) if request.shards else None,
        "--arm": request.arm if request.arm != "cross" else None,
        "--crosswheel": request.crosswheel if request.crosswheel != f"crosswheel=={__version__}" else None,
        "--output": request.output if request.output != _STDOUT else None,
    }
    words = ["crosswheel", "ci", request.service, *([] if package == "." else [package])]
    words += [word for name, value in valued.items() if value for word in (name, value)]
    words += [word for group in request.enable for word in ("--enable", group)]
    words += [
        name for name, is_set in (("--no-test", request.no_test), ("--publish", request.publish)) if is_set
    ]
    return shlex.join(words)


def _read(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _compare(path: Path, old: str, new: str, command: str) -> int:
    if old == new:
        say(f"{path} is up to date")
        return ExitCode.OK
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), str(path), "as it would be written", lineterm=""
    )
    say("\n".join(lines))
    click.echo(f"crosswheel: {path} is not up to date: {command} writes it", err=True)
    return ExitCode.FATAL


def _write(path: Path, old: str | None, new: str, workflow: ci.Workflow) -> int:
    if old != new:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(new)
    for note in (*_notes(workflow), *_elsewhere(path)):
        click.echo(f"crosswheel: note: {note}", err=True)
    wheels = sum(len(entry.identifiers) for entry in workflow.jobs)
    verb = "is as it was" if old == new else "written"
    say(f"{path} {verb}: {_count(wheels, 'wheel')} in {_count(len(workflow.jobs), 'job')}")
    return ExitCode.OK


def _notes(workflow: ci.Workflow) -> Sequence[str]:
    notes = []
    if workflow.left_out:
        notes.append(f"{_count(len(workflow.left_out), 'wheel')} left out; crosswheel plan tells why")
    if {entry.arch for entry in workflow.jobs} == {HOST.name}:
        notes.append(f"only {HOST.name} is selected; --archs {HOST.name},aarch64 adds arm")
    return notes


def _elsewhere(path: Path) -> Sequence[str]:
    """What to know where this is a directory inside of the repository."""
    here = Path.cwd()
    if (here / ".git").exists() or path.is_absolute():
        return ()
    above = (place for place in here.parents if (place / ".git").exists())
    return [f"the repository is {place}: services read the file there only" for place in above][:1]


def _count(number: int, noun: str) -> str:
    from crosswheel.report.text import count

    return count(number, noun)
