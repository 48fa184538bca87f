"""What sandboxes of the machine's own programs see of the machine: not /home, /root, /srv, /var, /tmp."""

from pathlib import Path

from crosswheel.architectures import HOST

_DIRECTORIES = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt")  # and /etc
# Development files of the machine: a build for another target must not find them.
_MASKED = ("/usr/include", "/usr/local/include", "/usr/lib/pkgconfig", "/usr/lib64/pkgconfig",
           f"/usr/lib/{HOST.triplet}/pkgconfig", "/usr/local/lib/pkgconfig", "/usr/share/pkgconfig")  # fmt: skip


def links() -> tuple[tuple[str, str], ...]:
    """Those directories that are links, each with what it leads to (``/bin`` to ``usr/bin``)."""
    return tuple((place, str(Path(place).readlink())) for place in _DIRECTORIES if Path(place).is_symlink())


def directories() -> tuple[str, ...]:
    """Those that are directories; without ``/etc``."""
    found = (place for place in _DIRECTORIES if Path(place).is_dir() and not Path(place).is_symlink())
    return tuple(found)


def development_directories() -> tuple[str, ...]:
    """Directories to be hidden where the machine's own headers and libraries must not be found."""
    return tuple(place for place in _MASKED if Path(place).is_dir())


def development_programs() -> tuple[str, ...]:
    """Programs to be hidden there: pg_config and its like answer for the machine, not for the target.

    pkg-config is none: it looks where it is told.
    """
    programs = Path("/usr/bin").glob("*[-_]config")
    found = {
        str(path.resolve()) for path in programs if path.exists() and not path.name.endswith("pkg-config")
    }
    return tuple(sorted(found))
