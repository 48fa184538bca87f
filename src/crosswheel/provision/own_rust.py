"""The user's own Rust of rustup, where it has the standard library of a target; found by reading, never changed.

rustup's programs are stand-ins that may fetch toolchains when they run, so they are not run.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.architectures import HOST

_LIBRARY = "lib/rustlib/{triple}/lib"


@dataclass(frozen=True)
class OwnRust:
    """A toolchain of rustup's.

    :param name: rustup's name of it (``stable-x86_64-unknown-linux-gnu``).
    :param sysroot: its directory; it runs wherever that is.
    """

    name: str
    sysroot: Path

    def serves(self, triple: str) -> bool:
        """Whether the standard library of a target is in it (``aarch64-unknown-linux-musl``)."""
        return any((self.sysroot / _LIBRARY.format(triple=triple)).glob("libstd-*.rlib"))


def find(environ: Mapping[str, str]) -> OwnRust | None:
    """The toolchain that RUSTUP_TOOLCHAIN or ``rustup default`` names; None where it is not there.

    :param environ: RUSTUP_HOME, RUSTUP_TOOLCHAIN and HOME are read.
    """
    home = Path(environ.get("RUSTUP_HOME") or Path(environ.get("HOME", "/nonexistent"), ".rustup"))
    try:
        settings = tomllib.loads((home / "settings.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    name = environ.get("RUSTUP_TOOLCHAIN") or settings.get("default_toolchain")
    if not isinstance(name, str):
        return None
    directory = home / "toolchains"
    for candidate in (name, f"{name}-{HOST.rust}"):  # settings may say "stable"
        own = OwnRust(candidate, directory / candidate)
        if (own.sysroot / "bin/cargo").is_file() and own.serves(HOST.rust):
            return own
    return None
