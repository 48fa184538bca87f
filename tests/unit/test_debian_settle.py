"""A root is ready for use although none of its maintainer scripts ran."""

import stat
from pathlib import Path

import pytest

from crosswheel.provision.debian.mirror import Mirror
from crosswheel.provision.debian.settle import settle


@pytest.fixture
def proxy_certificate(tmp_path: Path) -> Path:
    path = tmp_path / "proxy-ca.crt"
    path.write_text("PROXY\n")
    return path


@pytest.fixture
def root(tmp_path: Path, proxy_certificate: Path) -> Path:
    root = tmp_path / "root"
    files = {
        "usr/bin/mawk": "",
        "usr/bin/gcc": "",
        "usr/bin/dash": "",
        "usr/bin/pkgconf": "",
        "usr/bin/python3.13": "",
        "usr/sbin/other": "",
        "usr/share/base-passwd/passwd.master": "root:*:0:0:root:/root:/bin/bash\n",
        "usr/share/base-passwd/group.master": "root:*:0:\n",
        "usr/share/ca-certificates/mozilla/B.crt": "BBB",
        "usr/share/ca-certificates/mozilla/A.crt": "AAA\n",
        "usr/share/libc-bin/nsswitch.conf": "hosts: files dns\n",
        "usr/share/keyrings/debian-archive-keyring.pgp": "",
        "etc/apt/apt.conf.d/01autoremove": "",
        "var/lib/dpkg/alternatives/.keep": "",
        "var/lib/dpkg/status": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    acquire = (
        'Acquire::http::Proxy "http://proxy.test:3128";',
        f'Acquire::https::CAInfo "{proxy_certificate}";',
        'Acquire::http::Proxy-Auto-Detect "/usr/local/bin/detect";',
    )
    settle(root, "trixie", "python3.13", Mirror("http://mirror.test/debian", tmp_path / "keys.gpg", acquire))
    return root


@pytest.mark.parametrize(("name", "program"), [("awk", "mawk"), ("cc", "gcc")])
def test_alternatives_point_to_their_only_choice(root: Path, name: str, program: str) -> None:
    assert (root / "usr/bin" / name).readlink() == Path(f"/etc/alternatives/{name}")
    assert (root / "etc/alternatives" / name).readlink() == Path(f"/usr/bin/{program}")


def test_no_link_is_made_to_a_program_that_is_not_there(root: Path) -> None:
    assert not (root / "usr/bin/c++").is_symlink()


@pytest.mark.parametrize(
    ("name", "program"), [("sh", "dash"), ("pkg-config", "pkgconf"), ("python3", "python3.13")]
)
def test_usual_names_lead_to_what_the_suite_has(root: Path, name: str, program: str) -> None:
    assert (root / "usr/bin" / name).readlink() == Path(program)


def test_temporary_directories_are_open_to_all(root: Path) -> None:
    assert stat.S_IMODE((root / "tmp").stat().st_mode) == 0o1777


def test_accounts_are_those_of_base_passwd(root: Path) -> None:
    assert (root / "etc/passwd").read_text().startswith("root:")
    assert (root / "etc/group").read_text().startswith("root:")


def test_certificates_are_bundled_in_order_where_openssl_looks(root: Path) -> None:
    assert (root / "etc/ssl/certs/ca-certificates.crt").read_text() == "AAA\nBBB\n"
    assert (root / "usr/lib/ssl/cert.pem").readlink() == Path("/etc/ssl/certs/ca-certificates.crt")


def test_apt_in_the_root_uses_the_mirror_and_verifies_it(root: Path) -> None:
    assert (root / "etc/apt/sources.list").read_text() == (
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.pgp] "
        "http://mirror.test/debian trixie main\n"
    )


def test_apt_in_the_root_goes_the_machines_way_with_its_certificate(root: Path) -> None:
    settings = (root / "etc/apt/apt.conf.d/90crosswheel").read_text()
    assert 'Acquire::http::Proxy "http://proxy.test:3128";' in settings
    assert 'Acquire::https::CAInfo "/etc/apt/machine-ca.crt";' in settings
    assert (root / "etc/apt/machine-ca.crt").read_text() == "PROXY\n"


def test_programs_of_the_machine_are_not_named_in_the_root(root: Path) -> None:
    assert "Auto-Detect" not in (root / "etc/apt/apt.conf.d/90crosswheel").read_text()


def test_no_service_is_started_by_an_installation(root: Path) -> None:
    policy = root / "usr/sbin/policy-rc.d"
    assert policy.stat().st_mode & stat.S_IXUSR
    assert "exit 101" in policy.read_text()
