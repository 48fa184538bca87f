"""Configuration: precedence, forms, and faults that name their place."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from crosswheel import config
from crosswheel.config import Configuration, Flags, Switches
from crosswheel.errors import ConfigurationError, ExitCode
from crosswheel.options import ContainerEngine, DependencyVersions, Frontend, Options

ID = "cp311-manylinux_aarch64"


def load(
    directory: Path, text: str = "", environ: Mapping[str, str] | None = None, flags: Flags | None = None
) -> Configuration:
    (directory / "pyproject.toml").write_text(text)
    return config.load(directory, config_file=None, environ=environ or {}, flags=flags or Flags())


def options(directory: Path, text: str, environ: Mapping[str, str] | None = None) -> Options:
    return load(directory, text, environ).options_for(ID)


def faults(
    directory: Path, text: str = "", environ: Mapping[str, str] | None = None, flags: Flags | None = None
) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(directory, text, environ, flags)
    assert caught.value.exit_code in (ExitCode.CONFIGURATION, ExitCode.DEPRECATED)
    return [
        f"{fault.place}: {fault.problem}" + (f" ({fault.hint})" if fault.hint else "")
        for fault in caught.value.faults
    ]


def table(*lines: str) -> str:
    return "\n".join(["[tool.cibuildwheel]", *lines, ""])


def test_without_a_configuration_the_defaults_hold(tmp_path: Path) -> None:
    configuration = config.load(tmp_path, config_file=None, environ={}, flags=Flags())
    assert configuration.build.texts == ("*",)
    assert configuration.architectures == ("x86_64",)
    assert configuration.requires_python is None
    assert configuration.enable == frozenset()
    assert configuration.warnings == ()
    assert configuration.options_for(ID) == Options()


STEPS = (
    'test-command = "table"',
    '[tool.cibuildwheel.linux]\ntest-command = "linux"',
    '[[tool.cibuildwheel.overrides]]\nselect = "cp311-*"\ntest-command = "override"',
    '[[tool.cibuildwheel.overrides]]\nselect = "*"\ntest-command = "last override"',
)


@pytest.mark.parametrize(
    ("steps", "environ", "expected"),
    [
        (0, {}, ""),
        (1, {}, "table"),
        (2, {}, "linux"),
        (3, {}, "override"),
        (4, {}, "last override"),
        (4, {"CIBW_TEST_COMMAND": "variable"}, "variable"),
        (4, {"CIBW_TEST_COMMAND": "variable", "CIBW_TEST_COMMAND_LINUX": "linux variable"}, "linux variable"),
        (4, {"CIBW_TEST_COMMAND": ""}, ""),
    ],
)
def test_a_higher_place_wins(tmp_path: Path, steps: int, environ: dict[str, str], expected: str) -> None:
    assert options(tmp_path, table(*STEPS[:steps]), environ).test_command == expected


def test_an_override_is_for_the_identifiers_that_it_selects(tmp_path: Path) -> None:
    text = table('[[tool.cibuildwheel.overrides]]\nselect = ["cp313-*", "*s390x"]\nbefore-build = "make"')
    configuration = load(tmp_path, text)
    assert configuration.options_for("cp313-manylinux_x86_64").before_build == "make"
    assert configuration.options_for("cp39-musllinux_s390x").before_build == "make"
    assert configuration.options_for(ID).before_build == ""


@pytest.mark.parametrize(("rule", "expected"), [("none", "b"), ("append", "a && b"), ("prepend", "b && a")])
def test_inherit_says_how_a_value_joins_the_one_below(tmp_path: Path, rule: str, expected: str) -> None:
    override = (
        f'[[tool.cibuildwheel.overrides]]\nselect = "*"\ninherit.before-all = "{rule}"\nbefore-all = "b"'
    )
    assert options(tmp_path, table('before-all = "a"', override)).before_all == expected


def test_inherit_takes_its_short_form_in_a_variable(tmp_path: Path) -> None:
    environ = {
        "CIBW_INHERIT": "before-all; test-requires-linux: prepend",
        "CIBW_BEFORE_ALL": "b",
        "CIBW_TEST_REQUIRES_LINUX": "numpy",
    }
    found = options(tmp_path, table('before-all = "a"', 'test-requires = ["pytest"]'), environ)
    assert (found.before_all, found.test_requires) == ("a && b", ("numpy", "pytest"))


def test_the_table_of_another_platform_says_nothing_for_linux(tmp_path: Path) -> None:
    assert options(tmp_path, '[tool.cibuildwheel.macos]\nbefore-all = "brew"\n') == Options()


def test_every_option_becomes_one_exact_value(tmp_path: Path) -> None:
    text = table(
        'before-all = ["apt-get update", "make"]',
        'build-frontend = { name = "build[uv]", args = ["--no-isolation"] }',
        "build-verbosity = 7",
        'config-settings = { "--opt" = "a b", list = ["1", "2"] }',
        'environment = { A = "x y", B = "$A", MACOSX_DEPLOYMENT_TARGET = 10.13 }',
        'environment-pass = ["TOKEN", "HOME"]',
        "test-requires = \"pytest 'a; b'\"",
        'test-extras = "dev, fast"',
        'test-groups = ["Test_All"]',
        'test-skip = "*aarch64"',
        'manylinux-aarch64-image = "manylinux_2_28"',
        'repair-wheel-command = ""',
        '[dependency-groups]\ntest-all = ["pytest"]',
    )
    assert options(tmp_path, text) == Options(
        before_all="apt-get update && make",
        build_frontend=Frontend("build[uv]", ("--no-isolation",)),
        build_verbosity=3,
        config_settings=(("--opt", ("a b",)), ("list", ("1", "2"))),
        environment=(("A", '"x y"'), ("B", '"$A"'), ("MACOSX_DEPLOYMENT_TARGET", '"10.13"')),
        environment_pass=("TOKEN", "HOME"),
        test_requires=("pytest", "a; b"),
        test_extras=("dev", "fast"),
        test_groups=("Test_All",),
        test_skip=True,
        image="manylinux_2_28",
        repair_wheel_command="",
    )


def test_the_default_repair_command_is_the_built_in_repair(tmp_path: Path) -> None:
    text = table('repair-wheel-command = "auditwheel repair -w {dest_dir} {wheel}"')
    assert options(tmp_path, text).repair_wheel_command is None


def test_an_image_is_that_of_the_architecture_and_libc(tmp_path: Path) -> None:
    text = table('manylinux-aarch64-image = "manylinux_2_31"', 'musllinux-aarch64-image = "musllinux_1_2"')
    configuration = load(tmp_path, text)
    assert configuration.options_for("cp39-musllinux_aarch64").image == "musllinux_1_2"
    assert configuration.options_for("cp39-manylinux_x86_64").image == ""


@pytest.mark.parametrize(
    ("archs", "expected"),
    [
        ("auto", ("x86_64",)),
        ("auto64 auto32", ("x86_64", "i686")),
        ("native,aarch64", ("x86_64", "aarch64")),
        ("all", ("x86_64", "i686", "aarch64", "ppc64le", "s390x", "armv7l", "riscv64")),
    ],
)
def test_archs_stand_for_architectures(tmp_path: Path, archs: str, expected: tuple[str, ...]) -> None:
    assert load(tmp_path, environ={"CIBW_ARCHS": archs}).architectures == expected


def test_the_command_line_wins_over_all(tmp_path: Path) -> None:
    flags = Flags(archs="s390x", enable=("pypy",))
    environ = {"CIBW_ARCHS_LINUX": "aarch64", "CIBW_ENABLE": "graalpy"}
    found = load(tmp_path, table('enable = ["pypy-eol"]'), environ, flags)
    assert found.architectures == ("s390x",)
    assert found.enable == {"pypy", "graalpy", "pypy-eol"}  # the one option whose places add up


def test_only_overrides_every_selection(tmp_path: Path) -> None:
    found = load(tmp_path, table('build = "cp39-*"', 'skip = "*"'), flags=Flags(only=ID))
    assert (found.only, found.build.texts, found.skip.texts) == (ID, (ID,), ())
    assert "aarch64" in found.architectures


def test_a_configuration_file_replaces_that_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "ci.toml").write_text(table('before-all = "ci"'))
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nrequires-python = ">=3.10"\n' + table('before-all = "project"')
    )
    found = config.load(tmp_path, config_file="{package}/ci.toml", environ={}, flags=Flags())
    assert found.options_for(ID).before_all == "ci"
    assert found.requires_python == ">=3.10"


def test_a_missing_configuration_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        config.load(tmp_path, config_file=str(tmp_path / "no.toml"), environ={}, flags=Flags())


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = table(
        'tets-command = "pytest"',
        "before-all = true",
        'container-engine = "rkt"',
        '[tool.cibuildwheel.linux]\ndependency-versions = "pinned"',
        '[[tool.cibuildwheel.overrides]]\ntest-command = "x"\nbuild = "cp311-*"',
    )
    assert faults(tmp_path, text, {"CIBW_ARCHS": "arm64"}) == [
        "tool.cibuildwheel.tets-command: is not an option of cibuildwheel (did you mean test-command?)",
        "tool.cibuildwheel.before-all: is a boolean where a string or a list of strings is wanted",
        "tool.cibuildwheel.container-engine: names 'rkt', which is no container engine (one of docker, podman)",
        "tool.cibuildwheel.linux.dependency-versions: may not stand here (set it in tool.cibuildwheel)",
        'tool.cibuildwheel.overrides[0].select: is not set (write select = "cp311-*")',
        "tool.cibuildwheel.overrides[0].build: may not stand here (set it in tool.cibuildwheel)",
        "CIBW_ARCHS: names 'arm64', which is no architecture of Linux wheels (did you mean aarch64?)",
    ]


ONE_FAULT = (
    ('build = "cp{311,313-*"', "has the pattern 'cp{311,313-*' with an unequal number of { and }"),
    ('skip = "{0..9999}*"', "has the pattern '{0..9999}*', whose braces stand for more than 1000 names"),
    ('environment = "A=\'1"', 'is not valid bash: unexpected EOF while looking for matching "\'"'),
    ('environment = "B=2 A=\'1"', '(position 8) in "B=2 A=\'1"'),
    ('environment = "# nothing"', "is not valid bash in '# nothing'"),
    ('environment = "A=1 && B=2"', "is a list where only assignments are wanted in 'A=1 && B=2'"),
    ('environment = "A=${B"', "has ${ without its }, which cannot be evaluated in 'A=${B'"),
    ('environment = "export A=1"', "has 'export' where NAME=value is wanted"),
    ('environment = { A = "$(ls | wc)" }', 'sets A to "$(ls | wc)", which runs a pipeline'),
    ('environment = { A = "${B:-c}" }', 'sets A to "${B:-c}", which expands ${B:-c}'),
    ('environment = { A = ["x"] }', "holds a list where a string is wanted"),
    ('environment = "A=$((1 + 1))"', "uses arithmetic expansion, which cannot be evaluated"),
    ('enable = ["pypi"]', "names the unknown group 'pypi' (did you mean pypy?)"),
    ('build-verbosity = "loud"', "is 'loud' where an integer from -3 to 3 is wanted"),
    ('build-frontend = "poetry"', "names 'poetry', which is no build frontend for Linux"),
    ('build-frontend = { name = "pip", argv = [] }', "has the unknown field 'argv' (the fields are"),
    ('build-frontend = "pip; --no-deps"', "has '--no-deps' where NAME: is wanted"),
    ('build-frontend = "build; args: --wheel"', "has the argument '--wheel', which is not followed yet"),
    ('config-settings = { "a b" = "c" }', "has the key 'a b', which is not one word"),
    ('test-requires = "\'pytest"', "has a quotation that is not closed"),
    ('test-command = "{python} -m pytest"', "holds {python}, which cibuildwheel 3 took away (write python)"),
    ('manylinux-aarch64-image = "manylinux2010"', "which cibuildwheel 4 no longer supports"),
    ('inherit = { build-frontend = "append" }', "is set, but this option does not inherit"),
    ('inherit = { before-all = "add" }', "is 'add', which is no rule (one of none, append, prepend)"),
    ('inherit = "before-al"', "is not an option of cibuildwheel (did you mean before-all?)"),
    ("overrides = {}", "is a table where a list of tables is wanted"),
    ('linux = "x"', "is a string where a table is wanted"),
    ('test-groups = "dev"', "names the group 'dev', which [dependency-groups]"),
    (
        'test-groups = "x"\n[dependency-groups]\nx = [{ include-group = "x" }]',
        "has, but: Cyclic dependency group",
    ),
    (
        'test-groups = "x"\n[dependency-groups]\nx = 3',
        "names the group 'x', which [dependency-groups] has, but: ",
    ),
    ('enable = "zz"', "names the unknown group 'zz' (one of cpython-prerelease, graalpy,"),
    ('test-command = "a\\u0000b"', "holds a NUL character, which no command or variable can hold"),
    ('environment = { A = "\\u0000" }', "holds a NUL character"),
    (f'dependency-versions = "{"x" * 5000}"', "which does not exist"),
    ('audit-command = ["x {wheel} {abi3_wheel}"]', "with both {wheel} and {abi3_wheel}"),
    ('dependency-versions = "no/such/file"', "names the file no/such/file, which does not exist"),
    ('dependency-versions = { file = "a", packages = ["b"] }', "has both file and packages"),
    ('dependency-versions = { files = "a" }', "has the unknown field 'files'"),
    ('container-engine = { name = "docker", args = [] }', "has the unknown field 'args'"),
    ("container-engine = 1", "is an integer where a string or a table is wanted"),
)


@pytest.mark.parametrize(("line", "problem"), ONE_FAULT)
def test_a_wrong_value_is_one_fault_that_says_what_is_wrong(tmp_path: Path, line: str, problem: str) -> None:
    (fault,) = faults(tmp_path, table(line))
    assert problem in fault


def test_broken_toml_is_a_fault_with_its_line(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "[project]\nname = \n")
    assert fault == f"{tmp_path / 'pyproject.toml'}: is not valid TOML: Invalid value (at line 2, column 8)"


def test_a_file_that_is_not_utf8_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigurationError, match="is not UTF-8 at byte 5"):
        config.load(tmp_path, config_file=None, environ={}, flags=Flags())


UNCHANGED = (
    'container-engine = "docker"',
    'dependency-versions = "pinned"',
    'audit-requires = ["abi3audit"]',
    'pyodide-version = "0.27"',
    'xbuild-tools = ["cmake"]',
)


@pytest.mark.parametrize("line", UNCHANGED)
def test_a_value_that_changes_nothing_on_linux_is_taken(tmp_path: Path, line: str) -> None:
    assert options(tmp_path, table(line)) == Options()


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (Flags(platform="macos"), "--platform: is macos, and crosswheel builds wheels for Linux alone"),
        (Flags(platform="linus"), "--platform: is 'linus', which is no platform (did you mean linux?)"),
        (Flags(only=ID, archs="all"), "--archs: is given beside --only, which names"),
        (Flags(only=ID, platform="linux"), "--platform: is given beside --only, which names"),
        (
            Flags(archs="armhf"),
            "--archs: names 'armhf', which is no architecture of Linux wheels (did you mean",
        ),
    ],
)
def test_a_wrong_flag_is_a_fault(tmp_path: Path, flags: Flags, fault: str) -> None:
    (found,) = faults(tmp_path, flags=flags)
    assert found.startswith(fault)


def test_another_platform_in_the_environment_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, environ={"CIBW_PLATFORM": "windows"})
    assert fault.startswith("CIBW_PLATFORM: is windows")


def test_requires_python_in_the_environment_wins_over_the_project(tmp_path: Path) -> None:
    text = '[project]\nrequires-python = ">=3.9"\n'
    assert load(tmp_path, text, {"CIBW_PROJECT_REQUIRES_PYTHON": ">=3.12"}).requires_python == ">=3.12"


def test_a_wrong_requires_python_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "[project]\nrequires-python = 3.11\n")
    assert fault.startswith("project.requires-python: is '3.11', which is no version specifier")


def test_an_unreadable_setup_cfg_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("python_requires = 3\n")
    (fault,) = faults(tmp_path)
    assert fault.startswith("setup.cfg: cannot be read")


WARNED = (
    ("CIBW_BEFORE_AL", "did you mean CIBW_BEFORE_ALL?"),
    ("CIBW_BUILD_LINUX", "CIBW_BUILD has no form for one platform"),
)


@pytest.mark.parametrize(("name", "text"), WARNED)
def test_a_variable_that_is_not_read_is_a_warning(tmp_path: Path, name: str, text: str) -> None:
    (warning,) = load(tmp_path, environ={name: "1"}).warnings
    assert warning.startswith(name)
    assert text in warning


@pytest.mark.parametrize("name", ["CIBW_BEFORE_ALL", "CIBW_TEST_COMMAND_MACOS", "CIBW_OUTPUT_DIR", "PATH"])
def test_other_variables_are_no_warning(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, environ={name: "1"}).warnings == ()


def test_an_image_for_pypy_is_a_warning_as_cibuildwheel_does_not_use_it(tmp_path: Path) -> None:
    (warning,) = load(tmp_path, table('manylinux-pypy_x86_64-image = "manylinux_2_28"')).warnings
    assert "has no effect" in warning


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("TRUE", True), ("0", False), ("", False)])
def test_switches_are_read_from_the_environment(text: str, expected: bool) -> None:
    environ = {"CIBW_ALLOW_EMPTY": text, "CIBW_DEBUG_TRACEBACK": text, "CIBW_OUTPUT_DIR": "out"}
    assert config.switches(environ) == Switches(
        allow_empty=expected, output_dir="out", cache_path="", debug_traceback=expected
    )


@pytest.mark.parametrize(
    ("line", "engine"),
    [
        ('container-engine = "podman"', ContainerEngine("podman")),
        (
            'container-engine = "docker; create_args: --gpus all; disable_host_mount: true"',
            ContainerEngine("docker", ("--gpus", "all"), disable_host_mount=True),
        ),
        (
            'container-engine = { name = "podman", create-args = ["-v", "/a:/b"], disable-host-mount = true }',
            ContainerEngine("podman", ("-v", "/a:/b"), disable_host_mount=True),
        ),
    ],
)
def test_the_forms_of_a_container_engine(tmp_path: Path, line: str, engine: ContainerEngine) -> None:
    assert options(tmp_path, table(line)).container_engine == engine


@pytest.mark.parametrize(
    ("line", "versions"),
    [
        ('dependency-versions = "latest"', DependencyVersions()),
        (
            'dependency-versions = "packages: pip==25 build"',
            DependencyVersions(packages=("pip==25", "build")),
        ),
        (
            'dependency-versions = { packages = ["pip==25"] }',
            DependencyVersions(packages=("pip==25",)),
        ),
    ],
)
def test_the_forms_of_dependency_versions(tmp_path: Path, line: str, versions: DependencyVersions) -> None:
    assert options(tmp_path, table(line)).dependency_versions == versions


def test_audit_commands_are_single_lines_to_which_overrides_add(tmp_path: Path) -> None:
    text = table('audit-command = ["twine check {wheel} && x {wheel}", "y {abi3_wheel}"]') + (
        '[[tool.cibuildwheel.overrides]]\nselect = "*"\n'
        'inherit.audit-command = "append"\naudit-command = "z {wheel}"\n'
    )
    assert options(tmp_path, text).audit_command == (
        "twine check {wheel}", "x {wheel}", "y {abi3_wheel}", "z {wheel}",
    )  # fmt: skip


PLACEHOLDERS = (
    ('test-command = "pytest {projct}"', "tool.cibuildwheel.test-command: holds {projct}, which is no placeholder"),
    ('before-all = ["x", "cd {Package}"]', "which is no placeholder (did you mean {package}?)"),
    ('repair-wheel-command = "x {wheel} {dest-dir}"', "holds {dest-dir}, which is no placeholder"),
    ('[[tool.cibuildwheel.overrides]]\nselect = "*"\naudit-command = "x {wheel} {abi3-wheel}"',
     "tool.cibuildwheel.overrides[0].audit-command: holds {abi3-wheel}"),
)  # fmt: skip


@pytest.mark.parametrize(("lines", "fault"), PLACEHOLDERS)
def test_a_word_in_braces_that_is_nearly_a_placeholder_is_a_fault(
    tmp_path: Path, lines: str, fault: str
) -> None:
    (found,) = faults(tmp_path, table(lines))
    assert fault in found


def test_a_placeholder_of_another_option_is_a_warning_with_its_line(tmp_path: Path) -> None:
    (found,) = load(tmp_path, table('before-all = "pip install {wheel}"')).warnings
    assert found == (
        f"{tmp_path}/pyproject.toml:2: tool.cibuildwheel.before-all: holds {{wheel}}, which this option does not "
        "fill in: it stays as it is"
    )


EMPTY = (
    'environment = "A=$A"',
    "environment = { A = '${A}' }",
    'environment = "A=1"\ntest-environment = { B = "$B", A = "$A" }',
    '[tool.cibuildwheel.linux]\nenvironment = "B=$A A=$A"',
)


@pytest.mark.parametrize("lines", EMPTY)
def test_a_variable_that_refers_to_itself_alone_is_a_warning(tmp_path: Path, lines: str) -> None:
    (found,) = load(tmp_path, table(lines)).warnings
    assert "to itself, which has no value there; environment-pass lets in this machine's" in found
    assert found.startswith(f"{tmp_path}/pyproject.toml:")


def test_a_variable_that_adds_to_itself_or_has_a_value_is_no_warning(tmp_path: Path) -> None:
    lines = 'environment-pass = ["A"]\nenvironment = "A=$A PATH=$PATH B=$B:x C=1 C=$C"\n'
    assert load(tmp_path, table(lines)).warnings == ()


def test_a_byte_order_mark_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xef\xbb\xbf[project]\n")
    with pytest.raises(ConfigurationError) as caught:
        config.load(tmp_path, config_file=None, environ={}, flags=config.Flags())
    assert caught.value.faults[0].hint == "it begins with a byte order mark: save it without one"


def test_what_is_no_table_is_one_fault_of_an_override(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, table("overrides = [1]"))
    assert [fault.place for fault in caught.value.faults] == ["tool.cibuildwheel.overrides[0]"]


def test_many_faults_of_a_large_file_are_told_in_seconds(tmp_path: Path) -> None:
    many = 20_000
    started = time.monotonic()
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, table("\n".join(f"x{number} = 1" for number in range(many))))
    assert caught.value.faults[-1].where == f"{tmp_path}/pyproject.toml:{many + 1}"
    assert time.monotonic() - started < 30


def test_a_wrong_placeholder_in_a_variable_is_told_by_its_name(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, environ={"CIBW_TEST_COMMAND_LINUX": "pytest {projects}"})
    assert found.startswith("CIBW_TEST_COMMAND_LINUX: holds {projects}")


@pytest.mark.parametrize(
    "command", ["x {project} {wheel}", "${projct}", "#{projct}", "{{projct}}", "{a,b}", "{x}", "{ projct; }"]
)
def test_other_braces_of_a_shell_are_no_warning(tmp_path: Path, command: str) -> None:
    assert load(tmp_path, table(f"test-command = '{command}'")).warnings == ()


ELSEWHERE = (
    (
        'macos = { before-al = "brew" }',
        "macos.before-al: is not an option of cibuildwheel (did you mean before-all?)",
    ),
    ("windows = { before-all = true }", "windows.before-all: is a boolean where a string or a list"),
    ('windows = { manylinux-x86_64-image = "x" }', "windows.manylinux-x86_64-image: may not stand here"),
    (
        'macos = { archs = ["arm46"] }',
        "macos.archs: names 'arm46', which is no architecture (did you mean arm64?)",
    ),
    (
        'pyodide = { build-frontend = "pyodide" }',
        "pyodide.build-frontend: names 'pyodide', which is no build frontend",
    ),
    ('ios = { test-runtime = { arg = "x" } }', "ios.test-runtime: has the unknown field 'arg'"),
    (
        "android = { xbuild-files = 1 }",
        "android.xbuild-files: is an integer where a string or a table is wanted",
    ),
    (
        'ios = { inherit = { xbuild-files = "append" } }',
        "ios.inherit.xbuild-files: is set, but this option does not",
    ),
    ("macos = 1", "macos: is an integer where a table is wanted"),
)


@pytest.mark.parametrize(("line", "fault"), ELSEWHERE)
def test_the_table_of_another_platform_is_checked(tmp_path: Path, line: str, fault: str) -> None:
    (found,) = faults(tmp_path, table(line))
    assert found.startswith(f"tool.cibuildwheel.{fault}")


def test_what_only_other_platforms_take_is_taken_there(tmp_path: Path) -> None:
    text = table(
        'macos = { archs = ["x86_64", "arm64", "universal2"], dependency-versions = "latest" }',
        'windows = { archs = "AMD64 ARM64", build-frontend = "pip; args: --no-clean" }',
        'pyodide = { build-frontend = "pyodide-build", archs = "wasm32", pyodide-version = "0.27" }',
        'ios = { test-runtime = "args: --verbose", xbuild-tools = ["cmake"], inherit.xbuild-tools = "append" }',
        'android = { xbuild-files = { numpy = ["a.h"] }, test-runtime = { args = ["x"] } }',
    )
    environ = {"CIBW_ARCHS_MACOS": "universal2", "CIBW_BUILD_FRONTEND_PYODIDE": "pyodide-build"}
    assert load(tmp_path, text, environ).options_for(ID) == Options()


def test_a_variable_of_another_platform_is_checked(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, environ={"CIBW_ARCHS_WINDOWS": "AMD46"})
    assert fault == "CIBW_ARCHS_WINDOWS: names 'AMD46', which is no architecture (did you mean AMD64?)"


def test_a_value_nested_too_deeply_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "a = " + "[" * 5000)
    assert fault.endswith("pyproject.toml: is not valid TOML: a value in it is nested too deeply")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('manylinux-aarch64-image = "manylinux2010"', ExitCode.DEPRECATED),
        ('archs = "arm64"', ExitCode.DEPRECATED),
        ('archs = "armhf"', ExitCode.CONFIGURATION),
        ('manylinux-aarch64-image = "manylinux2010"\nskip = 1', ExitCode.CONFIGURATION),
    ],
)
def test_the_code_of_what_cibuildwheel_took_once_or_elsewhere(
    tmp_path: Path, line: str, code: ExitCode
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        options(tmp_path, table(line))
    assert caught.value.exit_code is code
