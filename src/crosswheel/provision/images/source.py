"""The source ``image``."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from crosswheel import images
from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.events import Noted
from crosswheel.model import LibcVersion, Part, Target
from crosswheel.once import once
from crosswheel.options import Options
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.images import root as roots
from crosswheel.provision.images.notes import Note, Notes
from crosswheel.provision.images.refusals import NO_IMAGE, UnreachableError, of_moved_tag
from crosswheel.provision.images.root import Contents, ImageRoot
from crosswheel.provision.images.unpack import unpack
from crosswheel.provision.images.ways import ENGINES, Found, Ways, parsed, stamp
from crosswheel.provision.steps import told
from crosswheel.references import Reference, parse
from crosswheel.seams import Progress, Reach, Root
from crosswheel.store import Store, digest

RECIPE = 3  # of how an image is unpacked and read
_ROOTS = "image-roots"
_BLOBS = "image-blobs"  # layers as registries have them, by digest
_CONTENTS = "contents.json"
_PINS = "CROSSWHEEL_IMAGES"  # names a file of pins in place of crosswheel's own


class ImageSource:
    """Roots and Pythons of images: of the official ones, or of any with Pythons in ``/opt/python``.

    :param store: keeps the unpacked images, and their layers.
    :param options: the options of an identifier: they name image and engine.
    :param environ: of the user: it says where docker and podman are, and how registries are reached.
    :param debian: has the programs that make sandboxes, and skopeo.
    :param asking: whether a registry may be asked what a name stands for before its image is needed.
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
        asking: bool = True,
    ) -> None:
        self._store = store
        self._progress = progress
        self._options = options
        self.debian = debian
        self._pins = _pins(environ.get(_PINS, ""))
        self._ways = Ways(debian.programs.skopeo, store.root / _BLOBS, environ, progress)
        self._notes = Notes(store)
        self._asking = asking
        self._keys: dict[tuple[str, Architecture, str], str] = {}  # of images that this run has had
        # By name, architecture and engine, each once in a run.
        self._entry = once(self._made)
        self._known = once(self._find)
        self._asked = once(self._ask)
        self._use_kept = once(self._tell_kept)

    def image_of(self, target: Target) -> str:
        """The name by which a target's image is fetched."""
        arch = target.arch.name
        named = self._options(target.identifier).image or images.default(target.libc, arch).name
        return images.full_name(named, arch, self._pins)

    def offers(self, target: Target) -> bool:
        """Whether the image has the target's Python, by what is in it if it was unpacked, else by the table."""
        if target.python.implementation not in ("cp", "pp"):
            return False
        contents = self._seen(target)
        official = images.named(self.image_of(target))
        if contents is not None:
            return target.python.tag in contents.pythons
        return official is None or official.image.has(target.python.tag, target.arch.name)

    def libc_version(self, target: Target) -> LibcVersion | None:
        """The C library of the image, by what is in it if it was unpacked, else by the table."""
        contents = self._seen(target)
        official = images.named(self.image_of(target))
        if contents is not None:
            return contents.version
        return official.image.version if official else None

    def parts(self, target: Target) -> tuple[Part, ...]:
        """The image, the program that fetches it, and those that run it; without asking the network."""
        seen = self._seen(target) is not None
        image = Part(f"image {self.image_of(target)}", 0, seen)
        programs = self.debian.programs
        skopeo = () if seen or self._engine(target) else (programs.skopeo_part(),)
        return (image, *skopeo, *programs.parts(target.arch))

    def describe(self) -> str:
        """What it has, for people."""
        return "image has the Pythons of the image that manylinux-ARCH-image or musllinux-ARCH-image names"

    def reaches(self, target: Target) -> tuple[Reach, ...]:
        """The registry of the image, unless it is unpacked already."""
        if self._seen(target) is not None:
            return ()
        return self._ways.reaches(self.image_of(target), target.arch, self._engine(target))

    def key(self, target: Target) -> str:
        """The image that its name stands for now; where nobody can tell, it is another one each time.

        Where only a registry can tell it is asked, or the name is taken to stand for what it stood for last.
        """
        name, arch, engine = where = (self.image_of(target), target.arch, self._engine(target))
        known = self._known(*where)
        key = self._keys.get(where) or (known.key if known else "")
        if where in self._keys or not self._asking or (known and known.sure):
            return key or uuid.uuid4().hex
        found = self._asked(name, arch) if not engine and _tells_at_once(name) else None
        if isinstance(found, UnreachableError):
            if key:
                self._use_kept(found.fact)
        else:
            key = "" if found is None or isinstance(found, ProvisionError) else _key(found.identity, arch)
        return key or uuid.uuid4().hex

    def root(
        self,
        target: Target,
        finish: Callable[[Root], None] | None = None,  # noqa: ARG002 -- an image is as its makers finished it
    ) -> ImageRoot:
        """The unpacked image with one of its Pythons.

        :raises ProvisionError: the image cannot be had, or does not fit the target.
        :raises OSError: the store cannot be written.
        """
        arch = target.arch
        name = self.image_of(target)
        entry = self._entry(name, arch, self._engine(target))
        contents = _read(entry)
        wrong = roots.misfits(contents, target)
        if wrong:
            raise ProvisionError(
                f"{name} cannot serve {target.identifier}",
                cause="; ".join(wrong),
                remedy=f"name another image with {target.libc}-{arch.name}-image, or take another --source",
            )
        return ImageRoot(entry / "root", arch, contents.version, contents.pythons[target.python.tag], name)

    def _engine(self, target: Target) -> str:
        """The container engine that the configuration names; empty where it names none."""
        engine = self._options(target.identifier).container_engine
        return engine.name if engine.named else ""

    def _made(self, name: str, arch: Architecture, engine: str) -> Path:
        reference = parsed(name)
        mark = stamp(reference)
        note = self._notes.get(name, arch, mark)
        kept = self._store.path(_ROOTS, note.key) if note and self._store.has(_ROOTS, note.key) else None
        if kept is not None and self._is_fixed(name, reference):
            return kept  # neither an engine nor a registry need be there
        with self._store.scratch() as scratch:
            try:
                found = self._found(name, arch, engine, scratch)
            except UnreachableError as error:
                if kept is None:
                    raise
                self._use_kept(error.fact)
                self._keys[name, arch, engine] = kept.name
                return kept
            self._compare(name, reference, note, found)
            key = _key(found.identity, arch)
            entry = self._store.ensure(
                _ROOTS, key, lambda entry: self._unpacked(found, name, arch, scratch, entry)
            )
        self._notes.put(name, arch, mark, Note(key, found.digest))
        self._keys[name, arch, engine] = key
        self._progress(Noted(f"{name} of {found.origin} is {_read(entry)}"))
        return entry

    def _found(self, name: str, arch: Architecture, engine: str, scratch: Path) -> Found:
        if engine or not _tells_at_once(name):
            return self._ways.find(name, arch, engine, scratch)
        found = self._asked(name, arch)
        if isinstance(found, ProvisionError):
            raise found
        return found

    def _ask(self, name: str, arch: Architecture) -> Found | ProvisionError:
        """What a name stands for now; why that is not to be had is kept too, since it may have taken long."""
        try:
            return self._ways.standing(name, arch)
        except ProvisionError as error:
            return error

    def _tell_kept(self, why: str) -> None:
        self._progress(Noted(f"{why}: what is kept of it is used", warning=True))

    def _compare(self, name: str, reference: Reference, note: Note | None, found: Found) -> None:
        """Say that a name stands for something else than before.

        :raises ProvisionError: it should stand for one image for ever.
        """
        if note is None or not (note.digest and found.digest) or note.digest == found.digest:
            return
        if self._is_fixed(name, reference):
            raise of_moved_tag(name, note.digest, found.digest)
        self._progress(
            Noted(f"{name} is another image now: {found.digest} in place of {note.digest}", warning=True)
        )

    def _unpacked(self, found: Found, name: str, arch: Architecture, scratch: Path, entry: Path) -> None:
        entry.chmod(0o700)  # its /tmp is open to all: nobody else may reach it
        layers = found.layers(scratch)
        try:
            with told(self._progress, "unpack", name):
                unpack(layers, entry / "root", name)
            contents = roots.read(entry / "root")
            if wrong := roots.unusable(contents, arch):
                raise ProvisionError(
                    f"{name} is no image to build wheels for {arch.name} in",
                    cause="; ".join(wrong),
                    remedy=f"name another image, {NO_IMAGE}",
                )
        except (ProvisionError, OSError):
            found.discard()
            raise
        (entry / _CONTENTS).write_text(json.dumps(asdict(contents), indent=1) + "\n", encoding="utf-8")

    def _find(self, name: str, arch: Architecture, engine: str) -> "_Known | None":
        """The image that a name stands for, as far as it is known without the network."""
        reference = parse(name)
        if reference is None:
            return None
        note = self._notes.get(name, arch, stamp(reference))
        if self._is_fixed(name, reference):
            return _Known(note.key, sure=True) if note else None
        found = self._ways.had(name, arch, (engine,) if engine else ENGINES)
        if found is not None:
            return _Known(_key(found.identity, arch), sure=True)
        return _Known(note.key, sure=False) if note and not engine else None

    def _seen(self, target: Target) -> Contents | None:
        """What is in a target's image where it is unpacked."""
        known = self._known(self.image_of(target), target.arch, self._engine(target))
        unpacked = known is not None and self._store.has(_ROOTS, known.key)
        return _read(self._store.path(_ROOTS, known.key)) if known is not None and unpacked else None

    def _is_fixed(self, name: str, reference: Reference) -> bool:
        """Whether a name stands for one image for ever: a digest does, a release of the official images, and a file
        of this time and size."""
        release = images.named(name) is not None and reference.tag == self._pins.release
        return bool(reference.digest or release or stamp(reference))


@dataclass(frozen=True)
class _Known:
    """The image that a name stood for when it was last had.

    :param key: of the unpacked image; it may have been removed since.
    :param sure: whether the name stands for it still.
    """

    key: str
    sure: bool


def _pins(file: str) -> images.Pins:
    try:
        return images.pins(Path(file)) if file else images.PINS
    except (OSError, ValueError) as error:
        raise ProvisionError(
            f"{file} is no file of pins", cause=str(error), remedy=f"correct it, or unset {_PINS}"
        ) from error


def _tells_at_once(name: str) -> bool:
    """Whether it can be told what a name stands for before the files of the image are there."""
    reference = parse(name)
    return reference is not None and reference.kind != "docker-archive"


def _key(identity: str, arch: Architecture) -> str:
    return digest({"image": identity, "arch": arch.name, "recipe": RECIPE})


def _read(entry: Path) -> Contents:
    told_ = json.loads((entry / _CONTENTS).read_text(encoding="utf-8"))
    return Contents(**{**told_, "version": tuple(told_["version"])})
