"""Paths of a view, as the machine itself has them: for commands that run where no mount can be made.

A command is told paths of its sandbox (``/crosswheel/project``). On the machine itself the same things stand
elsewhere, so every text that a command reads is translated.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from crosswheel.seams import Mount

# Where an absolute path begins: not within a word or after a variable; after an option (-I/project) and in a URL.
_BEGINS = r"(?:(?<![\w./+~@%})`*?\]-])|(?<=://)|(?<=-[A-Z])(?<![\w./]-[A-Z]))"
_ENDS = r"(?![\w.+~@%-])"


def on_machine(text: str, mounts: Iterable[Mount]) -> str:
    """The text with the target of every mount replaced by its source, at the boundaries of paths.

    What is a path of the machine already stays: ``/tmp`` may be the target of one mount and hold the sources of
    others.
    """
    places = _places(tuple((mount.target, str(mount.source)) for mount in mounts))
    longest_first = sorted(places, key=len, reverse=True)
    pattern = f"{_BEGINS}(?:{'|'.join(map(re.escape, longest_first))}){_ENDS}"
    return re.sub(pattern, lambda match: places[match[0]], text) if places else text


@cache
def _places(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    sources = [Path(source) for _, source in pairs]
    known = {str(place) for source in sources for place in (source, *source.parents)} - {"/"}
    return {**{place: place for place in known}, **dict(pairs)}
