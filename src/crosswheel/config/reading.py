"""Reading a project's configuration: read this room from here."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from crosswheel.architectures import ARCHITECTURES
from crosswheel.config import environment, forms, own, placeholders, requires_python, tables, variables
from crosswheel.config import options as table
from crosswheel.config.configuration import Configuration, Flags
from crosswheel.config.files import Files
from crosswheel.config.layers import Layer, Reader, resolve
from crosswheel.config.patterns import Patterns
from crosswheel.errors import ConfigurationError, DeprecatedError, did_you_mean
from crosswheel.options import DependencyVersions


def load(
    project_dir: Path, *, config_file: str | None, environ: Mapping[str, str], flags: Flags
) -> Configuration:
    """The configuration of the project in a directory.

    :param config_file: replaces the project's pyproject.toml; relative to the working directory;
        ``{package}`` in it stands for ``project_dir``.
    :param environ: the variables of the environment, of which ``CIBW_*`` are read.
    :raises ConfigurationError: with every fault of the input.
    """
    reader = Reader()
    pyproject = _pyproject(project_dir, reader)
    path = tables.path_of(project_dir, config_file)
    document = tables.read_toml(path, reader) if config_file else pyproject
    layers = (*tables.layers(document, reader), *variables.layers(environ, reader))
    _check_platform(environ, flags, reader)
    _check_groups(layers, pyproject, reader)
    _check_versions(layers, reader)
    placeholders.check(layers, reader)
    files = Files({"tool": path, "project": project_dir / "pyproject.toml"})
    told = {
        "--engine": flags.engine,
        "--source": flags.source,
        "--sandbox": flags.sandbox,
        "--jobs": flags.jobs,
        "--memory": flags.memory,
        "--time-limit": flags.time_limit,
    }
    result = Configuration(
        build=resolve(table.BUILD, layers, None),
        skip=resolve(table.SKIP, layers, None),
        test_skip=resolve(table.TEST_SKIP, layers, None),
        only=flags.only or "",
        enable=resolve(table.ENABLE, layers, None) | _enabled(flags, reader),
        architectures=_architectures(layers, flags, reader),
        requires_python=_requires_python(project_dir, pyproject, environ, reader),
        layers=layers,
        own=own.read(document, environ, told, reader),
        warnings=(
            *variables.warnings(environ),
            *_image_warnings(layers),
            *(f"{files.located(place)}: {text}" for place, text in placeholders.warnings(layers)),
            *(f"{files.located(place)}: {text}" for place, text in _empty_variables(layers)),
        ),
        files=files,
    )
    if reader.faults:
        error = DeprecatedError if all(fault.deprecated for fault in reader.faults) else ConfigurationError
        raise error(tuple(replace(fault, where=files.line_of(fault.place)) for fault in reader.faults))
    if flags.only:
        return _only(result)
    return result if result.build.texts else replace(result, build=table.BUILD.default)


def _pyproject(project_dir: Path, reader: Reader) -> dict[str, Any]:
    path = project_dir / "pyproject.toml"
    return tables.read_toml(path, reader) if path.exists() else {}


def _only(configuration: Configuration) -> Configuration:
    """``--only`` overrides build, skip, archs and enable, but not requires-python, as in cibuildwheel."""
    return replace(
        configuration,
        build=Patterns((configuration.only,)),
        skip=Patterns(),
        enable=frozenset(forms.ENABLE_GROUPS),
        architectures=tuple(ARCHITECTURES),
    )


def _enabled(flags: Flags, reader: Reader) -> frozenset[str]:
    return reader.read("--enable", forms.groups, " ".join(flags.enable)) or frozenset()


def _architectures(layers: Sequence[Layer], flags: Flags, reader: Reader) -> tuple[str, ...]:
    if flags.archs and flags.only:
        reader.fault(
            "--archs", "is given beside --only, which names the architecture", "leave one of them out"
        )
    if flags.archs:
        return reader.read("--archs", forms.architectures, flags.archs) or ()
    return resolve(table.ARCHS, layers, None)


def _check_platform(environ: Mapping[str, str], flags: Flags, reader: Reader) -> None:
    if flags.platform and flags.only:
        reader.fault(
            "--platform", "is given beside --only, which names the platform", "leave one of them out"
        )
    place, platform = "CIBW_PLATFORM", environ.get("CIBW_PLATFORM", "")
    if flags.platform:
        place, platform = "--platform", flags.platform
    if platform in ("", "auto", "linux"):
        return
    if platform in table.PLATFORMS:
        problem = f"is {platform}, and crosswheel builds wheels for Linux alone, of every architecture"
        reader.fault(place, problem, f"build those for {platform} with cibuildwheel")
    else:
        hint = did_you_mean(platform, ("auto", *table.PLATFORMS))
        reader.fault(place, f"is {platform!r}, which is no platform", hint)


def _check_groups(layers: Sequence[Layer], pyproject: Mapping[str, Any], reader: Reader) -> None:
    """Every group of ``test-groups`` has to be in ``[dependency-groups]``; PEP 735 normalises names."""
    groups = pyproject.get("dependency-groups", {})
    present = {_normalised(name) for name in groups} if isinstance(groups, dict) else set()
    for layer in layers:
        option = table.TEST_GROUPS.name
        for name in layer.words(option):
            if _normalised(name) not in present:
                problem = (
                    f"names the group {name!r}, which [dependency-groups] of pyproject.toml does not have"
                )
                reader.fault(layer.places[option], problem, did_you_mean(name, present))
            elif problem := _problem_of_group(name, groups):
                reader.fault(layer.places[option], problem)


def _problem_of_group(name: str, groups: Mapping[str, Any]) -> str:
    from dependency_groups import resolve as requirements  # noqa: PLC0415 -- few projects name a group

    try:
        requirements(groups, name)
    except (ValueError, LookupError, TypeError) as error:
        return f"names the group {name!r}, which [dependency-groups] has, but: {str(error).splitlines()[0]}"
    return ""


def _check_versions(layers: Sequence[Layer], reader: Reader) -> None:
    for layer in layers:
        option = table.DEPENDENCY_VERSIONS.name
        versions = layer.values.get(option)
        file = versions.file if isinstance(versions, DependencyVersions) else ""
        if file and not os.path.isfile(file):  # noqa: PTH113 -- of too long a name Path.is_file() raises
            reader.fault(layer.places[option], f"names the file {file}, which does not exist")


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requires_python(
    project_dir: Path, pyproject: Mapping[str, Any], environ: Mapping[str, str], reader: Reader
) -> str | None:
    try:
        found = requires_python.find(project_dir, pyproject)
    except ValueError as error:
        reader.fault("setup.cfg", f"cannot be read: {str(error).splitlines()[0]}")
        return None
    if environ.get("CIBW_PROJECT_REQUIRES_PYTHON"):
        found = "CIBW_PROJECT_REQUIRES_PYTHON", environ["CIBW_PROJECT_REQUIRES_PYTHON"]
    if found is None:
        return None
    place, text = found
    if re.fullmatch(r">=3\.\d+", text):
        return text  # nearly always; saves the import
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 -- slow to import

    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier:
        reader.fault(place, f"is {text!r}, which is no version specifier", 'write it as ">=3.9"')
        return None


# They have a value where builds run, or engines give them one.
_SET = (
    "PATH",
    "HOME",
    "LANG",
    "CC",
    "CXX",
    "AR",
    "LD",
    "RANLIB",
    "STRIP",
    "PKG_CONFIG_LIBDIR",
    "SOURCE_DATE_EPOCH",
)


def _empty_variables(layers: Sequence[Layer]) -> Iterator[tuple[str, str]]:
    """The place of each variable that refers to itself alone, and a sentence about it."""
    known = {*_SET, *(name for layer in layers for name in layer.words(table.ENVIRONMENT_PASS.name))}
    for option in (table.ENVIRONMENT.name, table.TEST_ENVIRONMENT.name):
        for layer in layers:
            assignments = cast("environment.Assignments", layer.values.get(option, ()))
            for name in environment.empty(assignments, known):
                text = f"sets {name} to itself, which has no value there"
                yield layer.places[option], f"{text}; environment-pass lets in this machine's"
            known |= {name for name, _ in assignments}


def _image_warnings(layers: Sequence[Layer]) -> list[str]:
    return [
        f"{option.name} has no effect: cibuildwheel builds PyPy in the image of its architecture"
        for option in table.PYPY_IMAGES
        if resolve(option, layers, None)
    ]
