"""Rust projects, with no option set and no Rust on the machine.

The projects need no crate of a registry; their own tests tell what reached the wheel. One has a build script and a
procedural macro, which are built for this machine and run on it.
"""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]

PLATFORM = "manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"


@pytest.mark.parametrize("engine", ["cross", "hybrid"])
@pytest.mark.parametrize(
    ("project", "tag"), [("rust-setuptools", "cp311-cp311"), ("rust-maturin", "py3-none")]
)
def test_a_rust_project_is_built_and_does_what_it_should(
    crosswheel: Crosswheel, project: str, tag: str, engine: str
) -> None:
    crosswheel.project(project)

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "--engine", engine, project)

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == f"ok      cp311-manylinux_aarch64  {engine}  tested  <time>"
    assert [name.split("-", 2)[2] for name in crosswheel.wheels] == [f"{tag}-{PLATFORM}"]


def test_for_musl_rusts_own_library_is_compiled_once(crosswheel: Crosswheel) -> None:
    crosswheel.project("rust-setuptools")

    result = crosswheel("build", "--only", "cp311-musllinux_aarch64", "--engine", "cross", "rust-setuptools")

    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == "ok      cp311-musllinux_aarch64  cross  tested  <time>"
    assert crosswheel.wheels == ["rust_setuptools-1.0-cp311-cp311-musllinux_1_2_aarch64.whl"]


def test_the_plan_of_a_rust_project_names_rust(crosswheel: Crosswheel) -> None:
    crosswheel.project("rust-maturin")
    crosswheel.project("abi3")

    of_rust = crosswheel("plan", "--only", "cp311-manylinux_aarch64", "--json", "rust-maturin")
    of_c = crosswheel("plan", "--only", "cp311-manylinux_aarch64", "--json", "abi3")

    assert '"Rust for aarch64"' in of_rust.out
    assert "Rust" not in of_c.out


def test_crates_that_cannot_be_fetched_end_the_job_at_once(crosswheel: Crosswheel) -> None:
    project = crosswheel.project("rust-maturin")
    with (project / "Cargo.toml").open("a") as manifest:
        manifest.write('\n[dependencies]\nlibc = "0.2"\n')
    nowhere = {"CARGO_HTTP_PROXY": "http://127.0.0.1:1", "CARGO_NET_RETRY": "0"}

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "rust-maturin", env=nowhere)

    assert result.status == 1
    assert "steps down" not in result.err, result.err
    assert "cargo cannot reach its registry" in result.err, result.err
