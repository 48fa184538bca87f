"""The native Python of engine ``cross`` describes the target: what it is told, and where.

``_crosswheel_identity.py`` is copied into the build's isolated environment with a ``.pth`` that loads it. It does
nothing unless the variable ``CROSSWHEEL_IDENTITY`` names the description, and only the process that runs the build
backend (and what that starts) has this variable, so that uv and pip install native requirements.
"""

import json
import shutil
from pathlib import Path

from crosswheel.engines.record import TargetRecord

VARIABLE = "CROSSWHEEL_IDENTITY"
MODULE = "_crosswheel_identity"


def describe(record: TargetRecord) -> str:
    """The target as JSON for ``_crosswheel_identity``."""
    return json.dumps(
        {
            "machine": record.arch.name,
            "platform": f"linux-{record.arch.name}",
            "glibc": ".".join(map(str, record.floor)) if record.target.libc == "manylinux" else "",
            "multiarch": record.target.triplet,
            "variables": dict(record.variables),
        },
        indent=1,
        sort_keys=True,
    )


def plant(site_packages: Path) -> None:
    """Put the identity into an environment."""
    shutil.copy(Path(__file__).with_name(f"{MODULE}.py"), site_packages / f"{MODULE}.py")
    (site_packages / f"{MODULE}.pth").write_text(f"import {MODULE}\n")
