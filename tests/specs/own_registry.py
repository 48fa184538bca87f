"""Images made by the tests, in a real registry on loopback, in one that has faults, and in a directory."""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_SETTINGS = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {data}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass(frozen=True)
class Image:
    """An image: its manifest, and its blobs by their digests."""

    manifest: bytes
    blobs: Mapping[str, bytes]
    media_type: str = DOCKER

    @property
    def digest(self) -> str:
        return digest(self.manifest)

    @property
    def layers(self) -> list[str]:
        return [layer["digest"] for layer in json.loads(self.manifest)["layers"]]


def image(layers: Sequence[bytes], arch: str, contents: Sequence[str] = ()) -> Image:
    """An image of tar archives.

    :param layers: the lowest first; compressed or not.
    :param arch: what it says that it is for (``arm64``).
    :param contents: what it says that its layers are; else what they are.
    """
    found = [
        digest(gzip.decompress(one) if one[:2] == b"\x1f\x8b" else one) for one in layers if not contents
    ]
    told = {
        "architecture": arch,
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [*found, *contents]},
    }
    config = json.dumps(told).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": DOCKER,
        "config": _described(config, _CONFIG),
        "layers": [_described(one, _LAYER) for one in layers],
    }
    blobs = {digest(one): one for one in (config, *layers)}
    return Image(json.dumps(manifest).encode(), blobs)


def index(images: Mapping[str, Image]) -> Image:
    """An index of images.

    :param images: by platform (``linux/arm/v7``).
    """
    rows = []
    for platform, one in images.items():
        system, arch, *variant = platform.split("/")
        said = {"os": system, "architecture": arch, **({"variant": variant[0]} if variant else {})}
        rows.append({**_described(one.manifest, one.media_type), "platform": said})
    told = {"schemaVersion": 2, "mediaType": INDEX, "manifests": rows}
    return Image(json.dumps(told).encode(), {}, INDEX)


def archive(files: Mapping[str, bytes | str | None]) -> bytes:
    """A layer, compressed: a file's content, ``-> TARGET`` for a link, None for a directory."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            if content is None:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content.removeprefix("-> ")
            else:
                entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content if isinstance(content, bytes) else b""))
    return gzip.compress(plain.getvalue(), 1, mtime=0)


def layout(images: Mapping[str, Image], directory: Path) -> Path:
    """Images in OCI layout, each by its tag."""
    blobs = directory / "blobs/sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    rows = []
    for tag, one in images.items():
        for name, data in {**one.blobs, one.digest: one.manifest}.items():
            (blobs / name.removeprefix("sha256:")).write_bytes(data)
        row = _described(one.manifest, one.media_type)
        rows.append({**row, "annotations": {"org.opencontainers.image.ref.name": tag}})
    (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (directory / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": rows}))
    return directory


@dataclass(frozen=True)
class Registry:
    """A registry on loopback.

    :param host: ``127.0.0.1:PORT``.
    """

    host: str

    def push(self, one: Image, name: str, tag: str) -> str:
        """Add an image; its name with the tag."""
        for blob in one.blobs.values():
            where = self._ask("POST", f"/v2/{name}/blobs/uploads/").headers["Location"]
            path = where.removeprefix(f"http://{self.host}")
            self._ask("PUT", f"{path}&digest={digest(blob)}", blob, "application/octet-stream")
        for reference in (tag, one.digest):
            self._ask("PUT", f"/v2/{name}/manifests/{reference}", one.manifest, one.media_type)
        return f"{self.host}/{name}:{tag}"

    def _ask(self, method: str, path: str, data: bytes = b"", media_type: str = "") -> Any:
        request = urllib.request.Request(f"http://{self.host}{path}", data, method=method)
        request.add_header("Content-Type", media_type)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return answer


@contextmanager
def registry(directory: Path) -> Iterator[Registry]:
    """Debian's docker-registry, fetched and run as an ordinary user; its data are below an empty directory."""
    subprocess.run(
        ["apt-get", "-q", "download", "docker-registry"], cwd=directory, check=True, capture_output=True
    )
    (package,) = directory.glob("docker-registry_*.deb")
    subprocess.run(["dpkg-deb", "-x", package, directory / "root"], check=True)
    settings, port = directory / "settings.yml", _free_port()
    settings.write_text(_SETTINGS.format(data=directory / "data", port=port))
    made = Registry(f"127.0.0.1:{port}")
    process = subprocess.Popen([directory / "root/usr/bin/docker-registry", "serve", settings],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        _wait(lambda: made._ask("GET", "/v2/"))
        yield made
    finally:
        process.terminate()
        process.wait()


@dataclass
class Faulty:
    """A registry of the tests' own, which can be told to fail.

    :param fault: given what is asked (``GET /v2/x/manifests/1``) and how it is answered, answers itself where it
        says True.
    :param asked: every question so far.
    """

    images: dict[str, Image]
    fault: Callable[[str, BaseHTTPRequestHandler], bool] = lambda _, __: False
    asked: list[str] = field(default_factory=list)
    host: str = ""

    def answer(self, question: str) -> tuple[bytes, str] | None:
        """The bytes that a path leads to, with their type."""
        _, _, place = question.partition(" /v2/")
        name, kind, rest = _parted(place)
        if kind == "blobs":
            found = (one.blobs[rest] for one in self.images.values() if rest in one.blobs)
            data = next(found, None)
            return (data, "application/octet-stream") if data is not None else None
        if not kind:
            return b"{}", "application/json"
        by_digest = {one.digest: one for one in self.images.values()}
        one = by_digest.get(rest) or self.images.get(f"{name}:{rest}")
        return (one.manifest, one.media_type) if one else None


@contextmanager
def faulty(images: Mapping[str, Image]) -> Iterator[Faulty]:
    """A registry with images by ``NAME:TAG``."""
    made = Faulty(dict(images))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = (
                "/" + self.path.removeprefix("http://").partition("/")[2] if "://" in self.path else self.path
            )
            question = f"{self.command} {path}"
            made.asked.append(question)
            if made.fault(question, self):
                return
            found = made.answer(question)
            data, media_type = found or (
                b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}',
                "application/json",
            )
            send(self, 200 if found else 404, data, {"Content-Type": media_type})

        do_HEAD = do_GET  # noqa: N815 -- http.server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.host = f"127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def send(
    handler: BaseHTTPRequestHandler, status: int, data: bytes = b"", headers: Mapping[str, str] | None = None,
    *, cut: int | None = None,
) -> None:  # fmt: skip
    """Answer a question.

    :param cut: bytes after which the connection breaks.
    """
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(data[:cut])
    if cut is not None:
        handler.close_connection = True


def _described(data: bytes, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "size": len(data), "digest": digest(data)}


def _parted(place: str) -> tuple[str, str, str]:
    for kind in ("blobs", "manifests"):
        name, found, rest = place.partition(f"/{kind}/")
        if found:
            return name, kind, rest
    return place, "", ""


def _free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


def _wait(answers: Callable[[], object]) -> None:
    for _ in range(100):
        try:
            answers()
            return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError("the registry did not start")
