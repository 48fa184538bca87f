"""``crosswheel emulation``: what runs foreign programs for everybody on this machine."""

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosswheel import sample
from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.cli import trouble, workplace
from crosswheel.cli.names import architectures
from crosswheel.cli.options import DEBUG, Group, SectionedCommand, option
from crosswheel.cli.output import columns, say, show, warn, watch
from crosswheel.errors import ConfigurationError, CrosswheelError, ExitCode, Fault

if TYPE_CHECKING:
    from crosswheel.provision.emulation import host
    from crosswheel.report.emulation import Entry, Row

_EXAMPLES = """\
Examples:

\b
  crosswheel emulation status                   which architectures run here, and by what
  crosswheel emulation status arm64             exit code 1 where its programs do not run
  sudo $(which crosswheel) emulation install linux/arm64,linux/arm/v7
  sudo $(which crosswheel) emulation install --platforms all --persistent
  sudo $(which crosswheel) emulation uninstall all

crosswheel build needs none of it: it emulates in a sandbox of its own, without root. This is for docker, podman,
chroots and your own shell.

Architectures by any name: aarch64, arm64, linux/arm/v7, armhf, ppc64el, riscv64-linux-gnu and so on.
"""
_WHICH, _HOW = "Which", "How"
_PLATFORMS = option(
    _WHICH, "--platforms", metavar="LIST", help="The same by commas, as docker/setup-qemu-action has it."
)


@click.group(
    cls=Group,
    epilog=_EXAMPLES,
    short_help="Run foreign programs on the whole machine (docker, shells).",
)
def emulation() -> None:
    """Show, install or remove the emulators that the kernel runs foreign programs with, for everybody here."""


@emulation.command(cls=SectionedCommand, short_help="Show what runs, and by what.")
@click.argument("arch", nargs=-1)
@option("Output", "--json", "as_json", is_flag=True, help="Print it as JSON.")
@DEBUG
def status(arch: tuple[str, ...], as_json: bool, **_: bool) -> int:
    """Run a small program of every architecture, or of each ARCH, and show what the kernel runs it with.

    Exit codes: 0; 1 where programs of an ARCH do not run.
    """
    workplace.require_machine(sys.platform, os.uname().machine)
    from crosswheel.provision.emulation import host
    from crosswheel.report import emulation as report

    entries = host.registrations()
    rows = [_row(one, entries) for one in (architectures(arch) if arch else ARCHITECTURES.values())]
    if as_json:
        say(report.to_json(rows, mounted=host.mounted()))
    else:
        show(report.render(rows, _as_root("install"), width=columns()))
    return ExitCode.FATAL if arch and any(row.trouble for row in rows) else ExitCode.OK


@emulation.command(cls=SectionedCommand, short_help="Let the kernel run foreign programs.")
@click.argument("arch", nargs=-1)
@_PLATFORMS
@option(
    _HOW,
    "--replace",
    is_flag=True,
    help="Serve in place of another tool's emulator; it serves again afterwards.",
)
@option(_HOW, "--persistent", is_flag=True, help="Come back at boot (systemd's binfmt.d).")
@option(
    _HOW,
    "--qemu",
    metavar="PATH",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Install a copy of this static QEMU, not the newest that Debian has.",
)
@option(_HOW, "--mirror", metavar="URL", help="Fetch Debian's packages from this mirror.")
@option(
    _HOW,
    "--cache-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Keep fetched parts here (CROSSWHEEL_CACHE, CIBW_CACHE_PATH).",
)
@DEBUG
def install(
    arch: tuple[str, ...],
    platforms: str | None,
    replace: bool,
    persistent: bool,
    qemu: Path | None,
    mirror: str | None,
    cache_dir: Path | None,
    **_: bool,
) -> int:
    """Install QEMU for each ARCH (or all) and register it with the kernel. Needs root.

    Serves containers and chroots too. Another tool's emulator that works is left as it is. Set-user-id programs
    get no rights by it (sudo in a container). A registration cannot set QEMU_CPU: export it yourself.
    """
    from crosswheel.provision.emulation import installation

    wanted = _wanted(arch, platforms)
    if qemu is not None and len(wanted) > 1:
        raise ConfigurationError((Fault("--qemu", "is the emulator of one architecture: name one ARCH"),))
    flags = [*(["--replace"] if replace else []), *(["--persistent"] if persistent else [])]
    _require_root("install", *(one.name for one in wanted), *flags, *(["--qemu", str(qemu)] if qemu else []))
    installation.make_ready()
    for one in wanted:
        if sample.runs_here(one):
            say(f"{one.name}: this machine runs its programs by itself")
        elif replace or not _kept(one, persistent=persistent):
            _install(one, qemu or _fetched(one, mirror, cache_dir), persistent=persistent)
    if persistent and not installation.lasts():
        warn("systemd did not boot this machine: /etc/binfmt.d may not be read when it boots")
    return ExitCode.OK


@emulation.command(cls=SectionedCommand, short_help="Remove what install made.")
@click.argument("arch", nargs=-1)
@_PLATFORMS
@DEBUG
def uninstall(arch: tuple[str, ...], platforms: str | None, **_: bool) -> int:
    """Remove what crosswheel installed for each ARCH (or all), and nothing of another tool. Needs root."""
    from crosswheel.provision.emulation import host, installation

    wanted = _wanted(arch, platforms)
    _require_root("uninstall", *(one.name for one in wanted))
    installation.make_ready()
    for one in wanted:
        gone = installation.uninstall(one)
        removed = ", ".join(map(str, gone))
        say(f"{one.name}: removed {removed}" if gone else f"{one.name}: nothing was installed")
        other = host.serving(one, host.registrations())
        if other is not None:
            say(f"{one.name}: {other.name} of another tool stays")
    return ExitCode.OK


def _row(arch: Architecture, entries: "tuple[host.Registration, ...]") -> "Row":
    from crosswheel.provision.emulation import host, installation
    from crosswheel.report.emulation import Row

    found = host.serving(arch, entries)
    return Row(
        architecture=arch.name,
        docker=arch.docker,
        native=sample.runs_here(arch),
        trouble=sample.trouble(arch),
        entry=_entry(found) if found else None,
        persistent=installation.at_boot(arch).is_file(),
    )


def _entry(found: "host.Registration") -> "Entry":
    from crosswheel.provision.emulation import host, installation
    from crosswheel.report.emulation import Entry

    examined = host.examine(found)
    return Entry(
        name=found.name,
        enabled=found.enabled,
        interpreter=str(found.interpreter),
        version=examined.version,
        flags=found.flags,
        ours=installation.is_ours(found),
        faults=examined.faults,
    )


def _kept(arch: Architecture, *, persistent: bool) -> bool:
    """Whether another tool's emulator serves already.

    :raises CrosswheelError: it serves, and programs do not run.
    """
    from crosswheel.provision.emulation import host, installation

    entry = host.serving(arch, host.registrations())
    if entry is None or installation.is_ours(entry):
        return False
    again = _as_root("install", arch.name, "--replace", *(["--persistent"] if persistent else []))
    wrong = host.faults(entry)
    if failure := sample.trouble(arch):
        raise CrosswheelError(
            f"{entry.name} of another tool is to run programs of {arch.name}, and they do not run",
            cause="; ".join(dict.fromkeys((failure, *wrong))),
            remedy=f"{again} serves in its place, and leaves it as it is",
        )
    say(f"{arch.name}: {entry.name} of another tool runs its programs ({entry.interpreter})")
    for fault in wrong:
        warn(f"{entry.name}: {fault}; {again} serves in its place")
    return True


def _install(arch: Architecture, qemu: Path, *, persistent: bool) -> None:
    from crosswheel.provision.emulation import host, installation

    entry = installation.install(arch, qemu, persistent=persistent)
    examined = host.examine(entry)
    what = f"QEMU {examined.version}, {entry.interpreter}, flags {entry.flags}"
    say(f"{arch.name}: {entry.name} runs its programs now ({what})")
    for fault in examined.faults:
        warn(f"{entry.name}: {fault}")
    if arch.qemu_cpu:
        say(f"  export QEMU_CPU={arch.qemu_cpu} makes them faster: a registration cannot set it")


def _fetched(arch: Architecture, mirror: str | None, cache_dir: Path | None) -> Path:
    from crosswheel import config
    from crosswheel.provision.debian import DebianSource
    from crosswheel.store import Store

    cache = workplace.cache_of_machine(cache_dir, config.switches(os.environ))
    directories = {"--cache-dir": cache, "TMPDIR": Path(tempfile.gettempdir())}
    with trouble.explained(directories), watch(sys.stderr, os.environ, verbose=False) as progress:
        return DebianSource(Store(cache), progress, mirror).programs.qemu(arch).path


def _require_root(*words: str) -> None:
    """:raises CrosswheelError: this is an ordinary user; with the command as root would give it."""
    workplace.require_machine(sys.platform, os.uname().machine)
    if os.geteuid() != 0:
        raise CrosswheelError(
            "only root may change what runs foreign programs on the whole machine",
            cause=f"this is user {os.geteuid()}",
            remedy=f"{_as_root(*words)}\ncrosswheel build needs none of it: it emulates in a sandbox of its own",
        )


def _as_root(*words: str) -> str:
    """A command of this group as it is given by root."""
    return workplace.as_root("emulation", *words)


def _wanted(words: Iterable[str], platforms: str | None) -> tuple[Architecture, ...]:
    """The architectures of a command that must be told which.

    :raises ConfigurationError: there is none, or some are not known.
    """
    found = architectures((*words, *([platforms] if platforms else [])))
    if not found:
        hint = "name some, as arm64,arm/v7, or all"
        raise ConfigurationError((Fault("ARCH", "is missing", hint),))
    return found
