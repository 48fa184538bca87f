"""Builds one wheel in a workshop: before-build, requirements, the backend's hooks."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from crosswheel.engines.backends import merged
from crosswheel.engines.hooks import Backend, build_system
from crosswheel.engines.workshop import Workshop
from crosswheel.options import Options
from crosswheel.site import places
from crosswheel.site.commands import fill, shell
from crosswheel.site.environments import Environment, installer_programs
from crosswheel.site.site import Site

Step = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Prepared:
    """All that the build step needs.

    :param environments: the isolated one first, then what before-build installed into.
    """

    backend: Backend
    settings: Mapping[str, str | list[str]]
    environments: tuple[Environment, ...]


def build(site: Site, workshop: Workshop, options: Options, package: str, step: Step) -> Path:
    """Build the package's wheel.

    :param package: the package's directory relative to the project (``.`` where it is the project).
    :param step: opens a named step for the report.
    :return: the wheel, on the host.
    :raises StepError: a command failed.
    """
    prepared = prepare(site, workshop, options, package, step)
    with step("build"):
        return prepared.backend.wheel(prepared.settings, site.directory("dist"))


def prepare(site: Site, workshop: Workshop, options: Options, package: str, step: Step) -> Prepared:
    """Everything before the build step: before-build, then the requirements; see :func:`build`."""
    outer: list[Environment] = []
    if options.before_build or not options.build_frontend.isolated:
        with step("before-build"):
            outer.append(_before_build(workshop, options, package))
    with step("requirements"):
        inner = (
            workshop.environment(places.ENVIRONMENT, workshop.env)
            if options.build_frontend.isolated
            else outer[0]
        )
        workshop.prepare(inner)
        if options.build_frontend.isolated:
            inner.install(build_system(site.directory("project") / package).requires)
        prepared = _prepared(site, workshop, options, package, [inner, *outer])
        if options.build_frontend.isolated:
            inner.install(prepared.backend.requires(prepared.settings))
        workshop.complete(inner)
    return prepared


def as_left(site: Site, workshop: Workshop, options: Options, package: str) -> Prepared:
    """The same of a site where an earlier run came this far, or failed before; nothing is installed."""
    isolated = options.build_frontend.isolated
    found = [workshop.environment(places.ENVIRONMENT, workshop.env)] if isolated else []
    if options.before_build or not isolated:
        found.append(workshop.environment(places.BEFORE_ENVIRONMENT, workshop.env))
    return _prepared(site, workshop, options, package, found)


def _prepared(
    site: Site, workshop: Workshop, options: Options, package: str, environments: list[Environment]
) -> Prepared:
    project = site.directory("project")
    unique = tuple(dict.fromkeys(environments))  # without isolation the two are one
    backend = Backend(workshop, project / package, project, unique)
    settings = merged(workshop.settings(backend.system.requires), _filled(options, package))
    return Prepared(backend, settings, unique)


def _before_build(workshop: Workshop, options: Options, package: str) -> Environment:
    environment = workshop.environment(places.BEFORE_ENVIRONMENT, workshop.env)
    environment.install(installer_programs(options.build_frontend))
    if options.before_build:
        command = fill(options.before_build, package=package)
        # uv installs into an environment only where one is named: the official images have none.
        env = {**workshop.variables(environment), "UV_PYTHON": environment.python}
        shell(workshop.sandbox((environment.mount,)), command, env, "before-build")
    return environment


def _filled(options: Options, package: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The project's config settings, placeholders filled in."""
    for key, values in options.config_settings:
        yield fill(key, package=package), tuple(fill(value, package=package) for value in values)
