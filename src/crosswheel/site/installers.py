"""What a project's own variables say to pip and uv, told to the uv that installs in their place."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from crosswheel.site import places

# pip reads an option of its command line from PIP_ and its name; uv has names of its own (its documentation,
# "Environment variables").
_UV_NAMES = {
    "PIP_INDEX_URL": ("UV_DEFAULT_INDEX",),
    "PIP_EXTRA_INDEX_URL": ("UV_INDEX",),
    "PIP_FIND_LINKS": ("UV_FIND_LINKS",),
    "PIP_CONSTRAINT": ("UV_CONSTRAINT", "UV_BUILD_CONSTRAINT"),
    "PIP_BUILD_CONSTRAINT": ("UV_BUILD_CONSTRAINT",),
    "PIP_NO_INDEX": ("UV_NO_INDEX",),
}
_CONSTRAINTS = ("UV_CONSTRAINT", "UV_BUILD_CONSTRAINT", "UV_OVERRIDE")
_PREFIXES = ("UV_", "PIP_")
# Where uv runs and what it keeps is not the project's to say.
_OWN = (
    "UV_CACHE_DIR",
    "UV_LINK_MODE",
    "UV_PYTHON",
    "UV_PYTHON_DOWNLOADS",
    "UV_CONFIG_FILE",
    "UV_SYSTEM_PYTHON",
)


def settings(env: Mapping[str, str]) -> dict[str, str]:
    """The variables of an installation.

    :param env: the project's own, evaluated.
    """
    found = {
        name: value
        for name, value in env.items()
        if name.startswith(_PREFIXES) and name not in _OWN and value
    }
    for pip_name, uv_names in _UV_NAMES.items():
        for name in uv_names if pip_name in found else ():
            found.setdefault(name, found[pip_name])
    if _is_true(found.get("PIP_PRE", "")):
        found.setdefault("UV_PRERELEASE", "allow")
    for name in _CONSTRAINTS:
        if name in found:
            found[name] = " ".join(map(_from_project, found[name].split()))
    return found


def _is_true(text: str) -> bool:
    return text.lower() in ("1", "y", "yes", "t", "true", "on")


def _from_project(file: str) -> str:
    """A file as commands of the build see it, which run in the project; a URL as it is."""
    return file if "://" in file else str(PurePosixPath(places.PROJECT, file))
