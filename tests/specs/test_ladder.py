"""The ladder: a rung that fails is left for a reason, and the next run remembers it."""

import json

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]

ID = "cp311-manylinux_aarch64"
REASON = "it imported _importing, which is of the target or among no requirements"


def test_a_build_that_imports_what_it_built_steps_down_and_the_next_run_begins_there(
    crosswheel: Crosswheel,
) -> None:
    project = crosswheel.project("importing")

    first = crosswheel("build", "--only", ID, "importing")

    assert first.status == 0, first.err
    assert f"{ID}  cross steps down to hybrid: {REASON}\n" in first.err
    assert first.out.startswith(f"ok      {ID}  hybrid  tested  <time>\n")
    assert f"  stepped down from cross to hybrid: {REASON}\n" in first.out

    planned = crosswheel("plan", "--only", ID, "importing").out
    assert f"{ID} begins at hybrid: cross failed before, {REASON} --engine" in " ".join(planned.split())
    document = json.loads(crosswheel("plan", "--only", ID, "--json", "importing").out)
    assert document["jobs"][0]["engines"][0] == "hybrid"
    assert document["jobs"][0]["engines_skipped"] == [{"engine": "cross", "reason": REASON}]

    second = crosswheel("build", "--only", ID, "importing")

    assert second.status == 0, second.err
    note = f"note: cross is left out, since it failed before: {REASON} (--engine cross tries it again)"
    assert f"{ID}  {note}\n" in second.err
    assert "build (cross)" not in second.err
    assert f"  cross was left out, since it failed before: {REASON}\n" in second.out

    simple = "setup(ext_modules=[Extension('_importing', ['importing.c'])])"
    (project / "setup.py").write_text(f"from setuptools import Extension, setup\n{simple}\n")
    third = crosswheel("build", "--only", ID, "importing")

    assert third.status == 0, third.err
    assert third.out.startswith(f"ok      {ID}  cross  ")


def test_an_optional_extension_that_was_left_out_is_named(crosswheel: Crosswheel) -> None:
    crosswheel.project("optional")

    result = crosswheel("build", "--only", ID, "optional")

    assert result.status == 0, result.err
    lost = "the build left out the optional extension optional_lost: the header not_installed.h was not found"
    assert f"{ID}  warning: {lost}\n" in result.err
    assert f"  note: {lost}\n" in result.out


def test_a_wheel_whose_every_extension_was_left_out_does_not_leave(crosswheel: Crosswheel) -> None:
    crosswheel.project("optional")

    result = crosswheel(
        "build", "--only", ID, "--engine", "cross", "optional",
        env={"CIBW_ENVIRONMENT": "WITHOUT=optional_kept"},
    )  # fmt: skip

    assert result.status == 1
    (failure,) = result.failures
    assert failure.startswith(
        f"{ID}  FAILED: the build left out the optional extension optional_lost: "
        "the header not_installed.h was not found\n"
        "  next: install what has it into the target's root"
    )
    assert crosswheel.wheels == []
