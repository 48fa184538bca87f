"""Packages become a file system, without root and without running anything of theirs."""

from collections.abc import Sequence
from pathlib import Path

from crosswheel.process import run
from crosswheel.provision.failing import failed
from crosswheel.store import remove_tree

__all__ = ["EXCLUDED", "unpack", "unpack_files"]

WORKERS = 2
EXCLUDED = (
    "/usr/share/doc/*",
    "/usr/share/info/*",
    "/usr/share/lintian/*",
    "/usr/share/locale/*",
    "/usr/share/man/*",
)

# Every suite's programs expect a merged /usr; packages up to bookworm still ship files under /bin and /lib.
# (lib64 is the loader's directory on x86_64 and ppc64le; elsewhere the link does no harm.)
_MERGED = ("bin", "sbin", "lib", "lib64")

# dpkg-deb -x would set ownership and replace a link by a directory, and takes no options for its tar. Without
# -p tar drops set-user-id bits: a program in a user's cache must not lend that user to others.
_TAR = " ".join(
    (
        "tar -xv --no-same-owner --no-same-permissions --keep-directory-symlink --quoting-style=literal",
        *(f"'--exclude=.{pattern}'" for pattern in EXCLUDED),
    )
)
_SCRIPT = f"""
umask 022
root=$1 control=$2 only=$3; shift 3
unpack() {{ {_TAR} -C "$root" -f - ${{only:+--wildcards "$only"}}; }}
for deb do
  name=${{deb##*/}}; name=${{name%%_*}}
  dpkg-deb --fsys-tarfile "$deb" | unpack >"$control/$name.list" || exit
  dpkg-deb -e "$deb" "$control/$name" || exit
done
"""


# A pid namespace: if this process is killed, the kernel ends every tar below with it, not only the first program.
_ALONE = ("unshare", "--user", "--map-current-user", "--pid", "--fork", "--kill-child", "--")


def unpack(archives: Sequence[Path], root: Path, control: Path, *, only: str = "") -> None:
    """Unpack packages into ``root``; list their files and unpack their control files in ``control``.

    :param control: gets ``NAME.list`` (tar's names) and the directory ``NAME`` for every package.
    :param only: a pattern of what is unpacked of them (``./usr/src/*/library``); everything where it is empty.
    :raises ProvisionError: a package cannot be unpacked.
    :raises OSError: the disk is full.
    """
    control.mkdir(parents=True, exist_ok=True)
    for name in _MERGED:
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")
    # base-files brings these links itself from trixie on: alone, lest another finds them gone for a moment.
    first = [path for path in archives if path.name.startswith("base-files_")]
    rest = sorted(set(archives) - set(first), key=lambda path: path.stat().st_size, reverse=True)
    for share in (first, rest):
        _unpack(share, root, control, only)


def unpack_files(archives: Sequence[Path], root: Path, *, only: str = "") -> None:
    """Unpack packages of which nobody asks later what they are; as :func:`unpack`, without their control files."""
    control = root.with_name("control")
    unpack(archives, root, control, only=only)
    remove_tree(control)


def _unpack(archives: Sequence[Path], root: Path, control: Path, only: str) -> None:
    names = control / "archives"
    names.write_bytes(b"".join(bytes(path) + b"\0" for path in archives))
    options = ("--null", f"--arg-file={names}", "--no-run-if-empty", f"--max-procs={WORKERS}", "--max-args=1")
    completed = run([*_ALONE, "xargs", *options, "sh", "-c", _SCRIPT, "sh", root, control, only])
    names.unlink()
    if completed.returncode == 0:
        return
    raise failed(
        "the packages of a root cannot be unpacked",
        completed,
        place=root,
        remedy="see that the cache directory can be written, or name another one with --cache-dir",
    )
