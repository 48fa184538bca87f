"""The shell lines of a written workflow, and those of action.yml, build a wheel on a machine without crosswheel."""

from pathlib import Path

import pytest
from harness import Crosswheel
from services import CHECKOUT, Machine

ID = "cp311-manylinux_aarch64"
WHEEL = "c_hello-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"


@pytest.fixture
def machine(crosswheel: Crosswheel) -> Machine:
    return Machine(crosswheel.project("c-hello"), crosswheel.cache)


def written(crosswheel: Crosswheel, machine: Machine, *args: str | Path) -> str:
    """The workflow as ``crosswheel ci`` writes it in the repository."""
    inside = Crosswheel(machine.repository, crosswheel.cache)
    result = inside("ci", *args, "--output", "../workflow.yml")
    assert result.status == 0, result.err
    return (crosswheel.cwd / "workflow.yml").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.network
def test_a_job_of_github(crosswheel: Crosswheel, machine: Machine) -> None:
    few = ("--archs", "x86_64,aarch64", "--source", "debian")  # many would be a job for each architecture
    workflow = written(crosswheel, machine, "github", *few, "--crosswheel", CHECKOUT)

    machine.github(workflow, ID)

    assert [path.name for path in (machine.repository / "wheelhouse").iterdir()] == [WHEEL]


@pytest.mark.slow
@pytest.mark.network
def test_a_job_of_github_that_builds_several(crosswheel: Crosswheel, machine: Machine) -> None:
    """Of the stable ABI: one wheel, built once, tested by the later Python too."""
    project = crosswheel.project("abi3")
    here = Machine(project, crosswheel.cache)
    (project / "cibw.toml").write_text(f"[tool.cibuildwheel]\nbuild = '{ID} cp313-manylinux_aarch64'\n")
    args = ("github", "--archs", "aarch64", "--config-file", "cibw.toml", "--crosswheel", CHECKOUT)

    here.github(written(crosswheel, here, *args), "aarch64")

    wheels = [path.name for path in (project / "wheelhouse").iterdir()]
    assert len(wheels) == 1
    assert "-abi3-" in wheels[0]


@pytest.mark.slow
@pytest.mark.network
def test_a_job_of_gitlab(crosswheel: Crosswheel, machine: Machine) -> None:
    machine.gitlab(written(crosswheel, machine, "gitlab", "--archs", "aarch64", "--crosswheel", CHECKOUT), ID)

    assert [path.name for path in (machine.repository / "wheelhouse").iterdir()] == [WHEEL]


@pytest.mark.slow
@pytest.mark.network
def test_the_steps_of_the_action(machine: Machine) -> None:
    outputs = machine.action({"only": ID, "output-dir": "my wheels", "engine": "cross"})

    assert [path.name for path in (machine.repository / "my wheels").iterdir()] == [WHEEL]
    assert "output-dir=my wheels\n" in outputs
    assert f"cache={machine.cache}\n" in outputs
