"""No network, or a mirror that is none: one sentence about the mirror, and what to do."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from harness import Crosswheel

pytestmark = pytest.mark.slow

ONLY = ["--only", "cp311-manylinux_aarch64"]


class _Login(BaseHTTPRequestHandler):
    """Answers everything with a page, as the network of a hotel does."""

    def do_GET(self) -> None:
        page = b"<html><title>Welcome</title>Room number?</html>\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def login_page() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Login) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/debian"
        server.shutdown()
        thread.join()


@pytest.fixture
def hello(crosswheel: Crosswheel) -> Crosswheel:
    """A project and an empty cache."""
    crosswheel.project("c-hello")
    return Crosswheel(crosswheel.cwd, crosswheel.cwd / "cache")


def test_a_mirror_that_nobody_serves(hello: Crosswheel) -> None:
    result = hello("build", *ONLY, "--mirror", "http://127.0.0.1:9/debian", "c-hello")

    assert result.status == 1
    (failure,) = result.failures
    first, cause, remedy = failure.splitlines()
    assert first == (
        "cp311-manylinux_aarch64  FAILED: the Debian mirror http://127.0.0.1:9/debian cannot be reached"
    )
    assert cause.startswith("  cause: ")
    assert (
        remedy == "  next: check the network and apt's proxy settings, or name another mirror with --mirror"
    )


def test_a_machine_without_a_network(hello: Crosswheel) -> None:
    result = hello("build", *ONLY, "c-hello", under=["unshare", "--user", "--map-root-user", "--net"])

    assert result.status == 1
    (failure,) = result.failures
    first, _, remedy = failure.splitlines()
    assert first.startswith("cp311-manylinux_aarch64  FAILED: the Debian mirror ")
    assert first.endswith(" cannot be reached")
    assert (
        remedy == "  next: check the network and apt's proxy settings, or name another mirror with --mirror"
    )


def test_a_mirror_that_answers_rubbish(hello: Crosswheel, login_page: str) -> None:
    result = hello("build", *ONLY, "--mirror", login_page, "c-hello")

    assert result.status == 1
    (failure,) = result.failures
    first, _, remedy = failure.splitlines()
    assert first == (
        f"cp311-manylinux_aarch64  FAILED: {login_page} answers with something that is not a Debian archive"
    )
    assert remedy == (
        "  next: check its address and whether the network wants a login first, "
        "or name another mirror with --mirror"
    )


def test_an_address_that_is_none(hello: Crosswheel) -> None:
    result = hello("build", *ONLY, "--mirror", "my mirror", "c-hello")

    assert result.status == 1
    assert "'my mirror' is not the address of a mirror\n" in result.err
    assert "  next: give --mirror an address such as http://HOST/debian\n" in result.err
