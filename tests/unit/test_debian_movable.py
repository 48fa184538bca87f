"""A tree of Debian's programs runs from the place it was made for, with its own C library."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from elf_maker import make_elf

from crosswheel import process
from crosswheel.architectures import HOST
from crosswheel.errors import ProvisionError
from crosswheel.provision.debian.movable import make_movable

LOADER = "lib64/ld-linux-x86-64.so.2"
MULTIARCH = Path(f"/usr/lib/{HOST.triplet}")


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """A few files of this machine, laid out as unpacked packages are."""
    tree = tmp_path / "tree"
    for place in ("usr/bin", "usr/lib64", f"usr/lib/{HOST.triplet}"):
        (tree / place).mkdir(parents=True)
    (tree / "lib64").symlink_to("usr/lib64")
    shutil.copy(Path("/", LOADER), tree / LOADER)
    shutil.copy(MULTIARCH / "libc.so.6", tree / MULTIARCH.relative_to("/"))
    shutil.copy("/usr/bin/cat", tree / "usr/bin/cat")
    yield tree


def test_a_program_maps_only_what_is_in_the_tree(tree: Path) -> None:
    place = tree.parent / "place"
    make_movable(tree, str(place))
    tree.rename(place)
    done = process.run([place / "usr/bin/cat", "/proc/self/maps"], capture=True)
    mapped = {line.split()[-1] for line in done.output.splitlines() if ".so" in line}
    assert mapped == {
        str(place / "usr" / LOADER),
        str(place / MULTIARCH.relative_to("/") / "libc.so.6"),
    }


def test_the_c_library_and_files_of_other_architectures_stay_as_they_are(tree: Path) -> None:
    foreign = tree / "usr/lib/libforeign.so"
    foreign.write_bytes(make_elf(runpath="/usr/lib"))
    libc = tree / MULTIARCH.relative_to("/") / "libc.so.6"
    before = foreign.read_bytes(), libc.read_bytes(), (tree / LOADER).read_bytes()
    make_movable(tree, "/crosswheel/rust")
    assert (foreign.read_bytes(), libc.read_bytes(), (tree / LOADER).read_bytes()) == before


def test_a_tree_without_a_c_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match="no C library"):
        make_movable(tmp_path, "/crosswheel/rust")
