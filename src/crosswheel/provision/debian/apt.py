"""apt in a configuration of its own: one suite, one architecture, an empty system, an ordinary user.

Nothing of the machine's apt is written to, and none of its hooks run: only its way to the network is kept
(apt.conf(5): a file named by ``APT_CONFIG`` is read first, and it turns the machine's own files off).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from crosswheel.architectures import Architecture
from crosswheel.process import Completed, run
from crosswheel.provision.debian.faults import fault
from crosswheel.provision.debian.mirror import Mirror

__all__ = ["ESSENTIAL", "Apt", "Package"]

ESSENTIAL = "?essential"  # apt-patterns(7)

_CONFIG = """\
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "{home}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "{home}/state";
Dir::State::lists "{home}/lists";
Dir::State::status "{home}/status";
Dir::Cache "{home}/cache";
Dir::Cache::archives "{home}/archives";
Dir::Log "{home}/log";
APT::Architecture "{debian}";
APT::Architectures {{ "{debian}"; }};
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::ForceHash "SHA256";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
{acquire}
"""
# The signed list of a suite's indexes alone (apt's acquire-additional-files: DefaultEnabled), and no waiting.
_NO_INDEX = tuple(
    word
    for setting in (
        "Acquire::IndexTargets::deb::Packages::DefaultEnabled=false",
        "Acquire::Retries=0",
        "Acquire::http::Timeout=4",
        "Acquire::https::Timeout=4",
    )
    for word in ("-o", setting)
)
# A record of dpkg's, of a version that satisfies every relation "newer than".
_INSTALLED = """\
Package: {name}
Status: install ok installed
Architecture: {debian}
Version: 999999
Maintainer: none
Description: assumed

"""
# Without Debian's changes: they are for a Python of its own layout.
_UPSTREAM = ("source", "--download-only", "--tar-only", "--only-source")
_URI = re.compile(r"'(?P<uri>[^']+)' (?P<file>\S+) (?P<size>\d+) SHA256:(?P<sha256>[0-9a-f]{64})$")
_PERCENT = re.compile(r"dlstatus:\d+:(?P<percent>[\d.]+):")


@dataclass(frozen=True)
class Package:
    """A package that apt chose.

    :param file: its name in the directory of archives.
    :param size: bytes.
    """

    name: str
    version: str
    file: str
    size: int
    sha256: str


class Apt:
    """apt for one suite and architecture of a mirror.

    :param home: an empty directory, its own for as long as it is used.
    :param assumed: packages taken for installed, with all that they would bring.
    :param kind: whether it is for packages (``deb``) or for what they were built from (``deb-src``).
    """

    def __init__(
        self,
        home: Path,
        suite: str,
        arch: Architecture,
        mirror: Mirror,
        assumed: Sequence[str] = (),
        kind: Literal["deb", "deb-src"] = "deb",
    ) -> None:
        self._home = home
        self._suite = suite
        self._arch = arch
        self._mirror = mirror
        self.archives = home / "archives"
        for name in ("state", "lists/partial", "cache", "archives/partial", "log"):
            (home / name).mkdir(parents=True)
        status = "".join(_INSTALLED.format(name=name, debian=arch.debian) for name in assumed)
        (home / "status").write_text(status, encoding="utf-8")
        line = f"{kind} [signed-by={mirror.keyring}] {mirror.uri} {suite} main\n"
        (home / "sources.list").write_text(line, encoding="utf-8")
        config = _CONFIG.format(home=home, debian=arch.debian, acquire="\n".join(mirror.acquire))
        (home / "apt.conf").write_text(config, encoding="utf-8")

    def update(self) -> None:
        """Fetch the suite's index and verify its signature.

        :raises ProvisionError: the mirror cannot be reached or trusted, or does not have the suite.
        """
        self._run("-q", "update")

    def ask(self) -> None:
        """Find out within seconds whether the mirror has the suite and can be trusted; no index is fetched.

        :raises ProvisionError: as :meth:`update`.
        """
        self._run("-q", "update", *_NO_INDEX)

    def choose(self, names: Sequence[str], *, closure: bool = True) -> tuple[Package, ...]:
        """The packages that go by these names, and, with ``closure``, all that they depend on.

        :raises ProvisionError: the suite does not have one of them.
        """
        completed = self._run("-qq", "--print-uris", *_verb(closure), *names)
        return tuple(_package(found) for line in completed.output.splitlines() if (found := _URI.match(line)))

    def fetch(
        self, names: Sequence[str], on_percent: Callable[[float], None], *, closure: bool = True
    ) -> None:
        """Download what `choose` chose into ``archives`` and verify every file.

        :param on_percent: called with how much of all has come, 0 to 100.
        """

        def line(text: str) -> None:
            if found := _PERCENT.match(text):
                on_percent(float(found["percent"]))

        self._run("-q", "-o", "APT::Status-Fd=1", *_verb(closure), *names, on_line=line)

    def choose_sources(self, names: Sequence[str]) -> tuple[Package, ...]:
        """The upstream parts of source packages, as their authors published them.

        :raises ProvisionError: the suite does not have one of them.
        """
        completed = self._run("-qq", "--print-uris", *_UPSTREAM, *names)
        return tuple(_source(found) for line in completed.output.splitlines() if (found := _URI.match(line)))

    def fetch_sources(self, names: Sequence[str]) -> None:
        """Download what `choose_sources` chose into ``archives`` and verify every file."""
        self._run("-q", *_UPSTREAM, *names)

    def _run(self, *args: str, on_line: Callable[[str], None] | None = None) -> Completed:
        env = ("env", "LC_ALL=C", f"APT_CONFIG={self._home / 'apt.conf'}")
        completed = run([*env, "apt-get", *args], cwd=self.archives, capture=True, on_line=on_line)
        if completed.returncode:
            mirror = self._mirror
            raise fault(
                completed.output.splitlines(),
                suite=self._suite,
                arch=self._arch.name,
                mirror=mirror.uri,
                keyring=str(mirror.keyring),
            )
        return completed


def _verb(closure: bool) -> tuple[str, ...]:
    return ("install", "--download-only") if closure else ("download",)


def _package(found: re.Match[str]) -> Package:
    name, version, _ = found["file"].split("_")
    return Package(name, unquote(version), found["file"], int(found["size"]), found["sha256"])


def _source(found: re.Match[str]) -> Package:
    name, rest = found["file"].split("_", 1)
    version = rest.partition(".orig")[0]
    return Package(name, version, found["file"], int(found["size"]), found["sha256"])
