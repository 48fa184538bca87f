"""What a project's commands and build backend find is what they find under cibuildwheel."""

import pytest
from harness import Crosswheel, content, write

GLIBC = {"CIBW_SKIP": "*-musl*"}


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("engine", ["cross", "emulated"])
def test_commands_and_backend_find_what_cibuildwheel_promises(crosswheel: Crosswheel, engine: str) -> None:
    project = crosswheel.project("drop-in")
    before = content(project)

    result = crosswheel("build", "--verbose", "--archs", "aarch64", "--engine", engine, "drop-in", env=GLIBC)

    assert result.status == 0, result.err
    seen = [line.strip() for line in result.err.splitlines() if line.strip().startswith("| seen ")]
    assert seen == [f"| seen {step}" for step in ("before-all", "before-build", "before-test", "test", "all")]
    assert content(project) == before


@pytest.mark.slow
@pytest.mark.network
def test_without_a_test_command_nothing_of_the_test_is_set_up(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    write(
        crosswheel.cwd,
        {
            "untested.toml": "[tool.cibuildwheel]\nbefore-test = 'exit 3'\n"
            "test-requires = 'there-is-no-such-package-of-this-name'\n"
        },
    )

    result = crosswheel(
        "build", "--only", "cp311-manylinux_aarch64", "--config-file", "untested.toml", "c-hello"
    )

    assert result.status == 0, result.err
    assert "tested" in result.out, "what the wheel has is imported all the same"


def test_a_python_that_is_gone_ends_with_the_code_of_cibuildwheel(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "c-hello", env={"CIBW_BUILD": "cp38-* cp311-*"})

    assert (result.status, result.out) == (4, "")
    assert result.err == (
        "crosswheel: error: CIBW_BUILD: cp38-* matches no build identifier "
        "(cibuildwheel 4 begins with Python 3.9)\n"
    )


def test_a_cache_is_cleared_on_request_and_nothing_else_is(crosswheel: Crosswheel) -> None:
    cache = write(crosswheel.cwd / "cache", {"roots/a": "1"})
    other = ("build", "--clean-cache", "--cache-dir", cache)

    refused = crosswheel(*other)
    assert refused.status == 1
    assert refused.err == (
        "crosswheel: error: <cwd>/cache is not a cache of crosswheel\n"
        "  cause: it has no CACHEDIR.TAG, which every cache has\n"
        "  next: name the cache with --cache-dir, or remove the directory yourself\n"
    )
    assert (cache / "roots/a").exists()

    (cache / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    cleared = crosswheel(*other)
    assert (cleared.status, cleared.out) == (0, "cleared <cwd>/cache\n")
    assert not cache.exists()
    assert crosswheel(*other).out == "there is no cache in <cwd>/cache\n"


@pytest.mark.slow
@pytest.mark.network
def test_a_variable_that_is_not_utf_8_is_handed_on_as_it_is(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    byte = b"\xff".decode(errors="surrogateescape")
    variables = {"CIBW_ENVIRONMENT": f"A={byte}", "CIBW_TEST_COMMAND": f"test $A = {byte}"}

    result = crosswheel("build", "--only", "cp311-manylinux_aarch64", "c-hello", env=variables)

    assert result.status == 0, result.err
