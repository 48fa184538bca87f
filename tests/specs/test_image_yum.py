"""``before-all = "yum install -y ..."`` in an image: real dnf and rpm, without root."""

from pathlib import Path

import own_images
import own_registry
import pytest
from harness import Crosswheel
from own_registry import archive

from crosswheel.architectures import HOST
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.settle import settle
from crosswheel.provision.debian.unpack import unpack
from crosswheel.store import Store, digest, remove_tree

pytestmark = [pytest.mark.slow, pytest.mark.network]

PACKAGES = (
    "apt", "dpkg", "debian-archive-keyring", "base-files", "base-passwd", "bash", "coreutils", "dash", "findutils",
    "grep", "sed", "passwd", "python3.11", "python3.11-dev", "dnf", "rpm", "createrepo-c",
)  # fmt: skip
LEFT_OUT = ("usr/share/", "usr/lib/locale", "usr/lib/x86_64-linux-gnu/gconv", "var/lib/dpkg")
# Files of other owners, a set-user-id bit, a user that a script makes and another gives a file to.
SPEC = b"""\
Name: hello-thing
Version: 1
Release: 1
Summary: What the packages of a distribution do
License: MIT
%description
%package -n shell
Summary: What the scripts ask for, which the image has without rpm
Provides: /bin/sh
%description -n shell
%files -n shell
%install
mkdir -p %{buildroot}/usr/include %{buildroot}/usr/bin %{buildroot}/var/lib/hello-thing
echo '#define HELLO_THING 1' > %{buildroot}/usr/include/hello_thing.h
touch %{buildroot}/usr/bin/hello-thing
%pre
useradd --system --uid 77 --user-group --no-create-home hello
%post
touch /var/lib/hello-thing/made && chown 77:12 /var/lib/hello-thing/made
%files
/usr/include/hello_thing.h
%attr(4755, root, mail) /usr/bin/hello-thing
%attr(0750, hello, hello) /var/lib/hello-thing
"""
MAKE_REPOSITORY = b"""\
#!/bin/sh
set -e
rpmbuild -bb --quiet --define '_rpmdir /srv/repository' /srv/hello-thing.spec
createrepo_c --quiet /srv/repository
"""
LAYER: dict[str, bytes | str | None] = {
    "usr/bin/yum": "-> dnf",
    # Debian's dnf runs with the Python that the image has in /opt/python.
    "usr/bin/python3": "-> /opt/python/cp311-cp311/bin/python",
    f"{own_images.CPYTHON.inner}/lib/python3": "-> /usr/lib/python3",
    "etc/yum.repos.d/own.repo": b"[own]\nname=own\nbaseurl=file:///srv/repository\ngpgcheck=0\n",
    "srv/hello-thing.spec": SPEC,
    "usr/bin/make-repository": MAKE_REPOSITORY,
}
INSTALLED = """\
rpm --query hello-thing && grep ^hello:.:77: /etc/passwd && grep HELLO_THING /usr/include/hello_thing.h && \
test -u /usr/bin/hello-thing && test -f /var/lib/hello-thing/made && \
test $(stat -c %a /var/lib/hello-thing) = 750
"""


@pytest.fixture
def image(crosswheel: Crosswheel, tmp_path: Path) -> str:
    """An image for this machine with Debian's dnf and CPython, in manylinux layout."""
    store = Store(crosswheel.cache)

    def make(entry: Path) -> None:
        with Archive(store, lambda _: None).fetched("bookworm", HOST, PACKAGES) as fetched:
            unpack(fetched.files, entry / "root", entry / "control")
        settle(entry / "root", "bookworm", "python3.11", fetched.mirror)

    root = store.ensure("roots", digest({"packages": PACKAGES, "for": "test_image_yum"}), make) / "root"
    base = own_images.archived(root, tmp_path / "base.tar", left_out=LEFT_OUT)
    one = own_registry.image([base.read_bytes(), archive(LAYER)], HOST.docker.split("/")[1])
    return f"oci:{own_registry.layout({'1': one}, tmp_path / 'image')}:1"


def test_yum_installs_a_package_with_scripts_and_files_of_others(crosswheel: Crosswheel, image: str) -> None:
    crosswheel.project("c-hello")
    kept = set((crosswheel.cache / "image-roots").glob("*"))
    told = {
        "CIBW_MANYLINUX_X86_64_IMAGE": image,
        "CIBW_BEFORE_ALL": "make-repository && yum install -y hello-thing",
        "CIBW_BEFORE_BUILD": INSTALLED,
    }
    result = crosswheel("build", "--source", "image", "--only", "cp311-manylinux_x86_64", "c-hello", env=told)
    for entry in (
        set((crosswheel.cache / "image-roots").glob("*")) - kept
    ):  # no later run makes the same image
        remove_tree(entry)

    assert result.status == 0, result.err
    assert len(crosswheel.wheels) == 1
