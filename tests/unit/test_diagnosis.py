"""Which failures a lower rung of the ladder can cure, and what people are told.

The snippets are what the tools wrote: zig 0.17.1 (clang 22, LLD), GCC 12.2, binutils 2.40, meson 1.9, CMake 3.25,
autoconf 2.71, setuptools 80, CPython 3.11.
"""

import pytest

from crosswheel.engines.causes import Cure
from crosswheel.engines.diagnosis import Descent, curable, diagnose, explain
from crosswheel.errors import StepError, VerificationError
from crosswheel.model import EngineName
from crosswheel.site import places

UNKNOWN = "error: command failed"


def failure(*tail: str, step: str = "build", status: int = 1) -> StepError:
    return StepError(step, "python -m build", status, tail)


def failed(*tail: str, step: str = "build", engine: EngineName = "cross") -> str | None:
    descent = curable(failure(*tail, step=step), engine)
    return descent.reason if descent else None


SNIPPETS: list[tuple[str, str, Cure]] = [
    # CPython 3.13 without the GIL: setuptools, and its header as zig shows it.
    (
        "ValueError: `py_limited_api='cp39'` not supported. `Py_LIMITED_API` is currently incompatible with "
        "`Py_GIL_DISABLED`. See https://github.com/python/cpython/issues/111506.",
        "the stable ABI (abi3) is not for a CPython without the GIL",
        Cure.NONE,
    ),
    (
        '/opt/python3.13t/Python.h:51:4: error: "The limited API is not currently supported in the free-threaded '
        'build"\n'
        '   51 | #  error "The limited API is not currently supported in the free-threaded build"',
        "the stable ABI (abi3) is not for a CPython without the GIL",
        Cure.NONE,
    ),
    # Rust, as cargo 1.95 and setuptools-rust say it.
    (
        "warning: spurious network error (3 tries remaining): [6] Could not resolve hostname",
        "cargo cannot reach its registry",
        Cure.NONE,
    ),
    (
        "  [6] Could not resolve hostname (Could not resolve host: x.invalid)\n  download of config.json failed",
        "cargo cannot reach its registry",
        Cure.NONE,
    ),
    (
        "error: failed to download from `https://registry.invalid/config.json`",
        "cargo cannot reach its registry",
        Cure.NONE,
    ),
    (
        "error[E0463]: can't find crate for `std`",
        "the Rust that ran has no standard library for the target",
        Cure.NONE,
    ),
    (
        "error: package `a v1` cannot be built because it requires rustc 1.99 or newer",
        "this Rust is too old: requires rustc 1.99 or newer",
        Cure.NONE,
    ),
    (
        "error[E0425]: cannot find value `x` in this scope",
        "the Rust code does not compile: cannot find value `x` in this scope (E0425)",
        Cure.NONE,
    ),
    ("error: can't find Rust compiler", "there is no Rust in the target's root", Cure.NONE),
    (
        '  File "/crosswheel/env/lib/python3.11/site-packages/puccinialin/_setup_rust.py", line 143',
        "there is no Rust in the target's root",
        Cure.NONE,
    ),
    # It ran a program of the target.
    ("/bin/sh: 1: ./conftest: Exec format error", "it ran a program of another architecture", Cure.BELOW),
    (
        "bash: ./tool: cannot execute binary file: Exec format error",
        "it ran a program of another architecture",
        Cure.BELOW,
    ),
    (
        "../meson.build:1:0: ERROR: Executables created by c compiler /crosswheel/bin/cc are not runnable.",
        "it could not run a program that it had compiled",
        Cure.BELOW,
    ),
    (
        "configure: error: in `/crosswheel/project/lib':\nconfigure: error: cannot run C compiled programs.\n"
        "If you meant to cross compile, use `--host'.\nSee `config.log' for more details",
        "it could not run a program that it had compiled",
        Cure.BELOW,
    ),
    (
        "CMake Error: TRY_RUN() invoked in cross-compiling mode, please set the following cache variables:",
        "it could not run a program that it had compiled",
        Cure.BELOW,
    ),
    (
        "qemu-aarch64: Could not open '/lib/ld-linux-aarch64.so.1': No such file or directory",
        "a program of the target did not find its loader /lib/ld-linux-aarch64.so.1",
        Cure.BELOW,
    ),
    # It imported a module of the target.
    (
        "ImportError: /x/pkg/_fast.cpython-311-aarch64-linux-gnu.so: cannot open shared object file: No such file",
        "it loaded /x/pkg/_fast.cpython-311-aarch64-linux-gnu.so, which is missing or of another architecture",
        Cure.ROOT,
    ),
    (
        "OSError: ./build/libfast.so: wrong ELF class: ELFCLASS32",
        "it loaded ./build/libfast.so, which is missing or of another architecture",
        Cure.ROOT,
    ),
    (
        "  File \"<string>\", line 8, in run\nModuleNotFoundError: No module named '_importing'",
        "it imported _importing, which is of the target or among no requirements",
        Cure.ROOT,
    ),
    (
        "/crosswheel/bin/cc -shared build/a.o -o build/lib/ahocorasick.cpython-311-aarch64-linux-gnu.so\n"
        "Traceback (most recent call last):\nModuleNotFoundError: No module named 'ahocorasick'",
        "it imported ahocorasick, which is of the target",
        Cure.ROOT,
    ),
    (
        "ImportError: cannot import name '_core' from partially initialized module 'pkg' (most likely due to a "
        "circular import) (/crosswheel/project/pkg/__init__.py)",
        "it imported _core, which is of the target",
        Cure.ROOT,
    ),
    (
        "ImportError: cannot import name 'x' from 'y'",
        "an import failed: cannot import name 'x' from 'y'",
        Cure.BELOW,
    ),
    # The compilers lack something.
    (
        "crosswheel: cannot compile here: -fopenmp wants libgomp",
        "-fopenmp wants libgomp",
        Cure.COMPILERS,
    ),
    ("omp.c:1:10: fatal error: 'omp.h' file not found", "zig has no header omp.h", Cure.COMPILERS),
    (
        "a.cpp:1:10: fatal error: 'bits/stdc++.h' file not found",
        "zig has no header bits/stdc++.h",
        Cure.COMPILERS,
    ),
    ('error: unknown clang option: "-fnosuch"', "zig's clang does not take -fnosuch", Cure.COMPILERS),
    ("error: unsupported linker arg: --nosuch", "zig's linker does not take --nosuch", Cure.COMPILERS),
    (
        'error: target architecture aarch64 has no LLVM CPU feature named "harden-sls"',
        "zig's clang does not take -mharden-sls",
        Cure.COMPILERS,
    ),
    (
        "implicit.c:1:23: error: call to undeclared function 'helper_call'; ISO C99 and later do not support "
        "implicit function declarations [-Wimplicit-function-declaration]",
        "zig's clang refuses what GCC may take: call to undeclared function 'helper_call'; ISO C99 and later do "
        "not support implicit function declarations",
        Cure.COMPILERS,
    ),
    (
        "intconv.c:1:24: error: incompatible pointer to integer conversion returning 'int *' from a function with "
        "result type 'int'; dereference with * [-Wint-conversion]",
        "zig's clang refuses what GCC may take: incompatible pointer to integer conversion returning 'int *' from "
        "a function with result type 'int'; dereference with *",
        Cure.COMPILERS,
    ),
    (
        "nested.c:1:29: error: function definition is not allowed here",
        "the source nests functions, as only GCC can",
        Cure.COMPILERS,
    ),
    (
        "std.cpp:2:16: error: no type named 'nosuch' in namespace 'std'",
        "zig's libc++ has no std::nosuch",
        Cure.COMPILERS,
    ),
    (
        "undeclared.c:2:22: error: use of undeclared identifier 'MFD_CLOEXEC'",
        "MFD_CLOEXEC is in no header of the C library that is compiled against, an older glibc or musl",
        Cure.COMPILERS,
    ),
    (
        "rvv-inl.h:644:17: error: builtin requires at least one of the following extensions: zve64x",
        "it takes the target's processor for one with zve64x, as zig's clang lets it think",
        Cure.COMPILERS,
    ),
    (
        "err.c:1:2: error: this platform is not supported\n    1 | #error this platform is not supported\n ^",
        "the source refuses to be compiled here: this platform is not supported",
        Cure.COMPILERS,
    ),
    (
        "ld.lld: error: undefined symbol: __kmpc_fork_call",
        "zig has no OpenMP runtime (__kmpc_fork_call)",
        Cure.COMPILERS,
    ),
    (
        "../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang-new'], ['flang']]",
        "zig has no Fortran compiler",
        Cure.COMPILERS,
    ),
    (
        "meson.build:1:0: ERROR: 'fortran' compiler binary not defined in cross file [binaries] section",
        "zig has no Fortran compiler",
        Cure.COMPILERS,
    ),
    (
        "configure: error: C compiler cannot create executables",
        "configure's test of the C compiler failed",
        Cure.COMPILERS,
    ),
    ("-- The C compiler identification is unknown", "CMake's test of the compiler failed", Cure.COMPILERS),
    # A library of the system is missing.
    ("header.c:1:10: fatal error: 'nosuch.h' file not found", "the header nosuch.h was not found", Cure.ROOT),
    (
        "header.c:1:10: fatal error: sys/fancy.h: No such file or directory",
        "the header sys/fancy.h was not found",
        Cure.ROOT,
    ),
    (
        'error: unable to find dynamic system library "nosuch" using strategy paths_first. searched paths:',
        "the library nosuch was not found",
        Cure.ROOT,
    ),
    (
        "/usr/bin/ld: cannot find -lffi: No such file or directory",
        "the library ffi was not found",
        Cure.ROOT,
    ),
    (
        "ImportError: libjpeg.so.62: cannot open shared object file: No such file or directory",
        "the library libjpeg.so.62 was not found",
        Cure.ROOT,
    ),
    (
        '../meson.build:3:0: ERROR: Dependency "openblas" not found, tried pkgconfig and cmake',
        "meson did not find the library openblas",
        Cure.ROOT,
    ),
    (
        "../meson.build:4:9: ERROR: C shared or static library 'lzma' not found",
        "meson did not find the library lzma",
        Cure.ROOT,
    ),
    (
        "CMake Error at /usr/share/cmake/Modules/FindPackageHandleStandardArgs.cmake:230 (message):\n"
        "  Could NOT find JPEG (missing: JPEG_LIBRARY JPEG_INCLUDE_DIR)",
        "CMake did not find JPEG",
        Cure.ROOT,
    ),
    (
        'CMake Error at CMakeLists.txt:3 (find_package):\n  By not providing "FindFoo.cmake" in CMAKE_MODULE_PATH '
        'this project has\n  asked CMake to find a package configuration file provided by "Foo", but\n  CMake did '
        'not find one.\n\n  Could not find a package configuration file provided by "Foo" with any',
        "CMake did not find Foo",
        Cure.ROOT,
    ),
    ("No package 'libffi' found", "pkg-config did not find libffi", Cure.ROOT),
    (
        "Package 'x11', required by 'virtual:world', not found",
        "pkg-config did not find x11",
        Cure.ROOT,
    ),
    # A program is missing.
    (
        "../meson.build:5:0: ERROR: Program 'swig' not found or not executable",
        "the program swig was not found",
        Cure.ROOT,
    ),
    ("error: command 'swig' failed: No such file or directory", "the program swig was not found", Cure.ROOT),
    (
        "/bin/sh: 1: swig: not found\nmake: *** [Makefile:2: all] Error 127",
        "the program swig was not found",
        Cure.ROOT,
    ),
    (
        '  File "/usr/lib/python3.11/subprocess.py", line 1917, in _execute_child\n'
        "    raise child_exception_type(errno_num, err_msg, err_filename)\n"
        "FileNotFoundError: [Errno 2] No such file or directory: 'pg_config'",
        "the program pg_config was not found",
        Cure.ROOT,
    ),
    # An object of another architecture.
    (
        "ld.lld: error: vendored.o is incompatible with aarch64linux",
        "vendored.o is of another architecture",
        Cure.ROOT,
    ),
    (
        "ld.lld: error: ./libvendored.a(vendored.o) is incompatible with aarch64linux",
        "./libvendored.a is of another architecture",
        Cure.ROOT,
    ),
    (
        "/usr/bin/ld: vendored.o: Relocations in generic ELF (EM: 62)\n"
        "/usr/bin/ld: vendored.o: error adding symbols: file in wrong format",
        "vendored.o is of another architecture",
        Cure.ROOT,
    ),
    (
        "/usr/bin/ld: skipping incompatible ./libvendored.a when searching for -lvendored\n"
        "/usr/bin/ld: cannot find -lvendored: No such file or directory",
        "./libvendored.a is of another architecture",
        Cure.ROOT,
    ),
    # It writes where it may not.
    (
        "PermissionError: [Errno 13] Permission denied: '/usr/local/share/outside'",
        "it writes to /usr/local/share/outside, outside of its own tree",
        Cure.ROOT,
    ),
    (
        "sh: 1: cannot create /opt/x: Read-only file system",
        "it writes to /opt/x, outside of its own tree",
        Cure.ROOT,
    ),
    # Symbols.
    ("ld.lld: error: undefined symbol: nosuch_fn", "the symbol nosuch_fn is missing", Cure.BELOW),
    (
        "undef.c:(.text+0x8): undefined reference to `nosuch_fn'",
        "the symbol nosuch_fn is missing",
        Cure.BELOW,
    ),
    # The project's own fault, and the machine's: nothing below can do better.
    (
        "crosswheel: cannot compile here: -march=native means the CPU of the build machine",
        "-march=native compiles for the build machine's own CPU",
        Cure.NONE,
    ),
    ("syntax.c:1:23: error: expected ';' after return statement", "syntax.c does not compile", Cure.NONE),
    ("syntax.c:1:23: error: expected ‘;’ before ‘}’ token", "syntax.c does not compile", Cure.NONE),
    (
        "undeclared.c:1:22: error: use of undeclared identifier 'nosuch'",
        "undeclared.c uses nosuch, which it does not declare",
        Cure.NONE,
    ),
    (
        "undeclared.c:1:22: error: ‘nosuch’ undeclared (first use in this function)",
        "undeclared.c uses nosuch, which it does not declare",
        Cure.NONE,
    ),
    (
        "asm_x86.c:1:68: error: invalid output constraint '=a' in asm",
        "asm_x86.c:1 has assembly of another architecture",
        Cure.NONE,
    ),
    (
        "asm_x86.c:1:41: error: impossible constraint in ‘asm’",
        "asm_x86.c:1 has assembly of another architecture",
        Cure.NONE,
    ),
    (
        "asm_x86c.c:1:33: error: unrecognized instruction mnemonic",
        "asm_x86c.c:1 has assembly of another architecture",
        Cure.NONE,
    ),
    (
        "/tmp/ccYPrYXQ.s:13: Error: unknown mnemonic `pause' -- `pause'",
        "the source has assembly of another architecture (pause)",
        Cure.NONE,
    ),
    (
        "In file included from intrin.c:1:\n/crosswheel/zig/lib/include/immintrin.h:14:2: error: "
        '"This header is only meant to be used on x86 and x64 architecture"',
        "intrin.c includes immintrin.h, which has x86's instructions",
        Cure.NONE,
    ),
    (
        "intrin.c:1:10: fatal error: immintrin.h: No such file or directory",
        "intrin.c includes immintrin.h, which has x86's instructions",
        Cure.NONE,
    ),
    (
        'error: target architecture aarch64 has no LLVM CPU feature named "sse4.2"',
        "-msse4.2 is an option of x86",
        Cure.NONE,
    ),
    (
        "aarch64-linux-gnu-gcc: error: unrecognized command-line option ‘-mavx2’",
        "-mavx2 is an option of x86",
        Cure.NONE,
    ),
    ("cc1: error: unknown value ‘haswell’ for ‘-march’", "haswell is a CPU of x86", Cure.NONE),
    (
        "nosuchfile.c:1:1: error: checking cache failed: file_open FileNotFound "
        "/crosswheel/project/src/nosuchfile.c",
        "the file src/nosuchfile.c is missing",
        Cure.NONE,
    ),
    (
        "cc1: fatal error: nosuchfile.c: No such file or directory\ncompilation terminated.",
        "the file nosuchfile.c is missing",
        Cure.NONE,
    ),
    (
        "FileNotFoundError: [Errno 2] No such file or directory: 'README.md'",
        "the file README.md is missing",
        Cure.NONE,
    ),
    (
        '  File "<string>", line 3\n    print "no"\nSyntaxError: Missing parentheses in call to \'print\'.',
        "a script of the build is not valid Python: SyntaxError, Missing parentheses in call to 'print'.",
        Cure.NONE,
    ),
    (
        "Error compiling Cython file:\n-----\n...\n-----\n\nfast.pyx:1:4: undeclared name not builtin: nosuch",
        "fast.pyx does not compile: undeclared name not builtin: nosuch",
        Cure.NONE,
    ),
    (
        "ValueError: invalid pyproject.toml config: `project.version`.",
        "pyproject.toml is not valid: `project.version`.",
        Cure.NONE,
    ),
    (
        "ModuleNotFoundError: No module named 'numpy'",
        "it imports numpy, which is not among its requirements",
        Cure.NONE,
    ),
    ("OSError: [Errno 28] No space left on device", "there is no space left on the device", Cure.NONE),
    (
        "curl: (6) Could not resolve host: example.invalid",
        "the network failed: a name could not be looked up",
        Cure.NONE,
    ),
    (
        "socket.gaierror: [Errno -3] Temporary failure in name resolution",
        "the network failed: a name could not be looked up",
        Cure.NONE,
    ),
    (
        "ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)",
        "the package index has no nosuch that fits",
        Cure.NONE,
    ),
    (
        "  cause: Because nosuch was not found in the package registry and you require nosuch",
        "the package index has no nosuch",
        Cure.NONE,
    ),
    # The guest crashed, or memory ran out.
    (
        "qemu: uncaught target signal 11 (Segmentation fault) - core dumped",
        "an emulated program crashed (signal 11)",
        Cure.NONE,
    ),
    (
        "qemu-aarch64: QEMU internal SIGSEGV {code=MAPERR, addr=0x20}",
        "an emulated program crashed (signal SIGSEGV)",
        Cure.NONE,
    ),
    (
        "/bin/sh: line 1:    77 Killed                  cc -c a.c",
        "a process was killed",
        Cure.NONE,
    ),
    (
        "c++: fatal error: Killed signal terminated program cc1plus",
        "a process was killed",
        Cure.NONE,
    ),
    ("terminate called after throwing an instance of 'std::bad_alloc'", "memory ran out", Cure.NONE),
    ("LLVM ERROR: out of memory", "memory ran out", Cure.NONE),
    ("cc1: out of memory allocating 65536 bytes: Cannot allocate memory", "memory ran out", Cure.NONE),
]


@pytest.mark.parametrize(("output", "reason", "cure"), SNIPPETS)
def test_a_cause_is_known_by_what_the_tool_wrote(output: str, reason: str, cure: Cure) -> None:
    found = diagnose(["compiling", *output.splitlines(), UNKNOWN])
    assert found is not None
    assert (found.reason, found.cure) == (reason, cure)


def test_what_only_gcc_has_skips_the_rungs_with_zig() -> None:
    assert curable(failure("crosswheel: cannot compile here: -fopenmp wants libgomp"), "cross") == Descent(
        "-fopenmp wants libgomp", own_compilers=True
    )


@pytest.mark.parametrize("engine", ["hybrid", "hybrid-gcc", "native"])
def test_what_the_root_may_have_is_asked_of_the_root_once(engine: EngineName) -> None:
    missing = failure("a.c:1:10: fatal error: 'jpeglib.h' file not found")
    assert curable(missing, "cross") == Descent("the header jpeglib.h was not found")
    assert curable(missing, engine) is None


def test_a_program_that_before_build_lacks_is_asked_of_the_root_once() -> None:
    missing = StepError("before-build", "nosuch", 127, ("sh: 1: nosuch: not found",))
    assert curable(missing, "cross") == Descent("the program nosuch was not found")
    assert curable(missing, "hybrid") is None


def test_a_program_that_a_probe_did_not_find_is_no_cause() -> None:
    reason = failed("./configure: 9: nosuch: not found", "strange", engine="hybrid")
    assert reason == "the build step failed in a way not known to crosswheel: strange"


def test_an_object_that_the_project_ships_is_of_that_architecture_on_every_rung() -> None:
    error = failure("ld.lld: error: lib/vendored.o is incompatible with aarch64linux")
    assert curable(error, "cross", lambda name: name == "lib/vendored.o") is None
    explain(error, "cross", lambda _: True)
    assert error.cause == "lib/vendored.o is of another architecture: the project itself ships it"
    assert error.remedy == "ship its source in its place, or one such file for each architecture"


def test_the_last_lines_tell_more_than_those_before_them() -> None:
    probe = "probe.c:1:10: fatal error: 'fancy.h' file not found"
    cause = "-fopenmp wants libgomp"
    lines = [probe, *["compiling"] * 60, f"crosswheel: cannot compile here: {cause}"]
    assert failed(*lines) == cause
    assert failed(lines[-1], *["Traceback"] * 60, "strange") == cause


def test_a_full_disk_is_no_reason_though_a_header_was_not_found_either() -> None:
    assert failed("a.c:1:10: fatal error: 'x.h' file not found", "No space left on device") is None


def test_an_unknown_failure_is_tried_again_with_its_last_line() -> None:
    reason = failed("first", "the last words  ", "", "   ")
    assert reason == "the build step failed in a way not known to crosswheel: the last words"


def test_a_silent_failure_is_tried_again() -> None:
    assert (failed() or "").endswith("no output")


def test_an_unknown_failure_of_one_endless_line_is_said_in_short() -> None:
    assert len(failed("x" * 1_000_000) or "") < 250


@pytest.mark.parametrize("step", ["before-build", "requirements", "build"])
def test_steps_that_a_lower_rung_does_otherwise_are_worth_another_try(step: str) -> None:
    assert failed("strange", step=step) is not None


@pytest.mark.parametrize("step", ["before-all", "repair", "verify", "before-test", "test", "environment"])
def test_steps_that_a_lower_rung_does_alike_are_not(step: str) -> None:
    assert failed("strange", step=step) is None


ALIEN = "pkg/libx.so is for x86_64 (ELF machine 62, 64 bits, little-endian), not for aarch64"


def test_a_wheel_that_is_not_correct_is_built_otherwise() -> None:
    error = VerificationError("a.whl", (ALIEN, "b.so is empty"))
    assert curable(error, "cross") == Descent(f"the wheel is not correct: {ALIEN}")


def test_a_wheel_with_an_object_that_the_project_ships_is_not() -> None:
    error = VerificationError("a.whl", (ALIEN,))
    assert curable(error, "cross", lambda name: name == "pkg/libx.so") is None
    explain(error, "cross", lambda _: True)
    assert error.remedy == "ship its source in its place, or one such file for each architecture"


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
    error = failure(line)
    explain(error, "cross")
    assert error.cause == cause
    assert error.remedy.startswith(remedy)


def test_a_step_that_was_killed_would_be_killed_on_every_rung() -> None:
    error = failure(status=-9)
    assert curable(error, "cross") is None
    explain(error, "cross")
    assert error.cause == "a process was killed"


def test_after_the_reference_failed_it_is_not_recommended() -> None:
    error = failure("what nobody knows")
    explain(error, "emulated")
    assert error.remedy == "read the whole log"


@pytest.mark.parametrize(
    ("last", "tried_again"), [("Failed to build `a==1`", True), ("no such index", False)]
)
def test_a_requirement_is_tried_again_only_where_its_own_build_failed(last: str, tried_again: bool) -> None:
    error = StepError("requirements", f"{places.UV} pip install a", 1, (last,))
    assert (curable(error, "cross") is not None) == tried_again


@pytest.mark.parametrize(
    ("output", "package"),
    [
        ("c/_cffi_backend.c:15:10: fatal error: 'ffi.h' file not found", "libffi-dev"),
        ("fatal error: openssl/opensslv.h: No such file or directory", "libssl-dev"),
        ("/usr/bin/ld: cannot find -lpq", "libpq-dev"),
        ('../meson.build:3:0: ERROR: Dependency "cairo" not found, tried pkgconfig', "libcairo2-dev"),
        ("fatal error: 'of_nobody.h' file not found", "..."),
    ],
)
def test_the_next_step_names_the_package_that_has_what_is_missing(output: str, package: str) -> None:
    error = failure(output)
    explain(error, "hybrid")
    assert error.remedy.endswith(f'(before-all = "apt-get install -y {package}")')


@pytest.mark.parametrize(
    "said", ["sh: 1: yum: not found", "sh: line 3: apk: command not found", "bash: dnf: command not found"]
)
@pytest.mark.parametrize("step", ["before-all", "before-build"])
def test_the_package_manager_of_another_image_is_named_as_what_it_is(said: str, step: str) -> None:
    assert failed(said, step=step) is None
    error = StepError(step, "x", 127, (said,))
    explain(error, "cross")
    assert error.cause.endswith("is of another image: the target's root is Debian's")
    assert "apt-get install" in error.remedy
