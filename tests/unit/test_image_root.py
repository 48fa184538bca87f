"""What an unpacked image says of itself, read from its files."""

from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.model import Python, Target
from crosswheel.provision.images.root import Contents, misfits, place_of, read, resolved

CP311, CP314T = Python("cp", 3, 11), Python("cp", 3, 14, "t")
ABOUT = b"\0GNU C Library (Debian GLIBC 2.36-9+deb12u10) stable release version 2.36.\n\0"


def target(python: Python = CP311, arch: str = "aarch64") -> Target:
    return Target(python, "manylinux", ARCHITECTURES[arch])


def elf(arch: str) -> bytes:
    row = ARCHITECTURES[arch]
    machine = row.machine.to_bytes(2, row.order)
    return b"\x7fELF" + bytes((row.bits // 32, 1 + (row.order == "big"), 1)) + bytes(11) + machine


def write(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def manylinux(root: Path, arch: str = "aarch64", tags: tuple[str, ...] = ("cp311-cp311",)) -> Path:
    write(root, {"usr/lib64/libc.so.6": elf(arch) + ABOUT, "etc/os-release": b'ID=x\nPRETTY_NAME="Alma 8"\n'})
    (root / "lib64").symlink_to("/usr/lib64")  # absolute: it must not be followed into this machine's
    for tag in tags:
        inner = f"opt/_internal/cpython-{tag}"
        write(root, {f"{inner}/bin/python3": b""})
        (root / inner / "bin/python").symlink_to("python3")
        (root / "opt/python").mkdir(exist_ok=True)
        (root / "opt/python" / tag).symlink_to(f"/{inner}")
    return root


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_architecture_is_that_of_the_c_library(tmp_path: Path, arch: str) -> None:
    contents = read(manylinux(tmp_path, arch))
    assert (contents.arch, contents.libc, contents.version) == (arch, "glibc", (2, 36))
    assert contents.system == "Alma 8"


@pytest.mark.parametrize(
    ("arch", "loader", "before"),
    [
        ("aarch64", "aarch64", b"\0other\0"),
        ("armv7l", "armhf", b"\0other\0"),
        ("i686", "i386", b"\0\0\x80="),  # Debian's has a number before it
        ("ppc64le", "powerpc64le", b"\0other\0"),
    ],
)
def test_musl_is_told_by_its_loader(tmp_path: Path, arch: str, loader: str, before: bytes) -> None:
    write(tmp_path, {"usr/lib/libc.so": elf(arch) + before + b"1.2.5\0", "usr/lib/other": b""})
    (tmp_path / "lib").symlink_to("usr/lib")
    (tmp_path / f"usr/lib/ld-musl-{loader}.so.1").symlink_to("/lib/libc.so")
    contents = read(tmp_path)
    assert (contents.arch, contents.libc, contents.version) == (arch, "musl", (1, 2))


def test_pythons_are_found_by_the_names_of_the_official_images(tmp_path: Path) -> None:
    tags = ("pp311-pypy311_pp73", "cp39-cp39", "cp311-cp311", "cp314-cp314t", "cp37-cp37m", "pp310-x")
    contents = read(manylinux(tmp_path, tags=tags))
    assert contents.pythons == {
        "cp39": "/opt/_internal/cpython-cp39-cp39/bin/python3",
        "cp311": "/opt/_internal/cpython-cp311-cp311/bin/python3",
        "cp314t": "/opt/_internal/cpython-cp314-cp314t/bin/python3",
        "pp311": "/opt/_internal/cpython-pp311-pypy311_pp73/bin/python3",
    }
    assert str(contents) == "Alma 8 with glibc 2.36 and Pythons cp39, cp311, cp314t, pp311"


def test_of_a_pypy_with_two_abis_the_newer_counts(tmp_path: Path) -> None:
    contents = read(
        manylinux(tmp_path, tags=("pp311-pypy311_pp80", "pp311-pypy311_pp73", "pp310-pypy310_pp73"))
    )
    assert contents.pythons == {
        "pp310": "/opt/_internal/cpython-pp310-pypy310_pp73/bin/python3",
        "pp311": "/opt/_internal/cpython-pp311-pypy311_pp80/bin/python3",
    }
    assert list(contents.pythons) == ["pp310", "pp311"]


def test_an_empty_root_has_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) == Contents("an unnamed system", "", "", (0, 0))


@pytest.mark.parametrize(
    ("contents", "problems"),
    [
        (Contents("x", "aarch64", "glibc", (2, 36), {"cp311": "/p"}), []),
        (
            Contents("x", "x86_64", "glibc", (2, 36), {"cp311": "/p"}),
            ["its programs are of x86_64, not of aarch64"],
        ),
        (
            Contents("x", "aarch64", "musl", (1, 2), {"cp39": "/p", "cp314t": "/q"}),
            [
                "it has musl, and a manylinux wheel needs glibc",
                "/opt/python/cp311-cp311 is not in it; of Pythons it has cp39, cp314t",
            ],
        ),
        (
            Contents("x", "", "", (0, 0)),
            ["it has no C library", "/opt/python/cp311-cp311 is not in it; of Pythons it has none"],
        ),
    ],
)
def test_all_that_is_wrong_for_a_target_is_told(contents: Contents, problems: list[str]) -> None:
    assert misfits(contents, target()) == problems


def test_pythons_of_other_abis_have_their_own_places() -> None:
    assert place_of(target(CP314T)) == "/opt/python/cp314-cp314t"
    assert place_of(target(Python("pp", 3, 11))) == "/opt/python/pp311-pypy311_pp*"


def test_links_are_followed_inside_the_root(tmp_path: Path) -> None:
    write(tmp_path, {"usr/real/file": b"x"})
    (tmp_path / "absolute").symlink_to("/usr/real")
    (tmp_path / "upwards").symlink_to("../../usr/real")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "host").symlink_to("/proc/self/exe")
    assert resolved(tmp_path, "/absolute/file") == tmp_path / "usr/real/file"
    assert resolved(tmp_path, "/upwards/file") == tmp_path / "usr/real/file"
    assert resolved(tmp_path, "/loop") is None
    assert resolved(tmp_path, "/host") is None
