"""What is in a package beside its modules is in its wheel. The projects' own test commands tell."""

import zipfile

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


def members(crosswheel: Crosswheel) -> set[str]:
    (only,) = crosswheel.wheels
    with zipfile.ZipFile(crosswheel.cwd / "wheelhouse" / only) as wheel:
        return {name for name in wheel.namelist() if not name.endswith("/") and ".dist-info/" not in name}


def test_data_files_are_installed_and_found(crosswheel: Crosswheel) -> None:
    crosswheel.project("data-files")

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "data-files")

    assert result.status == 0, result.err
    assert members(crosswheel) == {
        "tables/__init__.py",
        "tables/_fast.cpython-311-aarch64-linux-gnu.so",
        "tables/capitals.csv",
    }


def test_a_namespace_package_stays_one(crosswheel: Crosswheel) -> None:
    crosswheel.project("namespace-package")

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "namespace-package")

    assert result.status == 0, result.err
    assert members(crosswheel) == {
        "company/engine/__init__.py",
        "company/engine/_core.cpython-311-aarch64-linux-gnu.so",
    }


def test_a_namespace_package_is_imported_without_a_test_command(crosswheel: Crosswheel) -> None:
    crosswheel.project("namespace-package")

    result = crosswheel(
        "build", "--only", "cp311-manylinux_aarch64", "namespace-package", env={"CIBW_TEST_COMMAND": ""}
    )

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == "ok      cp311-manylinux_aarch64  cross  tested  <time>"


def test_a_build_may_run_the_program_that_it_compiled(crosswheel: Crosswheel) -> None:
    crosswheel.project("probing")

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "--engine", "cross", "probing")

    assert result.status == 0, result.err
    assert members(crosswheel) == {"probing.cpython-311-aarch64-linux-gnu.so"}


def test_a_pure_python_project_is_refused(crosswheel: Crosswheel) -> None:
    crosswheel.project("pure")

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "pure")

    assert result.status == 5
    assert crosswheel.wheels == []
    (failure,) = result.failures
    assert failure.startswith(
        "cp311-manylinux_aarch64  FAILED: the build made a pure-Python wheel, pure-1.0-py3-none-any.whl\n"
    )
