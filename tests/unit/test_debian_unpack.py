"""Packages become a file system with a dpkg that knows them."""

import errno
import hashlib
import shutil
import stat
from pathlib import Path

import pytest

from crosswheel.errors import ProvisionError
from crosswheel.process import run
from crosswheel.provision.debian.database import write_database
from crosswheel.provision.debian.unpack import unpack, unpack_files

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg")


def package(
    directory: Path, name: str, files: dict[str, str], control: dict[str, str], fields: str = ""
) -> Path:
    """Make a package of these files (a mode after ``|``) and control files."""
    tree = directory / f"{name}.tree"
    for path, mode in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(f"{path}\n")
        (tree / path).chmod(int(mode, 8))
    (tree / "DEBIAN").mkdir(parents=True)
    head = (
        f"Package: {name}\nVersion: 1:2.0-1\nArchitecture: arm64\nMaintainer: Somebody <a@b.test>\n{fields}"
    )
    (tree / "DEBIAN/control").write_text(f"{head}Description: short\n long: text\n")
    for file, text in control.items():
        (tree / "DEBIAN" / file).write_text(text)
        (tree / "DEBIAN" / file).chmod(0o755)
    archive = directory / f"{name}_1%3a2.0-1_arm64.deb"
    assert run(["dpkg-deb", "--root-owner-group", "--build", tree, archive]).returncode == 0
    return archive


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An old package under /bin and a library that several architectures can have."""
    tool = package(
        tmp_path,
        "tool",
        {"bin/tool": "4755", "etc/tool.conf": "644", "usr/share/doc/tool/README": "644"},
        {"conffiles": "/etc/tool.conf\nremove-on-upgrade /etc/old.conf\n", "postinst": "#!/bin/sh\n"},
    )
    library = package(
        tmp_path,
        "libtool",
        {"lib/libtool.so": "644"},
        {"triggers": "interest-noawait ldconfig\ninterest /usr/share/tool # why\nactivate other\n"},
        "Multi-Arch: same\n",
    )
    unpack([tool, library], tmp_path / "root", tmp_path / "control")
    write_database(tmp_path / "root", tmp_path / "control")
    return tmp_path / "root"


def test_files_under_bin_and_lib_land_in_the_merged_usr(root: Path) -> None:
    assert (root / "bin").is_symlink()
    assert (root / "usr/bin/tool").read_text() == "bin/tool\n"
    assert (root / "usr/lib/libtool.so").exists()


def test_set_user_id_bits_are_dropped(root: Path) -> None:
    assert stat.S_IMODE((root / "usr/bin/tool").stat().st_mode) == 0o755


def test_documentation_is_left_out(root: Path) -> None:
    assert not (root / "usr/share/doc/tool").exists()


def test_dpkg_itself_finds_both_packages_installed(root: Path) -> None:
    query = ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "--show"]
    shown = run(
        [*query, "--showformat=${binary:Package} ${Version} ${db:Status-Status}\\n"], capture=True
    ).output
    assert shown.splitlines() == ["libtool:arm64 1:2.0-1 installed", "tool:arm64 1:2.0-1 installed"]


def test_dpkg_knows_which_package_a_file_is_of(root: Path) -> None:
    search = run(["dpkg-query", f"--admindir={root}/var/lib/dpkg", "--search", "/bin/tool"], capture=True)
    assert search.output == "tool:arm64: /bin/tool"


def test_configuration_files_are_noted_with_their_digests(root: Path) -> None:
    digest = hashlib.md5(b"etc/tool.conf\n").hexdigest()
    status = (root / "var/lib/dpkg/status").read_text()
    assert f"Conffiles:\n /etc/tool.conf {digest}\n" in status
    assert "old.conf" not in status


def test_maintainer_scripts_are_kept_executable(root: Path) -> None:
    assert (root / "var/lib/dpkg/info/tool.postinst").stat().st_mode & stat.S_IXUSR


def test_triggers_are_noted_by_name_and_by_path(root: Path) -> None:
    triggers = root / "var/lib/dpkg/triggers"
    assert (triggers / "ldconfig").read_text() == "libtool:arm64/noawait\n"
    assert (triggers / "File").read_text() == "/usr/share/tool libtool:arm64\n"
    assert not (triggers / "other").exists()


def test_an_archive_that_is_no_package_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad_1_arm64.deb"
    bad.write_text("rubbish")
    with pytest.raises(ProvisionError, match="cannot be unpacked"):
        unpack([bad], tmp_path / "root", tmp_path / "control")


def test_a_full_disk_is_an_oserror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = tmp_path / "bin/tar"
    full.parent.mkdir()
    full.write_text("#!/bin/sh\necho 'tar: ./x: Cannot write: No space left on device' >&2\nexit 2\n")
    full.chmod(0o755)
    some = package(tmp_path, "some", {"usr/x": "644"}, {})
    monkeypatch.setenv("PATH", f"{full.parent}:/usr/bin:/bin")
    with pytest.raises(OSError) as caught:
        unpack([some], tmp_path / "root", tmp_path / "control")
    assert caught.value.errno == errno.ENOSPC


def test_of_a_package_with_much_else_only_what_is_wanted_is_unpacked(tmp_path: Path) -> None:
    files = {"usr/src/rust-1/library/std.rs": "644", "usr/src/rust-1/compiler/main.rs": "644"}
    source = package(tmp_path, "source", files, {})
    unpack_files([source], tmp_path / "root", only="./usr/src/rust-*/library")
    found = [path.name for path in (tmp_path / "root").rglob("*") if path.is_file()]
    assert found == ["std.rs"]
