"""skopeo, as far as images are had by it: asked what a name stands for, and for the layers of an image.

It is what knows registries: their ways to log in, credentials (``~/.docker/config.json``, ``REGISTRY_AUTH_FILE``,
podman's ``auth.json``), proxies (``HTTPS_PROXY``, ``NO_PROXY``), and mirrors (containers-registries.conf(5)).
"""

import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crosswheel import process
from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.events import Noted
from crosswheel.process import Completed
from crosswheel.provision.images import refusals
from crosswheel.provision.images.refusals import BusyError, UnreachableError
from crosswheel.references import Reference
from crosswheel.seams import Progress

__all__ = ["Skopeo"]

_PAUSES = (1.0, 2.0, 4.0)  # seconds before a further try
_SILENCE = 20.0  # seconds of a download without a sign of life; Go's own dialer waits 30
# Seconds until a question of a few kB must be answered; what is silent so long is asked no more.
_PATIENCE = 10.0
# Who says which signatures an image needs: policy.json(5). Where nobody does, skopeo wants to be told that none.
_POLICIES = ("/etc/containers/policy.json", "~/.config/containers/policy.json")


class _SilentError(Exception):
    """Nothing came for too long."""


@dataclass
class _Watch:
    """Whether a program still does something: it prints a line, or what it fetches grows.

    :param fetched: how many bytes there are by now.
    :param silence: seconds that it may do nothing.
    """

    fetched: Callable[[], int]
    silence: float
    bytes: int = 0
    last: float = 0.0

    def line(self, _: str) -> None:
        self.last = time.monotonic()

    def second(self) -> None:
        now = self.fetched()
        if now != self.bytes:
            self.bytes, self.last = now, time.monotonic()
        if time.monotonic() - self.last > self.silence:
            raise _SilentError


class Skopeo:
    """skopeo for images of one architecture.

    :param program: fetches it where it is not installed.
    :param environ: of the user: proxies, and where credentials are.
    """

    def __init__(
        self, program: Callable[[], Path], environ: Mapping[str, str], arch: Architecture, progress: Progress
    ) -> None:
        self._program = program
        self._environ = environ
        self._arch = arch
        self._progress = progress

    def manifest(self, reference: Reference, digest: str = "") -> bytes:
        """What a registry has by a name: a manifest or an index, as it is.

        :param digest: asks for these bytes, whatever the name stands for.
        :raises UnreachableError: the registry does not answer.
        :raises ProvisionError: it refuses, or has no such image.
        """
        return self._inspected(reference, digest, "--raw")

    def configuration(self, reference: Reference, digest: str) -> bytes:
        """The configuration of the image whose manifest has this digest, as it is; raises as :meth:`manifest`."""
        return self._inspected(reference, digest, "--raw", "--config")

    def copy(
        self,
        source: str,
        layout: Path,
        blobs: Path,
        image: str,
        *,
        loopback: bool,
        fetched: Callable[[], int],
    ) -> None:
        """Fetch what is missing of an image.

        Layers that are in ``blobs`` are not fetched again: after a failure only those that were not finished are.

        :param source: an address as skopeo has it (``docker://quay.io/pypa/x@sha256:...``).
        :param layout: a directory that becomes an OCI layout; unfinished layers are in it.
        :param blobs: the directory of finished ones.
        :param image: its name, for people.
        :param fetched: how many bytes there are by now.
        """
        plain = ("--src-tls-verify=false",) if loopback else ()
        self._tried(
            image,
            ("copy", *plain, "--dest-shared-blob-dir", blobs, "--dest-oci-accept-uncompressed-layers", source,
             f"oci:{layout}:image"),
            fetched,
            silence=_SILENCE,
        )  # fmt: skip

    def _inspected(self, reference: Reference, digest: str, *options: str) -> bytes:
        plain = ("--tls-verify=false",) if reference.loopback else ()
        digest = digest or reference.digest
        source = f"docker://{reference.repository}" + (f"@{digest}" if digest else f":{reference.tag}")
        with tempfile.TemporaryFile() as file:
            name = source.removeprefix("docker://")
            words = ("inspect", *plain, *options, source)
            self._tried(name, words, lambda: 0, silence=_PATIENCE, within=_PATIENCE, stdout=file)
            file.seek(0)
            return file.read()

    def _tried(
        self,
        image: str,
        words: Sequence[str | Path],
        fetched: Callable[[], int],
        *,
        silence: float,
        within: float = math.inf,
        stdout: IO[bytes] | None = None,
    ) -> None:
        """Run it, again where the registry may only be down for a moment.

        :param silence: seconds that it may do nothing.
        :param within: seconds after which it is not run again.
        """
        started = time.monotonic()
        for pause in (*_PAUSES, None):
            error = self._failed(image, words, _Watch(fetched, silence), stdout)
            if error is None:
                return
            passes = isinstance(error, UnreachableError) and not isinstance(error, BusyError)
            if pause is None or not passes or time.monotonic() - started > within:
                raise error
            self._progress(Noted(f"{error.fact}: again in {pause:.0f} s"))
            time.sleep(pause)

    def _failed(
        self, image: str, words: Sequence[str | Path], watch: _Watch, stdout: IO[bytes] | None
    ) -> ProvisionError | None:
        watch.bytes, watch.last = watch.fetched(), time.monotonic()
        if stdout is not None:
            stdout.seek(0)
            stdout.truncate()
        try:
            done = self._run(words, watch, stdout)
        except _SilentError:
            return refusals.of_silence(image, watch.silence)
        if done.returncode == 0:
            return None
        tail = [line for line in map(refusals.said, done.tail) if line]
        return refusals.of_pull("skopeo", image, self._arch, tail)

    def _run(self, words: Sequence[str | Path], watch: _Watch, stdout: IO[bytes] | None) -> Completed:
        policy = (
            () if any(Path(place).expanduser().exists() for place in _POLICIES) else ("--insecure-policy",)
        )
        # --debug: skopeo then says when a registry bids it to wait, and that it does.
        argv = (self._program(), "--debug", *policy, *words)
        return process.run(argv, env=self._environ, on_line=watch.line, on_second=watch.second, stdout=stdout)
