"""Workflows of CI services: to the letter, by the services' linters and schemas, and what holds for all of them."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ci_examples import EXAMPLES, GITHUB, Example, each
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswheel import ci
from crosswheel.ci.rendering import CACHES, NOT_KEPT
from crosswheel.ci.workflow import AT_ONCE, HOSTED
from crosswheel.model import Target
from crosswheel.plan.identifiers import TARGETS

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
PINS = tomllib.loads((ROOT / "src/crosswheel/ci/pins.toml").read_text(encoding="utf-8"))
SCHEMAS = {
    "github": ["--builtin-schema", "vendor.github-workflows"],
    "gitlab": ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "circleci": ["--builtin-schema", "vendor.circle-ci"],
    # Its schema has expressions that only Unicode's older rules take.
    "azure": ["--builtin-schema", "vendor.azure-pipelines", "--regex-variant", "nonunicode"],
}
ACTION = ROOT / "action.yml"


def load(text: str) -> Any:
    return yaml.load(text, yaml.BaseLoader)  # everything a string, also the key `on`


def entries(service: str, text: str) -> list[str]:
    """The identifiers of every job of a matrix, with spaces between those of one job."""
    data = load(text)
    match service:
        case "github":
            jobs = [data["jobs"].get(name) for name in ("crosswheel-wheels", "crosswheel-arm")]
            return [row["build"] for job in jobs if job for row in job["strategy"]["matrix"]["include"]]
        case "gitlab":
            jobs = [data.get(name) for name in ("crosswheel-wheels", "crosswheel-arm")]
            return [row["BUILD"] for job in jobs if job for row in job["parallel"]["matrix"]]
        case "circleci":
            calls = data["workflows"]["crosswheel"]["jobs"]
            return [told["build"] for call in calls for told in call.values()]
        case _:
            rows = [row for job in data["jobs"] for row in job["strategy"]["matrix"].values()]
            return [row.get("BUILD") or row["CIBW_BUILD"] for row in rows]


def shell_lines(service: str, data: Any) -> Iterator[str]:
    """Everything in a workflow that a shell reads."""
    names = {"github": ("run",), "gitlab": ("script",), "circleci": ("command",), "azure": ("bash", "script")}
    if isinstance(data, dict):
        for key, value in data.items():
            if key in names[service] and not isinstance(value, dict):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from shell_lines(service, value)
    elif isinstance(data, list):
        for value in data:
            yield from shell_lines(service, value)


@each(EXAMPLES)
def test_a_workflow_is_written_as_it_was(example: Example) -> None:
    assert example.written() == example.file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All examples, each service's in a directory of its own; GitHub's where its linters look."""
    root = tmp_path_factory.mktemp("repository")
    for example in EXAMPLES:
        place = root / (".github/workflows" if example.service == "github" else example.service)
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{example.project}-{example.name}.yml"
        path.write_text(example.written(), encoding="utf-8")
    return root


@pytest.mark.parametrize("service", SCHEMAS)
def test_the_schema_of_its_service_takes_it(service: str, repository: Path) -> None:
    place = repository / (".github/workflows" if service == "github" else service)
    argv = [BIN / "check-jsonschema", *SCHEMAS[service], *sorted(place.glob("*.yml"))]

    done = subprocess.run(argv, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing(repository: Path) -> None:
    argv = [BIN / "actionlint", *sorted((repository / ".github/workflows").glob("*.yml"))]

    done = subprocess.run(argv, check=False, capture_output=True, text=True)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def zizmor(path: Path, *args: str) -> list[str]:
    argv = [BIN / "zizmor", "--offline", "--no-config", "--no-exit-codes", "--format", "json", *args, path]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return sorted({finding["ident"] for finding in json.loads(done.stdout)})


def test_zizmor_finds_nothing_and_pedantically_the_tag_of_the_image(repository: Path) -> None:
    assert zizmor(repository) == []
    # By its tag, so that the image comes with Debian's security updates.
    assert zizmor(repository, "--pedantic") == ["unpinned-images"]


def test_zizmor_and_the_schema_take_the_action() -> None:
    assert zizmor(ACTION, "--pedantic") == []
    argv = [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", ACTION]
    assert subprocess.run(argv, check=False, capture_output=True).returncode == 0


@each(EXAMPLES)
def test_no_shell_line_has_an_expression_of_the_service(example: Example) -> None:
    marks = {"github": "${{", "gitlab": "$[[", "circleci": "<<", "azure": "${{"}
    lines = list(shell_lines(example.service, load(example.written())))

    assert lines
    assert [line for line in lines if marks[example.service] in line] == []


@each(GITHUB)
def test_every_action_is_pinned_by_a_hash_of_the_table(example: Example) -> None:
    used = re.findall(r"^ *uses: (.*)$", example.written(), re.MULTILINE)
    known = {f"{row['uses']}@{row['commit']} # {row['version']}" for row in PINS["actions"].values()}

    assert used
    assert set(used) <= known
    assert all(re.fullmatch(r"[0-9a-f]{40}", row["commit"]) for row in PINS["actions"].values())


def test_the_action_pins_what_the_table_does() -> None:
    used = re.findall(r"^ *uses: (\S+@.*)$", ACTION.read_text(encoding="utf-8"), re.MULTILINE)
    cache = PINS["actions"]["cache"]

    assert used == [f"{cache['uses']}@{cache['commit']} # {cache['version']}"]


@each(GITHUB)
def test_a_job_may_read_the_code_or_ask_for_a_token_and_nothing_else(example: Example) -> None:
    workflow = load(example.written())
    permissions = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    token = permissions.pop("crosswheel-publish", {"id-token": "write"})

    assert workflow["permissions"] == {}
    assert token == {"id-token": "write"}
    assert set(map(str, permissions.values())) == {"{'contents': 'read'}"}


@each(GITHUB)
def test_a_checkout_keeps_no_credentials(example: Example) -> None:
    steps = [step for job in load(example.written())["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]

    assert checkouts
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


def workflow_of(targets: list[Target], arm: ci.Arm, *, stable: bool) -> ci.Workflow:
    hosted = [target for target in targets if target.arch.name in HOSTED[arm]]
    own = [target for target in targets if target not in hosted]
    return ci.Workflow(
        entries=ci.split(own, stable=stable),
        hosted=ci.split(hosted, stable=stable, emulated=arm == "qemu"),
        arm=arm,
        package=".",
        requirement="crosswheel",
        command="crosswheel ci",
    )


@settings(max_examples=40, deadline=None)
@given(
    targets=st.lists(st.sampled_from(TARGETS), min_size=1, unique=True),
    arm=st.sampled_from(ci.ARMS),
    stable=st.booleans(),
)
@pytest.mark.parametrize("service", ci.SERVICES)
def test_every_identifier_is_built_by_exactly_one_job(
    service: str, targets: list[Target], arm: ci.Arm, stable: bool
) -> None:
    if arm not in ci.SERVICES[service].arms:
        arm = "cross"
    workflow = workflow_of(targets, arm, stable=stable)
    built = entries(service, ci.render(service, workflow))

    assert sorted(" ".join(built).split()) == sorted(target.identifier for target in targets)
    assert len(built) == len(workflow.jobs)
    assert len(workflow.entries) <= AT_ONCE


@pytest.mark.parametrize("service", ci.SERVICES)
def test_all_there_is_stays_below_the_limits_of_the_services(service: str) -> None:
    """GitHub takes 256 jobs of a matrix, GitLab 200."""
    for arm in ci.SERVICES[service].arms:
        assert len(entries(service, ci.render(service, workflow_of(list(TARGETS), arm, stable=False)))) <= 200


def test_what_is_kept_between_runs_has_one_place() -> None:
    kinds = [kind for group in (*CACHES.values(), NOT_KEPT) for kind in group]

    assert len(kinds) == len(set(kinds))
    assert len(CACHES) <= 4, "GitLab takes four caches of a job"
