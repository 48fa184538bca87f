"""Words in braces that look like a placeholder of a command and are none.

cibuildwheel leaves them as they are. One that is nearly a placeholder is a slip of the pen, and an error: nobody
means it. One that another option fills in is a warning.
"""

import re
from collections.abc import Iterator, Sequence

from crosswheel.config import options as table
from crosswheel.config.layers import Layer, Reader

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
    """The place of each word that another option fills in, and a sentence about it."""
    for place, word, known in _words(layers):
        if word in _ALL and word not in known:
            yield place, f"holds {{{word}}}, which this option does not fill in: it stays as it is"


def check(layers: Sequence[Layer], reader: Reader) -> None:
    """Tell each word that is nearly a placeholder as a fault."""
    for place, word, known in _words(layers):
        if word not in _ALL and (near := _near(word, known)):
            reader.fault(place, f"holds {{{word}}}, which is no placeholder", f"did you mean {{{near}}}?")


def _words(layers: Sequence[Layer]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each word in braces, with its place and what its option fills in."""
    for layer in layers:
        for option, known in _KNOWN.items():
            value = layer.values.get(option, "")
            for line in [value] if isinstance(value, str) else layer.words(option):
                for word in dict.fromkeys(_WORD.findall(line)):
                    yield layer.places[option], word, known


def _near(word: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 -- only odd braces pay for the import

    return next(iter(get_close_matches(word.lower(), known, 1, _NEAR)), "")
