"""The file system of an image is unpacked where it belongs, and nowhere else."""

import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crosswheel.errors import ProvisionError
from crosswheel.provision.images.unpack import unpack


def entry(name: str, kind: bytes = tarfile.REGTYPE, *, link: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, link, mode
    made.uid = made.gid = 12345
    return made


def unpacked(directory: Path, *entries: tarfile.TarInfo, content: bytes = b"text") -> Path:
    archive = directory / "image.tar"
    with tarfile.open(archive, "w") as tar:
        for one in entries:
            one.size = len(content) if one.isreg() else 0
            tar.addfile(one, io.BytesIO(content))
    unpack(archive, directory / "root")
    return directory / "root"


@contextmanager
def refused(why: str) -> Iterator[None]:
    with pytest.raises(ProvisionError, match="does not hold a file system") as caught:
        yield
    assert why in caught.value.cause


def test_files_directories_and_links_are_made_with_their_modes(tmp_path: Path) -> None:
    root = unpacked(
        tmp_path,
        entry("usr", tarfile.DIRTYPE, mode=0o555),
        entry("usr/bin/sh", mode=0o755),
        entry("bin", tarfile.SYMTYPE, link="/usr/bin"),
        entry("usr/bin/ash", tarfile.LNKTYPE, link="usr/bin/sh"),
        entry("etc/shadow", mode=0o000),
    )
    assert (root / "usr/bin/sh").read_bytes() == b"text"
    assert (root / "usr/bin/sh").stat().st_mode & 0o777 == 0o755
    assert (root / "usr/bin/ash").samefile(root / "usr/bin/sh")
    assert str((root / "bin").readlink()) == "/usr/bin"
    assert (root / "etc/shadow").stat().st_mode & 0o777 == 0o600, "whoever unpacks must be able to read it"
    assert (root / "usr").stat().st_mode & 0o777 == 0o755, "and to remove it"
    assert (root / "usr").stat().st_uid == os.getuid()


def test_set_user_id_bits_are_left_out(tmp_path: Path) -> None:
    root = unpacked(tmp_path, entry("su", mode=0o6755))
    assert (root / "su").stat().st_mode & 0o7777 == 0o755


def test_devices_and_pipes_are_left_out_and_the_places_of_a_sandbox_are_there(tmp_path: Path) -> None:
    root = unpacked(
        tmp_path,
        entry("disk", tarfile.BLKTYPE),
        entry("pipe", tarfile.FIFOTYPE),
        entry("dev/null", tarfile.CHRTYPE),
        entry("proc/self", tarfile.DIRTYPE),
    )
    assert sorted(path.name for path in root.iterdir()) == ["dev", "proc", "sys", "tmp"]
    assert list((root / "dev").iterdir()) == []
    assert (root / "tmp").stat().st_mode & 0o7777 == 0o1777


def test_an_absolute_name_stays_inside(tmp_path: Path) -> None:
    root = unpacked(tmp_path, entry("/etc/passwd"))
    assert (root / "etc/passwd").read_bytes() == b"text"


def test_a_name_that_leads_upwards_is_refused(tmp_path: Path) -> None:
    with refused("leads upwards"):
        unpacked(tmp_path, entry("usr/../../outside"))
    assert not (tmp_path / "outside").exists()


def test_a_write_through_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    with refused("link is no directory"):
        unpacked(
            tmp_path,
            entry("link", tarfile.SYMTYPE, link=str(tmp_path / "outside")),
            entry("link/file"),
        )
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_directory_in_place_of_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir(mode=0o700)
    with refused("there twice"):
        unpacked(
            tmp_path,
            entry("link", tarfile.SYMTYPE, link=str(tmp_path / "outside")),
            entry("link", tarfile.DIRTYPE, mode=0o777),
        )
    assert (tmp_path / "outside").stat().st_mode & 0o777 == 0o700


def test_a_file_in_place_of_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("mine")
    with refused("there twice"):
        unpacked(tmp_path, entry("link", tarfile.SYMTYPE, link=str(tmp_path / "outside")), entry("link"))
    assert (tmp_path / "outside").read_text() == "mine"


@pytest.mark.parametrize("link", ["../outside", "/nowhere", "soft"])
def test_a_hard_link_to_what_is_no_file_of_the_image_is_refused(tmp_path: Path, link: str) -> None:
    (tmp_path / "outside").write_text("secret")
    soft = entry("soft", tarfile.SYMTYPE, link=str(tmp_path / "outside"))
    with refused("leads upwards" if ".." in link else "no file of it"):
        unpacked(tmp_path, soft, entry("hard", tarfile.LNKTYPE, link=link))


def test_what_is_no_archive_is_an_error_of_the_image(tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(b"no archive" * 100)
    with pytest.raises(ProvisionError, match="cannot be read"):
        unpack(tmp_path / "image.tar", tmp_path / "root")
