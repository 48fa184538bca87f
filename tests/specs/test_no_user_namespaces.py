"""A machine that forbids user namespaces: the fact, what the kernel said, and how to allow them."""

from pathlib import Path

import pytest
from harness import Crosswheel

# In a user namespace of its own even an ordinary user may set the limit for what is below.
FORBIDDEN = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'


def without_docker(directory: Path) -> str:
    """A PATH on which there is nothing but what a run starts with."""
    directory.mkdir()
    for name in ("sh", "setpriv", "unshare"):
        (directory / name).symlink_to(f"/usr/bin/{name}")
    return str(directory)


@pytest.mark.slow
@pytest.mark.network
def test_it_is_said_before_anything_is_built(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    path = without_docker(crosswheel.cwd / "bin")

    result = crosswheel(
        "build", "--only", "cp311-manylinux_aarch64", "c-hello",
        under=["unshare", "--user", "--map-root-user", "sh", "-c", FORBIDDEN, "sh"],
        env={"CIBW_CONTAINER_ENGINE": "docker", "PATH": path},
    )  # fmt: skip

    assert result.status == 1
    assert result.failures == [
        """\
cp311-manylinux_aarch64  FAILED: this machine does not let an ordinary user make user namespaces
  cause: unshare: unshare failed: No space left on device; nor are there containers: docker is not installed
  next: allow them (sysctl kernel.unprivileged_userns_clone=1 or user.max_user_namespaces; on Ubuntu \
kernel.apparmor_restrict_unprivileged_userns=0), or run where they are allowed
"""
    ]
