"""The test of a wheel, in a site of its own."""

from collections.abc import Mapping
from pathlib import Path

from crosswheel.pipeline.attempt import BEFORE_ALL, Attempt, Built, fresh_site, run_before_all
from crosswheel.pipeline.project import copy_in
from crosswheel.pipeline.variables import ProjectVariables
from crosswheel.site.environments import TargetEnvironment
from crosswheel.site.site import Site
from crosswheel.testing import test as run_test
from crosswheel.wheels.inspect import inspect

TEST_SITE = "test-site"


def tested(attempt: Attempt, made: Built) -> None:
    """Test a wheel.

    :raises StepError: the test failed.
    """
    site, env = test_site(attempt, made.site)
    modules = inspect(made.wheel).modules
    run_test(site, made.wheel, modules, attempt.job.options, attempt.package, env)


def test_site(
    attempt: Attempt, of_build: Site | None, *, left: bool = False
) -> tuple[Site, Mapping[str, str]]:
    """Where the wheel is tested, and the variables of the test.

    :param of_build: where it was built, if it was built now.
    :param left: it is as an earlier attempt left it: nothing is copied.
    """
    site = fresh_site(attempt, TEST_SITE) if left else _test_site(attempt, of_build)
    env: Mapping[str, str] = attempt.common()
    for one in (attempt.variables, ProjectVariables(attempt.job.options.test_environment)):
        env = _over(one, env, site)
    return site, env


def _over(own: ProjectVariables, base: Mapping[str, str], site: Site) -> Mapping[str, str]:
    """The project's variables in a test, where commands in them find the target's python too."""
    if not own.has_commands_to_run:
        return own.over(base, site.make_sandbox(site.target_view()))
    python = TargetEnvironment(site, BEFORE_ALL)
    return own.over(base, site.make_sandbox(site.target_view(python.mount)), str(Path(python.python).parent))


def _test_site(attempt: Attempt, of_build: Site | None) -> Site:
    """A site of its own, with nothing of the build in it.

    What the project's commands left before the build, in the root or in the project, is there for its test command,
    as in cibuildwheel: they may have installed or made what the test needs.
    """
    options = attempt.job.options
    prepared = options.test_command and (options.before_all or options.before_build)
    if prepared and of_build is not None:
        (attempt.scratch / TEST_SITE).symlink_to(of_build.work.name)
        return of_build
    site = fresh_site(attempt, TEST_SITE)
    copy_in(attempt.project, site.directory("project"))
    if options.test_command and options.before_all:
        run_before_all(attempt, site)
    return site
