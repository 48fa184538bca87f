"""The file system of an image is unpacked where it belongs, and nowhere else."""

import errno
import gzip
import hashlib
import io
import os
import shutil
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from crosswheel.errors import ProvisionError
from crosswheel.provision.images.unpack import Layer, unpack

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def entry(
    name: str, kind: bytes = tarfile.REGTYPE, *, link: str = "", mode: int = 0o644, content: bytes = b"text"
) -> tuple[tarfile.TarInfo, bytes]:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode, made.mtime = kind, link, mode, 1_600_000_000
    made.uid = made.gid = 12345
    made.size = len(content) if made.isreg() else 0
    return made, content


Entry = tuple[tarfile.TarInfo, bytes]


def archive(*entries: Entry) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for one, content in entries:
            tar.addfile(one, io.BytesIO(content))
    return plain.getvalue()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layered(directory: Path, *layers: bytes, contents: Sequence[str] = ()) -> Path:
    made = []
    for number, data in enumerate(layers):
        path = directory / f"{number}.tar"
        path.write_bytes(data)
        made.append(Layer(path, contents[number] if contents else ""))
    unpack(made, directory / "root", "own:1")
    return directory / "root"


def unpacked(directory: Path, *entries: Entry) -> Path:
    return layered(directory, archive(*entries))


@contextmanager
def refused(why: str) -> Iterator[None]:
    with pytest.raises(ProvisionError, match=r"layer \d of own:1 is refused: it does not hold") as caught:
        yield
    assert why in caught.value.cause


def names(directory: Path) -> list[str]:
    found = (str(path.relative_to(directory)) for path in directory.rglob("*"))
    return sorted(set(found) - {"dev", "proc", "sys", "tmp"})


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


def test_a_write_through_a_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    with refused("link is no directory"):
        unpacked(
            tmp_path,
            entry("link", tarfile.SYMTYPE, link=str(tmp_path / "outside")),
            entry("link/file"),
        )
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_write_through_a_link_of_the_image_stays_in_the_image(tmp_path: Path) -> None:
    root = unpacked(
        tmp_path,
        entry("usr/lib", tarfile.DIRTYPE, mode=0o755),
        entry("lib", tarfile.SYMTYPE, link="/usr/lib"),
        entry("lib/libc.so"),
    )
    assert (root / "usr/lib/libc.so").read_bytes() == b"text"


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_what_replaces_a_link_does_not_follow_it(tmp_path: Path, kind: bytes) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    root = unpacked(
        tmp_path,
        entry("link", tarfile.SYMTYPE, link=str(outside)),
        entry("link", kind, mode=0o777),
    )
    assert not (root / "link").is_symlink()
    assert (list(outside.iterdir()), outside.stat().st_mode & 0o777) == ([], 0o700)


def test_a_tmp_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    unpacked(tmp_path, entry("tmp", tarfile.SYMTYPE, link=str(outside)))
    assert outside.stat().st_mode & 0o7777 == 0o700


@pytest.mark.parametrize("link", ["../outside", "/nowhere", "usr"])
def test_a_hard_link_to_what_is_no_file_of_the_image_is_refused(tmp_path: Path, link: str) -> None:
    (tmp_path / "outside").write_text("secret")
    directory = entry("usr", tarfile.DIRTYPE, mode=0o755)
    with refused("leads upwards" if ".." in link else "no file of it"):
        unpacked(tmp_path, directory, entry("hard", tarfile.LNKTYPE, link=link))


def test_a_hard_link_to_a_link_is_the_link_itself(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    soft = entry("soft", tarfile.SYMTYPE, link=str(tmp_path / "outside"))
    root = unpacked(tmp_path, soft, entry("hard", tarfile.LNKTYPE, link="soft"))
    assert (root / "hard").is_symlink()


def test_files_keep_their_times(tmp_path: Path) -> None:
    root = unpacked(tmp_path, entry("module.py"))
    assert (root / "module.py").stat().st_mtime == 1_600_000_000, "compiled modules are known by it"


def test_a_layer_replaces_what_is_below(tmp_path: Path) -> None:
    root = layered(
        tmp_path,
        archive(
            entry("file"),
            entry("linked", tarfile.LNKTYPE, link="file"),
            entry("d/inner"),
            entry("kind/inner"),
        ),
        archive(entry("file", content=b"new"), entry("d", tarfile.DIRTYPE, mode=0o750), entry("kind")),
    )
    assert (root / "file").read_bytes() == b"new"
    assert (root / "linked").read_bytes() == b"text", "a hard link below keeps what it had"
    assert (root / "d/inner").is_file(), "a directory is merged"
    assert (root / "d").stat().st_mode & 0o777 == 0o750
    assert (root / "kind").is_file()


def test_a_hard_link_may_be_to_a_file_of_a_lower_layer(tmp_path: Path) -> None:
    root = layered(
        tmp_path, archive(entry("usr/file")), archive(entry("hard", tarfile.LNKTYPE, link="usr/file"))
    )
    assert (root / "hard").samefile(root / "usr/file")


def test_a_whiteout_takes_away_what_is_below_and_is_no_file(tmp_path: Path) -> None:
    root = layered(
        tmp_path,
        archive(entry("etc/a"), entry("etc/b"), entry("opt/d/inner")),
        archive(entry("etc/.wh.a"), entry("opt/.wh.d"), entry("etc/.wh.absent"), entry("etc/.wh..wh.plnk")),
    )
    assert names(root) == ["etc", "etc/b", "opt"]


@pytest.mark.parametrize("first", [True, False])
def test_an_opaque_directory_keeps_what_its_own_layer_has(tmp_path: Path, first: bool) -> None:
    own = [entry("d/sub/new"), entry("d/other")]
    opaque = entry("d/.wh..wh..opq")
    root = layered(
        tmp_path,
        archive(entry("d/old"), entry("d/sub/old")),
        archive(*([opaque, *own] if first else [*own, opaque])),
    )
    assert names(root) == ["d", "d/other", "d/sub", "d/sub/new"]


@pytest.mark.parametrize("name", [".wh...", ".wh..", ".wh."])
def test_a_whiteout_of_the_directory_above_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").mkdir()
    with refused("takes away no file"):
        unpacked(tmp_path, entry(f"etc/{name}"))
    assert (tmp_path / "outside").is_dir()


def test_a_whiteout_through_a_link_stays_in_the_image(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/mine").write_text("mine")
    link = entry("link", tarfile.SYMTYPE, link=str(tmp_path / "outside"))
    with refused("link is no directory"):
        layered(tmp_path, archive(link), archive(entry("link/.wh.mine")))
    assert (tmp_path / "outside/mine").exists()


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress, bytes])
def test_the_content_of_a_layer_is_compared_with_its_digest(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    data = archive(entry("file"))
    assert layered(tmp_path, compress(data), contents=[digest(data)]).is_dir()
    (tmp_path / "again").mkdir()
    with pytest.raises(ProvisionError, match="layer 1 of own:1 is broken") as caught:
        layered(tmp_path / "again", compress(data), contents=[digest(b"other")])
    assert digest(data) in caught.value.cause


def test_a_layer_by_zstd_may_have_several_frames_and_notes_between_them(tmp_path: Path) -> None:
    """So are those that podman calls zstd:chunked (RFC 8878, section 3.1.2: skippable frames)."""
    data = archive(entry("file", content=os.urandom(9999)))
    note = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"note"
    frames = note.join((zstd.compress(data[:5000]), zstd.compress(data[5000:]), b""))
    assert names(layered(tmp_path, frames, contents=[digest(data)])) == ["file"]


@pytest.mark.parametrize(
    "data",
    [
        b"no archive" * 100,
        b"",
        gzip.compress(b"no archive" * 100),
        gzip.compress(archive(entry("file", content=os.urandom(9999))))[:-3000],
        gzip.compress(archive(entry("file")))[:-8] + bytes(8),
        zstd.compress(archive(entry("file", content=os.urandom(9999))))[:-3000],
        b"\x28\xb5\x2f\xfd" + bytes(100),
        archive(entry("file", content=bytes(9999)))[:3000],
        b"\x1f\x8b" + bytes(100),
    ],
    ids=[
        "noise",
        "empty",
        "noise in gzip",
        "cut",
        "wrong checksum",
        "cut zstd",
        "broken zstd",
        "cut tar",
        "broken gzip",
    ],
)
def test_what_is_no_archive_is_a_broken_layer(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ProvisionError, match="layer 2 of own:1 is broken") as caught:
        layered(tmp_path, archive(entry("file")), data)
    assert caught.value.cause


def test_a_full_disk_is_not_taken_for_a_broken_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        unpacked(tmp_path, entry("file"))
