"""A library that before-all installs into the target's root is compiled against, linked and put into the wheel."""

import zipfile

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]

ID = "cp311-manylinux_aarch64"


@pytest.mark.parametrize("engine", ["cross", "hybrid"])
def test_a_library_of_the_root_is_in_the_wheel_and_its_floor_is_said(
    crosswheel: Crosswheel, engine: str
) -> None:
    crosswheel.project("system-library")

    result = crosswheel("build", "--only", ID, "--engine", engine, "system-library")

    assert result.status == 0, result.err
    assert "  note: needs glibc 2.27, above the floor 2.17\n" in result.out
    (wheel,) = crosswheel.wheels
    assert wheel == "system_library-1.0-cp311-cp311-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl"
    with zipfile.ZipFile(crosswheel.cwd / "wheelhouse" / wheel) as archive:
        grafted = [name for name in archive.namelist() if name.startswith("system_library.libs/libffi-")]
    assert len(grafted) == 1


def test_without_it_the_next_step_names_the_package(crosswheel: Crosswheel) -> None:
    crosswheel.project("system-library")

    result = crosswheel("build", "--only", ID, "system-library", env={"CIBW_BEFORE_ALL": ""})

    assert result.status == 1
    assert f"{ID}  cross steps down to hybrid: the header ffi.h was not found\n" in result.err
    assert 'before-all = "apt-get install -y libffi-dev"' in " ".join(result.failures[0].split())
