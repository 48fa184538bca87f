"""Workflows as they are written for five projects: ``tests/data/ci/PROJECT/NAME.yml``.

After a change that is meant, write them anew: ``PYTHONPATH=src python tests/unit/ci_examples.py``.
"""

import contextlib
import functools
import io
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from crosswheel import __version__
from crosswheel.cli import run

DATA = Path(__file__).parent.parent / "data" / "ci"
_DIGEST = re.compile(r"(# crosswheel begin) [0-9a-f]{16}$", re.MULTILINE)
_VERSION = re.compile(rf"(crosswheel(?:==|-| )){re.escape(__version__)}")


@dataclass(frozen=True)
class Example:
    """A project and a command line."""

    project: str
    name: str
    line: str

    @property
    def service(self) -> str:
        return self.line.split()[0]

    @property
    def file(self) -> Path:
        return DATA / self.project / f"{self.name}.yml"

    @functools.cache  # noqa: B019 -- there are as many as there are examples
    def written(self) -> str:
        """What is written now, with names for what each release changes."""
        before, out = Path.cwd(), io.StringIO()
        os.chdir(DATA / self.project)
        try:
            with contextlib.redirect_stdout(out):
                status = run(["ci", *shlex.split(self.line), "--output", "-"])
        finally:
            os.chdir(before)
        assert status == 0
        return _VERSION.sub(r"\1VERSION", _DIGEST.sub(r"\1 DIGEST", out.getvalue()))


_BOTH = "--archs x86_64,aarch64"
EXAMPLES = (
    *(Example("plain", service, f"{service} {_BOTH}") for service in ("github", "gitlab", "circleci", "azure")),
    *(Example("abi3", service, service) for service in ("github", "gitlab", "circleci", "azure")),
    Example("many", "github", "github"),
    Example("many", "gitlab", "gitlab"),
    *(Example("many", f"{one}-shards", f"{one} --shards 4") for one in ("github", "gitlab", "circleci", "azure")),
    Example("overrides", "github", "github"),
    Example("overrides", "github-runner", "github --arm runner"),
    Example("overrides", "gitlab-runner", "gitlab --arm runner"),
    Example("overrides", "circleci-runner", "circleci --arm runner"),
    Example("overrides", "github-qemu", "github --arm qemu --no-test"),
    Example("overrides", "gitlab-qemu", "gitlab --arm qemu"),
    Example("overrides", "circleci-qemu", "circleci --arm qemu"),
    Example("overrides", "azure-qemu", "azure --arm qemu"),
    Example("publish", "github", "github --publish --engine emulated --mirror http://mirror.example/debian"),
    Example("publish", "github-qemu", "github --publish --arm qemu"),
    Example("publish", "gitlab", "gitlab --publish"),
)  # fmt: skip
GITHUB = tuple(example for example in EXAMPLES if example.service == "github")


def each(examples: tuple[Example, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", examples, ids=lambda one: f"{one.project}-{one.name}")


if __name__ == "__main__":
    for one in EXAMPLES:
        one.file.write_text(one.written(), encoding="utf-8")
