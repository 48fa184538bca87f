"""Which failures a lower rung of the ladder can cure, and what people are told."""

import pytest

from crosswheel.engines.diagnosis import Descent, curable, explain
from crosswheel.errors import StepError, VerificationError
from crosswheel.site import places


def failed(*tail: str, step: str = "build") -> str | None:
    descent = curable(StepError(step, "python -m build", 1, tail))
    return descent.reason if descent else None


def test_what_zig_lacks_is_left_to_the_roots_own_compilers() -> None:
    refused = curable(StepError("build", "", 1, ("crosswheel: cannot compile here: -fopenmp wants libgomp",)))
    imported = curable(StepError("build", "", 1, ("ImportError: no module",)))
    assert refused is not None
    assert refused.own_compilers
    assert imported is not None
    assert not imported.own_compilers


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("crosswheel: cannot compile here: -fopenmp wants libgomp", "-fopenmp wants libgomp"),
        ("/bin/sh: 1: ./conftest: Exec format error", "it ran a program of another architecture"),
        (
            "bash: ./tool: cannot execute binary file: Exec format error",
            "it ran a program of another architecture",
        ),
        ("a.c:1:10: fatal error: 'jpeglib.h' file not found", "the header jpeglib.h was not found"),
        (
            "a.c:1:10: fatal error: sys/fancy.h: No such file or directory",
            "the header sys/fancy.h was not found",
        ),
        (
            "error: unable to find dynamic system library 'xml2' using strategy",
            "the library xml2 was not found",
        ),
        ("/usr/bin/ld: cannot find -lffi: No such file", "the library ffi was not found"),
        ("ld.lld: error: undefined symbol: __kmpc_fork_call", "the symbol __kmpc_fork_call is missing"),
        (
            "ImportError: /x/pkg/_fast.cpython-311-aarch64-linux-gnu.so: cannot open shared object file",
            "it imported _fast.cpython-311-aarch64-linux-gnu.so, which is of the target",
        ),
        ("ImportError: cannot import name 'x' from 'y'", "an import failed: cannot import name 'x' from 'y'"),
    ],
)
def test_a_known_cause_is_said_in_words(line: str, reason: str) -> None:
    assert failed("compiling", line, "error: command failed") == reason


@pytest.mark.parametrize(
    "line",
    [
        "OSError: [Errno 28] No space left on device",
        "curl: (6) Could not resolve host: example.invalid",
        "socket.gaierror: [Errno -3] Temporary failure in name resolution",
        "src/a.c:3:1: error: expected ';' after expression",
        "ModuleNotFoundError: No module named 'numpy'",
        "/bin/sh: line 1:    77 Killed                  cc -c a.c",
        "c++: fatal error: Killed signal terminated program cc1plus",
        "qemu: uncaught target signal 11 (Segmentation fault) - core dumped",
        "  cause: Because nosuch was not found in the package registry and you require nosuch",
        "src/a.cpp:3:1: error: expected unqualified-id",
    ],
)
def test_what_fails_everywhere_is_not_tried_again(line: str) -> None:
    assert failed(line, "error: command failed") is None


def test_a_full_disk_is_no_reason_though_a_header_was_not_found_either() -> None:
    assert failed("a.c:1:10: fatal error: 'x.h' file not found", "No space left on device") is None


def test_an_unknown_failure_is_tried_again_with_its_last_line() -> None:
    reason = failed("first", "the last words  ", "", "   ")
    assert reason == "the build step failed in a way not known to crosswheel: the last words"


def test_a_silent_failure_is_tried_again() -> None:
    assert (failed() or "").endswith("no output")


def test_an_unknown_failure_of_one_endless_line_is_said_in_short() -> None:
    assert len(failed("x" * 10_000) or "") < 250


@pytest.mark.parametrize("step", ["before-build", "requirements", "build"])
def test_steps_that_a_lower_rung_does_otherwise_are_worth_another_try(step: str) -> None:
    assert failed("strange", step=step) is not None


@pytest.mark.parametrize("step", ["before-all", "repair", "verify", "before-test", "test", "environment"])
def test_steps_that_a_lower_rung_does_alike_are_not(step: str) -> None:
    assert failed("strange", step=step) is None


def test_a_wheel_that_is_not_correct_is_built_otherwise() -> None:
    error = VerificationError("a.whl", ("a.so is of x86_64", "b.so is empty"))
    assert curable(error) == Descent("the wheel is not correct: a.so is of x86_64")


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "a.c:1:1: error: expected ';'",
            "a.c does not compile",
            "correct the source: no engine can compile it",
        ),
        (
            "a.c:1:10: fatal error: 'jpeglib.h' file not found",
            "the header jpeglib.h was not found",
            "install what",
        ),
        ("what nobody knows", "", "read the whole log; --engine emulated"),
    ],
)
def test_a_failure_that_ends_the_job_has_a_next_step(line: str, cause: str, remedy: str) -> None:
    error = StepError("build", "python -m build", 1, (line,))
    explain(error, "cross")
    assert error.cause == cause
    assert error.remedy.startswith(remedy)


def test_a_step_killed_by_the_kernel_speaks_of_memory() -> None:
    error = StepError("build", "python -m build", -9, ())
    assert curable(error) is None
    explain(error, "cross")
    assert (error.cause, error.remedy[:13]) == (
        "the kernel ends processes where memory runs out",
        "give the mach",
    )


def test_after_the_reference_failed_it_is_not_recommended() -> None:
    error = StepError("build", "python -m build", 1, ("what nobody knows",))
    explain(error, "emulated")
    assert error.remedy == "read the whole log"


@pytest.mark.parametrize(
    ("last", "tried_again"), [("Failed to build `a==1`", True), ("no such index", False)]
)
def test_a_requirement_is_tried_again_only_where_its_own_build_failed(last: str, tried_again: bool) -> None:
    error = StepError("requirements", f"{places.UV} pip install a", 1, (last,))
    assert (curable(error) is not None) == tried_again
