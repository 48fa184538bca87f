"""The compiler wrapper: arguments of GCC's driver in, those of zig's out. zig itself does not run here."""

from pathlib import Path

import pytest
from toolchain_wrapper import CONSTANT, MARKS, TRIPLET, Maker, Wrapper, compiled

from crosswheel import process

pytestmark = MARKS


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("wrapper"))


@pytest.fixture
def make(program: Path, tmp_path: Path) -> Maker:
    return Maker(program, tmp_path)


@pytest.fixture
def wrapper(make: Maker) -> Wrapper:
    return make()


def test_a_compilation_names_the_target_and_undoes_what_zig_adds_unasked(wrapper: Wrapper) -> None:
    assert wrapper.cc("-O2", "-c", "a.c", "-o", "a.o") == [
        "/zig/zig", "cc", "-target", "aarch64-linux-gnu.2.17", "-fno-sanitize=all", "-UNDEBUG", "-g0",
        "-O2", "-c", "a.c", "-o", "a.o",
    ]  # fmt: skip


def test_the_format_of_long_double_is_said_where_code_is_compiled(make: Maker) -> None:
    wrapper = make(abi="ibmlongdouble")
    assert "-mabi=ibmlongdouble" in wrapper.cc("-c", "a.c")
    assert "-mabi=ibmlongdouble" not in wrapper.cc("-shared", "a.o", "-o", "a.so")


def test_a_link_is_stripped(wrapper: Wrapper, make: Maker) -> None:
    assert "-s" in wrapper.cc("-shared", "a.o", "-o", "a.so")
    assert "-s" in wrapper.cc("-g", "-shared", "a.o", "-o", "a.so")
    assert "-s" not in wrapper.cc("-c", "a.c")
    assert "-s" not in make(keep_symbols="yes").cc("-shared", "a.o", "-o", "a.so")


def test_debug_information_is_made_only_when_asked_for(wrapper: Wrapper) -> None:
    assert "-g0" not in wrapper.cc("-g", "-c", "a.c")


@pytest.mark.parametrize(
    ("name", "subcommand"),
    [("cc", "cc"), ("gcc", "cc"), ("clang", "cc"), ("c++", "c++"), ("g++", "c++"), ("clang++", "c++"),
     (f"{TRIPLET}-gcc", "cc"), (f"{TRIPLET}-g++", "c++"), ("ar", "ar"), ("ranlib", "ranlib"),
     ("ld", "ld.lld"), (f"{TRIPLET}-gcc-ar", "ar"), (f"{TRIPLET}-ld", "ld.lld")],
)  # fmt: skip
def test_the_name_chooses_the_tool(wrapper: Wrapper, name: str, subcommand: str) -> None:
    assert wrapper.rewritten(name, "a.o")[1] == subcommand


def test_cpp_preprocesses(wrapper: Wrapper) -> None:
    assert "-E" in wrapper.rewritten("cpp", "a.c")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("-march=armv8-a", "-mcpu=generic"),
        ("-march=armv8-a+crc+crypto", "-mcpu=generic+crc+aes+sha2"),
        ("-march=armv8.2-a+fp16", "-mcpu=generic+v8_2a+fullfp16"),
        ("-march=armv8.2-a+nosimd", "-mcpu=generic+v8_2a-neon"),
        ("-march=armv9-a+sve2-aes", "-mcpu=generic+v9a+sve2_aes"),
        ("-mcpu=cortex-a72", "-mcpu=cortex_a72"),
        ("-mcpu=neoverse-n1+crypto", "-mcpu=neoverse_n1+aes+sha2"),
        ("-mcpu=power9", "-mcpu=pwr9"),
        ("-mcpu=powerpc64le", "-mcpu=powerpc64le"),
        ("-march=z14", "-mcpu=z14"),
        ("-march=x86-64-v3", "-mcpu=x86_64_v3"),
        ("-march=rv64gc", "-mcpu=baseline_rv64"),
        ("-march=rv64gcv_zba_zbb", "-mcpu=baseline_rv64+v+zba+zbb"),
        ("-march=armv7-a", "-mcpu=generic+v7a"),
        ("-mcpu=generic+v8_2a+fullfp16", "-mcpu=generic+v8_2a+fullfp16"),
    ],
)
def test_a_cpu_is_said_in_zigs_words(wrapper: Wrapper, given: str, expected: str) -> None:
    assert expected in wrapper.cc("-c", given, "a.c")


FLOOR = "generic+v7a-d32"


def test_what_nobody_names_a_processor_for_is_for_the_oldest_one(make: Maker) -> None:
    wrapper = make(cpu=FLOOR)
    for arguments in (("-c", "a.c"), ("-shared", "a.o", "-o", "a.so")):  # zig's own libraries too
        assert f"-mcpu={FLOOR}" in wrapper.cc(*arguments)


@pytest.mark.parametrize(
    ("arguments", "cpu"),
    [
        (["-march=armv7-a"], FLOOR),
        (["-march=armv7-a", "-mfpu=vfpv3-d16"], FLOOR),
        (["-march=armv7-a", "-mfpu=neon"], "generic+v7a"),
        (["-mfpu=neon-vfpv4"], "generic+v7a+vfp4"),
        (["-mcpu=cortex-a15"], "cortex_a15"),
    ],
)
def test_what_names_a_processor_of_armv7_counts_and_no_more(
    make: Maker, arguments: list[str], cpu: str
) -> None:
    said = make(cpu=FLOOR).cc(*arguments, "-c", "a.c")
    assert [argument for argument in said if argument.startswith("-m")][-1] == f"-mcpu={cpu}"


@pytest.mark.parametrize("argument", ["-march=armv8.2-a+fp16", "-mcpu=cortex-a72", "-Os"])
def test_a_link_alone_says_nothing_of_cpu_or_size_for_which_zig_would_make_its_libraries_anew(
    wrapper: Wrapper, argument: str
) -> None:
    assert wrapper.cc("-shared", "a.o", argument) == wrapper.cc("-shared", "a.o")
    assert len(wrapper.cc("-shared", "a.c", argument)) == len(wrapper.cc("-shared", "a.c")) + 1


@pytest.mark.parametrize("argument", ["-march=native", "-mcpu=native"])
def test_the_build_machines_cpu_is_refused_with_one_sentence(wrapper: Wrapper, argument: str) -> None:
    done = wrapper.run("cc", argument, "-c", "a.c")
    assert done.returncode == 1
    assert done.output == f"crosswheel: cannot compile here: {argument} means the CPU of the build machine"
    assert wrapper.record.startswith(f"refuse {argument}: ")


@pytest.mark.parametrize("argument", ["-fopenmp", "-fopenmp=libgomp", "-lgomp"])
def test_a_link_with_openmp_is_refused(wrapper: Wrapper, argument: str) -> None:
    done = wrapper.run("cc", "-shared", "a.o", argument)
    assert (
        done.returncode,
        done.output.startswith("crosswheel: cannot compile here: zig has no OpenMP"),
    ) == (1, True)


@pytest.mark.parametrize("name", ["gfortran", f"{TRIPLET}-gfortran", "f77", "f95"])
def test_fortran_is_refused_whatever_is_asked(wrapper: Wrapper, name: str) -> None:
    done = wrapper.run(name, "--version")
    assert (done.returncode, done.output) == (
        1,
        "crosswheel: cannot compile here: zig has no Fortran compiler",
    )
    assert wrapper.record == f"refuse {name}: zig has no Fortran compiler\n"


def test_openmp_in_a_compilation_alone_is_left_to_zig(wrapper: Wrapper) -> None:
    assert "-fopenmp" in wrapper.cc("-fopenmp", "-c", "a.c")


@pytest.mark.parametrize(
    "argument",
    ["-flto", "-flto=auto", "-ffat-lto-objects", "-fno-gnu-unique", "-fcf-protection", "-mtune=native",
     "-pipe", "-specs=/usr/share/x.specs", "--sysroot=/", "-B/usr/bin", "-mabi=lp64", "--target=aarch64-linux-gnu",
     "-static-libstdc++", "-lgcc", "-latomic", "-Wl,--exclude-libs,ALL", "-Wl,--exclude-libs=ALL",
     "-Wl,-Bsymbolic-functions", "-Wl,--dynamic-list=x", "-Wl,-O1", "-Wl,-z,pack-relative-relocs",
     "-Wl,-Map=x.map", "-Wl,--fix-cortex-a53-843419", "-Wl,-rpath-link,/x", "-Wl,-melf_i386", "-Wl,-plugin-opt=x"],
)  # fmt: skip
def test_what_zig_refuses_and_a_build_can_do_without_is_left_out_and_recorded(
    wrapper: Wrapper, argument: str
) -> None:
    assert wrapper.cc("-shared", "a.o", argument) == wrapper.cc("-shared", "a.o")
    wrapper.run("cc", "-shared", "a.o", argument)
    assert wrapper.record.startswith("drop ")


def test_an_option_left_out_takes_its_value_with_it(wrapper: Wrapper) -> None:
    assert wrapper.cc("-c", "-target", "x86_64-linux-gnu", "a.c") == wrapper.cc("-c", "a.c")
    assert wrapper.cc("-shared", "-Wl,-Map,x.map", "a.o") == wrapper.cc("-shared", "a.o")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["-Wl,-h,libx.so.1"], ["-Wl,-soname,libx.so.1"]),
        (["-Wl,-R,/x"], ["-Wl,-rpath,/x"]),
        (["-Xlinker", "-rpath", "-Xlinker", "/x"], ["-Wl,--rpath,/x"]),
        (["-Wl,-rpath", "-Wl,/x"], ["-Wl,--rpath,/x"]),
        (["-Wl,--undefined=f"], ["-Wl,-u,f"]),
        (["-u", "f"], ["-Wl,-u,f"]),
        (["-symbolic"], ["-Wl,-Bsymbolic"]),
        (["-Wl,-z,relro,-z,now"], ["-Wl,-z,relro", "-Wl,-z,now"]),
        (
            ["-Wl,--start-group,-lm,liba.a,--end-group"],
            ["-Wl,--start-group", "-lm", "liba.a", "-Wl,--end-group"],
        ),
        (["-Wl,--no-such-option"], ["-Wl,--no-such-option"]),
    ],
)
def test_linker_options_are_said_in_words_that_zig_takes(
    wrapper: Wrapper, given: list[str], expected: list[str]
) -> None:
    assert wrapper.cc("-shared", "a.o", *given)[CONSTANT:-1] == expected


def test_pop_state_brings_back_what_push_state_saved(wrapper: Wrapper) -> None:
    linked = wrapper.cc("-shared", "a.o", "-Wl,--push-state,--as-needed,-lm,--pop-state", "-lx")
    assert linked[CONSTANT:-1] == ["-Wl,--as-needed", "-lm", "-Wl,--no-as-needed", "-lx"]


def test_a_version_script_may_name_absent_symbols(wrapper: Wrapper) -> None:
    for argument in ("-Wl,--version-script=x", "-Wl,--version-script,x"):
        assert {"-Wl,--version-script,x", "-Wl,--undefined-version"} <= set(
            wrapper.cc("-shared", "a.o", argument)
        )


def test_words_for_the_preprocessor_become_options(wrapper: Wrapper) -> None:
    assert wrapper.cc("-c", "-Wp,-D_FORTIFY_SOURCE=2", "a.c")[CONSTANT:] == [
        "-c",
        "-D_FORTIFY_SOURCE=2",
        "a.c",
    ]
    assert wrapper.cc("-c", "-Wp,-MMD,a.d", "a.c")[CONSTANT:] == ["-c", "-MMD", "-MF", "a.d", "a.c"]


def test_a_check_of_syntax_makes_no_object_file(wrapper: Wrapper) -> None:
    assert wrapper.cc("-fsyntax-only", "a.c")[CONSTANT:] == ["a.c", "-c", "-o/dev/null"]


def test_standard_input_without_a_language_is_read_as_c(wrapper: Wrapper) -> None:
    assert "-xc" in wrapper.cc("-E", "-dM", "-")
    assert "-xc++" in wrapper.rewritten("c++", "-E", "-")
    assert "-xc" not in wrapper.cc("-x", "assembler-with-cpp", "-E", "-")


def test_response_files_are_read_with_quotes_escapes_and_nesting(wrapper: Wrapper, tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    inner.write_text("-DB='x y' -march=armv8-a\n", encoding="utf-8")
    outer.write_text(f'-c "a b.c"\n@{inner} -DC=\\"q\\"', encoding="utf-8")
    assert wrapper.cc(f"@{outer}")[CONSTANT:] == ["-c", "a b.c", "-DB=x y", "-mcpu=generic", '-DC="q"']
    assert wrapper.cc("-c", "a.c", "@missing")[-1] == "@missing"


def test_more_arguments_than_a_command_may_have_go_by_a_file_in_memory(make: Maker, tmp_path: Path) -> None:
    shower = tmp_path / "zig"
    shower.write_text('#!/bin/sh\necho "$# $2"; wc -l < /proc/self/fd/100\n', encoding="utf-8")
    shower.chmod(0o755)
    arguments = tmp_path / "arguments"
    arguments.write_text("-DLONG=123456789\n" * 100_000, encoding="utf-8")
    done = make(zig=str(shower)).run("cc", "-c", "a.c", f"@{arguments}")
    assert done.output.split() == ["2", "@/proc/self/fd/100", "100007"]


def test_zig_gets_the_stores_cache_whatever_the_environment_says(make: Maker, tmp_path: Path) -> None:
    shower = tmp_path / "zig"
    shower.write_text("#!/bin/sh\necho $ZIG_GLOBAL_CACHE_DIR $ZIG_LOCAL_CACHE_DIR $KEPT\n", encoding="utf-8")
    shower.chmod(0o755)
    tool = make(zig=str(shower), cache="/store/cache").directory / "cc"
    done = process.run(
        [tool, "-c", "a.c"], env={"ZIG_LOCAL_CACHE_DIR": "/else", "KEPT": "kept"}, capture=True
    )
    assert done.output == "/store/cache /store/cache kept"


def test_a_wrapper_without_its_configuration_says_so(wrapper: Wrapper) -> None:
    (wrapper.directory / "toolchain.conf").unlink()
    done = wrapper.run("cc", "-c", "a.c")
    assert (done.returncode, done.output) == (
        1,
        f"crosswheel: {wrapper.directory}/toolchain.conf cannot be read",
    )


def test_strip_copies_where_it_is_asked_to(wrapper: Wrapper, tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(b"\x7fELF\0" * 40_000)
    assert wrapper.run("strip", "-g", "-o", tmp_path / "b.so", tmp_path / "a.so").returncode == 0
    assert (tmp_path / "b.so").read_bytes() == (tmp_path / "a.so").read_bytes()
    assert wrapper.run("strip", tmp_path / "a.so").returncode == 0


QUESTIONS = {
    "-dumpmachine": TRIPLET,
    "-print-multiarch": TRIPLET,
    "-dumpversion": "22.1.8",
    "-Wl,--version": "LLD 22.1.8 (compatible with GNU linkers)",
    "-Wl,-v": "LLD 22.1.8 (compatible with GNU linkers)",
    "-print-prog-name=no-such-tool": "no-such-tool",
    "--print-file-name=libno.so": "libno.so",
}


@pytest.mark.parametrize(("question", "expected"), QUESTIONS.items())
def test_questions_are_answered_as_clang_and_lld_would(
    wrapper: Wrapper, question: str, expected: str
) -> None:
    assert wrapper.run("cc", question).output == expected


def test_a_link_that_asks_for_the_version_of_the_linker_goes_on(wrapper: Wrapper) -> None:
    said, *command = wrapper.cc("-Wl,-v", "abi.o", "-o", "abi")
    assert said == "LLD 22.1.8 (compatible with GNU linkers)"
    assert command == wrapper.cc("abi.o", "-o", "abi")


def test_a_verbose_link_tells_its_directories_and_nothing_of_zigs_cache(make: Maker, tmp_path: Path) -> None:
    libraries = tmp_path / "usr/lib" / TRIPLET
    libraries.mkdir(parents=True)
    wrapper = make(sysroot=str(tmp_path))
    said, *command = wrapper.cc("-v", "abi.o", "-o", "abi")
    assert said == f' "{wrapper.directory}/ld" -L{libraries} -L{tmp_path}/usr/lib'
    assert command == wrapper.cc("abi.o", "-o", "abi")
    assert "-v" in wrapper.cc("-v", "-c", "abi.c")


def test_it_calls_itself_clang(wrapper: Wrapper) -> None:
    for question in ("--version", "-v"):
        assert wrapper.run("cc", question).output.splitlines()[:2] == [
            "clang version 22.1.8",
            f"Target: {TRIPLET}",
        ]


def test_tools_are_found_beside_it(wrapper: Wrapper) -> None:
    assert wrapper.run("cc", "-print-prog-name=ld").output == str(wrapper.directory / "ld")


MUSL = "/musl/libc.musl-aarch64.so.1"
TO_MUSL = ["-dynamic", "-Wl,--no-as-needed", MUSL]


@pytest.mark.parametrize(
    "arguments",
    [
        ("-shared", "a.o", "-o", "a.so"),
        ("a.o", "-o", "a", "-lm"),
        ("-shared", "-nostdlib", "a.o", "-lc"),
        ("-shared", "-nodefaultlibs", "a.o", "-l", "m"),
    ],
)
def test_a_link_for_musl_asks_for_it_by_alpines_name(make: Maker, arguments: tuple[str, ...]) -> None:
    assert make(musl=MUSL).cc(*arguments)[-3:] == TO_MUSL
    assert MUSL not in make().cc(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [("-c", "a.c"), ("-static", "a.o"), ("-static-pie", "a.o"), ("-r", "a.o"), ("-nostdlib", "a.o")],
)
def test_what_is_no_dynamic_link_does_not_ask_for_musl(make: Maker, arguments: tuple[str, ...]) -> None:
    assert not {"-dynamic", MUSL} & set(make(musl=MUSL).cc(*arguments))


def test_modules_link_a_shared_libcpp_and_programs_zigs_own(make: Maker) -> None:
    wrapper = make(cxx_library="/cxx/libc++.so.1")
    assert wrapper.rewritten("c++", "-shared", "a.o")[-3:] == ["-nostdlib++", "/cxx/libc++.so.1", "-lunwind"]
    assert "/cxx/libc++.so.1" in wrapper.cc("-shared", "a.o", "-lstdc++")
    assert "-lc++" not in wrapper.cc("-shared", "a.o", "-lstdc++")
    assert "/cxx/libc++.so.1" not in wrapper.rewritten("c++", "a.o")
