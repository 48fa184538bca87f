"""The mirror, the keyring and the way to the network come from the machine's own apt."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel.errors import ProvisionError
from crosswheel.provision.debian import mirror as module
from crosswheel.provision.debian.mirror import acquire_settings, find_mirror

PLAIN = "Packages|http://mirror.test/debian/|bookworm|bookworm|main|Debian|$(SIGNED_BY)"
UPDATES = "Packages|http://mirror.test/debian/|bookworm-updates|bookworm-updates|main|Debian|$(SIGNED_BY)"
SECURITY = (
    "Packages|http://mirror.test/security/|bookworm-security|bookworm-security|main|Debian|$(SIGNED_BY)"
)
OTHER = "Packages|http://other.test/packages/|stable|stable|main|Somebody|/etc/apt/other.gpg"
UBUNTU = "Packages|http://mirror.test/ubuntu/|noble|noble|main|Ubuntu|$(SIGNED_BY)"
WITHOUT_LISTS = "Packages|http://mirror.test/debian/|trixie|$(CODENAME)|main|$(ORIGIN)|$(SIGNED_BY)"

FakeApt = Callable[..., None]


@pytest.fixture
def fake_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeApt:
    """Install an ``apt-get`` that knows these index targets, and a keyring."""
    programs = tmp_path / "bin"
    programs.mkdir()
    keyring = tmp_path / "debian-archive-keyring.gpg"
    keyring.touch()
    monkeypatch.setattr(module, "_KEYRINGS", (keyring,))
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    def install(*targets: str, without_lists: tuple[str, ...] = (), dump: str = "") -> None:
        for name, lines in (
            ("downloaded", targets),
            ("configured", (*targets, *without_lists)),
            ("dump", (dump,)),
        ):
            (tmp_path / name).write_text("".join(line + "\n" for line in lines))
        scripts = {
            "apt-get": f'cd {tmp_path}; case "$*" in *=false*) cat configured;; *) cat downloaded;; esac',
            "apt-config": f"cat {tmp_path}/dump",
            "dpkg-deb": "exit 1",
        }
        for name, script in scripts.items():
            (programs / name).write_text(f"#!/bin/sh\n{script}\n")
            (programs / name).chmod(0o755)

    return install


def test_the_plain_archive_is_preferred_to_security_and_updates(fake_apt: FakeApt) -> None:
    fake_apt(SECURITY, UPDATES, PLAIN)
    assert find_mirror().uri == "http://mirror.test/debian"


def test_archives_of_others_are_passed_over(fake_apt: FakeApt) -> None:
    fake_apt(OTHER, PLAIN)
    assert find_mirror().uri == "http://mirror.test/debian"


def test_without_downloaded_lists_the_suite_tells_debian(fake_apt: FakeApt) -> None:
    fake_apt(
        without_lists=(OTHER.replace("Somebody", "$(ORIGIN)").replace("|stable", "|nodistro"), WITHOUT_LISTS)
    )
    assert find_mirror().uri == "http://mirror.test/debian"


def test_a_keyring_named_by_the_machines_sources_is_used(fake_apt: FakeApt, tmp_path: Path) -> None:
    (tmp_path / "own.gpg").touch()
    fake_apt(PLAIN.replace("$(SIGNED_BY)", str(tmp_path / "own.gpg")))
    assert find_mirror().keyring == tmp_path / "own.gpg"


def test_a_field_that_apt_prints_as_it_was_asked_is_no_keyring(fake_apt: FakeApt, tmp_path: Path) -> None:
    fake_apt(PLAIN)
    assert find_mirror().keyring == tmp_path / "debian-archive-keyring.gpg"


@pytest.mark.parametrize("targets", [(UBUNTU,), (), (SECURITY,)])
def test_a_machine_without_a_mirror_of_debian_is_told_to_name_one(
    fake_apt: FakeApt, targets: tuple[str, ...]
) -> None:
    fake_apt(*targets)
    with pytest.raises(ProvisionError) as caught:
        find_mirror()
    assert caught.value.fact == "apt on this machine has no mirror of Debian"
    assert "--mirror" in caught.value.remedy


def test_a_mirror_that_is_named_replaces_the_machines_own(fake_apt: FakeApt) -> None:
    fake_apt(UBUNTU)
    assert find_mirror("http://named.test/debian/").uri == "http://named.test/debian"


@pytest.mark.parametrize("uri", ["", "named", "http://x/debian [trusted=yes]", "http://x/\ndeb http://y"])
def test_a_mirror_that_is_no_address_is_refused(fake_apt: FakeApt, uri: str) -> None:
    fake_apt(PLAIN)
    with pytest.raises(ProvisionError, match="is not the address of a mirror"):
        find_mirror(uri)


def test_a_machine_without_the_keyring_is_told_to_install_it(
    fake_apt: FakeApt, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_apt(PLAIN)
    monkeypatch.setattr(module, "_KEYRINGS", (tmp_path / "nowhere.gpg",))
    with pytest.raises(ProvisionError) as caught:
        find_mirror()
    assert caught.value.remedy == "install the package debian-archive-keyring"


def test_a_machine_without_apt_is_told_what_it_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProvisionError, match="needs apt-get and dpkg-deb and tar, which this machine lacks"):
        find_mirror()


def test_proxies_are_kept_and_waived_signatures_are_not(fake_apt: FakeApt) -> None:
    fake_apt(
        dump="\n".join(
            (
                'Acquire::http "";',
                'Acquire::http::Proxy "http://proxy.test:3128";',
                'Acquire::AllowInsecureRepositories "true";',
                'Acquire::Languages:: "none";',
                'APT::Update::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb";',
            )
        )
    )
    assert acquire_settings() == ('Acquire::http::Proxy "http://proxy.test:3128";',)
