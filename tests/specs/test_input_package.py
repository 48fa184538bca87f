"""What is not a package is refused with one sentence, and nothing is written."""

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from harness import Crosswheel, Result, content, write

METADATA = "Metadata-Version: 2.1\nName: bad\nVersion: 1.0\n"


def archive(path: Path, members: Iterable[tarfile.TarInfo | tuple[str, str]]) -> Path:
    """A ``.tar.gz`` of members: made ones, or files by name and text."""
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                name, text = member
                info = tarfile.TarInfo(name)
                info.size = len(text.encode())
                tar.addfile(info, io.BytesIO(text.encode()))
    return path


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def refused(err: str) -> Result:
    return Result(2, out="", err=err)


@pytest.mark.parametrize("command", ["build", "plan"])
class TestRefused:
    def test_a_directory_that_is_not_there(self, crosswheel: Crosswheel, command: str) -> None:
        assert crosswheel(command, "nowhere") == refused(
            "crosswheel: error: nowhere: there is no such file or directory\n"
        )

    def test_an_empty_directory(self, crosswheel: Crosswheel, command: str) -> None:
        (crosswheel.cwd / "empty").mkdir()
        assert crosswheel(command, "empty") == refused(
            "crosswheel: error: empty: the directory is empty (it needs one of pyproject.toml, setup.py, "
            "setup.cfg)\n"
        )

    def test_a_directory_without_a_project(self, crosswheel: Crosswheel, command: str) -> None:
        write(crosswheel.cwd / "notes", {"todo.txt": "everything"})
        assert crosswheel(command, "notes") == refused(
            "crosswheel: error: notes: is not a Python project (it needs one of pyproject.toml, setup.py, "
            "setup.cfg)\n"
        )

    def test_a_file_of_another_kind(self, crosswheel: Crosswheel, command: str) -> None:
        write(crosswheel.cwd, {"bad-1.0.zip": "PK"})
        assert crosswheel(command, "bad-1.0.zip") == refused(
            "crosswheel: error: bad-1.0.zip: is not an sdist (PEP 625: an sdist ends in .tar.gz)\n"
        )

    def test_a_file_that_only_has_the_name_of_an_sdist(self, crosswheel: Crosswheel, command: str) -> None:
        write(crosswheel.cwd, {"bad-1.0.tar.gz": "<html>not found</html>"})
        assert crosswheel(command, "bad-1.0.tar.gz") == refused(
            "crosswheel: error: bad-1.0.tar.gz: is not an sdist: not a gzip file\n"
        )

    def test_an_sdist_cut_off_in_the_middle(self, crosswheel: Crosswheel, command: str) -> None:
        noise = "".join(chr(33 + number * number % 89) for number in range(50_000))
        path = archive(
            crosswheel.cwd / "bad-1.0.tar.gz", [("bad-1.0/PKG-INFO", METADATA), ("bad-1.0/x", noise)]
        )
        path.write_bytes(path.read_bytes()[:200])
        assert crosswheel(command, "bad-1.0.tar.gz") == refused(
            "crosswheel: error: bad-1.0.tar.gz: is not an sdist: "
            "Compressed file ended before the end-of-stream marker was reached\n"
        )

    def test_an_archive_without_metadata(self, crosswheel: Crosswheel, command: str) -> None:
        archive(crosswheel.cwd / "bad-1.0.tar.gz", [("bad-1.0/setup.py", "")])
        assert crosswheel(command, "bad-1.0.tar.gz") == refused(
            "crosswheel: error: bad-1.0.tar.gz: is not an sdist: it has no single directory with a PKG-INFO "
            "(PEP 625)\n"
        )

    @pytest.mark.parametrize(
        ("member", "why"),
        [
            (("../escaped", "x"), "would be written outside the directory it is unpacked in"),
            (("bad-1.0/../../escaped", "x"), "would be written outside the directory it is unpacked in"),
            (("/tmp/crosswheel-escaped", "x"), "would be written outside the directory it is unpacked in"),
            (link("bad-1.0/out", "../../escaped"), "is a link out of the archive"),
            (link("bad-1.0/out", "/etc/passwd"), "is a link out of the archive"),
            (link("bad-1.0/out", "../escaped", tarfile.LNKTYPE), "is a link out of the archive"),
            (link("bad-1.0/fifo", "", tarfile.FIFOTYPE), "is neither a file, a directory nor a link"),
        ],
        ids=lambda value: "" if isinstance(value, str) else None,
    )
    def test_an_archive_that_writes_elsewhere(
        self, crosswheel: Crosswheel, command: str, member: tarfile.TarInfo | tuple[str, str], why: str
    ) -> None:
        archive(crosswheel.cwd / "bad-1.0.tar.gz", [("bad-1.0/PKG-INFO", METADATA), member])
        before = content(crosswheel.cwd)
        name = member.name if isinstance(member, tarfile.TarInfo) else member[0]
        assert crosswheel(command, "bad-1.0.tar.gz") == refused(
            f"crosswheel: error: bad-1.0.tar.gz: {name}: {why}\n"
        )
        assert content(crosswheel.cwd) == before
        assert not Path("/tmp/crosswheel-escaped").exists()
