"""Build systems other than setuptools, and headers of requirements, with no option set.

The projects' own tests tell what reached the wheel.
"""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.mark.parametrize("engine", ["cross", "hybrid"])
@pytest.mark.parametrize(
    "project", ["meson-python", "meson-from-setup", "cmake-pybind11", "cmake-nanobind", "numpy-user"]
)
def test_a_project_is_built_and_does_what_it_should(
    crosswheel: Crosswheel, project: str, engine: str
) -> None:
    crosswheel.project(project)

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "--engine", engine, project)

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == f"ok      cp311-manylinux_aarch64  {engine}  tested  <time>"
    assert [name.split("-", 2)[2] for name in crosswheel.wheels] == [
        "cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
    ]
