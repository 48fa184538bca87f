"""Packages on the disk: apt chooses, fetches and verifies them, and says how far it is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crosswheel.architectures import HOST, Architecture
from crosswheel.events import Downloading
from crosswheel.provision.debian.apt import Apt, Package
from crosswheel.provision.debian.mirror import Mirror, find_mirror
from crosswheel.provision.steps import told
from crosswheel.seams import Progress
from crosswheel.store import Store

__all__ = ["Archive", "Fetched"]


@dataclass(frozen=True)
class Fetched:
    """Packages that were fetched and verified.

    :param files: their archives, in the order of ``packages``; they end with the block that fetched them.
    """

    packages: tuple[Package, ...]
    files: tuple[Path, ...]
    mirror: Mirror


@dataclass(frozen=True)
class Archive:
    """Debian's archive, by way of the machine's own apt.

    :param mirror: an address to use in place of the machine's own mirror.
    """

    store: Store
    progress: Progress
    mirror: str | None = None

    def ask(self, suites: Mapping[str, Architecture]) -> Mirror:
        """The mirror, which answers for these suites just now; about 150 kB a suite are fetched and none is kept.

        :param suites: each with an architecture that it is asked for.
        :raises ProvisionError: there is none, or it does not answer or cannot be trusted.
        :raises OSError: the store cannot be written.
        """
        mirror = find_mirror(self.mirror)
        with self.store.scratch() as scratch:
            for suite, arch in suites.items():
                Apt(scratch / suite, suite, arch, mirror).ask()
        return mirror

    @contextmanager
    def fetched(
        self,
        suite: str,
        arch: Architecture,
        names: Sequence[str],
        *,
        closure: bool = True,
        label: str = "",
        assumed: Sequence[str] = (),
    ) -> Iterator[Fetched]:
        """Fetch packages and, with ``closure``, all that they depend on; they are there within the block.

        :param assumed: packages that are not fetched although others depend on them.
        :param label: what they make, for people; else the suite itself.
        :raises ProvisionError: they cannot be had or cannot be trusted.
        :raises OSError: the disk is full.
        """
        what = f"{label} of Debian {suite}" if label else f"Debian {suite} for {arch.name}"
        with self.store.scratch() as scratch:
            with told(self.progress, "fetch", f"{what}: the list of packages"):
                mirror = find_mirror(self.mirror)
                apt = Apt(scratch / "apt", suite, arch, mirror, assumed)
                apt.update()
                packages = apt.choose(names, closure=closure)
            total = sum(package.size for package in packages)
            noun = "package" if len(packages) == 1 else "packages"
            detail = (
                f"{what}: {len(packages)} {noun}, {max(total / 1e6, 0.1):.{0 if total >= 1e6 else 1}f} MB"
            )
            with told(self.progress, "fetch", detail):
                apt.fetch(
                    names,
                    lambda percent: self.progress(Downloading(what, int(total * percent / 100), total)),
                    closure=closure,
                )
                self.progress(Downloading(what, total, total))
            yield Fetched(packages, tuple(apt.archives / package.file for package in packages), mirror)

    @contextmanager
    def sources(self, suite: str, names: Sequence[str], label: str) -> Iterator[Fetched]:
        """Fetch what source packages have from their authors, ``NAME_VERSION.orig.tar.*``; kept within the block.

        :param label: what is made of them, for people.
        :raises ProvisionError: they cannot be had or cannot be trusted.
        :raises OSError: the disk is full.
        """
        with self.store.scratch() as scratch:
            with told(self.progress, "fetch", f"{label} of Debian {suite}: the list of sources"):
                mirror = find_mirror(self.mirror)
                apt = Apt(scratch / "apt", suite, HOST, mirror, kind="deb-src")
                apt.update()
                packages = apt.choose_sources(names)
            size = sum(package.size for package in packages) / 1e6
            with told(self.progress, "fetch", f"{label} of Debian {suite}: the source, {size:.0f} MB"):
                apt.fetch_sources(names)
            yield Fetched(packages, tuple(apt.archives / package.file for package in packages), mirror)
