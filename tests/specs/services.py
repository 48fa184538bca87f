"""Runs a job of a workflow here, as a service would: its shell lines to the letter, in a clean environment."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).parent.parent.parent
TIMEOUT = 1500.0  # seconds for one job
# What reaches a package index, and nothing else of this machine's.
_NETWORK = ("PIP_", "UV_", "SSL_", "REQUESTS_", "HTTP", "http", "NO_PROXY", "no_proxy")
_EXPRESSION = re.compile(r"\$\{\{ matrix\.(\w+) \}\}")


@dataclass(frozen=True)
class Machine:
    """A place where jobs run.

    :param repository: what the service has checked out.
    :param cache: parts that all specs share.
    """

    repository: Path
    cache: Path

    def github(self, workflow: str, name: str) -> None:
        """Run the job of this name of the matrix; what actions do (``uses``) is left out.

        :raises AssertionError: a step failed.
        """
        job = yaml.safe_load(workflow)["jobs"]["crosswheel-wheels"]
        row = next(row for row in job["strategy"]["matrix"]["include"] if row["name"] == name)
        output = self.repository.parent / "output"
        for step in job["steps"]:
            if "run" in step:
                told = {**job["env"], **step.get("env", {}), "GITHUB_OUTPUT": str(output)}
                env = {
                    key: _EXPRESSION.sub(lambda found: row[found[1]], value) for key, value in told.items()
                }
                env["CROSSWHEEL_CACHE"] = str(self.cache)
                self._shell(step["run"], env)
        assert re.fullmatch(r"week=\d{4}-\d\d\n", output.read_text(encoding="utf-8"))

    def gitlab(self, workflow: str, name: str) -> None:
        """Run the job of this name of the matrix.

        :raises AssertionError: a line failed.
        """
        job = yaml.safe_load(workflow)["crosswheel-wheels"]
        row: Mapping[str, str] = next(row for row in job["parallel"]["matrix"] if row["NAME"] == name)
        (self.repository / ".cache").mkdir()
        (self.repository / ".cache" / "crosswheel").symlink_to(self.cache)  # restored, as the service does
        told = {**job["variables"], **row}
        here = str(self.repository)
        self._shell(
            "\n".join(job["script"]), {k: v.replace("$CI_PROJECT_DIR", here) for k, v in told.items()}
        )

    def action(self, inputs: Mapping[str, str]) -> str:
        """Run the steps of ``action.yml`` with its own defaults.

        :returns: the outputs of the steps.
        """
        action: Any = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
        values = {name: one["default"] for name, one in action["inputs"].items()} | dict(inputs)
        output = self.repository.parent / "output"
        for step in action["runs"]["steps"]:
            if "run" in step:
                env = {
                    key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: values[found[1]], value)
                    for key, value in step.get("env", {}).items()
                }
                here = {"GITHUB_ACTION_PATH": str(CHECKOUT), "RUNNER_TEMP": str(self.repository.parent)}
                self._shell(
                    step["run"],
                    {**env, **here, "GITHUB_OUTPUT": str(output), "CROSSWHEEL_CACHE": str(self.cache)},
                )
        return output.read_text(encoding="utf-8")

    def _shell(self, script: str, env: Mapping[str, str]) -> None:
        """As GitHub calls ``shell: bash``; GitLab's is alike."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            check=False,
            cwd=self.repository,
            env={**self._clean(), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}"

    def _clean(self) -> dict[str, str]:
        """What a new machine has: a home, a path with a Python of its own, the way to the package index.

        Downloads of pip are shared with other runs: that is what takes the time.
        """
        home = self.repository.parent / "home"
        home.mkdir(exist_ok=True)
        python = self.repository.parent / "python"
        if not python.exists():
            subprocess.run([_base(), "-m", "venv", str(python)], check=True)
        network = {name: value for name, value in os.environ.items() if name.startswith(_NETWORK)}
        network.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
        return {**network, "HOME": str(home), "PATH": f"{python}/bin:/usr/local/bin:/usr/bin:/bin"}


def _base() -> str:
    """The Python that this environment is of: a machine's own."""
    return next(path for path in _candidates() if os.access(path, os.X_OK))


def _candidates() -> Sequence[str]:
    return (f"{sys.base_prefix}/bin/python3", sys.executable)
