"""Names of images: what they say, and what is none."""

import pytest

from crosswheel.references import Reference, parse

DIGEST = "sha256:" + "1f" * 32


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("quay.io/pypa/x:1", Reference("registry", "quay.io", "pypa/x", "1")),
        ("docker://quay.io/pypa/x:1", Reference("registry", "quay.io", "pypa/x", "1")),
        ("quay.io/pypa/x", Reference("registry", "quay.io", "pypa/x", "latest")),
        (f"quay.io/pypa/x@{DIGEST}", Reference("registry", "quay.io", "pypa/x", "", DIGEST)),
        (f"quay.io/pypa/x:1@{DIGEST}", Reference("registry", "quay.io", "pypa/x", "1", DIGEST)),
        ("127.0.0.1:5000/x:1", Reference("registry", "127.0.0.1:5000", "x", "1")),
        ("[::1]:5000/x:1", Reference("registry", "[::1]:5000", "x", "1")),
        ("localhost/x:1", Reference("registry", "localhost", "x", "1")),
        ("debian:12", Reference("registry", "docker.io", "library/debian", "12")),
        ("dockcross/linux-arm64", Reference("registry", "docker.io", "dockcross/linux-arm64", "latest")),
        ("oci:images/own", Reference("oci", "", "images/own")),
        ("oci:/images:own", Reference("oci", "", "/images", "own")),
        ("docker-archive:own.tar", Reference("docker-archive", "", "own.tar")),
        ("docker-daemon:own:1", Reference("docker-daemon", "", "own:1")),
        ("containers-storage:localhost/own:1", Reference("containers-storage", "", "localhost/own:1")),
    ],
)
def test_a_name_says_where_an_image_is(name: str, reference: Reference) -> None:
    assert parse(name) == reference


@pytest.mark.parametrize(
    "name",
    ["", "Own", "Some/own", "own:", "own:-x", "own@sha256:1f", "own:1@md5:1f", "a b", "https://quay.io/x",
     "quay.io/x/", "--help", "own:1\n", "oci:", "docker-daemon:", "own/../x"],
)  # fmt: skip
def test_what_is_no_name_of_an_image(name: str) -> None:
    assert parse(name) is None


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("127.0.0.1:5000/x", True),
        ("127.8.0.1/x", True),
        ("[::1]:5000/x", True),
        ("localhost:5000/x", True),
        ("quay.io/x", False),
        ("10.0.0.1:5000/x", False),
        ("127.0.0.1.example/x", False),
        ("localhost.example/x", False),
    ],
)
def test_only_a_registry_of_this_machine_may_speak_plain_http(name: str, here: bool) -> None:
    reference = parse(name)
    assert reference is not None
    assert reference.loopback is here
