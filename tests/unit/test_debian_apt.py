"""apt runs in a configuration of its own, and a bad mirror is told apart from no mirror."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.process import Completed, run
from crosswheel.provision.debian.apt import Apt, Package
from crosswheel.provision.debian.mirror import Mirror

pytestmark = pytest.mark.skipif(shutil.which("apt-get") is None, reason="needs apt")

MakeApt = Callable[..., Apt]


@pytest.fixture
def make_apt(tmp_path: Path) -> MakeApt:
    def make(uri: str, *acquire: str) -> Apt:
        keyring = tmp_path / "keyring.gpg"
        keyring.touch()
        quick = ('Acquire::Retries "0";', 'Acquire::http::Proxy "DIRECT";', *acquire)
        return Apt(tmp_path / "apt", "bookworm", ARCHITECTURES["aarch64"], Mirror(uri, keyring, quick))

    return make


@contextlib.contextmanager
def mirror_answering(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/debian"
        server.shutdown()
        thread.join()


def test_a_mirror_that_answers_rubbish_is_said_to_be_no_archive(make_apt: MakeApt) -> None:
    with (
        mirror_answering(200, b"<html>log in to the network</html>") as uri,
        pytest.raises(ProvisionError) as caught,
    ):
        make_apt(uri).update()
    assert caught.value.fact == f"{uri} answers with something that is not a Debian archive"


def test_a_mirror_without_the_suite_is_said_to_lack_it(make_apt: MakeApt) -> None:
    with mirror_answering(404, b"") as uri, pytest.raises(ProvisionError) as caught:
        make_apt(uri).update()
    assert caught.value.fact == f"{uri} has no Debian bookworm for aarch64"


def test_a_mirror_that_does_not_listen_is_said_to_be_out_of_reach(make_apt: MakeApt) -> None:
    with mirror_answering(200, b"") as uri:
        pass  # its port is closed again
    with pytest.raises(ProvisionError) as caught:
        make_apt(uri).update()
    assert caught.value.fact == f"the Debian mirror {uri} cannot be reached"


def test_a_package_that_the_suite_lacks_is_named(make_apt: MakeApt) -> None:
    with pytest.raises(ProvisionError) as caught:
        make_apt("http://127.0.0.1:9/debian").choose(["python3.99"])
    assert caught.value.fact == "Debian bookworm has no package python3.99 for aarch64"


def test_none_of_the_machines_hooks_and_sources_are_in_force(make_apt: MakeApt, tmp_path: Path) -> None:
    make_apt("http://mirror.test/debian", 'Acquire::http::Proxy "http://proxy.test:1";')
    config = tmp_path / "apt/apt.conf"
    dump = run(["env", f"APT_CONFIG={config}", "apt-config", "dump"], capture=True).output.splitlines()
    assert [line for line in dump if "Invoke::" in line] == []
    values = dict(line.rstrip(";").split(" ", 1) for line in dump)
    assert values["Dir::State::status"] == f'"{tmp_path}/apt/status"'
    assert values["Dir::Etc::sourceparts"] == '"/dev/null"'
    assert values["APT::Architecture"] == '"arm64"'
    assert values["Acquire::http::Proxy"] == '"http://proxy.test:1"'


def test_what_is_assumed_is_taken_for_installed(tmp_path: Path) -> None:
    mirror = Mirror("http://127.0.0.1:1/debian", tmp_path / "keyring.gpg")
    home = tmp_path / "apt"
    Apt(home, "bookworm", ARCHITECTURES["x86_64"], mirror, ("gcc", "binutils"))
    done = run(
        ["env", f"APT_CONFIG={home / 'apt.conf'}", "apt-cache", "policy", "gcc", "binutils"], capture=True
    )
    assert done.output.count("Installed: 999999") == 2


def test_what_its_authors_published_is_taken_from_a_source_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keyring.gpg").touch()
    mirror = Mirror("http://mirror.invalid/debian", tmp_path / "keyring.gpg")
    sources = Apt(tmp_path / "apt", "bookworm", ARCHITECTURES["x86_64"], mirror, kind="deb-src")
    assert (tmp_path / "apt/sources.list").read_text().startswith("deb-src [signed-by=")
    sha256 = "2411c74bda5bbcfcddaf4531f66d1adc73f247f529aee981b029513aefdbf849"
    line = f"'{mirror.uri}/p/zlib_1.2.13.dfsg.orig.tar.bz2' zlib_1.2.13.dfsg.orig.tar.bz2 1239825 SHA256:{sha256}"
    asked: list[str] = []

    def answered(argv: Sequence[str], **_: object) -> Completed:
        asked.extend(argv)
        return Completed(0, 0.0, 0.0, 0, (), f"NOTICE: packaging is maintained elsewhere\n{line}")

    monkeypatch.setattr("crosswheel.provision.debian.apt.run", answered)
    (found,) = sources.choose_sources(["zlib"])
    assert found == Package("zlib", "1.2.13.dfsg", "zlib_1.2.13.dfsg.orig.tar.bz2", 1239825, sha256)
    assert asked[-6:] == ["--print-uris", "source", "--download-only", "--tar-only", "--only-source", "zlib"]
