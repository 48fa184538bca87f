"""Views as containers: one that is up for each root, made anew where a view has other mounts.

What is written in a root goes by way of its layer from one container to the next (``layers``). The machine's own
programs run on an image that has only ``/etc``, with the machine's directories mounted read-only.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TypeVar

from crosswheel import process
from crosswheel.architectures import HOST, Architecture
from crosswheel.options import ContainerEngine
from crosswheel.process import Completed
from crosswheel.provision.containers import trees
from crosswheel.provision.containers.arguments import Box
from crosswheel.provision.containers.client import Client
from crosswheel.provision.containers.container import Container, started
from crosswheel.provision.containers.copies import Copies
from crosswheel.provision.containers.images import Images
from crosswheel.provision.containers.layers import Layer
from crosswheel.provision.containers.leftovers import new_name
from crosswheel.provision.sandboxes import machine
from crosswheel.seams import Layered, MakeSandbox, Mount, Sandbox, View

Result = TypeVar("Result")

_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # a root has its own idea of whom to trust


@dataclass
class _Up:
    """A container that is up.

    :param wanted: what it was made for, by which it is found again.
    """

    container: Container
    wanted: Box
    layer: Layer | None
    copies: Copies


@dataclass
class Containers:
    """Makes sandboxes that are containers of one engine, all of one job.

    :param images: of the same engine.
    :param arch: the target's.
    :param scratch: a directory that ends with the job.
    :param elsewhere: makes sandboxes of the machine's own programs where the engine does not see this machine.
    """

    client: Client
    images: Images
    arch: Architecture
    engine: ContainerEngine
    scratch: Path
    log: IO[str] | None = None
    keep: bool = False
    elsewhere: MakeSandbox | None = None
    _up: dict[Path | None, _Up] = field(default_factory=dict)
    _layers: dict[Path, Layer] = field(default_factory=dict)
    _kept: list[str] = field(default_factory=list)

    def __call__(self, view: View) -> Sandbox:
        """A sandbox with this view."""
        if self.elsewhere is not None and (view.root is None or view.root.arch != self.arch):
            return self.elsewhere(view)
        return _Sandbox(self, view)

    def close(self) -> tuple[str, ...]:
        """Take all containers down; the names of those that are kept."""
        for slot in tuple(self._up):
            self._end(slot)
        return tuple(self._kept)

    def _end(self, slot: Path | None) -> None:
        one = self._up.pop(slot)
        if self.keep and one.layer is not None:
            self._kept.append(one.container.name)
        one.container.end()

    def run(
        self,
        view: View,
        binds: Mapping[str, Path],
        command: Callable[[Container], Result],
    ) -> Result:
        """Run something in the container of a view, with files where they belong before it and after it."""
        exchange = {place: self._exchange(place) for place in binds}
        for place, source in binds.items():
            trees.refill(exchange[place], source)
        one = self._ready(view, tuple(Mount(path, place, writable=True) for place, path in exchange.items()))
        one.copies.before(one.container, self.scratch)
        done = command(one.container)
        one.copies.after(one.container, self.scratch)
        one.container.give_back()
        if one.layer is not None:
            one.layer.note(one.container)
        for place, source in binds.items():
            trees.refill(source, exchange[place])
        return done

    def _exchange(self, place: str) -> Path:
        """The directory that containers see at a place whose own directory differs from command to command."""
        return self._directory(f"exchange/{place.strip('/').replace('/', '-')}")

    def _directory(self, name: str) -> Path:
        path = self.scratch / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _ready(self, view: View, further: tuple[Mount, ...]) -> _Up:
        slot = view.root.layer if view.root else None
        wanted = self._box(view, further)
        one = self._up.get(slot)
        if one is not None and one.wanted == wanted:
            if one.layer is not None:
                one.layer.push(one.container)
            return one
        if one is not None:
            if one.layer is not None:
                one.layer.pull(one.container)
            self._end(slot)
        self._up[slot] = self._made(view, wanted)
        return self._up[slot]

    def _made(self, view: View, wanted: Box) -> _Up:
        layer = self._layer(view.root) if view.root else None
        keep = self.keep and layer is not None  # the machine's own programs leave nothing in theirs
        container = started(self.client, wanted, new_name(keep=keep), self.engine.create_args, keep=keep)
        copies = Copies(() if self.client.binds else wanted.mounts)
        one = _Up(container, wanted, layer, copies)
        with ExitStack() as undo:
            undo.callback(container.end)
            if layer is not None:
                layer.open(container)
            undo.pop_all()
        return one

    def _box(self, view: View, further: tuple[Mount, ...]) -> Box:
        # The last one wins, as where mounts are made one after the other.
        by_place = {mount.target: mount for mount in (*view.mounts, *further)}
        mounts = tuple(replace(mount, source=self._seen(mount)) for mount in by_place.values())
        if view.root is not None:
            if _CERTIFICATES.exists() and self.client.binds:
                mounts = (Mount(_CERTIFICATES.resolve(), str(_CERTIFICATES)), *mounts)
            image = self.images.of_root(view.root.lower, view.root.arch)
            return Box(image, view.root.arch, mounts)
        own = [Mount(Path(place), place) for place in machine.directories()]
        if not view.development:
            empty = self._directory("empty")
            own += [Mount(empty, place) for place in machine.development_directories()]
            own += [Mount(Path("/dev/null"), place) for place in machine.development_programs()]
        return Box(self.images.of_machine(), HOST, (*own, *mounts))

    def _seen(self, mount: Mount) -> Path:
        if not isinstance(mount.source, Layered):
            return mount.source
        assert not mount.writable, "a container sees the root of another as it is"
        layer = self._layer(mount.source)
        up = self._up.get(mount.source.layer)
        if up is not None:
            layer.pull(up.container)
        return layer.tree()

    def _layer(self, layered: Layered) -> Layer:
        if layered.layer not in self._layers:
            trees_of = self._directory(f"trees/{len(self._layers)}")
            self._layers[layered.layer] = Layer(layered, trees_of)
        return self._layers[layered.layer]


class _Sandbox:
    def __init__(self, containers: Containers, view: View) -> None:
        self._containers = containers
        self._view = view

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        binds: Mapping[str, Path] | None = None,
        on_line: Callable[[str], None] | None = None,
        capture: bool = False,
    ) -> Completed:
        """Run a command to its end; see :class:`crosswheel.seams.Sandbox`."""
        log = self._containers.log
        env = {**self._view.emulation(), **env}

        def command(container: Container) -> Completed:
            return container.run(argv, cwd=cwd, env=env, on_line=on_line, log=log, capture=capture)

        done = process.of_a_shell(self._containers.run(self._view, binds or {}, command))
        return replace(done, cpu=0.0, peak=0)  # those of the engine's client say nothing of the command

    def attach(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> int:
        """Run a command that has this process's terminal; see :class:`crosswheel.seams.Sandbox`."""
        env = {**self._view.emulation(), **env}
        return self._containers.run(
            self._view, {}, lambda container: container.attach(argv, cwd=cwd, env=env)
        )
