"""A machine of a spec's own: a binfmt_misc, ``/etc``, ``/run`` and ``/usr/local/lib`` that nobody else sees.

In a user namespace an ordinary user is root of these: the real command does the real thing there, and the machine
that the spec runs on stays as it is.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness import Crosswheel, Result

from crosswheel import sample
from crosswheel.architectures import ARCHITECTURES
from crosswheel.provision.emulation import binfmt

BINFMT = Path("/proc/sys/fs/binfmt_misc")
INSTALL = f"{sys.executable} -m crosswheel emulation install"  # as root is told to give it
THEIRS = Path("/usr/local/lib/theirs/qemu-aarch64")  # the emulator of another tool
_SAMPLE = Path("/usr/local/lib/sample")
# $1 is an empty directory. Names are still looked up as on the machine: a container's resolv.conf is a mount of its
# own, which a layer over /etc hides. What belongs to the real root cannot be written: binfmt.d is made anew.
# A binfmt_misc of its own hides the machine's entries; that it is mounted is hidden, for crosswheel to mount it.
_SET_UP = """
set -e
cd "$1"
mkdir -p etc/binfmt.d etc.work lib lib.work empty
cp /etc/resolv.conf /etc/hosts etc
mount -t overlay overlay -o lowerdir=/etc,upperdir=etc,workdir=etc.work,userxattr /etc
mount -t overlay overlay -o lowerdir=/usr/local/lib,upperdir=lib,workdir=lib.work,userxattr /usr/local/lib
mount -t tmpfs tmpfs /run
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
mount --bind empty /proc/sys/fs/binfmt_misc
echo ready
exec sleep 1500
"""


@dataclass(frozen=True)
class PrivateHost:
    """A machine to run commands on.

    :param under: a command that runs another one there, as root.
    """

    under: tuple[str, ...]

    def run(self, *argv: str | Path) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run([*self.under, *map(str, argv)], check=False, capture_output=True, timeout=60)

    def sh(self, script: str, *args: str | Path) -> str:
        """The output of a shell script that succeeds."""
        done = self.run("sh", "-ec", script, "sh", *args)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def write(self, path: Path, data: bytes) -> Path:
        """A program on this machine."""
        script = 'mkdir -p "${1%/*}" && cat > "$1" && chmod 755 "$1"'
        subprocess.run(
            [*self.under, "sh", "-ec", script, "sh", str(path)], check=True, input=data, timeout=60
        )
        return path

    def register(self, name: str, arch: str, interpreter: Path, flags: str) -> None:
        """Do what another tool would do."""
        self.mount()
        line, _, _ = binfmt.registration(ARCHITECTURES[arch], interpreter, name=name).rpartition(":")
        self.sh(f'printf %s "$1" > {BINFMT}/register', f"{line}:{flags}")

    def mount(self) -> None:
        self.sh(f"[ -e {BINFMT}/status ] || mount -t binfmt_misc binfmt_misc {BINFMT}")

    @property
    def entries(self) -> list[str]:
        """The names of what is registered."""
        return sorted(set(self.sh(f"ls {BINFMT}").split()) - {"register", "status"})

    @property
    def files(self) -> list[str]:
        """Every file that crosswheel may have made."""
        script = "find /usr/local/lib/crosswheel /etc/binfmt.d -name '*qemu-*' 2>/dev/null || :"
        return sorted(self.sh(script).split())


@dataclass(frozen=True)
class Machine(PrivateHost):
    """A private host with the command."""

    crosswheel: Crosswheel

    def emulation(self, *args: str | Path) -> Result:
        return self.crosswheel("emulation", *args, under=self.under)

    def status_of(self, arch: str) -> int:
        """What a program of an architecture exits with; a shell says 126 or 127 where the kernel runs none."""
        self.write(_SAMPLE, sample.program(ARCHITECTURES[arch]))
        return self.run(_SAMPLE).returncode


@contextmanager
def private_host(directory: Path) -> Iterator[PrivateHost]:
    """A machine that ends with the block.

    :param directory: empty, on a file system that can hold layers.
    """
    process = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _SET_UP, "sh", str(directory)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            target = f"--target={process.pid}"
            yield PrivateHost(("nsenter", target, "--user", "--mount", "--preserve-credentials", "--"))
            process.kill()
    finally:
        process.kill()
