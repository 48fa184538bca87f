"""What maintainer scripts would have done, done without running them."""

import re
import shutil
from pathlib import Path

from crosswheel.provision.debian.mirror import Mirror
from crosswheel.provision.debian.unpack import EXCLUDED

__all__ = ["configure_network", "make_certificates", "make_directories", "settle"]

# Links that postinst scripts make through update-alternatives: name in /usr/bin, program, priority.
_ALTERNATIVES = (
    ("awk", "mawk", 5),
    ("nawk", "mawk", 5),
    ("which", "which.debianutils", 0),
    ("cc", "gcc", 20),
    ("c89", "c89-gcc", 20),
    ("c99", "c99-gcc", 20),
    ("c++", "g++", 20),
)
_LINKS = (("sh", "dash"), ("pkg-config", "pkgconf"))
_DIRECTORIES = (
    "run/lock",
    "usr/local/bin",
    "usr/local/lib",
    "usr/local/include",
    "usr/local/share",
    "proc",
    "sys",
)
_HOSTS = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
_NSSWITCH = ("usr/share/libc-bin/nsswitch.conf", "usr/share/base-files/nsswitch.conf")  # where by suite
_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_CERTIFICATE_OF_PROXY = "etc/apt/machine-ca.crt"
_NO_SERVICES = "#!/bin/sh\nexit 101\n"  # invoke-rc.d(8): actions are forbidden by policy


def settle(root: Path, suite: str, python: str, mirror: Mirror) -> None:
    """Make an unpacked file system ready for use.

    :param python: the program of the Python in it (``python3.11``); empty where there is none.
    """
    make_directories(root)
    _make_links(root, python)
    _make_accounts(root)
    make_certificates(root)
    configure_network(root)
    _configure_packages(root, suite, mirror)


def make_directories(root: Path) -> None:
    """What every root has and no package brings."""
    for name in ("tmp", "var/tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name).chmod(0o1777)
    for name in _DIRECTORIES:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name, to in (("var/run", "/run"), ("var/lock", "/run/lock")):
        if not (root / name).is_symlink() and not (root / name).exists():
            (root / name).symlink_to(to)


def _make_links(root: Path, python: str) -> None:
    for name, program, priority in _ALTERNATIVES:
        link = root / "usr/bin" / name
        if _there(link) or not _there(root / "usr/bin" / program):
            continue
        (root / "etc/alternatives").mkdir(exist_ok=True)
        link.symlink_to(f"/etc/alternatives/{name}")
        (root / "etc/alternatives" / name).symlink_to(f"/usr/bin/{program}")
        # update-alternatives(1) keeps: mode, link, no slaves, then each choice with its priority.
        entry = f"auto\n/usr/bin/{name}\n\n/usr/bin/{program}\n{priority}\n\n"
        (root / "var/lib/dpkg/alternatives" / name).write_text(entry)
    for name, program in (*_LINKS, *([("python3", python)] if python else [])):
        if not _there(root / "usr/bin" / name) and _there(root / "usr/bin" / program):
            (root / "usr/bin" / name).symlink_to(program)


def _there(path: Path) -> bool:
    # An absolute link of the root must not be followed into the machine's own file system.
    return path.is_symlink() or path.exists()


def _make_accounts(root: Path) -> None:
    for name in ("passwd", "group"):
        master = root / f"usr/share/base-passwd/{name}.master"
        if master.exists() and not (root / "etc" / name).exists():
            shutil.copyfile(master, root / "etc" / name)


def make_certificates(root: Path) -> None:
    """The bundle that update-ca-certificates(8) makes, and the one file that OpenSSL looks for by itself."""
    shipped = sorted((root / "usr/share/ca-certificates").rglob("*.crt"))
    if not shipped:
        return
    bundle = root / _BUNDLE
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(path.read_text().rstrip("\n") + "\n" for path in shipped))
    names = [str(path.relative_to(root / "usr/share/ca-certificates")) for path in shipped]
    (root / "etc/ca-certificates.conf").write_text("".join(f"{name}\n" for name in names))
    openssl = root / "usr/lib/ssl"
    openssl.mkdir(parents=True, exist_ok=True)
    if not _there(openssl / "cert.pem"):
        (openssl / "cert.pem").symlink_to(f"/{_BUNDLE}")


def configure_network(root: Path) -> None:
    """How names are looked up."""
    (root / "etc/hosts").write_text(_HOSTS)
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").touch()  # the machine's own is bound over it
    for name in _NSSWITCH:
        if (root / name).exists() and not (root / "etc/nsswitch.conf").exists():
            shutil.copyfile(root / name, root / "etc/nsswitch.conf")


def _configure_packages(root: Path, suite: str, mirror: Mirror) -> None:
    """apt and dpkg in the root: the same mirror, the same way to it, no services, no documentation."""
    keyring = min(root.glob("usr/share/keyrings/debian-archive-keyring.*"))  # .gpg; .pgp in newer suites
    line = f"deb [signed-by=/{keyring.relative_to(root)}] {mirror.uri} {suite} main\n"
    (root / "etc/apt/sources.list.d/debian.sources").unlink(missing_ok=True)
    (root / "etc/apt/sources.list").write_text(line)
    settings = [
        'APT::Sandbox::User "root";',
        'APT::Install-Recommends "false";',
        'Acquire::Languages "none";',
    ]
    settings += _portable(root, mirror.acquire)
    (root / "etc/apt/apt.conf.d/90crosswheel").write_text("\n".join(settings) + "\n")
    rules = ["force-unsafe-io", *(f"path-exclude={pattern}" for pattern in EXCLUDED)]
    (root / "etc/dpkg/dpkg.cfg.d").mkdir(parents=True, exist_ok=True)
    (root / "etc/dpkg/dpkg.cfg.d/crosswheel").write_text("\n".join(rules) + "\n")
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text(_NO_SERVICES)
    policy.chmod(0o755)


def _portable(root: Path, acquire: tuple[str, ...]) -> list[str]:
    """The settings that mean the same inside the root; a certificate file goes in with the setting."""
    kept = []
    for line in acquire:
        value = re.search(r'"(/[^"]+)";$', line)
        if value is None:
            kept.append(line)
        elif "::CaInfo" in line or "::CAInfo" in line:
            shutil.copyfile(value[1], root / _CERTIFICATE_OF_PROXY)
            kept.append(line.replace(value[1], f"/{_CERTIFICATE_OF_PROXY}"))
    return kept
