"""A real sdist of the package index becomes a tested wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]


def fetched(requirement: str, directory: Path) -> Path:
    """The sdist of a requirement, by pip and its own index."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*pip, "--dest", directory, requirement], check=True)
    return next(directory.glob("*.tar.gz"))


def test_markupsafe_keeps_its_compiled_module(crosswheel: Crosswheel) -> None:
    sdist = fetched("markupsafe==3.0.2", crosswheel.cwd)

    result = crosswheel("build", sdist.name, "--only", "cp311-manylinux_aarch64")

    assert result.status == 0, result.err
    assert crosswheel.wheels == [
        "markupsafe-3.0.2-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
    ]
    with zipfile.ZipFile(crosswheel.cwd / "wheelhouse" / crosswheel.wheels[0]) as wheel:
        assert "markupsafe/_speedups.cpython-311-aarch64-linux-gnu.so" in wheel.namelist()
