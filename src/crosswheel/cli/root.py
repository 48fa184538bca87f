"""The command ``crosswheel`` itself: its commands, its version, its help."""

from pathlib import Path

import click

from crosswheel import __version__
from crosswheel.cli.build import build
from crosswheel.cli.cache import cache
from crosswheel.cli.certify import certify
from crosswheel.cli.ci import command as ci
from crosswheel.cli.doctor import doctor
from crosswheel.cli.emulation import emulation
from crosswheel.cli.image import image
from crosswheel.cli.inspect import inspect
from crosswheel.cli.merge_reports import merge_reports
from crosswheel.cli.options import Group
from crosswheel.cli.plan import plan
from crosswheel.cli.run_command import run_command
from crosswheel.cli.shell import shell

_EXAMPLES = """\
Examples:

\b
  crosswheel build --archs aarch64              every aarch64 wheel of the project here
  crosswheel build --only cp311-manylinux_aarch64 markupsafe-3.0.2.tar.gz
  crosswheel plan --archs aarch64,armv7l        what would be built and fetched
  crosswheel inspect wheelhouse/NAME.whl        what is in a wheel
  crosswheel ci github --archs aarch64          a workflow that builds them
  crosswheel certify --only cp311-manylinux_aarch64   whether the fast engine gives the same
  crosswheel run --arch aarch64 -- python       a program of another architecture
  crosswheel shell cp311-manylinux_aarch64      look around where a build failed
  crosswheel doctor                             what this machine can build and test

It reads [tool.cibuildwheel] and [tool.crosswheel] in pyproject.toml, and the CIBW_* variables.
"""


class _Root(Group):
    def hint(self, name: str) -> str:
        return f"did you mean crosswheel build {name}?" if Path(name).exists() else super().hint(name)


@click.group(
    cls=_Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXAMPLES,
)
@click.version_option(__version__, "-V", "--version", message="crosswheel %(version)s")
def root() -> None:
    """Build the Linux wheels of a Python package for every architecture, on one x86_64 machine."""


root.add_command(build)
root.add_command(inspect)
root.add_command(certify)
root.add_command(plan)
root.add_command(cache)
root.add_command(merge_reports)
root.add_command(ci)
root.add_command(emulation)
root.add_command(image)
root.add_command(run_command)
root.add_command(shell)
root.add_command(doctor)
