"""Links of a root's libraries, as they are seen where the root is mounted."""

from pathlib import Path

import pytest

from crosswheel.engines.links import make_relative

TRIPLET = "aarch64-linux-gnu"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for directory in (f"lib/{TRIPLET}", f"usr/lib/{TRIPLET}"):
        (tmp_path / "root" / directory).mkdir(parents=True)
    (tmp_path / "root/lib" / TRIPLET / "libz.so.1").write_text("zlib")
    (tmp_path / "root/usr/lib" / TRIPLET / "libz.so").symlink_to(f"/lib/{TRIPLET}/libz.so.1")
    return tmp_path / "root"


def test_an_absolute_link_leads_to_the_same_file_from_outside(root: Path, tmp_path: Path) -> None:
    make_relative(root, tmp_path / "upper", TRIPLET)
    laid = tmp_path / "upper/usr/lib" / TRIPLET / "libz.so"
    assert str(laid.readlink()) == f"../../../lib/{TRIPLET}/libz.so.1"
    assert (root / "usr/lib" / TRIPLET / laid.readlink()).read_text() == "zlib"


def test_a_relative_link_and_a_file_are_left_alone(root: Path, tmp_path: Path) -> None:
    (root / "usr/lib" / TRIPLET / "libz.so").unlink()
    (root / "usr/lib" / TRIPLET / "liby.so").symlink_to("liby.so.2")
    make_relative(root, tmp_path / "upper", TRIPLET)
    assert not (tmp_path / "upper").exists()


def test_what_was_installed_over_the_root_is_made_relative_too(root: Path, tmp_path: Path) -> None:
    place = tmp_path / "upper/usr/lib" / TRIPLET
    place.mkdir(parents=True)
    (place / "libz.so").symlink_to(f"/lib/{TRIPLET}/libz.so.2")
    make_relative(root, tmp_path / "upper", TRIPLET)
    assert str((place / "libz.so").readlink()) == f"../../../lib/{TRIPLET}/libz.so.2"


def test_directories_of_a_merged_root_are_seen_once(tmp_path: Path) -> None:
    (tmp_path / "root/usr/lib" / TRIPLET).mkdir(parents=True)
    (tmp_path / "root/lib").symlink_to("usr/lib")
    (tmp_path / "root/usr/lib" / TRIPLET / "libz.so").symlink_to(f"/lib/{TRIPLET}/libz.so.1")
    make_relative(tmp_path / "root", tmp_path / "upper", TRIPLET)
    assert not (tmp_path / "upper/lib").exists()
