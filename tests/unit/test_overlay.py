"""What a build compiles against is the target's, laid over the native packages."""

from pathlib import Path

from crosswheel.engines.overlay import Distribution, compiled_against, lay_over

NUMPY = ("numpy/_core/include/numpy/_numpyconfig.h", "numpy/_core/lib/libnpymath.a", "numpy/_core/_m.so")


def installed(packages: Path, name: str, tag: str, files: tuple[str, ...]) -> None:
    notes = packages / f"{name}-1.0.dist-info"
    notes.mkdir(parents=True)
    (notes / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n")
    (notes / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in files))
    for file in files:
        (packages / file).parent.mkdir(parents=True, exist_ok=True)
        (packages / file).write_text("native")


def test_headers_and_static_libraries_of_platform_wheels_are_found(tmp_path: Path) -> None:
    installed(tmp_path, "numpy", "cp311-cp311-manylinux_2_17_x86_64", NUMPY)
    assert list(compiled_against(tmp_path)) == [Distribution("numpy", "1.0", NUMPY[:2])]


def test_what_cython_reads_of_such_a_package_goes_with_its_headers(tmp_path: Path) -> None:
    files = (*NUMPY, "numpy/__init__.pxd")
    installed(tmp_path, "numpy", "cp311-cp311-manylinux_2_17_x86_64", files)
    assert list(compiled_against(tmp_path)) == [
        Distribution("numpy", "1.0", (*NUMPY[:2], "numpy/__init__.pxd"))
    ]


def test_cythons_own_declarations_are_of_no_platform(tmp_path: Path) -> None:
    installed(
        tmp_path,
        "cython",
        "cp311-cp311-manylinux_2_17_x86_64",
        ("Cython/Includes/libc/stdio.pxd", "Cython/x.so"),
    )
    assert list(compiled_against(tmp_path)) == []


def test_a_pure_package_is_left_alone(tmp_path: Path) -> None:
    installed(tmp_path, "pybind11", "py3-none-any", ("pybind11/include/pybind11/pybind11.h",))
    assert list(compiled_against(tmp_path)) == []


def test_a_program_without_headers_is_left_alone(tmp_path: Path) -> None:
    installed(tmp_path, "ninja", "py3-none-manylinux_2_17_x86_64", ("ninja/__init__.py", "ninja/data/x.h"))
    assert list(compiled_against(tmp_path)) == []


def test_a_file_outside_is_never_taken(tmp_path: Path) -> None:
    installed(tmp_path / "packages", "odd", "cp311-cp311-linux_x86_64", ("../include/odd.h",))
    assert list(compiled_against(tmp_path / "packages")) == []


def test_the_targets_files_replace_the_native_ones_whose_links_stay_as_they_were(tmp_path: Path) -> None:
    packages, unpacked = tmp_path / "packages", tmp_path / "unpacked"
    installed(packages, "numpy", "cp311-cp311-manylinux_2_17_x86_64", NUMPY)
    cached = tmp_path / "cached.h"
    cached.hardlink_to(packages / NUMPY[0])
    (unpacked / NUMPY[0]).parent.mkdir(parents=True)
    (unpacked / NUMPY[0]).write_text("target")

    lay_over(Distribution("numpy", "1.0", NUMPY[:2]), unpacked, packages)

    assert (packages / NUMPY[0]).read_text() == "target"
    assert (packages / NUMPY[1]).read_text() == "native"
    assert cached.read_text() == "native"
