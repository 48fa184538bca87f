"""What build tools say of the causes that crosswheel knows, as they say it; what is read from the output is in
``tests/unit/test_diagnosis.py``.

A row a cause. The first row that is found decides: what is sure comes first, what a probe may have left in the
output comes last. What is no build tool's words but the machine's is in ``recognition/symptoms.py``; its place among
the causes is told here.
"""

from dataclasses import dataclass
from enum import Enum

from crosswheel.recognition.symptoms import Kind, Symptom, of


class Cure(Enum):
    """Which rungs of the ladder may do better."""

    NONE = "no other: it would fail alike"
    ROOT = "one whose build runs inside the target's root"
    COMPILERS = "one without zig"
    BELOW = "any lower one"


@dataclass(frozen=True)
class Cause:
    """A recognisable cause.

    :param pattern: found in the output. A group ``object`` names a file that is of another architecture: where
        the project itself ships it, no rung can do better.
    :param reason: said to people; groups of the pattern may be used in it.
    :param remedy: what to do where it ends the job.
    """

    pattern: str
    reason: str
    cure: Cure
    remedy: str = ""


VENDORED = (
    "ship its source in its place, or one such file for each architecture"  # an object of the project's own
)
MISSING = "{package}"  # stands for the package that has what a group of the pattern names
_INSTALL = f'install what has it into the target\'s root (before-all = "apt-get install -y {MISSING}")'
_SOURCE = "correct the source: no engine can compile it"
_GUARD = "compile it for its own architecture only (#if defined(__x86_64__), platform.machine() in setup.py)"
_OWN_TREE = "let the build write below its own directory or $TMPDIR"
_NATIVE = "leave it out: the wheel is for every CPU of the architecture, not for the one that builds it"
_LINK = r"[Uu]ndefined (?:symbol: |reference to [`'‘])"
_X86 = (r"(?:sse|ssse|avx|mmx|3dnow|fma|f16c|bmi|abm|adx|aes|sha|gfni|vaes|pclmul|vpclmul|popcnt|lzcnt|movbe|xsave|"
        r"rdrnd|rdseed|fsgsbase|cx16|sahf|tbm|xop|prfchw|amx|fpmath|red-zone|no-red-zone|cmodel|64\b|32\b)")  # fmt: skip
_X86_CPU = (
    r"(?:x86|haswell|broadwell|skylake|nehalem|westmere|sandybridge|ivybridge|core|znver|corei7|k8|amd|i\d86)"
)
_HEADER = r"(?:\w*mmintrin|\w*intrin|cpuid)\.h"

_RUST = (
    (r"spurious network error|download of config\.json failed|failed to download from|network failure seems",
     "cargo cannot reach its registry", Cure.NONE,
     "check the network, name a mirror in cargo's config, or have the crates in the project (cargo vendor)"),
    (r"can't find crate for `(?:std|core|alloc)`", "the Rust that ran has no standard library for the target",
     Cure.NONE, "let the build use the rustc on PATH (crosswheel's has it), not one that RUSTC or a wrapper names"),
    (r"(?:rustc \S+ is not supported by|requires rustc) .*", r"this Rust is too old: \g<0>", Cure.NONE,
     "install a newer one by rustup, with the target's library (rustup target add ...)"),
    (r"error\[(E\d{4})\]: (.*)", r"the Rust code does not compile: \2 (\1)", Cure.NONE, _SOURCE),
    (r"can't find Rust compiler|Rust toolchain not found|/puccinialin/|cargo, the Rust package manager, is not "
     r"installed", "there is no Rust in the target's root", Cure.NONE,
     'use the engine cross or hybrid, which bring it, or before-all = "apt-get install -y cargo"'),
)  # fmt: skip

_SURE = (
    # What ends every engine's build alike: the machine, the network, the sources.
    (r"crosswheel: cannot compile here: (-m\w+=native)", r"\1 compiles for the build machine's own CPU", Cure.NONE,
     _NATIVE),
    (r"was compiled with (-m\w+=native)", r"\1 compiles for the build machine's own CPU", Cure.NONE, _NATIVE),
    (r"(?m)\b(yum|dnf|microdnf|apk): (?:command )?not found$", r"\1 is of another image: the target's root is Debian's",
     Cure.NONE, 'install by apt-get there: before-all = "if command -v apt-get; then apt-get install -y PACKAGE; fi"'),
    (r"Missing `Content-Type` header|invalid (?:HTML|JSON)|there are no versions of",
     "the package index answers what is no index", Cure.NONE,
     "check the address of the index (UV_DEFAULT_INDEX, PIP_INDEX_URL) and whether the network wants a login"),
    (r"Because (\S+) was not found in the package registry", r"the package index has no \1", Cure.NONE,
     "correct the name in requires or test-requires, or name the index that has it (UV_INDEX)"),
    (r"Could not find a version that satisfies the requirement (\S+)", r"the package index has no \1 that fits",
     Cure.NONE, "correct the requirement, or name the index that has it (PIP_INDEX_URL)"),
    (r"`Py_LIMITED_API` is currently incompatible with `Py_GIL_DISABLED`|[Tt]he limited API is not currently supported "
     r"in the free-threaded build", "the stable ABI (abi3) is not for a CPython without the GIL", Cure.NONE,
     'build without py_limited_api where sysconfig.get_config_var("Py_GIL_DISABLED") is 1, or leave it out with'
     ' skip = "cp31?t-*"'),
    # What only GCC has, as the wrapper says it.
    (r"crosswheel: cannot compile here: (.*)", r"\1", Cure.COMPILERS),
    # Sources that no compiler takes for this target.
    (r"(?m)^In file included from ([^\s:]+):\d+:\n\S*?(\w+\.h):\d+:\d+: error: \"?[Tt]his header is (?:only meant to "
     r"be used on|for) x86", r"\1 includes \2, which has x86's instructions", Cure.NONE, _GUARD),
    (rf"([^\s:]+):\d+:\d+: fatal error: ({_HEADER}): No such file",
     r"\1 includes \2, which has x86's instructions", Cure.NONE, _GUARD),
    (r"([^\s:]+:\d+):\d+: error: (?:invalid (?:in|out)put constraint '[=+&%\d]*[abcdSDqQRA]+' in asm"
     r"|impossible constraint in ‘asm’|unknown register name ['‘]\w+['’] in ['‘]?asm"
     r"|unrecognized instruction mnemonic)", r"\1 has assembly of another architecture", Cure.NONE, _GUARD),
    (r"Error: unknown mnemonic `([\w.]+)", r"the source has assembly of another architecture (\1)", Cure.NONE,
     _GUARD),
    (r"use of unknown builtin '(__builtin_ia32_\w+)'", r"the source uses \1, which is x86's", Cure.NONE, _GUARD),
    (rf"target architecture \w+ has no LLVM CPU feature named \"({_X86}[\w.-]*)\"", r"-m\1 is an option of x86",
     Cure.NONE, _GUARD),
    (rf"unrecognized command-line option ‘-m({_X86}[\w.=-]*)’", r"-m\1 is an option of x86", Cure.NONE, _GUARD),
    (r"unknown FP unit '(\w+)'", r"-mfpmath=\1 is an option of x86", Cure.NONE, _GUARD),
    (rf"unknown (?:value|CPU|target CPU)\S* ['‘\"]({_X86_CPU}[\w.-]*)['’\"]", r"\1 is a CPU of x86", Cure.NONE, _GUARD),
    (r"([^\s:]+\.(?:c|cc|cpp|cxx|h|hpp|pyx)):\d+:\d+: error: expected", r"\1 does not compile", Cure.NONE, _SOURCE),
    (r"([^\s:]+):\d+:\d+: error: use of undeclared identifier '((?![A-Z_][A-Z\d_]*')(?!_)\w+)'",
     r"\1 uses \2, which it does not declare", Cure.NONE, _SOURCE),
    (r"([^\s:]+):\d+:\d+: error: ‘(\w+)’ (?:undeclared \(first use|has not been declared|was not declared)",
     r"\1 uses \2, which it does not declare", Cure.NONE, _SOURCE),
    (r"([^\s:]+):\d+:\d+: error: unknown type name ['‘]((?!_)\w+(?<!_t))['’]", r"\1 uses the unknown type \2",
     Cure.NONE, _SOURCE),
    (r"(?:file_open FileNotFound (?:/crosswheel/project/)?|cc1(?:plus)?: fatal error: )([^\s:]+)",
     r"the file \1 is missing", Cure.NONE, "add it to the project, or to its sdist (MANIFEST.in)"),
    (r"Error compiling Cython file:[\s\S]*\n([^\s:]+\.p\w+):\d+:\d+: (?!'[\w./]+\.pxd' not found)(.*)",
     r"\1 does not compile: \2", Cure.NONE, _SOURCE),
    (r"(?m)^(?:\S*: )?(SyntaxError|IndentationError|TabError): (.*)",
     r"a script of the build is not valid Python: \1, \2", Cure.NONE, "correct the script that the traceback names"),
    (r"(?:invalid pyproject\.toml config|configuration error): (.*)", r"pyproject.toml is not valid: \1",
     Cure.NONE, "correct pyproject.toml"),
)  # fmt: skip

_TARGET = (
    # It ran or imported what is the target's.
    (r"Executables created by (?:c|cpp) compiler .* are not runnable|cannot run C(?:\+\+)? compiled programs"
     r"|TRY_RUN\(\) invoked in cross-compiling mode", "it could not run a program that it had compiled", Cure.BELOW),
    (r"(?:Import|OS)Error: (lib[\w.+-]+\.so[\d.]*): cannot open shared object", r"the library \1 was not found", Cure.ROOT,
     _INSTALL),
    (r"(\w+)\.(?:cpython-\w+-[\w-]+|abi3)\.so\b[\s\S]*ModuleNotFoundError: No module named '(?:[\w.]+\.)?\1'",
     r"it imported \1, which is of the target", Cure.ROOT),
    (r"ModuleNotFoundError: No module named '((?:[\w.]+\.)?_\w+|\w+\.[\w.]+)'",
     r"it imported \1, which is of the target or among no requirements", Cure.ROOT,
     "name what has it in requires of [build-system], or in test-requires for a test"),
    (r"ModuleNotFoundError: No module named '([\w.]+)'", r"it imports \1, which is not among its requirements",
     Cure.NONE, "name it in requires of [build-system], or in test-requires for a test"),
    (r"ImportError: cannot import name '(_\w+)' from", r"it imported \1, which is of the target", Cure.ROOT),
    # An object of another architecture.
    (r"error: (?P<object>[^\s(]+)(?:\(\S+\))? is incompatible with \w+",
     r"\g<object> is of another architecture", Cure.ROOT),
    (r"skipping incompatible (?P<object>\S+) when searching", r"\g<object> is of another architecture", Cure.ROOT),
    (r"ld(?:\.\w+)?: (?P<object>[^\s:(]+)(?:\(\S+\))?: (?:Relocations in generic ELF|error adding symbols: file in "
     r"wrong format)", r"\g<object> is of another architecture", Cure.ROOT),
    (r"(?m)^(?P<object>\S+) is for \S+ \(ELF machine", r"the wheel holds \g<object>, which is of another architecture",
     Cure.BELOW),
)  # fmt: skip

_COMPILERS = (
    # What zig's clang, its linker or its libraries lack.
    (r"fatal error: '?((?:omp|quadmath|bits/[\w+.]+|ext/[\w+./]+)(?:\.h)?)'?(?: file not found|: No such)",
     r"zig has no header \1", Cure.COMPILERS),
    (r"error: unknown clang option: \"([^\"]+)\"|error: unknown argument: '([^']+)'",
     r"zig's clang does not take \1\2", Cure.COMPILERS),
    (r"error: unsupported linker arg: (\S+)", r"zig's linker does not take \1", Cure.COMPILERS),
    (r"has no LLVM CPU feature named \"([^\"]+)\"", r"zig's clang does not take -m\1", Cure.COMPILERS),
    (r"error: (.*) \[-W[\w=,+-]+\]", r"zig's clang refuses what GCC may take: \1", Cure.COMPILERS, _SOURCE),
    (r"error: builtin requires at least one of the following extensions: (\w+)",
     r"it takes the target's processor for one with \1, as zig's clang lets it think", Cure.COMPILERS, _SOURCE),
    (r"error: function definition is not allowed here", "the source nests functions, as only GCC can",
     Cure.COMPILERS),
    (r"error: no (?:member|type|template) named '(\w+)' in namespace '(std\w*(?:::\w+)*)'",
     r"zig's libc++ has no \2::\1", Cure.COMPILERS, _SOURCE),
    (r"error: (?:use of undeclared identifier|unknown type name) '(\w+)'",
     r"\1 is in no header of the C library that is compiled against, an older glibc or musl", Cure.COMPILERS, _SOURCE),
    (r"PLEASE submit a bug report to|LLVM ERROR: (?!out of memory)|thread \d+ panic: ", "zig's compiler failed itself",
     Cure.COMPILERS),
    (r"(?m)^\s*\d+ \| \s*#\s*error (.*)|error: #error (.*)", r"the source refuses to be compiled here: \1\2",
     Cure.COMPILERS, _SOURCE),
    (rf"{_LINK}((?:__kmpc|GOMP|omp)_\w+)", r"zig has no OpenMP runtime (\1)", Cure.COMPILERS),
    (r"Unknown compiler\(s\): \[\[?'\S*(?:gfortran|flang)|No CMAKE_Fortran_COMPILER could be found"
     r"|'fortran' compiler binary not defined|no Fortran compiler found|gfortran: (?:command )?not found",
     "zig has no Fortran compiler", Cure.COMPILERS,
     'install one into the target\'s root (before-all = "apt-get install -y gfortran")'),
    (r"configure: error: (\S+) compiler cannot create executables", r"configure's test of the \1 compiler failed",
     Cure.COMPILERS),
    (r"is not able to compile a simple test program|The (?:C|CXX) compiler identification is unknown",
     "CMake's test of the compiler failed", Cure.COMPILERS),
)  # fmt: skip

_MISSING = (
    # What the root may have, and the machine has not.
    (r"fatal error: '?([\w./+-]+\.h\w*)'?(?: file not found|: No such file)", r"the header \1 was not found", Cure.ROOT,
     _INSTALL),
    (r"unable to find (?:dynamic |static )?(?:system )?library ['\"]?([\w.+-]+)|cannot find -l([\w.+-]+)"
     r"|unable to find library -l([\w.+-]+)", r"the library \1\2\3 was not found", Cure.ROOT, _INSTALL),
    (r"ERROR: Dependency (?:lookup for )?\"?([\w.+-]+)\"? (?:not found|with method)"
     r"|ERROR: C(?:\+\+)? (?:shared or static|shared|static) library '([^']+)' not found",
     r"meson did not find the library \1\2", Cure.ROOT, _INSTALL),
    (r"CMake Error[^\n]*\n\s*Could NOT find (\w+)|CMake Error[^\n]*\n(?:[^\n]*\n){0,6}?[^\n]*\bpackage\s+configuration\s+"
     r"file\s+provided\s+by\s+\"(\w+)\"", r"CMake did not find \1\2", Cure.ROOT, _INSTALL),
    (r"(?m)ERROR: Program '([^']+)' not found|error: command '([^']+)' failed: No such file"
     r"|_execute_child[\s\S]*FileNotFoundError: [^\n]*: '([^']+)'"
     r"|^(?:\S*sh: )?(?:line )?(?:\d+: )?([^\s:]+): (?:command )?not found$[\s\S]*(?:Error|[Ss]tatus) 127",
     r"the program \1\2\3\4 was not found", Cure.ROOT, _INSTALL),
    (r"(?:\[Errno \d+\] (?:Read-only file system|Permission denied): |cannot \w+ (?:directory |file )?)"
     r"['‘]?(/(?!crosswheel/)[^\s'’:]+)",
     r"it writes to \1, outside of its own tree", Cure.ROOT, _OWN_TREE),
    (r"No such file or directory: '([\w./-]+\.(?:md|rst|txt|toml|cfg|in|json|yaml|yml|c|cc|cpp|pyx))'",
     r"the file \1 is missing", Cure.NONE, "add it to the project, or to its sdist (MANIFEST.in)"),
    (r"'([\w./]+\.pxd)' not found", r"Cython did not find \1", Cure.ROOT),
)  # fmt: skip

_PERHAPS = (
    # What may be another trouble's trace.
    (r"No package '([\w.+-]+)' found|Package '?([\w.+-]+?)'?,? (?:required by '[^']*', |was )?not found",
     r"pkg-config did not find \1\2", Cure.ROOT, _INSTALL),
    (rf"{_LINK}([^\s'’]+)", r"the symbol \1 is missing", Cure.BELOW),
    (r"configure: error: (.*)", r"configure ended: \1", Cure.BELOW),
    (r"ImportError: (.*)", r"an import failed: \1", Cure.BELOW),
)  # fmt: skip


def _rows(table: tuple[tuple[object, ...], ...]) -> tuple[Cause, ...]:
    return tuple(Cause(*row) for row in table)  # type: ignore[arg-type]


CAUSES: tuple[Cause | Symptom, ...] = (
    *of(Kind.NAMESPACES, Kind.SPACE, Kind.LARGE_FILES, Kind.GLIBC, Kind.ADDRESS_SPACE, Kind.SUDO),
    *of(Kind.PROCESSES, Kind.FILES),
    *_rows(_RUST),
    *of(Kind.NETWORK, Kind.CERTIFICATE),
    *_rows(_SURE),
    *of(Kind.EXEC_FORMAT, Kind.LOADER, Kind.LIBRARY),
    *_rows((*_TARGET, *_COMPILERS, *_MISSING)),
    *of(Kind.CPU, Kind.ABORT, Kind.GUEST_CRASH, Kind.FILE_SIZE, Kind.CPU_TIME, Kind.MEMORY, Kind.KILLED),
    *of(Kind.TRACING, Kind.CRASH),
    *_rows(_PERHAPS),
    *of(Kind.PERHAPS_NETWORK),
)
"""Why a rung of the ladder failed, and whether a lower one can cure it."""

OF_MACHINE = {
    Kind.EXEC_FORMAT: Cure.BELOW,
    Kind.LOADER: Cure.BELOW,
    Kind.LIBRARY: Cure.ROOT,
    Kind.GLIBC: Cure.BELOW,
    Kind.CRASH: Cure.BELOW,
    Kind.NAMESPACES: Cure.BELOW,
    Kind.TRACING: Cure.BELOW,
    Kind.PERHAPS_NETWORK: Cure.BELOW,
}
"""Which rungs may not have a trouble of the machine's; the troubles that are not here meet all alike."""
