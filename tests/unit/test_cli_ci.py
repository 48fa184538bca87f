"""``crosswheel ci``: what it writes, what it leaves alone, and what it refuses."""

from pathlib import Path

import pytest

from crosswheel.cli import run
from crosswheel.errors import ExitCode

GITHUB = ".github/workflows/crosswheel.yml"
PROJECT = "[project]\nname = 'a'\n[tool.cibuildwheel]\nbuild = 'cp31[13]-*'\nskip = '*musl*'\n"


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def errors(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    status = run(["ci", *args])
    return status, capsys.readouterr().err


def test_a_file_is_written_and_its_jobs_are_counted(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ci", "github", "--archs", "x86_64,aarch64"]) == ExitCode.OK

    written, noted = capsys.readouterr()
    assert written == f"{GITHUB} written: 4 wheels in 4 jobs\n"
    assert noted == ""
    assert '"cp313-manylinux_aarch64"' in (repository / GITHUB).read_text(encoding="utf-8")


def test_writing_again_keeps_own_jobs_and_an_own_head(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["ci", "github", "--archs", "aarch64"])
    path = repository / GITHUB
    head, jobs, rest = path.read_text(encoding="utf-8").partition("jobs:\n")
    path.write_text(
        f"{head.replace('main', 'trunk')}{jobs}{rest}  own:\n    name: 'mine'\n", encoding="utf-8"
    )

    assert run(["ci", "github", "--archs", "x86_64,aarch64"]) == ExitCode.OK

    text = path.read_text(encoding="utf-8")
    assert text.startswith(head.replace("main", "trunk"))
    assert text.endswith("  # crosswheel end\n  own:\n    name: 'mine'\n")
    assert text.count("{ name:") == 4
    assert run(["ci", "github", "--archs", "x86_64,aarch64"]) == ExitCode.OK
    assert path.read_text(encoding="utf-8") == text
    assert capsys.readouterr().out.endswith(f"{GITHUB} is as it was: 4 wheels in 4 jobs\n")


def test_check_ends_with_1_where_the_file_would_be_written_otherwise(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ci", "gitlab", "--archs", "aarch64", "--check"]) == 1
    assert not (repository / ".gitlab-ci.yml").exists()
    run(["ci", "gitlab", "--archs", "aarch64"])
    capsys.readouterr()

    assert run(["ci", "gitlab", "--archs", "aarch64", "--check"]) == 0
    assert capsys.readouterr().out == ".gitlab-ci.yml is up to date\n"
    assert run(["ci", "gitlab", "--archs", "s390x", "--check"]) == 1
    out, err = capsys.readouterr()
    assert '+      - { NAME: "cp311-manylinux_s390x"' in out
    assert err == (
        "crosswheel: .gitlab-ci.yml is not up to date: crosswheel ci gitlab --archs s390x writes it\n"
    )


def test_a_file_of_somebody_else_stays(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = repository / ".gitlab-ci.yml"
    path.write_text("mine: {}\n", encoding="utf-8")

    status, said = errors(capsys, "gitlab")

    assert status == 1
    assert said == (
        "crosswheel: error: .gitlab-ci.yml is there, and crosswheel ci did not write it\n"
        "  cause: it has not the comments between which the generated part stands\n"
        "  next: write another file with --output .gitlab/crosswheel.yml and name it under include:, "
        "or overwrite it with --force\n"
    )
    assert path.read_text(encoding="utf-8") == "mine: {}\n"
    assert run(["ci", "gitlab", "--output", ".gitlab/crosswheel.yml"]) == 0
    assert run(["ci", "gitlab", "--force"]) == 0
    assert "crosswheel-wheels:" in path.read_text(encoding="utf-8")


def test_bytes_that_are_no_text_survive(repository: Path) -> None:
    run(["ci", "gitlab", "--archs", "aarch64"])
    path = repository / ".gitlab-ci.yml"
    own = b"# caf\xe9\r\nown: {}\r\n"
    path.write_bytes(path.read_bytes() + own)

    assert run(["ci", "gitlab", "--archs", "s390x"]) == 0

    assert path.read_bytes().endswith(b"# crosswheel end\n" + own)


def test_a_package_in_a_directory_is_named_as_the_repository_sees_it(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = repository / "src" / "my package"
    package.mkdir(parents=True)
    (package / "pyproject.toml").write_text(PROJECT + "[tool.crosswheel]\ncache = 'kept'\n", encoding="utf-8")

    assert run(["ci", "github", "--archs", "aarch64", "--output", "-", str(package)]) == 0

    text = capsys.readouterr().out
    assert '      PACKAGE: "src/my package"\n' in text
    assert "            src/my package/kept/roots\n" in text
    assert "#   crosswheel ci github 'src/my package' --archs aarch64\n" in text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["githb"], "service: is 'githb', which is not known (did you mean github?)"),
        (
            ["github", "--arm", "emulated"],
            "--arm: is 'emulated', which is not known (one of cross, runner, qemu)",
        ),
        (
            ["azure", "--arm", "runner", "--publish"],
            "--arm: Azure Pipelines has no hosted arm machines with Linux "
            "(it has cross and qemu; the fastest is cross)",
        ),
        (
            ["circleci", "--publish"],
            "--publish: CircleCI has no trusted publishing "
            "(publish from GitHub Actions or GitLab CI, or by a job of your own)",
        ),
        (
            ["github", "--arm", "runner"],
            "--arm: is runner, but no wheel for aarch64 is selected (select it with --archs aarch64)",
        ),
        (
            ["github", "no-such-directory"],
            "no-such-directory: is not a directory: a workflow builds a checkout",
        ),
        (["github", ".."], "PACKAGE: .. is not in this directory, and a workflow sees nothing else"),
        (
            ["github", "--mirror", "http://x/$(id)"],
            "--mirror: is 'http://x/$(id)', which a workflow cannot hold as plain text",
        ),
        (
            ["github", "--crosswheel", "crosswheel ${{ secrets.X }}"],
            "--crosswheel: is 'crosswheel ${{ secrets.X }}', which a workflow cannot hold as plain text",
        ),
        (
            ["github", "--mirror", "http://me:secret@host.example/debian"],
            "--mirror: holds a password (everybody who reads the workflow would see it)",
        ),
        (["github", "--cache-dir", "x"], "--cache-dir: is not an option"),
        (["github", "--shards", "0"], "--shards: is 0, which is no number of jobs (write 4)"),
        (
            ["github", "--shards", "2", "--only", "cp311-manylinux_aarch64"],
            "--shards: has nothing to part: --only selects one wheel (leave one out)",
        ),
        (
            ["github", "--shards", "3"],
            "--shards: is 3, but the plan fills 2 of them (--shards 2)",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_written(
    args: list[str], said: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = errors(capsys, *args)

    assert status == ExitCode.CONFIGURATION
    assert said in text
    assert "Traceback" not in text
    assert not (repository / ".github").exists()


def test_a_file_that_cannot_be_written_is_said(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "taken").mkdir()
    (repository / "file").touch()

    assert errors(capsys, "github", "--output", "taken")[1].splitlines()[:2] == [
        "crosswheel: error: taken cannot be used",
        "  cause: taken: Is a directory",
    ]
    assert "file/ci.yml cannot be used" in errors(capsys, "github", "--output", "file/ci.yml")[1]


def test_a_service_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = errors(capsys)

    assert status == ExitCode.CONFIGURATION
    assert said == "crosswheel: error: service: none is named (one of github, gitlab, circleci, azure)\n"


def test_nothing_to_build_is_refused(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "pyproject.toml").write_text("[tool.cibuildwheel]\nskip = '*'\n", encoding="utf-8")

    for arm in ("cross", "qemu"):
        status, said = errors(capsys, "github", "--archs", "aarch64", "--arm", arm)
        assert status == ExitCode.NOTHING_TO_BUILD
        assert said.startswith('crosswheel: error: build = "*" and skip = "*" selects nothing to build\n')


def test_only_x86_64_and_what_is_left_out_are_noted(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "pyproject.toml").write_text(
        "[tool.cibuildwheel]\nbuild = 'cp3{9,10}-*'\n", encoding="utf-8"
    )

    _, said = errors(capsys, "github")

    assert said == (
        "crosswheel: note: 1 wheel left out; crosswheel plan tells why\n"
        "crosswheel: note: only x86_64 is selected; --archs x86_64,aarch64 adds arm\n"
    )


def test_it_plans_as_build_does_where_nothing_is_in_the_cache_but_without_the_pythons_of_this_machine(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "pyproject.toml").write_text(
        "[tool.cibuildwheel]\nbuild = 'cp31{1,2}-*'\n", encoding="utf-8"
    )

    assert run(["ci", "github", "--output", "-"]) == 0
    written = capsys.readouterr().out
    for only in ("cp311-manylinux", "cp312-manylinux", "cp311-musllinux", "cp312-musllinux"):
        assert f'build: "{only}_x86_64"' in written  # of debian, standalone and musl
    assert run(["ci", "github", "--output", "-", "--source", "debian"]) == 0
    assert "cp312" not in capsys.readouterr().out


def test_a_directory_inside_of_the_repository_is_noted(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / ".git").mkdir()
    (repository / "package").mkdir()
    (repository / "package" / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    monkeypatch.chdir(repository / "package")

    _, said = errors(capsys, "github", "--archs", "aarch64")

    assert said == f"crosswheel: note: the repository is {repository}: services read the file there only\n"


def test_a_command_that_the_images_of_cibuildwheel_lack_is_warned_of(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "pyproject.toml").write_text(
        PROJECT + "before-all = 'apt-get install x'\n", encoding="utf-8"
    )

    for arm, said in (
        ("cross", ""),
        ("qemu", "before-all calls apt-get, which the images of cibuildwheel do not"),
    ):
        text = errors(capsys, "github", "--archs", "aarch64", "--arm", arm, "--output", "-")[1]
        assert bool(said) == ("before-all" in text)
        assert said in text


def test_shards_are_those_that_the_jobs_will_compute(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    assert run(["ci", "github", "--archs", "x86_64,aarch64", "--shards", "2"]) == ExitCode.OK

    text = (repository / GITHUB).read_text(encoding="utf-8")
    assert capsys.readouterr().out == f"{GITHUB} written: 4 wheels in 2 jobs\n"
    assert '      CIBW_ARCHS: "x86_64 aarch64"\n' in text
    assert 'crosswheel build --shard "$SHARD" --report' in text
    built = []
    for shard in ("1/2", "2/2"):
        assert f'build: "{shard}" }}\n' in text
        assert run(["plan", "--archs", "x86_64,aarch64", "--shard", shard, "--json"]) == ExitCode.OK
        built += [job["identifier"] for job in json.loads(capsys.readouterr().out)["jobs"]]
    assert sorted(built) == sorted(
        f"{python}-manylinux_{arch}" for python in ("cp311", "cp313") for arch in ("x86_64", "aarch64")
    )


def test_the_keys_of_caches_stay_until_the_plan_changes(capsys: pytest.CaptureFixture[str]) -> None:
    import re

    def keys(*args: str) -> list[str]:
        assert run(["ci", "github", *args, "--output", "-"]) == ExitCode.OK
        return re.findall(r'plan: "([0-9a-f]{12})"', capsys.readouterr().out)

    once = keys("--archs", "aarch64")

    assert len(set(once)) == 2
    assert keys("--archs", "aarch64") == once
    assert set(once) < set(keys("--archs", "x86_64,aarch64"))
    assert not set(once) & set(keys("--archs", "aarch64", "--engine", "emulated"))


def test_a_single_job_has_no_reports_to_merge(capsys: pytest.CaptureFixture[str]) -> None:
    for service in ("github", "gitlab"):
        assert run(["ci", service, "--only", "cp311-manylinux_aarch64", "--output", "-"]) == ExitCode.OK
        text = capsys.readouterr().out
        assert '--report "crosswheel-reports/$NAME"' in text
        assert "merge-reports" not in text


def test_variables_of_this_shell_change_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["ci", "github", "--output", "-"])
    plain = capsys.readouterr().out
    monkeypatch.setenv("CIBW_BUILD", "cp39-*")
    monkeypatch.setenv("CIBW_ARCHS", "s390x")
    monkeypatch.setenv("CROSSWHEEL_ENGINE", "emulated")

    run(["ci", "github", "--output", "-"])

    assert capsys.readouterr().out == plain


def test_the_command_in_the_file_writes_it_again(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shlex

    args = [
        "github",
        "--archs",
        "aarch64",
        "--engine",
        "hybrid",
        "--no-test",
        "--publish",
        "--output",
        "a b.yml",
    ]
    args += ["--enable", "pypy", "--crosswheel", "crosswheel @ git+https://host.example/x@v1"]
    assert run(["ci", *args]) == 0
    text = (repository / "a b.yml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("#   crosswheel ci "))

    assert run([*shlex.split(line[1:])[1:], "--check"]) == 0, capsys.readouterr()


def test_help_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ci", "--help"]) == 0

    text = capsys.readouterr().out
    for word in (
        "github",
        "gitlab",
        "circleci",
        "azure",
        "--arm",
        "--shards",
        "--publish",
        "--check",
        "--force",
        "--output",
    ):
        assert word in text
    assert "--cache-dir" not in text
