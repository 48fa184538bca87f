"""Wheels that serve a later identifier are not built again; compared with cibuildwheel itself."""

from pathlib import Path

import pytest
from cibuildwheel.util.packaging import find_compatible_wheel
from hypothesis import given
from hypothesis import strategies as st

from crosswheel.architectures import ARCHITECTURES
from crosswheel.model import Python, Target
from crosswheel.pipeline.reuse import serving


def target(tag: str = "cp312", libc: str = "manylinux", arch: str = "aarch64") -> Target:
    suffix = "t" if tag.endswith("t") else ""
    python = Python(tag[:2], 3, int(tag[3:].removesuffix("t")), suffix)  # type: ignore[arg-type]
    return Target(python, libc, ARCHITECTURES[arch])  # type: ignore[arg-type]


def serves(name: str, wanted: Target) -> bool:
    return serving(wanted, [Path(name)]) is not None


LINUX = "manylinux_2_17_aarch64.manylinux2014_aarch64"


@pytest.mark.parametrize(
    "name",
    [
        f"p-1.0-cp39-abi3-{LINUX}.whl",
        f"p-1.0-cp312-abi3-{LINUX}.whl",
        f"p-1.0-py3-none-{LINUX}.whl",
        f"p-1.0-py38-none-{LINUX}.whl",
        f"p-1.0-py2.py3-none-{LINUX}.whl",
        "p-1.0-1build-cp39-abi3-manylinux_2_28_aarch64.whl",
    ],
)
def test_a_wheel_of_the_stable_interface_or_of_any_python_serves(name: str) -> None:
    assert serves(name, target("cp312"))


@pytest.mark.parametrize(
    "name",
    [
        f"p-1.0-cp311-cp311-{LINUX}.whl",
        f"p-1.0-cp312-cp312-{LINUX}.whl",  # of this very identifier: built by it, not before it
        f"p-1.0-cp313-abi3-{LINUX}.whl",
        f"p-1.0-py313-none-{LINUX}.whl",
        f"p-1.0-py2-none-{LINUX}.whl",
        f"p-1.0-cp312-none-{LINUX}.whl",
        "p-1.0-cp39-abi3-musllinux_1_2_aarch64.whl",
        "p-1.0-cp39-abi3-manylinux_2_17_x86_64.whl",
        "p-1.0-cp39-abi3-linux_aarch64.whl",
        "p-1.0-py3-none-any.whl",
    ],
)
def test_any_other_wheel_does_not_serve(name: str) -> None:
    assert not serves(name, target("cp312"))


def test_the_stable_interface_does_not_serve_free_threaded_pythons_or_pypy() -> None:
    assert not serves(f"p-1.0-cp39-abi3-{LINUX}.whl", target("cp314t"))
    assert not serves(f"p-1.0-cp39-abi3-{LINUX}.whl", target("pp311"))
    assert serves(f"p-1.0-py3-none-{LINUX}.whl", target("cp314t"))
    assert serves(f"p-1.0-py3-none-{LINUX}.whl", target("pp311"))


def test_the_first_that_serves_is_taken() -> None:
    names = [
        f"p-1.0-cp311-cp311-{LINUX}.whl",
        f"p-1.0-cp39-abi3-{LINUX}.whl",
        f"p-1.0-cp310-abi3-{LINUX}.whl",
    ]
    assert serving(target("cp312"), map(Path, names)) == Path(names[1])
    assert serving(target("cp312"), []) is None


@given(
    interpreter=st.sampled_from(["cp39", "cp311", "cp313", "py3", "py39", "py311", "py2", "pp311"]),
    abi=st.sampled_from(["abi3", "none", "cp311", "cp313", "pypy311_pp73"]),
    platform=st.sampled_from(["manylinux", "musllinux"]),
    arch=st.sampled_from(["aarch64", "x86_64", "i686", "armv7l"]),
    wanted=st.sampled_from(["cp39", "cp311", "cp313", "cp314", "cp314t", "pp311"]),
    libc=st.sampled_from(["manylinux", "musllinux"]),
    wanted_arch=st.sampled_from(["aarch64", "x86_64", "i686", "armv7l"]),
)
def test_it_agrees_with_cibuildwheel(
    interpreter: str, abi: str, platform: str, arch: str, wanted: str, libc: str, wanted_arch: str
) -> None:
    name = f"p-1.0-{interpreter}-{abi}-{platform}_{'2_17' if platform == 'manylinux' else '1_2'}_{arch}.whl"
    theirs = find_compatible_wheel([Path(name)], f"{wanted}-{libc}_{wanted_arch}") is not None
    assert serves(name, target(wanted, libc, wanted_arch)) == theirs
