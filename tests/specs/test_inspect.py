"""``crosswheel inspect`` shows what is in a wheel, and what differs from another one."""

import zipfile

import pytest
from harness import Crosswheel


@pytest.mark.slow
def test_a_wheel_that_was_built(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    assert crosswheel("build", "--only", "cp311-manylinux_aarch64", "c-hello").status == 0
    (name,) = crosswheel.wheels

    result = crosswheel("inspect", f"wheelhouse/{name}")

    assert (result.status, result.err) == (0, "")
    assert "processor  ARMv8.0-A: no instruction above it was found" in result.out
    assert (
        "extension module; <size> (<size> of code); PyInit_c_hello; stripped; needs no library" in result.out
    )
    assert result.out.endswith("no problem was found\n")

    assert crosswheel("inspect", f"wheelhouse/{name}", f"wheelhouse/{name}").status == 0
    less = crosswheel.cwd / name
    with zipfile.ZipFile(crosswheel.cwd / "wheelhouse" / name) as whole, zipfile.ZipFile(less, "w") as part:
        for member in whole.namelist():
            if not member.endswith(".so"):
                part.writestr(member, whole.read(member))
    result = crosswheel("inspect", name, f"wheelhouse/{name}")
    assert result.status == 1
    assert "only the other has the compiled file c_hello.cpython-311-aarch64-linux-gnu.so" in result.out


def test_a_file_that_is_no_wheel(crosswheel: Crosswheel) -> None:
    result = crosswheel("inspect", "nothing.whl")

    assert (result.status, result.out) == (2, "")
    assert result.err == "crosswheel: error: nothing.whl: nothing.whl is not the name of a wheel (PEP 427)\n"
