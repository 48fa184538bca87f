"""On GitHub Actions each step folds with its whole output, failures are annotations, and a page sums it up."""

import hashlib
import re
from pathlib import Path

import pytest
from harness import Crosswheel, Result

pytestmark = [pytest.mark.slow, pytest.mark.network]

ID = "cp311-manylinux_aarch64"
WHEEL = "c_hello-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
GROUP = re.compile(r"^::group::(.*)\n((?:.*\n)*?)::endgroup::\n", re.MULTILINE)


def groups(result: Result) -> dict[str, str]:
    """What is in each group, by its title."""
    return dict(GROUP.findall(result.err))


def folded(result: Result) -> str:
    """The log as it is shown before a person opens a group."""
    return GROUP.sub(lambda match: f"> {match[1]}\n", result.err)


def on_github(crosswheel: Crosswheel, project: str, summary: Path) -> Result:
    crosswheel.project(project)
    services = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    return crosswheel("build", "--only", ID, project, env=services)


def test_a_wheel_on_github_actions(crosswheel: Crosswheel) -> None:
    summary = crosswheel.cwd / "summary.md"
    summary.write_text("before\n", encoding="utf-8")

    result = on_github(crosswheel, "c-hello", summary)

    assert result.status == 0, result.err
    assert (
        folded(result)
        == f"""\
1 wheel to build
{ID}  1 of 1
> {ID}  fetch
{ID}  fetch done in <time>
> {ID}  prepare
{ID}  prepare done in <time>
> {ID}  requirements
{ID}  requirements done in <time>
> {ID}  build (cross)
{ID}  build (cross) done in <time>
> {ID}  repair
{ID}  repair done in <time>
> {ID}  verify
{ID}  verify done in <time>
> {ID}  test
{ID}  test done in <time>
{ID}  ok: {WHEEL} (<size>)

"""
    )
    build = groups(result)[f"{ID}  build (cross)"]
    assert "  | running build_ext\n" in build
    assert all(line.startswith("  | ") for line in build.splitlines())
    digest = hashlib.sha256((crosswheel.cwd / "wheelhouse" / WHEEL).read_bytes()).hexdigest()
    assert (
        crosswheel.plain(summary.read_text(encoding="utf-8"))
        == f"""\
before

### crosswheel

| Wheel | Size | Identifier | Engine | Time | SHA-256 |
| :--- | ---: | :--- | :--- | ---: | :--- |
| {WHEEL} | <size> | {ID} | cross | <time> | `{digest}` |

1 wheel after <time>
"""
    )


def test_a_failure_on_github_actions(crosswheel: Crosswheel) -> None:
    summary = crosswheel.cwd / "summary.md"

    result = on_github(crosswheel, "broken", summary)

    assert result.status == 1
    assert folded(result).startswith(f"""\
1 wheel to build
{ID}  1 of 1
> {ID}  fetch
{ID}  fetch done in <time>
> {ID}  prepare
{ID}  prepare done in <time>
> {ID}  requirements
{ID}  requirements done in <time>
> {ID}  build (cross)
{ID}  build (cross) failed after <time>
{ID}  FAILED: the build step failed with status 1
  cause: broken.c does not compile
""")
    assert result.err.endswith(f"""\
  next: correct the source: no engine can compile it
  look around: crosswheel shell {ID} broken
::error title={ID} FAILED::the build step failed with status 1%0Acause: broken.c does not compile\
%0Anext: correct the source: no engine can compile it

""")
    assert (
        "  | broken.c:3:29: error: expected ';' after return statement\n"
        in (groups(result)[f"{ID}  build (cross)"])
    )
    assert (
        crosswheel.plain(summary.read_text(encoding="utf-8"))
        == f"""\
### crosswheel

| Wheel | Size | Identifier | Engine | Time | SHA-256 |
| :--- | ---: | :--- | :--- | ---: | :--- |
| **FAILED** |  | {ID} | cross | <time> |  |

**{ID} FAILED**: the build step failed with status 1
- cause: broken.c does not compile
- next: correct the source: no engine can compile it

0 of 1 wheel after <time>; 1 failed
"""
    )


def test_a_build_gives_no_orders_to_the_service(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")
    orders = r"echo '::error::mine'; echo '##[add-mask]a'; printf '\r::endgroup::\n'; false"

    result = crosswheel(
        "build", "--only", ID, "c-hello", env={"GITHUB_ACTIONS": "true", "CIBW_TEST_COMMAND": orders}
    )

    assert result.status == 1
    assert "  | ::error::mine\n  | # #[add-mask]a\n  | ::endgroup::\n" in groups(result)[f"{ID}  test"]
    commands = [line for line in result.err.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    marks = [line for line in commands if not line.startswith(("::group::", "::endgroup::"))]
    assert [mark.partition("::the ")[0] for mark in marks] == [f"::error title={ID} FAILED"]
    assert "##[" not in result.out


def test_another_service_by_the_mode(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "--only", ID, "c-hello", env={"CIBW_LOG_FOLD_MODE": "azure"})

    assert result.status == 0, result.err
    lines = result.err.splitlines()
    assert f"##[group]{ID}  build (cross)" in lines
    assert lines.count("##[endgroup]") == sum(line.startswith("##[group]") for line in lines) == 7
