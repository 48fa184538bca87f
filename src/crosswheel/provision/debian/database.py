"""A dpkg that knows what was unpacked: its database, as dpkg itself would have written it.

With it ``apt-get install`` inside the root finds its dependencies satisfied, and runs triggers and scripts.
The formats are those of dpkg's ``lib/dpkg/infodb-format.c``, deb-triggers(5) and deb-control(5).
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["write_database"]


def write_database(root: Path, control: Path) -> None:
    """Write ``/var/lib/dpkg`` from what `unpack` left in ``control``."""
    admin = root / "var/lib/dpkg"
    for name in ("info", "triggers", "updates", "alternatives", "parts"):
        (admin / name).mkdir(parents=True, exist_ok=True)
    for name in ("available", "diversions", "statoverride", "triggers/Unincorp", "triggers/Lock", "lock"):
        (admin / name).touch()
    (admin / "info/format").write_text(
        "1\n"
    )  # names of packages that can be installed for several architectures
    stanzas = []
    for listing in sorted(control.glob("*.list")):
        package = control / listing.name.removesuffix(".list")
        stanzas.append(_register(package, listing, root))
    (admin / "status").write_text("\n".join(stanzas), encoding="utf-8")


def _register(package: Path, listing: Path, root: Path) -> str:
    """Put a package's control files in their place.

    :returns: its stanza in ``status``.
    """
    text = (package / "control").read_text(encoding="utf-8").rstrip("\n") + "\n"
    fields = dict(
        line.split(": ", 1) for line in text.splitlines() if ": " in line and not line.startswith(" ")
    )
    name = fields["Package"]
    if fields.get("Multi-Arch") == "same":
        name += f":{fields['Architecture']}"
    info = root / "var/lib/dpkg/info"
    for file in package.iterdir():
        if file.name != "control":
            shutil.move(file, info / f"{name}.{file.name}")
    names = listing.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    text_of_list = "".join(_path(line) + "\n" for line in names)
    (info / f"{name}.list").write_text(text_of_list, encoding="utf-8", errors="surrogateescape")
    _register_triggers(info / f"{name}.triggers", name, root / "var/lib/dpkg/triggers")
    first, _, others = text.partition("\n")
    return f"{first}\nStatus: install ok installed\n{others}{_conffiles(info / f'{name}.conffiles', root)}"


def _path(line: str) -> str:
    """tar's ``./usr/bin/`` as dpkg's ``/usr/bin``; the root itself is ``/.``."""
    return line.removeprefix(".").rstrip("/") or "/."


def _conffiles(listed: Path, root: Path) -> str:
    lines = list(_conffile_lines(listed.read_text().split("\n"), root)) if listed.exists() else []
    return "Conffiles:\n" + "".join(f" {line}\n" for line in lines) if lines else ""


def _conffile_lines(names: Iterable[str], root: Path) -> Iterator[str]:
    for name in names:
        file = root / name.lstrip("/")
        if name.startswith("/") and file.is_file():  # others are marked to be removed on upgrade
            yield f"{name} {hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()}"


def _register_triggers(declared: Path, package: str, triggers: Path) -> None:
    """Note which packages are interested in which triggers (named ones, or paths)."""
    if not declared.exists():
        return
    for line in declared.read_text().splitlines():
        kind, _, trigger = line.partition("#")[0].strip().partition(" ")
        if not kind.startswith("interest"):
            continue
        suffix = "/noawait" if kind.endswith("-noawait") else ""
        by_path = trigger.startswith("/")
        with (triggers / ("File" if by_path else trigger.strip())).open("a") as file:
            file.write(f"{trigger.strip()} {package}{suffix}\n" if by_path else f"{package}{suffix}\n")
