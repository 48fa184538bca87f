"""apt's messages become one fact, its cause and the next step."""

import errno

import pytest

from crosswheel.errors import ProvisionError
from crosswheel.provision.debian.faults import fault


def read(*lines: str, mirror: str = "http://mirror.test/debian") -> ProvisionError:
    return fault(lines, suite="bookworm", arch="aarch64", mirror=mirror, keyring="/keys.gpg")


# The lines are apt's own (2.6.1 and 3.0.3).
MESSAGES = {
    "E: Failed to fetch http://mirror.test/x  Could not resolve 'mirror.test'": "cannot be reached",
    "E: Failed to fetch http://mirror.test/x  Could not connect to mirror.test:80 (10.0.0.1)."
    " - connect (111: Connection refused)": "cannot be reached",
    "E: Failed to fetch http://mirror.test/x  Clearsigned file isn't valid, got 'NOSPLIT'"
    " (does the network require authentication?)": "not a Debian archive",
    "E: Failed to fetch http://mirror.test/x  Bad header line Bad header data": "not a Debian archive",
    "W: GPG error: http://m.test bookworm InRelease: The following signatures were invalid:"
    " BADSIG 6ED0E7B82643E131": "signature of Debian bookworm",
    "W: GPG error: http://m.test bookworm InRelease: The following signatures couldn't be verified"
    " because the public key is not available: NO_PUBKEY 6ED0E7B82643E131": "signature of Debian bookworm",
    "Err:1 http://m.test bookworm InRelease\n  Sub-process /usr/bin/sqv returned an error code (1),"
    " error message is: Missing key 4CB50190207B4758": "signature of Debian bookworm",
    "E: The repository 'http://mirror.test/debian bookworm Release' does not have a Release file.": (
        "has no Debian bookworm for aarch64"
    ),
    "E: Failed to fetch http://m.test/x  File has unexpected size (7 != 8689464). Mirror sync in progress?": (
        "do not match its own index"
    ),
    "E: Failed to fetch http://m.test/debian/pool/main/p/python3.14/python3.14_3.14.8.orig.tar.xz"
    "  404  Not Found [IP: 10.0.0.1 80]": "lacks a file that its own index of bookworm names",
    "E: Unable to locate package python3.99": "Debian bookworm has no package python3.99 for aarch64",
    "E: Package 'python3.99' has no installation candidate": "has no package python3.99",
}


@pytest.mark.parametrize(("message", "fact"), MESSAGES.items())
def test_a_message_of_apt_is_read_into_a_fact_with_a_remedy(message: str, fact: str) -> None:
    error = read("Reading package lists...", *message.splitlines(), "E: Some index files failed to download.")
    assert fact in error.fact
    assert error.remedy


def test_the_cause_is_apts_own_line_without_its_mark() -> None:
    error = read(
        "Err:1 http://mirror.test/debian bookworm InRelease", "  Connection failed [IP: 10.0.0.1 80]"
    )
    assert error.cause == "Connection failed [IP: 10.0.0.1 80]"


def test_an_unsigned_repository_whose_signature_is_bad_is_called_badly_signed() -> None:
    error = read(
        "W: GPG error: http://m.test bookworm InRelease: signatures were invalid: BADSIG 6ED0",
        "E: The repository 'http://mirror.test/debian bookworm InRelease' is not signed.",
    )
    assert error.fact.startswith("the signature of Debian bookworm")


def test_an_unknown_message_is_told_as_it_is() -> None:
    error = read(
        "Reading package lists...", "E: The method driver /usr/lib/apt/methods/x could not be found."
    )
    assert error.fact == "apt cannot fetch Debian bookworm for aarch64 from http://mirror.test/debian"
    assert error.cause == "The method driver /usr/lib/apt/methods/x could not be found."


def test_silence_is_an_error_too() -> None:
    assert read().fact.startswith("apt cannot fetch Debian bookworm")


@pytest.mark.parametrize(
    "message",
    [
        "E: Write error - write (28: No space left on device)",
        "E: You don't have enough free space in /home/u/.cache/x/archives/.",
    ],
)
def test_a_full_disk_is_an_oserror(message: str) -> None:
    with pytest.raises(OSError) as caught:
        read(message)
    assert caught.value.errno == errno.ENOSPC


def test_a_password_in_the_mirrors_address_is_not_shown() -> None:
    error = read(
        "E: Failed to fetch http://me:secret@mirror.test/x  Could not resolve 'mirror.test'",
        mirror="http://me:secret@mirror.test/debian",
    )
    assert "secret" not in error.fact + error.cause
