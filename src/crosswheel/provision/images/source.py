"""The source ``image``."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from crosswheel import images
from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.events import Noted
from crosswheel.model import LibcVersion, Options, Part, Target
from crosswheel.once import once
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.images import root as roots
from crosswheel.provision.images.engine import Engine, LocalImage
from crosswheel.provision.images.root import Contents, ImageRoot
from crosswheel.provision.images.unpack import unpack
from crosswheel.provision.reaching import answers
from crosswheel.provision.steps import told
from crosswheel.seams import Progress, Reach, Root
from crosswheel.store import Store, digest

RECIPE = 1  # of how an image is unpacked
_ROOTS = "image-roots"
_NAMES = "image-names"  # which entry a name leads to, where that never changes
_CONTENTS = "contents.json"


class ImageSource:
    """Roots and CPythons of images: of the official ones, or of any with Pythons in ``/opt/python``.

    :param store: keeps the unpacked images.
    :param options: the options of an identifier: they name image and engine.
    :param environ: of the user: it says where docker and podman are.
    :param debian: has the programs that make sandboxes.
    """

    name = "image"

    def __init__(
        self,
        store: Store,
        progress: Progress,
        *,
        options: Callable[[str], Options],
        environ: Mapping[str, str],
        debian: DebianSource,
    ) -> None:
        self._store = store
        self._progress = progress
        self._options = options
        self._environ = environ
        self.debian = debian
        self._entry = once(self._made)  # by name, architecture and engine: once in a run
        self._known = once(self._find)

    def image_of(self, target: Target) -> str:
        """The name by which a target's image is fetched."""
        named = self._options(target.identifier).image
        return images.full_name(named or images.default(target.libc, target.arch.name).name, target.arch.name)

    def offers(self, target: Target) -> bool:
        """Whether the image has the target's Python, by what is in it if it was unpacked, else by the table."""
        if target.libc != "manylinux" or target.python.implementation != "cp":
            return False
        contents = self._seen(target)
        official = images.named(self.image_of(target))
        if contents is not None:
            return target.python.tag in contents.pythons
        return official is None or target.python.tag in official.image.pythons

    def libc_version(self, target: Target) -> LibcVersion | None:
        """The glibc of the image, by what is in it if it was unpacked, else by the table."""
        contents = self._seen(target)
        official = images.named(self.image_of(target))
        if contents is not None:
            return contents.version
        return official.image.version if official else None

    def parts(self, target: Target) -> tuple[Part, ...]:
        """The image and the programs that run it; without asking the network."""
        image = Part(f"image {self.image_of(target)}", 0, self._seen(target) is not None)
        return (image, *self.debian.programs.parts(target.arch))

    def describe(self) -> str:
        """What it has, for people."""
        return "image has the CPythons of the image that manylinux-ARCH-image names"

    def reaches(self, target: Target) -> tuple[Reach, ...]:
        """The registry of the image, unless it is unpacked already."""
        if self._seen(target) is not None:
            return ()
        name, engine = self.image_of(target), self._options(target.identifier).container_engine.name
        registry = images.registry_of(name)

        def ask() -> None:
            Engine(engine, self._environ).check()
            if Engine(engine, self._environ).had(name) is None:
                answers(f"https://{registry}/v2/", f"{registry} cannot be reached")

        return (Reach(registry, ask),)

    def key(self, target: Target) -> str:
        """The image that its name stands for now; where nobody can tell, it is another one each time."""
        engine = self._options(target.identifier).container_engine.name
        entry = self._known(self.image_of(target), target.arch, engine)
        return entry.name if entry is not None else uuid.uuid4().hex

    def root(
        self,
        target: Target,
        finish: Callable[[Root], None] | None = None,  # noqa: ARG002 -- an image is as its makers finished it
    ) -> ImageRoot:
        """The unpacked image with one of its CPythons.

        :raises ProvisionError: the image cannot be had, or does not fit the target.
        :raises OSError: the store cannot be written.
        """
        arch = target.arch
        name = self.image_of(target)
        entry = self._entry(name, arch, self._options(target.identifier).container_engine.name)
        contents = _read(entry)
        wrong = roots.misfits(contents, target)
        if wrong:
            raise ProvisionError(
                f"{name} cannot serve {target.identifier}",
                cause="; ".join(wrong),
                remedy=f"name another image with manylinux-{arch.name}-image, or take --source debian",
            )
        return ImageRoot(entry / "root", arch, contents.version, contents.pythons[target.python.tag], name)

    def _made(self, name: str, arch: Architecture, engine_name: str) -> Path:
        if _never_changes(name) and (known := self._known(name, arch, engine_name)) is not None:
            return known  # no engine need be there
        engine = Engine(engine_name, self._environ)
        engine.check()
        image = engine.image(
            name, arch, started=lambda: self._progress(Noted(f"{engine_name} pulls {name} for {arch.docker}"))
        )
        key = _key(image, arch)
        entry = self._store.ensure(_ROOTS, key, lambda entry: self._unpacked(engine, image, key, entry))
        if _never_changes(name):
            self._note(name, arch, key)
        self._progress(Noted(f"{name} is {_read(entry)}"))
        return entry

    def _unpacked(self, engine: Engine, image: LocalImage, key: str, entry: Path) -> None:
        entry.chmod(0o700)  # its /tmp is open to all: nobody else may reach it
        archive = entry / "image.tar"
        with told(self._progress, "fetch", f"the files of {image.name} from {engine.name}"):
            engine.export(image, archive, f"crosswheel-{key}")
        with told(self._progress, "unpack", image.name):
            unpack(archive, entry / "root")
        archive.unlink()
        contents = asdict(roots.read(entry / "root"))
        (entry / _CONTENTS).write_text(json.dumps(contents, indent=1) + "\n", encoding="utf-8")

    def _note(self, name: str, arch: Architecture, key: str) -> None:
        """Remember what a name stands for."""
        note = self._store.shared(_NAMES) / _note_name(name, arch)
        partial = note.with_suffix(f".{key}")  # another run may write its own
        partial.write_text(key, encoding="utf-8")
        partial.rename(note)

    def _find(self, name: str, arch: Architecture, engine_name: str) -> Path | None:
        """What is unpacked of the image that a name stands for at this moment; None where nothing is."""
        note = self._store.path(_NAMES, _note_name(name, arch))
        if _never_changes(name):
            key = note.read_text(encoding="utf-8") if note.is_file() else None
        else:
            image = Engine(engine_name, self._environ).had(name)
            key = _key(image, arch) if image is not None else None
        return self._store.path(_ROOTS, key) if key and self._store.has(_ROOTS, key) else None

    def _seen(self, target: Target) -> Contents | None:
        """What is in a target's image where it was unpacked."""
        engine = self._options(target.identifier).container_engine.name
        entry = self._known(self.image_of(target), target.arch, engine)
        return _read(entry) if entry is not None else None


def _key(image: LocalImage, arch: Architecture) -> str:
    return digest({"image": image.identity, "arch": arch.name, "recipe": RECIPE})


def _never_changes(name: str) -> bool:
    """Whether a name stands for one image for ever: a digest does, and so does a release of the official ones."""
    return "@sha256:" in name or (images.named(name) is not None and name.endswith(f":{images.RELEASE}"))


def _note_name(name: str, arch: Architecture) -> str:
    return digest({"name": name, "arch": arch.name})


def _read(entry: Path) -> Contents:
    told_ = json.loads((entry / _CONTENTS).read_text(encoding="utf-8"))
    return Contents(**{**told_, "version": tuple(told_["version"])})
