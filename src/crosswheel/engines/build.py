"""Builds one wheel in a workshop: before-build, requirements, the backend's hooks."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from crosswheel.engines.backends import merged
from crosswheel.engines.hooks import Backend, build_system
from crosswheel.engines.workshop import Workshop
from crosswheel.model import Options
from crosswheel.site import places
from crosswheel.site.commands import fill, shell
from crosswheel.site.environments import Environment, installer_programs
from crosswheel.site.site import Site

Step = Callable[[str], AbstractContextManager[None]]


def build(site: Site, workshop: Workshop, options: Options, package: str, step: Step) -> Path:
    """Build the package's wheel.

    :param package: the package's directory relative to the project (``.`` where it is the project).
    :param step: opens a named step for the report.
    :return: the wheel, on the host.
    :raises StepError: a command failed.
    """
    project = site.directory("project")
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
            inner.install(build_system(project / package).requires)
        environments = [inner, *(one for one in outer if one is not inner)]
        backend = Backend(workshop, project / package, project, environments)
        settings = merged(workshop.settings(backend.system.requires), _filled(options, package))
        if options.build_frontend.isolated:
            inner.install(backend.requires(settings))
        workshop.complete(inner)
    with step("build"):
        return backend.wheel(settings, site.directory("dist"))


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
