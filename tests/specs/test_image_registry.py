"""Images of registries, without docker, podman and root: a real registry, and one that fails as it is told to."""

import base64
import gzip
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from harness import Crosswheel
from own_registry import Faulty, Image, archive, digest, faulty, image, index, registry, send

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.events import Event, Noted, StepStarted
from crosswheel.model import Python, Target
from crosswheel.options import Options
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.unpack import unpack_files
from crosswheel.provision.images import ImageSource, skopeo
from crosswheel.store import Store

pytestmark = [pytest.mark.network]

ID = "cp311-manylinux_aarch64"
ARM = Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])
_GLIBC = b"\x7fELF\x02\x01\x01" + bytes(11) + b"\xb7\0" + b"\0GNU C Library stable release version 2.28.\n\0"
BASE = archive({"lib64/libc.so.6": _GLIBC, "usr/share/noise": os.urandom(300_000)})
PYTHON = archive({"opt/python/cp311-cp311/bin/python": b"x"})
CUT = gzip.compress(os.urandom(5000))[:-2000]
OWN = image([BASE, PYTHON], "arm64")
OTHER = image([BASE, PYTHON, archive({"etc/new": b"x"})], "arm64")
Fault = Callable[[str, BaseHTTPRequestHandler], bool]


@dataclass(frozen=True)
class Fetching:
    """An image as it is fetched, with a store of its own."""

    store: Store
    events: list[Event]
    programs: DebianSource
    env: dict[str, str]

    def source(self, name: str, asking: bool = True, /, **env: str) -> ImageSource:
        options = Options(image=name)
        return ImageSource(
            self.store,
            self.events.append,
            options=lambda _: options,
            environ={**self.env, **env},
            debian=self.programs,
            asking=asking,
        )

    def refused(self, name: str, **env: str) -> ProvisionError:
        """Why an image is not to be had; nothing of it stays."""
        with pytest.raises(ProvisionError) as caught:
            self.source(name, **env).root(ARM)
        assert caught.value.remedy
        assert "\n" not in caught.value.fact
        return caught.value

    @property
    def left(self) -> list[str]:
        kinds = ("image-roots", "image-names", "scratch")
        found = [path.name for kind in kinds for path in (self.store.root / kind).rglob("*")]
        return [*found, *self.layers]

    @property
    def layers(self) -> list[str]:
        return sorted(f"sha256:{path.name}" for path in (self.store.root / "image-blobs/sha256").glob("*"))

    @property
    def said(self) -> list[str]:
        """What people are told of images."""
        told = (
            one.text if isinstance(one, Noted) else one.detail
            for one in self.events
            if isinstance(one, (Noted, StepStarted))
        )
        return [text for text in told if "Debian" not in text]


def always(answer: Callable[[BaseHTTPRequestHandler], None], what: str = "") -> Fault:
    """A fault of every question with these words in it."""

    def fault(question: str, handler: BaseHTTPRequestHandler) -> bool:
        if what in question:
            answer(handler)
        return what in question

    return fault


@pytest.fixture
def fetching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetching:
    """skopeo of the shared cache; neither docker nor podman is found."""
    monkeypatch.setattr(skopeo, "_PAUSES", (0.1, 0.2))
    monkeypatch.setattr(os, "sync", lambda: None)  # what other programs write meanwhile is not waited for
    cache = Path(os.environ.get("CROSSWHEEL_CACHE") or Path.home() / ".cache/crosswheel")
    (tmp_path / "home").mkdir()
    env = {"PATH": str(tmp_path / "home"), "HOME": str(tmp_path / "home")}
    return Fetching(Store(tmp_path / "cache"), [], DebianSource(Store(cache), lambda _: None), env)


@pytest.fixture
def server() -> Iterator[Faulty]:
    with faulty({"own:1": OWN}) as made:
        yield made


def test_an_image_is_fetched_verified_and_unpacked_and_its_layers_are_shared(
    fetching: Fetching, server: Faulty
) -> None:
    server.images["other:1"] = OTHER
    root = fetching.source(f"{server.host}/own:1").root(ARM)
    assert (root.libc_version, root.python) == ((2, 28), "/opt/python/cp311-cp311/bin/python")
    name, origin = f"{server.host}/own:1", f"the registry {server.host}"
    assert fetching.said == [
        f"{name} from {origin}: 2 layers, 0.3 MB",
        name,
        f"{name} of {origin} is an unnamed system with glibc 2.28 and Pythons cp311",
    ]
    server.asked.clear()
    other = fetching.source(f"{server.host}/other:1").root(ARM)
    assert (other.path / "etc/new").exists()
    assert (
        f"{server.host}/other:1 from the registry {server.host}: 3 layers, 2 of them are kept, 0.1 MB"
        in fetching.said
    )
    assert not [question for question in server.asked if OWN.layers[0] in question], "it is not fetched again"
    assert list(Path(fetching.env["HOME"]).iterdir()) == [], "nothing is left in the user's home"


def test_of_an_index_only_the_image_of_the_architecture_is_fetched(
    fetching: Fetching, server: Faulty
) -> None:
    foreign = image([archive({"etc/foreign": b"x"})], "s390x")
    server.images |= {"all:1": index({"linux/s390x": foreign, "linux/arm64": OWN}), "foreign:1": foreign}
    fetching.source(f"{server.host}/all:1").root(ARM)
    assert not [question for question in server.asked if foreign.layers[0] in question]
    lacking = Target(ARM.python, "manylinux", ARCHITECTURES["ppc64le"])
    with pytest.raises(ProvisionError, match=r"there is no .*/all:1 for linux/ppc64le") as caught:
        fetching.source(f"{server.host}/all:1").root(lacking)
    assert caught.value.cause == "its index has linux/s390x, linux/arm64"


def test_a_name_is_asked_again_unless_it_has_a_digest(fetching: Fetching, server: Faulty) -> None:
    names = (f"{server.host}/own:1", f"{server.host}/own@{OWN.digest}")
    for name in names:
        fetching.source(name).root(ARM)
    server.asked.clear()
    fetching.source(names[1]).root(ARM)
    assert server.asked == []
    fetching.source(names[0]).root(ARM)
    assert server.asked
    assert fetching.layers.count(OWN.layers[0]) == 1


def test_without_its_registry_what_is_kept_of_an_image_is_used_and_said(
    fetching: Fetching, server: Faulty
) -> None:
    name = f"{server.host}/own:1"
    root = fetching.source(name).root(ARM)
    server.fault = always(lambda handler: send(handler, 503))
    assert fetching.source(name).root(ARM).path == root.path
    assert fetching.events[-1] == Noted(
        f"the registry of {server.host}/own:1 cannot be reached: what is kept of it is used", warning=True
    )


def test_a_tag_that_moved_is_another_image_and_said(fetching: Fetching, server: Faulty) -> None:
    name = f"{server.host}/own:1"
    root = fetching.source(name).root(ARM)
    server.images["own:1"] = OTHER
    assert fetching.source(name).root(ARM).path != root.path
    assert (
        Noted(f"{name} is another image now: {OTHER.digest} in place of {OWN.digest}", warning=True)
        in fetching.events
    )


def test_what_is_kept_of_a_tag_goes_by_what_it_stands_for_now(fetching: Fetching, server: Faulty) -> None:
    name = f"{server.host}/own:1"
    first = fetching.source(name)
    key = first.key(ARM)
    first.root(ARM)
    fetching.store.discard((fetching.store.root / "image-roots").glob("*"))
    assert first.key(ARM) == fetching.source(name).key(ARM) == key
    assert fetching.source(f"{server.host}/own@{OWN.digest}").key(ARM) == key
    server.images["own:1"] = OTHER
    moved = fetching.source(name)
    assert moved.key(ARM) != key
    moved.root(ARM)
    server.images["own:1"] = OWN
    assert fetching.source(name).key(ARM) == key


def test_a_plan_and_a_run_without_the_registry_take_a_tag_for_what_it_was(
    fetching: Fetching, server: Faulty
) -> None:
    name = f"{server.host}/own:1"
    plain = fetching.source(name, False)
    assert plain.key(ARM) != plain.key(ARM), "nobody knows"
    made = fetching.source(name)
    made.root(ARM)
    server.asked.clear()
    assert fetching.source(name, False).key(ARM) == made.key(ARM)
    assert server.asked == []
    server.fault = always(lambda handler: send(handler, 503))
    later = fetching.source(name)
    fetching.events.clear()
    assert later.key(ARM) == later.key(ARM) == made.key(ARM)
    later.root(ARM)
    kept = f"the registry of {name} cannot be reached: what is kept of it is used"
    assert [event for event in fetching.events if isinstance(event, Noted) and event.warning] == [
        Noted(kept, warning=True)
    ]


def test_a_tag_that_moved_since_it_was_pinned_is_refused(
    fetching: Fetching, server: Faulty, tmp_path: Path
) -> None:
    pins = tmp_path / "images.toml"
    pins.write_text(
        f'registry = "{server.host}"\nrelease = "1"\n[digests]\nmanylinux_2_28_aarch64 = "{OWN.digest}"\n'
    )
    server.images = {"manylinux_2_28_aarch64:1": OTHER}
    error = fetching.refused("manylinux_2_28", CROSSWHEEL_IMAGES=str(pins))
    name = f"{server.host}/manylinux_2_28_aarch64:1@{OWN.digest}"
    assert error.fact == f"{name} stands for another image than the one that is known by this name"
    assert error.cause == f"it was {OWN.digest}, and its registry now has {OTHER.digest}"
    assert fetching.left == []


def test_a_release_that_moved_since_it_was_unpacked_is_refused(
    fetching: Fetching, server: Faulty, tmp_path: Path
) -> None:
    pins = tmp_path / "images.toml"
    pins.write_text(f'registry = "{server.host}"\nrelease = "1"\n')
    server.images = {"manylinux_2_28_aarch64:1": OWN}
    fetching.source("manylinux_2_28", CROSSWHEEL_IMAGES=str(pins)).root(ARM)
    fetching.store.discard((fetching.store.root / "image-roots").glob("*"))
    server.images = {"manylinux_2_28_aarch64:1": OTHER}
    assert "stands for another image" in fetching.refused("manylinux_2_28", CROSSWHEEL_IMAGES=str(pins)).fact


def status(number: int, code: str) -> Fault:
    """Every question for a manifest is answered so."""
    body = json.dumps({"errors": [{"code": code, "message": "as told"}]}).encode()
    headers = {"Content-Type": "application/json", "Retry-After": "0"}

    def fault(question: str, handler: BaseHTTPRequestHandler) -> bool:
        if "/manifests/" in question:
            send(handler, number, body, headers)
        return "/manifests/" in question

    return fault


@pytest.mark.parametrize(
    ("number", "code", "fact"),
    [
        (401, "UNAUTHORIZED", "the registry refuses {name}, or does not have it"),
        (403, "DENIED", "the registry refuses {name}, or does not have it"),
        (404, "MANIFEST_UNKNOWN", "there is no image {name}"),
        (404, "NAME_UNKNOWN", "there is no image {name}"),
        (429, "TOOMANYREQUESTS", "the registry of {name} takes no more requests for now"),
        (500, "UNKNOWN", "the registry of {name} cannot be reached"),
    ],
)
def test_what_a_registry_answers_is_told(
    fetching: Fetching, server: Faulty, number: int, code: str, fact: str
) -> None:
    name = f"{server.host}/own:1"
    server.fault = status(number, code)
    error = fetching.refused(name)
    assert error.fact == fact.format(name=name)
    assert error.cause.startswith("reading manifest 1 in ")
    assert fetching.left == []
    assert (f"{error.fact}: again in 0 s" in fetching.said) is (number == 500)


def test_a_registry_that_is_down_for_a_moment_is_asked_again(fetching: Fetching, server: Faulty) -> None:
    down = iter([True] * 4)  # skopeo asks for two versions of the interface

    def fault(_: str, handler: BaseHTTPRequestHandler) -> bool:
        if now := next(down, False):
            send(handler, 503)
        return now

    server.fault = fault
    assert fetching.source(f"{server.host}/own:1").root(ARM)


def test_a_registry_that_stalls_is_not_waited_for(
    fetching: Fetching, server: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skopeo, "_PATIENCE", 1.0)
    server.fault = always(lambda _: time.sleep(30))
    started = time.monotonic()
    error = fetching.refused(f"{server.host}/own:1")
    assert time.monotonic() - started < 10
    assert error.cause == "nothing of the image came within 1 seconds"
    assert len(server.asked) == 1, "it is not asked again"
    assert fetching.left == []


def test_a_download_that_stalls_goes_on_with_the_layers_that_are_missing(
    fetching: Fetching, server: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skopeo, "_SILENCE", 1.5)
    stalled = iter([True])

    def stall(question: str, handler: BaseHTTPRequestHandler) -> bool:
        if OWN.layers[0] not in question or not next(stalled, False):
            return False
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BASE)))
        handler.end_headers()
        handler.wfile.write(BASE[:1000])
        handler.wfile.flush()
        time.sleep(20)
        return True

    server.fault = stall
    assert fetching.source(f"{server.host}/own:1").root(ARM)
    asked = [question for question in server.asked if "/blobs/" in question]
    assert sum(OWN.layers[0] in question for question in asked) == 2
    assert sum(OWN.layers[1] in question for question in asked) == 1, (
        "it was finished when the other one stalled"
    )


def test_a_connection_that_breaks_goes_on(fetching: Fetching, server: Faulty) -> None:
    broken = iter([True])

    def cut(question: str, handler: BaseHTTPRequestHandler) -> bool:
        begins = OWN.layers[0] in question and next(broken, False)
        if begins:
            send(handler, 200, BASE, cut=100_000)
        return begins

    server.fault = cut
    assert fetching.source(f"{server.host}/own:1").root(ARM)


def test_a_layer_with_other_bytes_than_its_digest_is_refused(fetching: Fetching, server: Faulty) -> None:
    server.fault = always(lambda handler: send(handler, 200, PYTHON[:-1] + b"x"), OWN.layers[1])
    error = fetching.refused(f"{server.host}/own:1")
    assert error.fact == f"the registry gives other bytes for {server.host}/own:1 than its digest says"
    assert OWN.layers[1] not in fetching.layers


def test_a_manifest_with_other_bytes_than_its_digest_is_refused(fetching: Fetching, server: Faulty) -> None:
    other = image([PYTHON], "arm64")
    told = {"Content-Type": other.media_type}
    server.fault = always(lambda handler: send(handler, 200, other.manifest, told), "/manifests/")
    name = f"{server.host}/own@{OWN.digest}"
    assert fetching.refused(name).fact == f"the registry gives other bytes for {name} than its digest says"
    assert fetching.left == []


def test_a_kept_layer_that_was_damaged_is_refused_and_fetched_again(
    fetching: Fetching, server: Faulty
) -> None:
    fetching.source(f"{server.host}/own:1").root(ARM)
    layer = fetching.store.root / "image-blobs" / OWN.layers[1].replace(":", "/")
    layer.write_bytes(archive({"opt/python/cp311-cp311/bin/python": b"evil"}))
    fetching.store.discard((fetching.store.root / "image-roots").glob("*"))
    assert fetching.refused(f"{server.host}/own:1").fact == f"layer 2 of {server.host}/own:1 is broken"
    assert fetching.source(f"{server.host}/own:1").root(ARM)


@pytest.mark.parametrize(
    ("made", "fact"),
    [
        (image([archive({"etc/motd": b"x"})], "arm64"), "is no image to build wheels for aarch64 in"),
        (image([BASE, CUT], "arm64", [digest(gzip.decompress(BASE)), "sha256:0"]),
         "is broken"),
        (image([archive({"../../escaped": b"x"})], "arm64"), "it does not hold a file system"),
    ],
    ids=["no Python", "cut", "escapes"],
)  # fmt: skip
def test_an_image_that_cannot_serve_leaves_nothing(
    fetching: Fetching, server: Faulty, made: Image, fact: str
) -> None:
    server.images["own:1"] = made
    assert fact in fetching.refused(f"{server.host}/own:1").fact
    assert fetching.left == []
    assert set(fetching.layers).isdisjoint(made.layers)


def test_of_an_image_for_another_architecture_no_layer_is_fetched(fetching: Fetching, server: Faulty) -> None:
    server.images["own:1"] = image([BASE, PYTHON], "amd64")
    error = fetching.refused(f"{server.host}/own:1")
    assert error.fact == f"{server.host}/own:1 is an image for x86_64, not for aarch64"
    assert not [question for question in server.asked if OWN.layers[0] in question]


@pytest.mark.parametrize("place", [".docker/config.json", "auth.json"])
def test_credentials_are_those_of_docker_and_podman(fetching: Fetching, server: Faulty, place: str) -> None:
    secret = base64.b64encode(b"me:secret").decode()

    def locked(_: str, handler: BaseHTTPRequestHandler) -> bool:
        if handler.headers.get("Authorization") == f"Basic {secret}":
            return False
        send(handler, 401, b"{}", {"WWW-Authenticate": 'Basic realm="x"'})
        return True

    server.fault = locked
    assert "refuses" in fetching.refused(f"{server.host}/own:1").fact
    file = Path(fetching.env["HOME"]) / place
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"auths": {server.host: {"auth": secret}}}))
    env = {"REGISTRY_AUTH_FILE": str(file)} if place == "auth.json" else {}
    assert fetching.source(f"{server.host}/own:1", **env).root(ARM)


def test_a_registry_elsewhere_is_reached_by_the_proxy(
    fetching: Fetching, server: Faulty, tmp_path: Path
) -> None:
    """Plain HTTP to a registry elsewhere is nothing that crosswheel does: the user's own file allows it here."""
    settings = tmp_path / "home/.config/containers/registries.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text('[[registry]]\nlocation = "registry.invalid"\ninsecure = true\n')
    env = {"HTTP_PROXY": f"http://{server.host}", "HTTPS_PROXY": f"http://{server.host}"}
    assert fetching.source("registry.invalid/own:1", **env).root(ARM)
    server.asked.clear()
    error = fetching.refused("registry.invalid/other:1", **env, NO_PROXY="registry.invalid")
    assert error.fact == "the registry of registry.invalid/other:1 cannot be reached"
    assert server.asked == []


def test_a_registry_elsewhere_is_never_asked_by_plain_http(fetching: Fetching, server: Faulty) -> None:
    env = {"HTTP_PROXY": f"http://{server.host}", "HTTPS_PROXY": f"http://{server.host}"}
    fetching.refused("registry.invalid/own:1", **env)
    assert not [question for question in server.asked if question.startswith("GET /v2")]


def test_an_image_in_musllinux_layout_is_a_root_with_musl(
    fetching: Fetching, server: Faulty, tmp_path: Path
) -> None:
    """Debian's package of musl, laid as Alpine has it."""
    target = Target(Python("cp", 3, 11), "musllinux", ARCHITECTURES["i686"])
    tree = Archive(fetching.store, lambda _: None)
    with tree.fetched("bookworm", target.arch, ("musl",), closure=False) as packages:
        unpack_files(packages.files, tmp_path / "musl")
    loader = next((tmp_path / "musl/usr/lib").glob("ld-musl-*.so.1"))
    files = {f"lib/{loader.name}": loader.read_bytes(), "etc/os-release": b'PRETTY_NAME="Alpine Linux v3.22"'}
    server.images["own:1"] = image([archive(files), PYTHON], target.arch.docker.split("/")[1])
    root = fetching.source(f"{server.host}/own:1").root(target)
    assert (root.libc_version, root.arch.name) == ((1, 2), "i686")
    assert "Alpine Linux v3.22 with musl 1.2 and Pythons cp311" in fetching.said[-1]


def test_what_docker_saved_is_unpacked(fetching: Fetching, server: Faulty, tmp_path: Path) -> None:
    place = fetching.programs.programs.skopeo()
    name = f"docker-archive:{tmp_path}/saved.tar"
    copy = ("copy", "--src-tls-verify=false", f"docker://{server.host}/own:1", f"{name}:own:1")
    subprocess.run([place, "--insecure-policy", *copy], check=True, capture_output=True, env=fetching.env)
    server.asked.clear()
    root = fetching.source(name).root(ARM)
    assert root.libc_version == (2, 28)
    assert fetching.said[-1].startswith(f"{name} of the file {tmp_path}/saved.tar is ")
    assert server.asked == []
    (tmp_path / "saved.tar").write_bytes(b"noise" * 999)
    assert "saved.tar" in fetching.refused(name).fact


def test_a_disk_that_is_full_while_an_image_is_unpacked_is_told_and_left_clean(
    crosswheel: Crosswheel, fetching: Fetching, server: Faulty
) -> None:
    """The cache of the command is on a disk on which the layer fits, and what is in it does not."""
    server.images["own:1"] = image([BASE, PYTHON, archive({"usr/large": bytes(30_000_000)})], "arm64")
    crosswheel.project("c-hello")
    (crosswheel.cwd / "small").mkdir()
    Path(fetching.env["HOME"], "skopeo").symlink_to(fetching.programs.programs.skopeo())
    under = (
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs -o size=9000000 tmpfs small; "$@"; code=$?; find small -type f -size +9k; exit $code',
        "sh",
    )
    result = crosswheel(
        "build", "--source", "image", "--only", ID, "--cache-dir", "small/cache", "c-hello", under=under,
        env={"CIBW_MANYLINUX_AARCH64_IMAGE": f"{server.host}/own:1",
             "PATH": f"{fetching.env['HOME']}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert result.status == 1
    assert "crosswheel: error: the disk of <cwd>/small/cache is full\n" in result.err
    assert not [line for line in result.out.splitlines() if "/image-" in line or "/scratch/" in line]


@pytest.mark.slow
def test_layers_by_zstd_as_skopeo_pushes_them_are_unpacked(fetching: Fetching, tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    with registry(tmp_path / "registry") as real:
        plain = real.push(image([gzip.decompress(BASE), gzip.decompress(PYTHON)], "arm64"), "plain", "1")
        zstd = f"{real.host}/zstd:1"
        copy = ("copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--format", "oci",
                "--dest-compress-format", "zstd", f"docker://{plain}", f"docker://{zstd}")  # fmt: skip
        program = fetching.programs.programs.skopeo()
        subprocess.run(
            [program, "--insecure-policy", *copy], check=True, capture_output=True, env=fetching.env
        )
        assert fetching.source(zstd).root(ARM).libc_version == (2, 28)
    blobs = [fetching.store.root / "image-blobs" / layer.replace(":", "/") for layer in fetching.layers]
    assert sum(path.read_bytes().startswith(b"\x28\xb5\x2f\xfd") for path in blobs) == len(OWN.layers)


@pytest.mark.slow
def test_aliases_are_pinned_by_what_a_real_registry_has(crosswheel: Crosswheel, tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    with registry(tmp_path / "registry") as real:
        real.push(OWN, "pypa/manylinux_2_28_aarch64", "7")
        pin = ("image", "pin", "--file", "images.toml", "--registry", f"{real.host}/pypa", "--release", "7")
        result = crosswheel(*pin, "manylinux_2_28_aarch64")
        assert (result.status, result.out) == (0, f"manylinux_2_28_aarch64 {OWN.digest} (new)\n"), result.err
        text = (crosswheel.cwd / "images.toml").read_text()
        assert f'manylinux_2_28_aarch64 = "{OWN.digest}"' in text
        result = crosswheel(*pin, "manylinux_2_28")
        assert result.status == 1
        assert f"there is no image {real.host}/pypa/manylinux_2_28_x86_64:7; " in result.err
        assert (crosswheel.cwd / "images.toml").read_text() == text, "nothing is written unless all are there"
