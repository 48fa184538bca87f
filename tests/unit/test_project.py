"""Opening a project: a directory, or an sdist that may be hostile."""

import gzip
import io
import os
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel.errors import ConfigurationError, CrosswheelError
from crosswheel.model import Project
from crosswheel.pipeline.project import copy_in, open_project

Member = tuple[str, dict[str, object]]
TOP = "pkg-1.0"
GOOD: tuple[Member, ...] = (
    (f"{TOP}/PKG-INFO", {"data": b"Name: pkg\n"}),
    (f"{TOP}/pyproject.toml", {"data": b"[project]\n"}),
)


def sdist(path: Path, *members: Member, **options: object) -> Path:
    """An archive with these members; attributes as in ``TarInfo``, and ``data``."""
    with tarfile.open(path, "w:gz", **options) as tar:  # type: ignore[call-overload]
        for name, attributes in members:
            info = tarfile.TarInfo(name)
            data = attributes.get("data", b"")
            assert isinstance(data, bytes)
            info.size = len(data)
            for key, value in attributes.items():
                if key != "data":
                    setattr(info, key, value)
            tar.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    return lambda *members, **options: sdist(tmp_path / "pkg-1.0.tar.gz", *GOOD, *members, **options)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    place = tmp_path / "deep" / "scratch"
    place.mkdir(parents=True)
    (tmp_path / "deep" / "secret").write_text("secret")
    return place


def refused(package: Path, scratch: Path) -> str:
    """The faults of a package, which must be told as faults."""
    with pytest.raises(ConfigurationError) as caught, open_project(package, scratch):
        pass
    return str(caught.value)


def contents(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*")}


# --- sdists


def test_what_an_sdist_gives_is_dated_as_its_metadata(archive, scratch) -> None:  # type: ignore[no-untyped-def]
    package = archive((f"{TOP}/PKG-INFO", {"data": b"Name: p\n", "mtime": 1_700_000_000}))
    with open_project(package, scratch) as project:
        assert project.epoch == 1_700_000_000


def test_an_sdist_is_unpacked_and_its_top_directory_is_the_project(archive, scratch) -> None:  # type: ignore[no-untyped-def]
    package = archive((f"{TOP}/src/a.c", {"data": b"int a;\n"}))
    with open_project(package, scratch) as project:
        assert project == Project(
            scratch / TOP, scratch / TOP, str(package), 315532800
        )  # its members are older
        assert contents(project.path) == {"PKG-INFO", "pyproject.toml", "src", "src/a.c"}


def test_an_archive_of_the_directory_itself_is_an_sdist_too(archive, scratch) -> None:  # type: ignore[no-untyped-def]
    package = archive(("./", {"type": tarfile.DIRTYPE}), (f"./{TOP}/src/a.c", {"data": b""}))
    with open_project(package, scratch) as project:
        assert contents(project.path) == {"PKG-INFO", "pyproject.toml", "src", "src/a.c"}


def test_times_are_kept_so_that_generated_files_stay_newer_than_their_sources(archive, scratch) -> None:  # type: ignore[no-untyped-def]
    package = archive(
        (f"{TOP}/configure", {"data": b"#!/bin/sh\n", "mtime": 2_000, "mode": 0o755}),
        (f"{TOP}/configure.ac", {"data": b"AC_INIT\n", "mtime": 1_000}),
        (f"{TOP}/odd", {"data": b"", "mtime": 2**62}),
    )
    with open_project(package, scratch) as project:
        assert (project.path / "configure").stat().st_mtime == 2_000
        assert (project.path / "configure.ac").stat().st_mtime == 1_000
        assert (project.path / "configure").stat().st_mode & 0o777 == 0o755
        assert (project.path / "configure.ac").stat().st_mode & 0o777 == 0o644


def test_the_mode_of_a_file_cannot_be_used_for_more_than_running_it(archive, scratch) -> None:  # type: ignore[no-untyped-def]
    package = archive(
        (f"{TOP}/setuid", {"data": b"x", "mode": 0o6755}),
        (f"{TOP}/closed", {"data": b"x", "mode": 0}),
        (f"{TOP}/closed-directory", {"type": tarfile.DIRTYPE, "mode": 0}),
        (f"{TOP}/closed-directory/file", {"data": b"x"}),
    )
    with open_project(package, scratch) as project:
        assert (project.path / "setuid").stat().st_mode & 0o7777 == 0o755
        assert (project.path / "closed").read_text() == "x"
        assert (project.path / "closed-directory/file").read_text() == "x"


def test_links_inside_the_archive_are_kept(archive, scratch) -> None:  # type: ignore[no-untyped-def]
    package = archive(
        (f"{TOP}/src/run.sh", {"data": b"#!/bin/sh\n", "mode": 0o755}),
        (f"{TOP}/soft", {"type": tarfile.SYMTYPE, "linkname": "src/../src/run.sh"}),
        (f"{TOP}/hard", {"type": tarfile.LNKTYPE, "linkname": f"{TOP}/src/run.sh"}),
    )
    with open_project(package, scratch) as project:
        assert (project.path / "soft").readlink() == Path("src/../src/run.sh")
        assert (project.path / "hard").read_text() == "#!/bin/sh\n"
        assert os.access(project.path / "hard", os.X_OK)


def test_of_two_members_of_one_name_the_last_counts(archive, scratch) -> None:  # type: ignore[no-untyped-def]
    package = archive(
        (f"{TOP}/file", {"data": b"first"}),
        (f"{TOP}/file", {"data": b"second"}),
        (f"{TOP}/FILE", {"data": b"another case"}),
    )
    with open_project(package, scratch) as project:
        assert (project.path / "file").read_text() == "second"
        assert (project.path / "FILE").read_text() == "another case"


def test_a_sparse_file_is_as_long_as_it_says(scratch: Path, tmp_path: Path) -> None:
    source = tmp_path / "sparse"
    with source.open("wb") as file:
        file.truncate(1_000_000)
        file.seek(500_000)
        file.write(b"middle")
    package = tmp_path / "pkg-1.0.tar.gz"
    tree = tmp_path / "tree" / TOP
    tree.mkdir(parents=True)
    (tree / "PKG-INFO").write_text("Name: pkg\n")
    source.rename(tree / "sparse")
    assert os.system(f"tar -C {tree.parent} --sparse -czf {package} {TOP}") == 0
    with open_project(package, scratch) as project:
        content = (project.path / "sparse").read_bytes()
    assert len(content) == 1_000_000
    assert content[500_000:500_006] == b"middle"
    assert content.strip(b"\0") == b"middle"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read(archive, scratch, form: int) -> None:  # type: ignore[no-untyped-def]
    name = f"{TOP}/{'d' * 90}/{'f' * 60}"
    with open_project(archive((name, {"data": b"x"}), format=form), scratch) as project:
        assert (project.root / name.removeprefix(f"{TOP}/")).read_text() == "x"


@pytest.mark.parametrize(
    "member",
    [
        ("../escaped", {"data": b"x"}),
        (f"{TOP}/../../escaped", {"data": b"x"}),
        (f"{TOP}/a/../../../escaped", {"data": b"x"}),
        ("/tmp/escaped", {"data": b"x"}),
        ("//tmp/escaped", {"data": b"x"}),
        (f"{TOP}/link", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        (f"{TOP}/link", {"type": tarfile.SYMTYPE, "linkname": "../../secret"}),
        (f"{TOP}/link", {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"}),
        (f"{TOP}/link", {"type": tarfile.LNKTYPE, "linkname": "../secret"}),
        (f"{TOP}/pipe", {"type": tarfile.FIFOTYPE}),
        (f"{TOP}/disk", {"type": tarfile.BLKTYPE, "devmajor": 8}),
        (f"{TOP}/null", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3}),
        (f"{TOP}/null\0byte", {"data": b"x", "pax_headers": {"path": f"{TOP}/null\0byte"}}),
    ],
    ids=lambda member: f"{member[0]!r}-{member[1].get('linkname', '')}",
)
def test_a_member_that_leads_outside_or_is_no_file_is_refused(archive, scratch, member: Member) -> None:  # type: ignore[no-untyped-def]
    before = contents(scratch.parent.parent)
    message = refused(archive(member, format=tarfile.PAX_FORMAT), scratch)
    assert "pkg-1.0.tar.gz" in message
    # Nothing at all is unpacked of such an archive.
    assert contents(scratch.parent.parent) - before == {"pkg-1.0.tar.gz"}


def test_all_members_that_are_refused_are_named_at_once(archive, scratch) -> None:  # type: ignore[no-untyped-def]
    message = refused(archive(("../one", {"data": b""}), ("/two", {"data": b""})), scratch)
    assert "../one" in message
    assert "/two" in message


@pytest.mark.parametrize(
    "members",
    [
        # Each link is harmless by its words; together they lead out.
        [
            (f"{TOP}/here", {"type": tarfile.SYMTYPE, "linkname": ".."}),
            (f"{TOP}/out", {"type": tarfile.SYMTYPE, "linkname": "here/../x/../.."}),
            (f"{TOP}/out/escaped", {"data": b"x"}),
        ],
        [
            (f"{TOP}/here", {"type": tarfile.SYMTYPE, "linkname": ".."}),
            (f"{TOP}/stolen", {"type": tarfile.LNKTYPE, "linkname": f"{TOP}/here/../secret"}),
        ],
        [
            (f"{TOP}/here", {"type": tarfile.SYMTYPE, "linkname": ".."}),
            (f"{TOP}/up", {"type": tarfile.SYMTYPE, "linkname": "here/../secret"}),
            (f"{TOP}/stolen", {"type": tarfile.LNKTYPE, "linkname": f"{TOP}/up"}),
        ],
        [
            (f"{TOP}/here", {"type": tarfile.SYMTYPE, "linkname": ".."}),
            (f"{TOP}/up", {"type": tarfile.SYMTYPE, "linkname": "here/.."}),
            (f"{TOP}/up/new", {"type": tarfile.DIRTYPE}),
        ],
    ],
)
def test_links_that_lead_outside_only_together_are_refused(archive, scratch, members: list[Member]) -> None:  # type: ignore[no-untyped-def]
    outside = contents(scratch.parent) - {"scratch"}
    message = refused(archive(*members), scratch)
    assert "leads outside" in message
    assert "pkg-1.0.tar.gz" in message
    assert {name for name in contents(scratch.parent) if not name.startswith("scratch")} == outside
    assert not (scratch / TOP / "stolen").exists()


@pytest.mark.parametrize(
    "members",
    [
        [(f"{TOP}/a", {"data": b""}), (f"{TOP}/a/b", {"data": b""})],
        [(f"{TOP}/a/b", {"data": b""}), (f"{TOP}/a", {"data": b""})],
        [(f"{TOP}/{'x' * 300}", {"data": b""})],
        [(f"{TOP}/hard", {"type": tarfile.LNKTYPE, "linkname": f"{TOP}/missing"})],
        [(f"{TOP}/hard", {"type": tarfile.LNKTYPE, "linkname": TOP})],
        [
            (f"{TOP}/loop", {"type": tarfile.SYMTYPE, "linkname": "loop"}),
            (f"{TOP}/loop/file", {"data": b""}),
        ],
    ],
    ids=["file-directory", "directory-file", "long", "link-to-nothing", "link-to-directory", "loop"],
)
def test_members_that_contradict_each_other_are_a_fault_of_the_archive(
    archive: Callable[..., Path], scratch: Path, members: list[Member]
) -> None:
    assert "is not an sdist" in refused(archive(*members), scratch)


def test_an_archive_that_is_none_is_told(scratch: Path, tmp_path: Path) -> None:
    good = sdist(tmp_path / "good.tar.gz", *GOOD, (f"{TOP}/big", {"data": os.urandom(100_000)})).read_bytes()
    damaged = bytearray(good)
    damaged[len(good) // 2 : len(good) // 2 + 64] = bytes(64)
    for content in (
        b"",
        b"no archive",
        gzip.compress(b"no archive"),
        good[: len(good) // 2],
        good[:-4],
        bytes(damaged),
    ):
        (tmp_path / "pkg-1.0.tar.gz").write_bytes(content)
        assert "is not an sdist" in refused(tmp_path / "pkg-1.0.tar.gz", scratch)


@pytest.mark.parametrize(
    "members",
    [
        [],
        [("PKG-INFO", {"data": b""})],
        [(f"{TOP}/setup.py", {"data": b""})],
        [(f"{TOP}/PKG-INFO", {"data": b""}), ("second/PKG-INFO", {"data": b""})],
        [
            ("sub/PKG-INFO", {"data": b""}),
            ("sub", {"type": tarfile.DIRTYPE}),
            ("link", {"type": tarfile.SYMTYPE, "linkname": "sub"}),
            ("other/x", {"data": b""}),
        ],
    ],
    ids=["empty", "no-directory", "no-PKG-INFO", "two-directories", "link-beside"],
)
def test_an_archive_of_another_form_is_no_sdist(tmp_path: Path, scratch: Path, members: list[Member]) -> None:
    assert "PKG-INFO" in refused(sdist(tmp_path / "pkg-1.0.tar.gz", *members), scratch)


@pytest.mark.parametrize("name", ["pkg-1.0.zip", "pkg-1.0-py3-none-any.whl", "setup.py"])
def test_a_file_of_another_kind_is_refused_by_its_name(tmp_path: Path, scratch: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert "is not an sdist" in refused(tmp_path / name, scratch)


# --- directories


def project_in(directory: Path, mark: str = "pyproject.toml") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / mark).write_text("")
    return directory


@pytest.mark.parametrize("mark", ["pyproject.toml", "setup.py", "setup.cfg"])
def test_a_directory_with_one_of_the_usual_files_is_a_project(
    tmp_path: Path, scratch: Path, mark: str
) -> None:
    with open_project(project_in(tmp_path / "pkg", mark), scratch) as project:
        assert project.path == project.root == tmp_path / "pkg"


def test_missing_empty_and_other_directories_are_told_apart(tmp_path: Path, scratch: Path) -> None:
    assert "no such file or directory" in refused(tmp_path / "missing", scratch)
    (tmp_path / "empty").mkdir()
    assert "is empty" in refused(tmp_path / "empty", scratch)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "README").write_text("")
    (tmp_path / "other" / "pyproject.toml").mkdir()
    assert "is not a Python project" in refused(tmp_path / "other", scratch)


def test_a_package_inside_the_working_directory_brings_that_along(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = project_in(project_in(tmp_path / "repository") / "python" / "pkg")
    monkeypatch.chdir(tmp_path / "repository")
    with open_project(Path("python/pkg"), scratch) as project:
        assert project == Project(inner, tmp_path / "repository", "python/pkg")


def test_a_working_directory_that_is_no_project_is_not_brought_along(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = project_in(tmp_path / "home" / "pkg")
    monkeypatch.chdir(tmp_path / "home")
    with open_project(Path("pkg"), scratch) as project:
        assert project.root == inner


# --- copies


def test_the_copy_is_whole_and_the_original_untouched(tmp_path: Path) -> None:
    source = project_in(tmp_path / "source")
    (source / "run.sh").write_text("#!/bin/sh\n")
    (source / "run.sh").chmod(0o755)
    os.utime(source / "run.sh", (1_000, 1_000))
    (source / "link").symlink_to("run.sh")
    (source / "dangling").symlink_to("nowhere")
    (source / "empty").mkdir()
    (source / ".git").mkdir()
    (source / ".git" / "HEAD").write_text("ref: refs/heads/main\n")  # setuptools-scm reads the version there
    copy = tmp_path / "copy"
    copy.mkdir()
    copy_in(Project(source, source, "."), copy)
    assert contents(copy) == contents(source)
    assert (copy / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (copy / "run.sh").stat().st_mtime == 1_000
    assert (copy / "dangling").readlink() == Path("nowhere")


def test_a_directory_that_says_that_it_is_a_cache_is_not_copied(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in (".cache/crosswheel/roots", "src"):
        (project / name).mkdir(parents=True)
        (project / name / "file").touch()
    (project / ".cache/crosswheel/CACHEDIR.TAG").touch()

    copy_in(Project(project, project, "x"), tmp_path / "copy")

    assert sorted(str(path.relative_to(tmp_path / "copy")) for path in (tmp_path / "copy").rglob("*")) == [
        ".cache",
        "src",
        "src/file",
    ]


def test_environments_and_caches_are_not_copied(tmp_path: Path) -> None:
    source = project_in(tmp_path / "source")
    for name in (".venv", ".tox", ".nox", ".mypy_cache", ".pytest_cache", "wheelhouse", "__pycache__"):
        (source / name).mkdir()
        (source / name / "large").write_text("x")
    copy_in(Project(source, source, "."), tmp_path / "copy")
    assert contents(tmp_path / "copy") == {"pyproject.toml"}


def test_what_is_no_file_is_left_behind(tmp_path: Path) -> None:
    source = project_in(tmp_path / "source")
    os.mkfifo(source / "pipe")
    copy_in(Project(source, source, "source"), tmp_path / "copy")
    assert (tmp_path / "copy" / "pyproject.toml").is_file()
    assert not (tmp_path / "copy" / "pipe").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_files_that_cannot_be_copied_are_named(tmp_path: Path) -> None:
    source = project_in(tmp_path / "source")
    for name in ("a", "b"):
        (source / name).touch(mode=0)
    with pytest.raises(
        CrosswheelError, match=r"^2 of the project's files cannot be copied: .*/[ab], .*/[ab]$"
    ):
        copy_in(Project(source, source, "source"), tmp_path / "copy")


def test_a_file_from_the_future_is_copied_as_one_from_now(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.mkdir()
    for name, time_of in (("setup.py", time.time() + 7200), ("old.c", 1_000_000_000.0)):
        (source / name).write_text(name)
        os.utime(source / name, (time_of, time_of))

    copy_in(Project(source, source, "."), copy)

    assert (copy / "setup.py").stat().st_mtime <= time.time()
    assert (copy / "old.c").stat().st_mtime == 1_000_000_000.0
    assert (source / "setup.py").stat().st_mtime > time.time()
