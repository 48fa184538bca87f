"""The compiler wrapper: directories and libraries of the build machine, the sysroot and the C++ library."""

from pathlib import Path

import pytest
from toolchain_wrapper import MARKS, TRIPLET, Maker, compiled

pytestmark = MARKS


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("wrapper"))


@pytest.fixture
def make(program: Path, tmp_path: Path) -> Maker:
    return Maker(program, tmp_path)


@pytest.fixture
def sysroot(tmp_path: Path) -> Path:
    """A root with the headers and libraries of zlib and freetype, and a libc of its own."""
    root = tmp_path / "sysroot"
    libraries = root / "usr/lib" / TRIPLET
    libraries.mkdir(parents=True)
    (root / "usr/include" / TRIPLET).mkdir(parents=True)
    (root / "usr/include/freetype2").mkdir()
    for name in ("libz.so.1.3", "libfreetype.so.6", "libm.so.6"):
        (libraries / name).write_bytes(b"")
    (libraries / "libz.so").symlink_to(f"/usr/lib/{TRIPLET}/libz.so.1.3")
    (libraries / "libfreetype.so").symlink_to("libfreetype.so.6")
    (libraries / "libm.so").symlink_to(f"/usr/lib/{TRIPLET}/libm.so.6")
    return root


@pytest.fixture
def gnu(tmp_path: Path) -> dict[str, str]:
    """A configuration with a tree of libstdc++."""
    root = tmp_path / "cxx"
    (root / "usr/lib" / TRIPLET).mkdir(parents=True)
    (root / "lib" / TRIPLET).mkdir(parents=True)
    (root / "usr/lib" / TRIPLET / "libstdc++.so.6").write_bytes(b"")
    (root / "lib" / TRIPLET / "libgcc_s.so.1").write_bytes(b"")
    return {"cxx": "libstdc++", "cxx_root": str(root), "cxx_version": "10"}


def test_the_sysroots_headers_come_after_zigs_own(make: Maker, sysroot: Path) -> None:
    headers = sysroot / "usr/include"
    assert make(sysroot=str(sysroot)).cc("-c", "a.c")[-4:] == [
        "-idirafter", f"{headers}/{TRIPLET}", "-idirafter", f"{headers}",
    ]  # fmt: skip


def test_the_sysroots_libraries_are_searched_last(make: Maker, sysroot: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    linked = make(sysroot=str(sysroot)).cc(
        "-shared", "a.o", f"-L{sysroot}/usr/lib/{TRIPLET}", f"-L{tmp_path}/own"
    )
    places = [word for word in linked if word.startswith("-L")]
    assert places[:2] == [f"-L{tmp_path}/own", f"-L{sysroot}/usr/lib/{TRIPLET}"]


def test_directories_of_the_build_machine_are_left_out(make: Maker) -> None:
    wrapper = make(host_dirs="drop")
    given = [
        "-I/usr/include",
        "-I",
        "/usr/local/include",
        "-isystem",
        "/usr/include/x",
        "-L/usr/lib",
        "-I/lib/x",
    ]
    assert wrapper.cc("-shared", "a.c", *given) == wrapper.cc("-shared", "a.c")
    wrapper.run("cc", "a.c", "-I/usr/include/x")
    assert wrapper.record == "drop -I/usr/include/x: a directory of the build machine\n"


def test_headers_in_a_python_package_are_used_wherever_they_lie(make: Maker) -> None:
    place = "/usr/local/lib/python3.11/site-packages/numpy/core/include"
    assert place in make(host_dirs="drop").cc("-c", f"-I{place}", "a.c")


def test_a_directory_of_the_build_machine_becomes_that_of_the_sysroot(make: Maker, sysroot: Path) -> None:
    wrapper = make(host_dirs="drop", sysroot=str(sysroot))
    assert f"{sysroot}/usr/include/freetype2" in wrapper.cc("-c", "-I/usr/include/freetype2", "a.c")


def test_inside_the_targets_root_its_directories_are_kept_but_after_zigs_own(make: Maker) -> None:
    compiled = make(host_dirs="target", sysroot="/").cc("-c", "-I/usr/include", "-I/usr/include/x", "a.c")
    assert compiled[compiled.index("/usr/include/x") - 1] == "-I"
    assert compiled[compiled.index("/usr/include") - 1] == "-idirafter"


def test_a_library_directory_that_is_not_there_is_left_out(make: Maker) -> None:
    assert not [word for word in make().cc("-shared", "a.o", "-L/no/such") if word.startswith("-L")]


def test_an_absolute_link_to_a_library_is_read_inside_the_sysroot(make: Maker, sysroot: Path) -> None:
    linked = make(sysroot=str(sysroot)).cc("-shared", "a.o", "-lz", "-lfreetype")
    assert f"{sysroot}/usr/lib/{TRIPLET}/libz.so.1.3" in linked
    assert "-lfreetype" in linked


def test_a_library_in_a_directory_of_the_builds_own_goes_before_the_sysroots(
    make: Maker, sysroot: Path, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/libz.a").write_bytes(b"")
    assert "-lz" in make(sysroot=str(sysroot)).cc("-shared", "a.o", f"-L{tmp_path}/own", "-lz")


def test_static_linking_of_a_library_looks_for_its_archive(make: Maker, sysroot: Path) -> None:
    assert "-lz" in make(sysroot=str(sysroot)).cc("-shared", "a.o", "-Wl,-Bstatic", "-lz", "-Wl,-Bdynamic")


def test_glibcs_libraries_are_zigs_stubs(make: Maker, sysroot: Path) -> None:
    wrapper = make(sysroot=str(sysroot))
    for name in ("-lc", "-lm", "-lpthread", "-ldl", "-lrt"):
        assert name in wrapper.cc("-shared", "a.o", name)


@pytest.mark.parametrize("name", ["libm.so", "libpthread.a", "libdl.so.2"])
def test_glibcs_libraries_are_zigs_stubs_by_their_paths_too(make: Maker, sysroot: Path, name: str) -> None:
    path = f"{sysroot}/usr/lib/{TRIPLET}/{name}"
    linked = make(sysroot=str(sysroot)).cc("-shared", "a.o", path)
    assert path not in linked
    assert f"-l{name.removeprefix('lib').partition('.')[0]}" in linked


@pytest.mark.parametrize("place", ["usr/lib/{triplet}/libz.so.1.3", "own/libm.so", "usr/lib/{triplet}/m.o"])
def test_other_files_are_linked_by_their_paths(make: Maker, sysroot: Path, place: str) -> None:
    path = f"{sysroot}/{place.format(triplet=TRIPLET)}"
    assert path in make(sysroot=str(sysroot)).cc("-shared", "a.o", path)


def test_gccs_unwinder_becomes_zigs(make: Maker) -> None:
    assert make().cc("-shared", "a.o", "-lgcc_s")[7:-1] == ["-lunwind"]


@pytest.mark.parametrize(("name", "arguments"), [("c++", []), ("cc", ["-lstdc++"])])
def test_a_cpp_link_of_a_shared_object_is_recorded(make: Maker, name: str, arguments: list[str]) -> None:
    wrapper = make(zig="/bin/true")
    assert wrapper.run(name, "-shared", "a.o", "-o", "build/a.so", *arguments).returncode == 0
    wrapper.run("cc", "-shared", "a.o", "-o", "c.so")
    wrapper.run(name, "-c", "a.cpp", "-o", "a.o")
    wrapper.run(name, "a.o", "-o", "program", *arguments)
    assert wrapper.record == "c++ build/a.so\n"


def test_a_cpp_source_is_compiled_as_cpp_under_the_c_compilers_name(make: Maker) -> None:
    assert make().cc("-c", "a.cpp")[1] == "c++"
    assert make().cc("-c", "-x", "c++", "a.h")[1] == "c++"
    assert make().cc("-c", "a.c")[1] == "cc"


def test_the_gnu_library_replaces_zigs_in_compilations(make: Maker, gnu: dict[str, str]) -> None:
    headers = f"-I{gnu['cxx_root']}/usr/include"
    assert make(**gnu).cc("-c", "a.cpp")[7:] == [
        "-c", "a.cpp", "-nostdinc++", "-Wno-invalid-constexpr",
        f"{headers}/c++/10", f"{headers}/{TRIPLET}/c++/10", f"{headers}/c++/10/backward",
    ]  # fmt: skip
    assert "-nostdinc++" not in make(**gnu).cc("-c", "a.c")


@pytest.mark.parametrize(("name", "arguments"), [("c++", []), ("c++", ["-lstdc++"]), ("cc", ["-lstdc++"])])
def test_the_gnu_library_replaces_zigs_in_links(
    make: Maker, gnu: dict[str, str], name: str, arguments: list[str]
) -> None:
    linked = make(**gnu).rewritten(name, "-shared", "a.o", *arguments)
    assert linked[-3:] == [
        "-nostdlib++",
        f"{gnu['cxx_root']}/usr/lib/{TRIPLET}/libstdc++.so.6",
        f"{gnu['cxx_root']}/lib/{TRIPLET}/libgcc_s.so.1",
    ]
    assert "-lstdc++" not in linked


def test_a_c_link_does_not_get_the_gnu_library(make: Maker, gnu: dict[str, str]) -> None:
    assert "-nostdlib++" not in make(**gnu).cc("-shared", "a.o")


def test_a_program_may_use_libraries_that_want_a_newer_glibc(make: Maker) -> None:
    assert "-Wl,--allow-shlib-undefined" in make().cc("a.o", "-o", "a")
    assert "-Wl,--allow-shlib-undefined" not in make().cc("-shared", "a.o", "-o", "a.so")
