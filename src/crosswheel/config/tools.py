"""The forms of options that name a tool: the build frontend, the container engine, versions, the audit."""

import shlex
from collections.abc import Mapping
from typing import Literal, cast, get_args

from crosswheel.config import forms
from crosswheel.config.malformed import MalformedError
from crosswheel.options import ContainerEngine, DependencyVersions, Frontend

_FrontendName = Literal["build", "build[uv]", "uv", "pip"]
FRONTENDS = get_args(_FrontendName)
_EngineName = Literal["docker", "podman"]
ENGINES = get_args(_EngineName)
_SWITCHES = ("disable_host_mount", "disable-host-mount")


def _fields(line: str) -> Mapping[str, tuple[str, ...]]:
    """``build[uv]; args: --no-isolation`` as ``{"name": ("build[uv]",), "args": ("--no-isolation",)}``."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";")
    lexer.commenters = ""
    lexer.whitespace_split = True
    parts: list[list[str]] = [[]]
    try:
        for word in lexer:
            if word == ";":
                parts.append([])
            else:
                parts[-1].append(word)
    except ValueError:
        raise MalformedError(f"has a quotation that is not closed in {line!r}") from None
    result: dict[str, tuple[str, ...]] = {}
    for number, (first, *rest) in enumerate(filter(None, parts)):
        label, colon, value = first.partition(":")
        if not colon and number:
            raise MalformedError(f"has {first!r} where NAME: is wanted")
        name, held = (label, [value, *rest] if value else rest) if colon else ("name", [first, *rest])
        result[name] = (*result.get(name, ()), *held)
    return result


# What the frontends' arguments mean that a call of the hooks can mean too.
FRONTEND_ARGUMENTS = (
    "--no-isolation", "-n", "--no-build-isolation", "-nx", "-xn", "-x", "--skip-dependency-check", "--no-deps",
    "--verbose", "-v", "-vv", "-vvv",
)  # fmt: skip


def frontend(value: object) -> Frontend:
    """``build-frontend``: a name with arguments, as a string or as a table."""
    name, arguments = _named_frontend(value, FRONTENDS, "no build frontend for Linux")
    if name == "default":
        return Frontend()
    for argument in arguments:
        if argument not in FRONTEND_ARGUMENTS:
            raise MalformedError(
                f"has the argument {argument!r}, which is not followed yet: crosswheel calls the hooks itself",
                f"it follows {', '.join(FRONTEND_ARGUMENTS)}; settings belong into config-settings",
            )
    return Frontend(cast("_FrontendName", name), arguments)


def frontend_elsewhere(value: object) -> None:
    """``build-frontend`` of another platform, whose arguments are not for this tool to follow."""
    _named_frontend(value, (*FRONTENDS, "pyodide-build"), "no build frontend")


def _named_frontend(value: object, known: tuple[str, ...], what: str) -> tuple[str, tuple[str, ...]]:
    held = _held(value)
    _check_fields(held, ("name", "args"))
    name = " ".join(held.get("name", ())) if held else "default"
    if name not in (*known, "default"):
        raise MalformedError(f"names {name!r}, which is {what}", "one of " + ", ".join(known))
    return name, held.get("args", ())


def test_runtime(value: object) -> None:
    """``test-runtime`` of iOS and Android: ``args``, as a string or as a table."""
    _check_fields(_held(value), ("args",))


def container_engine(value: object) -> ContainerEngine:
    """``container-engine``: a name with further fields, as a string or as a table."""
    held = _held(value)
    _check_fields(held, ("name", "create_args", "create-args", *_SWITCHES))
    name = " ".join(held.get("name", ()))
    if name not in ENGINES:
        raise MalformedError(f"names {name!r}, which is no container engine", "one of " + ", ".join(ENGINES))
    arguments = held.get("create_args") or held.get("create-args") or ()
    switch = held.get("disable_host_mount") or held.get("disable-host-mount") or ("no",)
    return ContainerEngine(cast("_EngineName", name), arguments, forms.truth(switch[-1]), named=True)


def dependency_versions(value: object) -> DependencyVersions:
    """``dependency-versions``: ``pinned``, ``latest``, a file, or a table with ``file`` or ``packages``."""
    if isinstance(value, str) and not value.startswith(("file:", "packages:")):
        # A path may hold what separates fields.
        return DependencyVersions(file="" if value in ("pinned", "latest", "") else value)
    held = _held(value)
    _check_fields(held, ("file", "packages"))
    files, packages = held.get("file", ()), held.get("packages", ())
    if files and packages:
        raise MalformedError("has both file and packages", "leave one of them out")
    if len(files) > 1:
        raise MalformedError("names several files", "quote a path with spaces in it")
    return DependencyVersions("".join(files), packages)


def audit_commands(value: object) -> tuple[str, ...]:
    """``audit-command``: shell lines, each for every wheel or for abi3 wheels."""
    lines = tuple(line for item in forms.items(value) for line in item.split(" && ") if line)
    for line in lines:
        if "{wheel}" in line and "{abi3_wheel}" in line:
            raise MalformedError(
                f"has the command {line!r} with both {{wheel}} and {{abi3_wheel}}", "name one of them"
            )
    return lines


def _held(value: object) -> Mapping[str, tuple[str, ...]]:
    if isinstance(value, dict):
        return {
            key: tuple(forms.items(_switch(item) if key in _SWITCHES else item))
            for key, item in value.items()
        }
    if isinstance(value, str):
        return _fields(value)
    raise MalformedError(f"is {forms.kind(value)} where a string or a table is wanted")


def _switch(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _check_fields(held: Mapping[str, object], known: tuple[str, ...]) -> None:
    for key in sorted(held.keys() - set(known)):
        raise MalformedError(f"has the unknown field {key!r}", f"the fields are {' and '.join(known)}")
