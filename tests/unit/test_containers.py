"""The sandbox ``container`` without an engine: what it is told, what its refusals mean, how files move."""

import io
import json
import os
import stat
import tarfile
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import CrosswheelError, ExitCode, ProvisionError
from crosswheel.options import ContainerEngine
from crosswheel.provision.containers import arguments, choice, faults, foreign, leftovers, trees
from crosswheel.provision.containers.arguments import Box
from crosswheel.provision.containers.client import Client
from crosswheel.provision.containers.container import Changes, Container
from crosswheel.provision.containers.images import description
from crosswheel.seams import Mount

ARM = ARCHITECTURES["aarch64"]
BOX = Box(
    "localhost/root:1",
    ARM,
    (Mount(Path("/a/project"), "/crosswheel/project", writable=True), Mount(Path("/a,b"), "/crosswheel/zig")),
)


def test_a_container_is_created_for_its_platform_and_never_pulled() -> None:
    assert arguments.create(BOX, "name", "label", ("--gpus", "all"), keep=False) == [
        "create", "--interactive", "--name", "name", "--pull=never", "--platform", "linux/arm64", "--rm",
        "--label", "label", "--network", "host",
        "--mount", "type=bind,source=/a/project,target=/crosswheel/project",
        "--mount", 'type=bind,"source=/a,b",target=/crosswheel/zig,readonly',
        "--workdir", "/", "--gpus", "all", "--entrypoint", "sh", "localhost/root:1",
        "-c", "echo 'crosswheel: ready'; exec cat >/dev/null",
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["--network=none", "--net=none", "--network"])
def test_the_users_network_is_not_overruled(word: str) -> None:
    assert "host" not in arguments.create(BOX, "name", "label", (word,), keep=False)


@pytest.mark.parametrize("words", [("--platform", "linux/amd64"), ("--platform=linux/amd64",)])
def test_a_platform_of_the_users_is_left_out_as_in_cibuildwheel(words: tuple[str, ...]) -> None:
    made = arguments.create(BOX, "name", "label", (*words, "--gpus=all"), keep=False)
    assert "--gpus=all" in made
    assert not any("amd64" in word for word in made)


def test_a_container_that_is_to_be_kept_is_not_removed_by_its_engine() -> None:
    assert "--rm" not in arguments.create(BOX, "name", "label", (), keep=True)


def test_values_go_by_the_clients_environment_unless_that_would_change_the_client() -> None:
    client = {"PATH": "/usr/bin", "HOME": "/home/me", "TOKEN": "secret"}
    env = {"PATH": "/crosswheel/bin", "TOKEN": "secret", "OTHER": "also secret", "DOCKER_HOST": "tcp://a"}
    words, further = arguments.execute("name", ARM, ("make", "all"), "/project", env, client)
    assert words == [
        "exec", "--workdir", "/project", "--env", "PATH=/crosswheel/bin", "--env", "TOKEN", "--env", "OTHER",
        "--env", "DOCKER_HOST=tcp://a", "name", "make", "all",
    ]  # fmt: skip
    assert further == {"OTHER": "also secret"}


def test_programs_of_i686_see_a_machine_of_that_name_and_no_others_do() -> None:
    words = {
        name: arguments.execute("name", ARCHITECTURES[name], ("uname", "-m"), "/", {}, {})[0][3:]
        for name in ("x86_64", "i686", "armv7l")
    }
    assert words == {
        "x86_64": ["name", "uname", "-m"],
        "i686": ["name", "linux32", "uname", "-m"],
        "armv7l": ["name", "uname", "-m"],
    }


def test_an_image_says_its_platform() -> None:
    said = description(ARCHITECTURES["armv7l"], "aa")
    assert (said["os"], said["architecture"], said["variant"]) == ("linux", "arm", "v7")
    assert "variant" not in description(ARM, "aa")


# What docker 28.2.2 and podman 4.3.1 print, or their documentation and issues say that they do.
SAID = (
    ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
     "the daemon of docker does not answer"),
    ("permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
     "this user may not speak to the daemon of docker"),
    ("Error: writing blob: storing blob to file: no space left on device", "the disk of docker is full"),
    ("Error response from daemon: client version 1.50 is too new. Maximum supported API version is 1.43",
     "the client and the daemon of docker do not understand each other"),
    ("Error response from daemon: image with reference a:b was found but does not match the specified platform: "
     "wanted linux/arm64, actual: linux/amd64", "the image that docker has is for another architecture"),
    ("unknown flag: --gpuz", "docker does not know --gpuz"),
    ("Error: localhost/crosswheel-root:1: image not known", "docker has not got the image"),
    ('Error response from daemon: invalid mount config for type "bind": bind source path does not exist: /a',
     "docker does not see the files of this machine"),
    ("Error: something new", "docker cannot create a container"),
)  # fmt: skip


@pytest.mark.parametrize(("said", "fact"), SAID)
def test_what_an_engine_says_is_told_in_a_sentence_with_its_words_as_the_cause(said: str, fact: str) -> None:
    error = faults.explained("docker", "create a container", ("a warning", said))
    assert (error.fact, error.cause) == (fact, said)


def test_an_error_of_several_lines_is_told_whole() -> None:
    lines = ("time=now level=warning", "Error: 2 errors occurred:", "\t* one", "\t* other")
    assert faults.explained("podman", "copy", lines).cause == "Error: 2 errors occurred: * one * other"


@pytest.mark.parametrize(
    "line",
    [
        "exec /usr/bin/sh: exec format error",
        '{"msg":"exec container process `/bin/sh`: Exec format error","level":"error"}',
        "sh: cannot execute binary file",
    ],
)
def test_a_foreign_program_is_recognised(line: str) -> None:
    assert faults.is_foreign(("a warning", line))
    assert not faults.is_foreign(("sh: not found",))


def engine(directory: Path, name: str, script: str) -> dict[str, str]:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(f"#!/bin/sh\n{script}\n")
    (directory / name).chmod(0o755)
    return {"PATH": f"{directory}:/usr/bin:/bin"}


ANSWERS = """\
case "$1" in
version) echo '{"Client":{"ApiVersion":"1.50"},"Server":{"ApiVersion":"1.41"}}' ;;
info) echo '["name=seccomp,profile=builtin"]' ;;
context) echo unix:///var/run/docker.sock ;;
esac"""


def test_a_daemon_of_roots_gives_files_back_to_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "getgid", lambda: 1000)
    found = choice.client("docker", engine(tmp_path, "docker", ANSWERS))
    assert (found.owner, found.binds) == ("1000:1000", True)


def test_a_rootless_daemon_needs_to_give_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    script = ANSWERS.replace("name=seccomp,profile=builtin", "name=rootless")
    assert choice.client("docker", engine(tmp_path, "docker", script)).owner == ""


@pytest.mark.parametrize("host", ["tcp://builder:2376", "ssh://me@builder"])
def test_an_engine_elsewhere_does_not_see_this_machine(tmp_path: Path, host: str) -> None:
    environ = {**engine(tmp_path, "docker", ANSWERS), "DOCKER_HOST": host}
    assert not choice.client("docker", environ).binds


def test_where_no_engine_is_named_podman_follows_docker(tmp_path: Path) -> None:
    environ = engine(tmp_path, "docker", "exit 1")
    answer = json.dumps({"Client": {"Version": "4.3.1"}, "host": {"security": {"rootless": True}}})
    engine(tmp_path, "podman", f"echo '{answer}'")
    assert choice.answering(ContainerEngine(), environ).name == "podman"


def test_an_engine_that_is_named_has_no_substitute(tmp_path: Path) -> None:
    environ = engine(tmp_path, "docker", "echo 'Is the docker daemon running?' >&2; exit 1")
    engine(tmp_path, "podman", "echo '{}'")
    with pytest.raises(ProvisionError, match="daemon of docker does not answer"):
        choice.answering(ContainerEngine("docker", named=True), environ)


def test_what_is_wrong_with_each_engine_is_told(tmp_path: Path) -> None:
    environ = engine(tmp_path, "docker", "echo 'Is the docker daemon running?' >&2; exit 1")
    environ["PATH"] = f"{tmp_path}"
    (tmp_path / "sh").symlink_to("/bin/sh")
    with pytest.raises(ProvisionError, match="no container engine answers") as caught:
        choice.answering(ContainerEngine(), environ)
    assert "podman is not installed" in caught.value.cause


def test_a_podman_before_version_3_is_too_old(tmp_path: Path) -> None:
    environ = engine(tmp_path, "podman", """echo '{"Client":{"Version":"2.2.1"}}'""")
    with pytest.raises(CrosswheelError, match="podman is too old") as caught:
        choice.client("podman", environ)
    assert caught.value.exit_code == ExitCode.ENGINE_TOO_OLD


def test_an_engine_elsewhere_is_not_explained_by_this_machines_registrations() -> None:
    error = foreign.refused(Client("docker", ("docker",), {}, here=False), ARM)
    assert error.cause == "nothing that runs them is registered on the machine of docker"


def test_what_a_container_wrote_is_told_without_its_mounts_and_what_engines_write(tmp_path: Path) -> None:
    diff = (
        "C /etc\nA /etc/hosts\nA /etc/made\nD /etc/issue\nA /crosswheel\nA /crosswheel/project\nA /.dockerenv"
    )
    environ = engine(tmp_path, "podman", f"printf '{diff}\n'")
    container = Container(Client("podman", (str(tmp_path / "podman"),), environ), BOX, "name", None)  # type: ignore[arg-type]
    assert container.changes() == Changes(("/etc", "/etc/made"), ("/etc/issue",))


def test_only_containers_of_processes_that_ended_are_removed(tmp_path: Path) -> None:
    mine = leftovers.new_name()
    boot = mine.removeprefix("crosswheel-").split(".")[0]
    names = [
        mine,
        f"crosswheel-{boot}.{2**22 + 1}.5-aa",
        f"crosswheel-00000000.{2**22 + 1}.5-aa",
        "another",
        f"crosswheel-kept.{2**22 + 1}.5-aa",
    ]
    script = f"echo \"$@\" >> {tmp_path}/log\n[ $1 = ps ] && printf '%s\\n' {' '.join(names)}"
    environ = engine(tmp_path, "docker", script)
    leftovers.remove(Client("docker", (str(tmp_path / "docker"),), environ))
    removed = [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("rm ")]
    assert removed == [f"rm --force --volumes {names[1]}"]


def archive(*members: tuple[str, str, str]) -> io.BytesIO:
    """A tar stream of names, types and contents or targets of links."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, kind, text in members:
            entry = tarfile.TarInfo(name)
            entry.type = {"file": tarfile.REGTYPE, "link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE}[kind]
            entry.linkname, entry.size = text, len(text) if kind == "file" else 0
            tar.addfile(entry, io.BytesIO(text.encode()) if kind == "file" else None)
    file.seek(0)
    return file


def test_a_file_that_climbs_out_of_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match="leads out of its place"):
        trees.unpack(archive(("a/../../evil", "file", "x")), tmp_path / "out")
    assert not (tmp_path / "evil").exists()


def test_nothing_is_written_through_a_link_of_the_stream(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    stream = archive(("a", "link", str(tmp_path / "mine")), ("a/file", "file", "x"))
    trees.unpack(stream, tmp_path / "out")
    assert list((tmp_path / "mine").iterdir()) == []
    assert (tmp_path / "out/a/file").read_text() == "x"


def test_an_absolute_name_is_unpacked_below_the_destination(tmp_path: Path) -> None:
    trees.unpack(archive(("/etc/made", "file", "x"), ("etc/too", "hard", "etc/made")), tmp_path / "out")
    assert (tmp_path / "out/etc/made").read_text() == "x"
    assert (tmp_path / "out/etc/too").samefile(tmp_path / "out/etc/made")


def test_a_tree_that_is_packed_is_unpacked_alike(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "bin").mkdir(parents=True)
    (source / "bin/tool").write_text("x")
    (source / "bin/tool").chmod(0o755)
    (source / "bin/python").symlink_to("/usr/bin/python3")
    with (tmp_path / "tar").open("w+b") as file:
        trees.pack({"/crosswheel/env": source, "/crosswheel/one": source / "bin/tool"}, file)
        file.seek(0)
        trees.unpack(file, tmp_path / "out", below="/crosswheel/env")
    assert trees.fingerprint(tmp_path / "out/bin/tool") != ""
    assert (tmp_path / "out/bin/tool").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "out/bin/python").readlink() == Path("/usr/bin/python3")
    assert not (tmp_path / "out/crosswheel").exists()


def test_a_root_under_a_layer_is_seen_with_what_was_written_and_without_what_was_removed(
    tmp_path: Path,
) -> None:
    lower, upper = tmp_path / "lower", tmp_path / "upper"
    for path, text in ((lower / "etc/a", "old"), (lower / "etc/gone", "x"), (upper / "etc/a", "new")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    trees.white_out(upper, ["/etc/gone"])
    trees.merged(lower, upper, ["/etc/gone"], tmp_path / "tree")
    assert [path.name for path in (tmp_path / "tree/etc").iterdir()] == ["a"]
    assert (tmp_path / "tree/etc/a").read_text() == "new"
    assert (lower / "etc/a").read_text() == "old"


def test_what_is_removed_is_marked_for_overlayfs_and_not_packed(tmp_path: Path) -> None:
    upper = tmp_path / "upper"
    upper.mkdir()
    trees.white_out(upper, ["/etc/gone"])
    status = (upper / "etc/gone").lstat()
    assert (stat.S_ISCHR(status.st_mode), status.st_rdev) == (True, 0)
    with (tmp_path / "tar").open("w+b") as file:
        trees.pack({"/": upper}, file)
        file.seek(0)
        with tarfile.open(fileobj=file) as packed:
            assert packed.getnames() == [".", "etc"]


def test_a_fingerprint_changes_with_what_is_in_a_tree(tmp_path: Path) -> None:
    assert trees.fingerprint(tmp_path) == ""
    (tmp_path / "a").write_text("x")
    before = trees.fingerprint(tmp_path)
    (tmp_path / "a").write_text("xy")
    assert before != trees.fingerprint(tmp_path)
