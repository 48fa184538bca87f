"""Paths of the build that are left in a wheel: which are told, and which forbid it to leave."""

from pathlib import Path

import pytest
from elf_maker import make_elf, make_wheel

from crosswheel.wheels.leaks import Leak, leaked

NAME = "demo-1.0-cp311-cp311-manylinux_2_17_aarch64.whl"
TOOLS = ("bin", "sysroot")


def leaks(directory: Path, files: dict[str, bytes]) -> list[Leak]:
    return list(leaked(make_wheel(directory, NAME, files), "/crosswheel", TOOLS))


@pytest.mark.parametrize(
    "file",
    ["demo/pkgconfig/demo.pc", "demo/DemoConfig.cmake", "demo/bin/demo-config", "_sysconfigdata__linux_.py"],
)
def test_compilers_that_other_builds_are_led_to_forbid_it(tmp_path: Path, file: str) -> None:
    (leak,) = leaks(tmp_path, {file: b'prefix=/usr\nlibdir="/crosswheel/sysroot/usr/lib"\n'})
    assert leak.misleads
    path = "/crosswheel/sysroot/usr/lib"
    assert str(leak) == f"{file} leads other builds to {path}, which only this build has"


@pytest.mark.parametrize("file", ["demo/__config__.py", "demo/build.json", "demo/config.h", "demo/info.txt"])
def test_the_name_of_a_compiler_is_told(tmp_path: Path, file: str) -> None:
    (leak,) = leaks(tmp_path, {file: b'CC = "/crosswheel/bin/cc"\n'})
    assert not leak.misleads
    assert str(leak) == f"{file} holds /crosswheel/bin/cc, a path of the build"


def test_the_directories_that_a_native_build_has_too_are_told(tmp_path: Path) -> None:
    (leak,) = leaks(tmp_path, {"demo/demo.pc": b"srcdir=/crosswheel/project/src\n"})
    assert not leak.misleads


def test_of_several_paths_the_worst_stands_for_the_file(tmp_path: Path) -> None:
    (leak,) = leaks(tmp_path, {"demo.pc": b"a=/crosswheel/project\nb=/crosswheel/bin/cc\n"})
    assert (leak.path, leak.misleads) == ("/crosswheel/bin/cc", True)


def test_other_paths_words_and_files_are_none(tmp_path: Path) -> None:
    files = {
        "demo/a.py": b"/usr/bin/cc /home/crosswheel-1/bin/cc https://example.org/crosswheels/bin",
        "demo/b.so": make_elf(runpath="/crosswheel/bin"),
        "demo/c.bin": b"\0/crosswheel/bin/cc",
        "demo-1.0.dist-info/notes": b"/crosswheel/bin/cc",
    }
    assert leaks(tmp_path, files) == []
