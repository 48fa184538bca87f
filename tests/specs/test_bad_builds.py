"""Builds that forget which machine they are for: the ladder cures them, or one sentence says what and where."""

import struct
from pathlib import Path

import pytest
from harness import Crosswheel, content, write

pytestmark = [pytest.mark.slow, pytest.mark.network]

ID = "cp311-manylinux_aarch64"
TAG = "cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64"
GUARD = "compile it for its own architecture only (#if defined(__x86_64__), platform.machine() in setup.py)"
SHIPPED = "ship its source in its place, or one such file for each architecture"


def said(failure: str) -> list[str]:
    """What a person reads of a failure, without the command and its output."""
    return [line for line in failure.splitlines() if line.startswith(("  cause: ", "  next: ", "  - "))]


def x86_object(kind: int) -> bytes:
    """An ELF file of x86_64 that has only a header (System V ABI, figure 4-3).

    :param kind: 1 for an object file, 3 for a library.
    """
    identity = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    return identity + struct.pack("<HHIQQQIHHHHHH", kind, 62, 1, 0, 0, 0, 0, 64, 0, 0, 64, 0, 0)


@pytest.mark.parametrize(
    ("project", "cause", "remedy"),
    [
        (
            "march-native",
            "-march=native compiles for the build machine's own CPU",
            "leave it out: the wheel is for every CPU of the architecture, not for the one that builds it",
        ),
        ("x86-assembly", "x86_assembly.c:4 has assembly of another architecture", GUARD),
    ],
)
def test_what_no_engine_can_compile_is_told_at_once(
    crosswheel: Crosswheel, project: str, cause: str, remedy: str
) -> None:
    crosswheel.project(project)

    result = crosswheel("build", "--only", ID, project)

    assert result.status == 1
    (failure,) = result.failures
    assert said(failure) == [f"  cause: {cause}", f"  next: {remedy}"]
    assert "steps down" not in result.err
    assert crosswheel.wheels == []


def test_the_roots_own_compilers_may_not_compile_for_their_cpu_either(crosswheel: Crosswheel) -> None:
    crosswheel.project("march-native")

    result = crosswheel("build", "--only", ID, "--engine", "emulated", "march-native")

    assert result.status == 1
    (failure,) = result.failures
    assert said(failure)[0] == "  - it was compiled with -march=native"
    assert said(failure)[1].startswith("  next: leave it out")
    assert crosswheel.wheels == []


def test_an_object_file_of_x86_that_the_project_ships(crosswheel: Crosswheel) -> None:
    project = crosswheel.project("vendored-object")
    (project / "lib").mkdir()
    (project / "lib" / "vendored.o").write_bytes(x86_object(1))

    result = crosswheel("build", "--only", ID, "vendored-object")

    assert result.status == 1
    (failure,) = result.failures
    assert said(failure) == [
        "  cause: lib/vendored.o is of another architecture: the project itself ships it",
        f"  next: {SHIPPED}",
    ]
    assert "steps down" not in result.err


def test_a_library_of_x86_that_the_project_ships(crosswheel: Crosswheel) -> None:
    project = crosswheel.project("vendored-library")
    library = project / "src" / "vendored_library" / "libvendored.so"
    library.write_bytes(x86_object(3))

    result = crosswheel("build", "--only", ID, "vendored-library", env={"CIBW_REPAIR_WHEEL_COMMAND": ""})

    assert result.status == 1
    (failure,) = result.failures
    described = "x86_64 (ELF machine 62, 64 bits, little-endian)"
    assert said(failure) == [
        f"  - vendored_library/libvendored.so is for {described}, not for aarch64",
        f"  next: {SHIPPED}",
    ]
    assert "steps down" not in result.err
    assert crosswheel.wheels == []


def test_a_branch_on_the_machine_is_the_targets(crosswheel: Crosswheel) -> None:
    crosswheel.project("machine-branch")

    result = crosswheel(
        "build", "--only", ID, "--engine", "cross", "machine-branch",
        env={"CIBW_TEST_COMMAND": 'python -c "import machine_branch as m; assert m.answer() == 128"'},
    )  # fmt: skip

    assert result.status == 0, result.err
    assert crosswheel.wheels == [f"machine_branch-1.0-{TAG}.whl"]


def test_a_program_that_the_build_compiles_runs_by_emulation(crosswheel: Crosswheel) -> None:
    crosswheel.project("probing")

    result = crosswheel("build", "--only", ID, "--engine", "cross", "probing")

    assert result.status == 0, result.err
    assert crosswheel.wheels == [f"probing-1.0-{TAG}.whl"]


def test_a_backend_that_nobody_knows_but_the_project(crosswheel: Crosswheel) -> None:
    crosswheel.project("own-backend")

    result = crosswheel("build", "--only", ID, "--engine", "cross", "own-backend")

    assert result.status == 0, result.err
    assert crosswheel.wheels == [f"own_backend-1.0-{TAG}.whl"]


def test_a_backend_that_does_not_exist(crosswheel: Crosswheel) -> None:
    table = '[build-system]\nrequires = []\nbuild-backend = "nosuch.backend"\n'
    write(crosswheel.cwd / "project", {"pyproject.toml": table})

    result = crosswheel("build", "--only", ID, "project")

    assert result.status == 1
    assert result.failures == [
        f"{ID}  FAILED: the build backend nosuch.backend cannot be imported\n"
        "  cause: ModuleNotFoundError: No module named 'nosuch'\n"
        "  next: correct build-backend, backend-path and requires in [build-system] of pyproject.toml\n"
        f"  look around: crosswheel shell {ID} project\n"
    ]
    assert "steps down" not in result.err


@pytest.mark.parametrize("place", ["$HOME/outside", "/tmp/crosswheel-outside", "../outside"])
def test_what_is_written_beside_the_project_ends_with_the_sandbox(crosswheel: Crosswheel, place: str) -> None:
    crosswheel.project("writes-outside")
    before = content(crosswheel.cwd)

    result = crosswheel(
        "build", "--only", ID, "--engine", "cross", "--no-test", "writes-outside",
        env={"CIBW_ENVIRONMENT": f'WRITE_TO="{place}"'},
    )  # fmt: skip

    assert result.status == 0, result.err
    assert {name for name in content(crosswheel.cwd) if name not in before} == {
        f"wheelhouse/writes_outside-1.0-{TAG}.whl"
    }
    assert not any(
        (directory / "outside").exists() for directory in (Path.home(), crosswheel.cwd, Path("/crosswheel"))
    )
    assert not Path("/tmp/crosswheel-outside").exists()


def test_what_is_written_into_the_system_is_refused_by_the_machine(crosswheel: Crosswheel) -> None:
    crosswheel.project("writes-outside")

    result = crosswheel(
        "build", "--only", ID, "--engine", "cross", "writes-outside",
        env={"CIBW_ENVIRONMENT": "WRITE_TO=/usr/local/share/crosswheel-outside"},
    )  # fmt: skip

    assert result.status == 1
    (failure,) = result.failures
    assert said(failure) == [
        "  cause: it writes to /usr/local/share/crosswheel-outside, outside of its own tree",
        "  next: let the build write below its own directory or $TMPDIR",
    ]
    assert not Path("/usr/local/share/crosswheel-outside").exists()


def test_what_is_written_into_the_system_goes_to_a_layer_of_the_root(crosswheel: Crosswheel) -> None:
    crosswheel.project("writes-outside")

    result = crosswheel(
        "build", "--only", ID, "--no-test", "writes-outside",
        env={"CIBW_ENVIRONMENT": "WRITE_TO=/usr/local/share/crosswheel-outside"},
    )  # fmt: skip

    assert result.status == 0, result.err
    where = "/usr/local/share/crosswheel-outside, outside of its own tree"
    assert f"cross steps down to hybrid: it writes to {where}\n" in result.err
    assert not Path("/usr/local/share/crosswheel-outside").exists()
