"""Words in braces that look like a placeholder of a command and are none."""

import re
from collections.abc import Iterator, Sequence

from crosswheel.config import options as table
from crosswheel.config.layers import Layer

_EVERYWHERE = ("project", "package")
# What cibuildwheel 4.3 fills in, by option (its platforms/linux.py, audit.py and frontend.py).
_KNOWN: dict[str, tuple[str, ...]] = {
    table.BEFORE_ALL.name: _EVERYWHERE,
    table.BEFORE_BUILD.name: _EVERYWHERE,
    table.BEFORE_TEST.name: _EVERYWHERE,
    table.TEST_COMMAND.name: (*_EVERYWHERE, "wheel"),
    table.REPAIR_WHEEL_COMMAND.name: (*_EVERYWHERE, "wheel", "dest_dir"),
    table.AUDIT_COMMAND.name: (*_EVERYWHERE, "wheel", "abi3_wheel"),
}
_ALL = frozenset(name for names in _KNOWN.values() for name in names)
# Not ${shell}, not #{kept}, not {{doubled}}; {a,b} is no single word.
_WORD = re.compile(r"(?<![$#{])\{([A-Za-z_][\w-]*)\}(?!\})", re.ASCII)
_NEAR = 0.75  # of 1: below it, braces are a shell's or a Python's own


def warnings(layers: Sequence[Layer]) -> Iterator[tuple[str, str]]:
    """The place of each such word, and a sentence about it."""
    for layer in layers:
        for option, known in _KNOWN.items():
            value = layer.values.get(option, "")
            for line in [value] if isinstance(value, str) else layer.words(option):
                for word in dict.fromkeys(_WORD.findall(line)):
                    if problem := _problem(word, known):
                        yield layer.places[option], f"holds {{{word}}}, which {problem}"


def _problem(word: str, known: tuple[str, ...]) -> str:
    if word in known:
        return ""
    if word in _ALL:
        return "this option does not fill in: it stays as it is"
    from difflib import get_close_matches  # noqa: PLC0415 -- only odd braces pay for the import

    near = get_close_matches(word.lower(), known, 1, _NEAR)
    return f"is no placeholder and stays as it is (did you mean {{{near[0]}}}?)" if near else ""
