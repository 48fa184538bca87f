"""How a spec runs the real command, and how what it prints is made to be the same in every run."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT = 1500.0  # seconds for one command; the longest fetches two roots first
_HERE = Path(__file__).parent
_PROJECTS = (_HERE.parent / "data" / "projects", _HERE.parent.parent / "examples")
# What a machine of CI or a developer may have set, and a spec must not see.
_HIDDEN = (
    "CIBW_", "CROSSWHEEL_", "PYTHON", "MAKE", "TERM", "NO_COLOR", "FORCE_COLOR", "VIRTUAL_ENV",
    "GITHUB_", "GITLAB_CI", "AZURE_HTTP_USER_AGENT", "TRAVIS", "APPVEYOR", "CIRCLECI",
)  # fmt: skip
_VARYING = (
    (re.compile(r"^\[ *\d+\.\d+s\] ", re.MULTILINE), ""),
    (re.compile(r"-\d{8}T\d{6}-\d+(?=\.log\b)"), "-<run>"),
    (re.compile(r"\breports/[0-9a-f]{32}/\d{8}T\d{6}-\d+"), "reports/<run>"),
    (re.compile(r"\b\d+ h \d+ min\b|\b\d+ min \d+ s\b|\b\d+\.\d s\b"), "<time>"),
    (re.compile(r"\b\d+(?:\.\d)? [kMG]B\b|\b\d+ bytes\b"), "<size>"),
)
_HANGING = re.compile(r"\n {4,}(?=\S)")


@dataclass(frozen=True)
class Result:
    """What a command left: what differs from run to run has a name (``<time>``, ``<size>``,
    ``<cwd>``, ``<cache>``, ``<run>``).

    :param out: with wrapped lines joined again; where they break depends on how long a time is.
    :param err: without the clock before its lines.
    """

    status: int
    out: str
    err: str

    @property
    def failures(self) -> list[str]:
        """The reports of failed jobs in ``err``, each with the lines that belong to it."""
        return re.findall(r"^\S+  FAILED: .*\n(?:  .*\n)*", self.err, re.MULTILINE)


@dataclass(frozen=True)
class Crosswheel:
    """The command, run in a directory with a cache.

    :param cwd: where it runs, and where projects are put.
    :param cache: parts that all specs share.
    """

    cwd: Path
    cache: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self, *args: str | Path, under: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> Result:
        """Run it to its end.

        :param under: a command that runs it (``unshare -Urn``).
        :param env: further variables.
        """
        done = subprocess.run(
            self.argv(*args, under=under),
            check=False,
            cwd=self.cwd,
            env=self.variables(env or {}),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
        )
        return self.result(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(
        self, *args: str | Path, env: Mapping[str, str] | None = None
    ) -> Iterator["subprocess.Popen[str]"]:
        """Run it in a session of its own, as a shell does, with its standard error to be read line by line."""
        process = subprocess.Popen(
            self.argv(*args),
            cwd=self.cwd,
            env=self.variables(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            with process:
                yield process
        finally:
            process.kill()

    def argv(self, *args: str | Path, under: Sequence[str] = ()) -> list[str]:
        return [*under, sys.executable, "-m", "crosswheel", *map(str, args)]

    def variables(self, further: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
        # What an earlier run of the specs built from the same files is no proof that this one can.
        return {**kept, "CIBW_CACHE_PATH": str(self.cache), "CROSSWHEEL_NO_CACHE": "1", **self.env, **further}

    def result(self, status: int, out: str, err: str) -> Result:
        """The result of a run of this command, in which nothing may be wrong with crosswheel itself."""
        result = Result(status, self.plain(_HANGING.sub(" ", out)), self.plain(err))
        assert not re.search(r"^Traceback", result.err, re.MULTILINE), result.err
        assert "defect of crosswheel" not in result.err, result.err
        return result

    def project(self, name: str) -> Path:
        """A copy of a project of ``tests/data/projects`` or of ``examples``."""
        source = next(place / name for place in _PROJECTS if (place / name).is_dir())
        return Path(shutil.copytree(source, self.cwd / name))

    @property
    def wheels(self) -> list[str]:
        """The names of the wheels in ``wheelhouse``."""
        return sorted(path.name for path in (self.cwd / "wheelhouse").glob("*"))

    def plain(self, text: str) -> str:
        """A text with names for what differs from run to run."""
        text = text.replace(str(self.cache), "<cache>").replace(str(self.cwd), "<cwd>")
        for pattern, name in _VARYING:
            text = pattern.sub(name, text)
        return text


def write(directory: Path, files: Mapping[str, str]) -> Path:
    """A directory with these files."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def content(directory: Path) -> dict[str, bytes]:
    """Every file of a tree."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


def descendants(pid: int) -> frozenset[tuple[int, str]]:
    """Every process below this one: its number and when it started, which together name it for good (proc(5))."""
    found = {row for row in _processes().values() if row[1] == pid}
    below = [descendants(child) for child, _, _ in found]
    return frozenset({(child, start) for child, _, start in found}.union(*below))


def alive(processes: frozenset[tuple[int, str]], *, within: float) -> list[str]:
    """The command lines of those that have not ended.

    :param within: seconds that they are given: the kernel takes a pid namespace down after its init is gone.
    """
    deadline = time.monotonic() + within
    while left := processes & {(pid, start) for pid, _, start in _processes().values()}:
        if time.monotonic() > deadline:
            return [_read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ") for pid, _ in left]
        time.sleep(0.05)
    return []


def _processes() -> dict[int, tuple[int, int, str]]:
    """Number, parent and start of every process that has not ended."""
    rows = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        # The name of the program, in parentheses, may itself hold spaces and parentheses.
        fields = _read(path).rpartition(")")[2].split()
        if fields and fields[0] != "Z":
            rows[int(path.parent.name)] = (int(path.parent.name), int(fields[1]), fields[19])
    return rows


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has ended
        return ""
