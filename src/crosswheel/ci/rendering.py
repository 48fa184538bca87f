"""Templates and data become the file of a service."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from crosswheel import __version__
from crosswheel.architectures import ARCHITECTURES
from crosswheel.ci import words
from crosswheel.ci.regions import seal
from crosswheel.ci.workflow import HOSTED, Workflow

# What is kept between runs, by what it depends on: kinds of entries of the store (store/). What is not kept is of
# one run (logs, scratch), or old within hours (package-lists). The wheels change with each commit, the others with
# the plan.
CACHES = {
    "roots": (
        "roots", "image-roots", "image-names", "musl-roots", "musl-pythons", "musl-libraries", "runtime",
    ),
    "toolchains": (
        "programs", "zig", "zig-cache", "zig-warm", "ccache", "toolchains", "wrapper", "cxx-roots", "cross-gcc",
        "rust", "rust-std", "cargo-config",
    ),
    "packages": ("uv-cache", "cargo", "native-programs"),
    "wheels": ("compilations", "wheels", "tests", "history", "served", "memory"),
}  # fmt: skip
NOT_KEPT = ("failed", "locks", "logs", "package-lists", "reports", "scratch", "uses")
_WIDTH = 116


def render(service: str, workflow: Workflow) -> str:
    """The whole file of a service, as if none were there.

    :param service: a key of ``SERVICES``.
    """
    text = _environment().get_template(f"{service}.yml").render(
        one=workflow,
        words=words,
        merges=len(workflow.entries) > 1,
        pins=_pins(),
        version=__version__,
        caches=CACHES,
        platforms=[ARCHITECTURES[name].docker for name in _emulated(workflow)],
        needs=_needs(workflow),
    )  # fmt: skip
    return seal(text)


def _emulated(workflow: Workflow) -> list[str]:
    built = {entry.arch for entry in workflow.hosted}
    return [name for name in HOSTED[workflow.arm] if name in built]


def _needs(workflow: Workflow) -> list[str]:
    """The jobs whose files are published."""
    there = {
        "crosswheel-wheels": workflow.entries,
        "crosswheel-arm": workflow.hosted,
        "crosswheel-sdist": True,
    }
    return [name for name, wanted in there.items() if wanted]


@cache
def _pins() -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 -- all of these: every command loads this room, and few need them
    from importlib.resources import files  # noqa: PLC0415

    pins = tomllib.loads((files(__package__) / "pins.toml").read_text(encoding="utf-8"))
    for action in pins["actions"].values():
        action["pin"] = f"{action['uses']}@{action['commit']} # {action['version']}"
    return pins


@cache
def _environment() -> Any:
    import jinja2  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("crosswheel.ci"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 -- no HTML: `quoted` makes strings of YAML
        # Braces and angle brackets belong to the services: ${{ }} of GitHub, {{ }} and << >> of CircleCI.
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"quoted": quoted, "listed": listed, "comment": comment}
    return environment


def quoted(text: str) -> str:
    """A string of YAML: every string of JSON is one (YAML 1.2, section 1.3)."""
    return json.dumps(text, ensure_ascii=False)


def listed(texts: Iterable[str]) -> str:
    """A list of strings of YAML in one line."""
    return f"[{', '.join(map(quoted, texts))}]"


def comment(text: str, indent: int) -> str:
    """Sentences as a comment of YAML; a line that begins with a space is left as it is."""
    import textwrap  # noqa: PLC0415

    mark = f"{' ' * indent}# "
    lines = [
        [mark + line] if line.startswith(" ") else
        textwrap.wrap(line, _WIDTH, initial_indent=mark, subsequent_indent=mark, break_long_words=False,
                      break_on_hyphens=False)
        for line in text.splitlines()
    ]  # fmt: skip
    return "\n".join(line for block in lines for line in block)
