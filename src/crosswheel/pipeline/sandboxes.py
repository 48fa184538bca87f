"""Which sandbox a job's commands run in, found out by doing."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from crosswheel import sample
from crosswheel.architectures import HOST, Architecture
from crosswheel.errors import CrosswheelError, ProvisionError
from crosswheel.events import EmulatorFound, Noted
from crosswheel.once import once
from crosswheel.options import ContainerEngine, Sandboxing
from crosswheel.provision.containers import choice, foreign, leftovers
from crosswheel.provision.containers.client import Client
from crosswheel.provision.containers.images import Images
from crosswheel.provision.containers.private import private_podman
from crosswheel.provision.containers.sandbox import Containers
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.sandboxes import host, namespace
from crosswheel.provision.sandboxes.namespace import Namespace, Tools
from crosswheel.seams import MakeSandbox, Progress, Sandbox, View
from crosswheel.store import Store

_IMAGES = "containers"  # of podman in a namespace of ours


class Sandboxes:
    """Opens what makes a job's sandboxes.

    :param debian: where the programs come from that make sandboxes.
    """

    def __init__(
        self, store: Store, debian: DebianSource, progress: Progress, sandboxing: Sandboxing
    ) -> None:
        self._store = store
        self._debian = debian
        self._progress = progress
        self._sandboxing = sandboxing
        self._namespace_serves = once(self._namespace_trouble)
        self._client = once(self._answering)
        self._cleared: set[str] = set()
        self._say = once(lambda text: progress(Noted(text)))
        self._qemu = once(self._emulator)
        self.tools = once(self._tools)

    @property
    def on_machine(self) -> bool:
        """Whether commands run on the machine itself, without isolation."""
        return self._sandboxing.choice == "host"

    @contextmanager
    def opened(
        self, arch: Architecture, engine: ContainerEngine, scratch: Path, log: IO[str] | None = None
    ) -> Iterator[MakeSandbox]:
        """Sandboxes for a target; they end with the block.

        :param engine: what ``container-engine`` says.
        :param scratch: a directory that ends with the job.
        :param log: gets every line that a command prints.
        :raises ProvisionError: none can be made here, with the cause.
        """
        if self.on_machine:
            yield self.of_machine(log)
            return
        if self.is_namespace(arch, engine):
            yield self._namespaces(self.tools(arch), log)
            return
        with ExitStack() as stack:
            containers = stack.enter_context(self._containers(arch, engine, scratch, log))
            stack.callback(self._close, containers)
            yield containers

    def of_machine(self, log: IO[str] | None) -> MakeSandbox:
        """What runs commands on the machine itself.

        :raises ProvisionError: they cannot work where the store is.
        """
        host.check_place(self._store.root)
        self._say("commands run on this machine itself, without isolation")
        return lambda view: host.OnMachine(view, log)

    def emulator(self, arch: Architecture, engine: ContainerEngine) -> Path | None:
        """The QEMU of ours that runs a target's programs; None where the machine runs them."""
        if not _foreign(arch):
            return None
        ours = self.is_namespace(arch, engine) or self._wants_namespace(self._client(engine), arch)
        return self._qemu(arch) if ours else None

    def _close(self, containers: Containers) -> None:
        name = containers.client.name
        for kept in containers.close():
            text = f"{kept} is kept: {name} commit {kept} makes an image of it, {name} rm {kept} removes it"
            self._progress(Noted(text))

    def is_namespace(self, arch: Architecture, engine: ContainerEngine) -> bool:
        """Whether commands of a target run in namespaces; else they do in containers.

        :raises ProvisionError: neither kind of sandbox can be made.
        """
        chosen = self._sandboxing.choice
        if chosen != "auto":
            return chosen == "namespace"
        trouble = self._namespace_serves(_foreign(arch))
        if trouble is None:
            return True
        try:
            client = self._client(engine)
        except CrosswheelError as error:
            cause = f"{trouble.cause}; nor are there containers: {error.fact}"
            raise ProvisionError(trouble.fact, cause=cause, remedy=trouble.remedy) from None
        self._say(f"containers of {client.name} are used, since {trouble.fact}")
        return False

    def _namespace_trouble(self, emulate: bool) -> ProvisionError | None:
        try:
            namespace.probe(emulate=emulate)
        except ProvisionError as error:
            return error
        return None

    def _namespaces(self, tools: Tools, log: IO[str] | None) -> MakeSandbox:
        def make(view: View) -> Sandbox:
            return Namespace(tools, view, log)

        return make

    @contextmanager
    def _containers(
        self, arch: Architecture, engine: ContainerEngine, scratch: Path, log: IO[str] | None
    ) -> Iterator[Containers]:
        client = self._client(engine)
        with ExitStack() as stack:
            keeper = client
            if self._wants_namespace(client, arch):
                if self._sandboxing.keep:
                    self._say("no container is kept: podman runs in a namespace that ends with the job")
                emulate = (arch, self._qemu(arch)) if _foreign(arch) else None
                own, keeper = stack.enter_context(
                    private_podman(_made(scratch / "podman"), self._store.shared(_IMAGES), emulate)
                )
                client = replace(own, binds=client.binds)
            elif client.name not in self._cleared:
                self._cleared.add(client.name)
                leftovers.remove(client)
            images = Images(keeper, self._store, self._progress)
            if _foreign(arch):
                foreign.check(client, images, arch)
            containers = Containers(
                client,
                images,
                arch,
                engine,
                _made(scratch / "containers"),
                log,
                keep=self._sandboxing.keep and not client.own,
                elsewhere=None if client.binds else self._namespaces(self.tools(arch), log),
            )
            yield containers

    def _wants_namespace(self, client: Client, arch: Architecture) -> bool:
        """Whether podman is to be started in a namespace of ours, since nothing here runs the target's programs."""
        if client.name != "podman" or not client.here or os.geteuid() == 0:
            return False
        return _foreign(arch) and not foreign.serves(arch) and self._namespace_serves(True) is None

    def _answering(self, engine: ContainerEngine) -> Client:
        """The engine, once it is found to answer."""
        client = choice.answering(engine, os.environ)
        if engine.name != client.name:
            self._say(f"containers are those of {client.name}: {engine.name} does not answer")
        return client

    def _tools(self, arch: Architecture) -> Tools:
        """Bubblewrap, and QEMU where the architecture is foreign.

        :raises ProvisionError: sandboxes cannot be made here.
        """
        trouble = self._namespace_serves(_foreign(arch))
        if trouble is not None:
            raise trouble
        qemu: Mapping[str, Path] = {arch.name: self._qemu(arch)} if _foreign(arch) else {}
        return Tools(self._debian.programs.bubblewrap().path, qemu)

    def _emulator(self, arch: Architecture) -> Path:
        emulator = self._debian.programs.qemu(arch)
        self._progress(EmulatorFound(arch.name, emulator.version))
        if HOST.name in arch.runs_on:  # elsewhere they run as they are
            why = sample.trouble(arch)
            self._say(f"programs of {arch.name} are emulated: this machine does not run them ({why})")
        return emulator.path


def _foreign(arch: Architecture) -> bool:
    return not sample.runs_here(arch)


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory
