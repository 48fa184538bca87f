"""docker and podman: what they are asked, and what their refusals mean. The programs here only pretend."""

import json
import time
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import EngineTooOldError, ExitCode, ProvisionError
from crosswheel.provision.images import engine as engines
from crosswheel.provision.images.engine import Engine, LocalImage
from crosswheel.provision.images.manifest import fits

ARM = ARCHITECTURES["aarch64"]
REFUSED = 'Error: pinging container registry r.test: Get "https://r.test/v2/": dial tcp: connection refused'


def program(directory: Path, script: str, name: str = "podman") -> Engine:
    """An engine that notes how it is called, and does what a script says."""
    path = directory / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "$*" >> {directory}/calls\n{script}\n')
    path.chmod(0o755)
    return Engine(name, {"PATH": f"{path.parent}:/usr/bin:/bin"})


def calls(directory: Path, first: str = "") -> list[str]:
    lines = (directory / "calls").read_text().splitlines()
    return [line for line in lines if line.startswith(first)]


def inspected(architecture: str) -> str:
    return json.dumps([{"Id": "sha256:1f", "Os": "linux", "Architecture": architecture}])


@pytest.mark.parametrize(
    ("platform", "arch", "serves"),
    [
        ("linux/arm64", "aarch64", True),
        ("linux/arm64/v8", "aarch64", True),
        ("linux/amd64", "aarch64", False),
        ("linux/arm/v7", "armv7l", True),
        ("linux/arm", "armv7l", True),
        ("linux/arm", "aarch64", False),
        ("linux/amd64", "i686", True),
        ("linux/386", "x86_64", False),
        ("windows/amd64", "x86_64", False),
    ],
)
def test_a_platform_serves_its_architecture(platform: str, arch: str, serves: bool) -> None:
    assert fits(platform, ARCHITECTURES[arch]) is serves


def test_an_image_of_the_architecture_that_is_there_is_not_pulled(tmp_path: Path) -> None:
    engine = program(tmp_path, f"echo '{inspected('arm64')}'")
    assert engine.image("r.test/x:1", ARM) == LocalImage("r.test/x:1", "1f", "linux/arm64")
    assert calls(tmp_path, "pull") == []


def test_an_image_that_is_not_there_is_pulled_for_its_platform(tmp_path: Path) -> None:
    engine = program(
        tmp_path,
        f"case $1 in pull) touch {tmp_path}/have;; "
        f"image) test -e {tmp_path}/have && echo '{inspected('arm64')}';; esac",
    )
    assert engine.image("r.test/x:1", ARM).platform == "linux/arm64"
    assert calls(tmp_path, "pull") == ["pull --platform linux/arm64 r.test/x:1"]


def test_an_image_of_another_architecture_is_refused_although_engines_only_warn(tmp_path: Path) -> None:
    engine = program(tmp_path, f"echo '{inspected('amd64')}'")
    with pytest.raises(ProvisionError, match=r"r.test/x:1 is an image for x86_64, not for aarch64") as caught:
        engine.image("r.test/x:1", ARM)
    assert caught.value.cause == "it says linux/amd64, and linux/arm64 is wanted"
    assert len(calls(tmp_path, "pull")) == 1, "the registry may have one for the platform"


def test_an_image_of_this_machine_alone_is_not_asked_of_a_registry(tmp_path: Path) -> None:
    engine = program(tmp_path, "exit 1")
    with pytest.raises(ProvisionError, match="there is no image localhost/own:1"):
        engine.image("localhost/own:1", ARM)
    assert calls(tmp_path, "pull") == []


# What podman 4.3 and docker 28 really said.
@pytest.mark.parametrize(
    ("said", "fact", "tries"),
    [
        (REFUSED, "the registry of r.test/x:1 cannot be reached", 3),
        (
            "Error: initializing source docker://r.test/x:1: pinging container registry r.test: Get "
            '"https://r.test/v2/": dial tcp: lookup r.test on 10.0.0.1:53: no such host',
            "the registry of r.test/x:1 cannot be reached",
            3,
        ),
        (
            "Error: initializing source docker://r.test/x:1: pinging container registry r.test: "
            "invalid status code from registry 503 (Service Unavailable)",
            "the registry of r.test/x:1 cannot be reached",
            3,
        ),
        (
            f'time="2026-11-22T14:05:04Z" level=warning msg="Failed, retrying in 1s ... (1/3)."\n{REFUSED}',
            "the registry of r.test/x:1 cannot be reached",
            1,
        ),
        (
            "Error: initializing source docker://r.test/x:1: reading manifest 1 in r.test/x: unauthorized: "
            "authentication required",
            "the registry refuses r.test/x:1, or does not have it",
            1,
        ),
        (
            "Error: initializing source docker://r.test/x:1: reading manifest 1 in r.test/x: StatusCode: 404, {}",
            "there is no image r.test/x:1",
            1,
        ),
        (
            'Error: short-name "x" did not resolve to an alias and no unqualified-search registries are defined in '
            '"/etc/containers/registries.conf"',
            "there is no image r.test/x:1",
            1,
        ),
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            "podman does not answer",
            1,
        ),
        ("something new", "podman cannot pull r.test/x:1", 1),
    ],
)
def test_a_refusal_has_its_cause_and_only_what_may_pass_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, fact: str, tries: int
) -> None:
    monkeypatch.setattr(engines, "_PAUSES", (0.0, 0.0))
    (tmp_path / "said").write_text(said + "\n")
    engine = program(tmp_path, f"cat {tmp_path}/said >&2; exit 125")
    with pytest.raises(ProvisionError) as caught:
        engine.image("r.test/x:1", ARM)
    assert caught.value.fact == fact
    assert len(calls(tmp_path, "pull")) == tries
    assert not caught.value.cause.startswith(("Error", "time="))
    assert "another --source" in caught.value.remedy


def test_a_registry_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_PATIENCE", 1.0)
    engine = program(
        tmp_path, "case $1 in pull) echo 'Trying to pull r.test/x:1...'; sleep 60;; *) exit 1;; esac"
    )
    started = time.monotonic()
    with pytest.raises(ProvisionError, match="cannot be reached"):
        engine.image("r.test/x:1", ARM)
    assert time.monotonic() - started < 10


def test_a_download_that_has_begun_may_take_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_PATIENCE", 1.0)
    script = f"""case $1 in
      pull) echo 'Getting image source signatures' >&2; sleep 3; touch {tmp_path}/have;;
      image) test -e {tmp_path}/have && echo '{inspected("arm64")}';;
    esac"""
    assert program(tmp_path, script).image("r.test/x:1", ARM).identity == "1f"


def test_the_container_of_an_export_is_removed_however_it_ends(tmp_path: Path) -> None:
    image = LocalImage("r.test/x:1", "1f", "linux/arm64")
    engine = program(tmp_path, "test $1 != export || { echo 'no space left on device' >&2; exit 1; }")
    with pytest.raises(ProvisionError, match=r"podman cannot export r.test/x:1") as caught:
        engine.export(image, tmp_path / "image.tar", "crosswheel-1")
    assert caught.value.cause == "no space left on device"
    assert calls(tmp_path) == [
        "rm --force crosswheel-1",
        "create --name crosswheel-1 1f true",
        f"export -o {tmp_path}/image.tar crosswheel-1",
        "rm --force crosswheel-1",
    ]


def test_an_engine_that_is_not_there_is_told_with_the_other(tmp_path: Path) -> None:
    program(tmp_path, "true", "podman")
    with pytest.raises(ProvisionError, match="there is no docker on this machine") as caught:
        Engine("docker", {"PATH": str(tmp_path / "bin")}).check()
    assert 'container-engine = "podman"' in caught.value.remedy


def test_an_engine_that_does_not_answer_is_told(tmp_path: Path) -> None:
    said = "Cannot connect to the Docker daemon at tcp://x:1. Is the docker daemon running?"
    engine = program(tmp_path, f"echo '{said}' >&2; exit 1", "docker")
    with pytest.raises(ProvisionError, match="docker does not answer") as caught:
        engine.check()
    assert caught.value.cause == said


@pytest.mark.parametrize(
    ("name", "answer", "good"),
    [
        ("podman", {"Client": {"APIVersion": "4.3.1", "Version": "4.3.1"}}, True),
        ("podman", {"Client": {"Version": "5.0.0"}, "Server": {"Version": "2.9.0"}}, False),
        ("docker", {"Client": {"ApiVersion": "1.50"}, "Server": {"ApiVersion": "1.41"}}, True),
        ("docker", {"Client": {"ApiVersion": "1.50"}, "Server": {"ApiVersion": "1.40"}}, False),
    ],
)
def test_an_engine_must_know_platforms(tmp_path: Path, name: str, answer: object, good: bool) -> None:
    engine = program(tmp_path, f"echo '{json.dumps(answer)}'", name)
    if good:
        engine.check()
        return
    with pytest.raises(EngineTooOldError, match=f"{name} is too old") as caught:
        engine.check()
    assert caught.value.exit_code == ExitCode.ENGINE_TOO_OLD
