"""On which line of a TOML file a key stands; tomllib does not tell, and only a fault asks."""

import bisect
import re
import tomllib
from collections.abc import Mapping

_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")  # a number, a boolean, a date with its time after a space


def find(lines: Mapping[str, int], place: str) -> int:
    """The line of a key path; that of the nearest table around it where the key itself is not there.

    :param lines: of every key path, as ``places`` gives them.
    :param place: as in a fault: ``tool.cibuildwheel.overrides[2].select``.
    :return: counted from one; 0 where nothing of the path is there.
    """
    while place and place not in lines:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return lines.get(place, 0)


def places(text: str) -> dict[str, int]:
    """Every key path of a document, with its line.

    :param text: TOML that tomllib has read.
    """
    try:
        return _Scanner(text).document()
    except RecursionError:  # nested as deeply as tomllib just bears
        return {}


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._counts: dict[str, int] = {}  # of the tables of each array
        self._lines: dict[str, int] = {}

    def document(self) -> dict[str, int]:
        table = ""
        while self._peek():
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _peek(self) -> str:
        """The next character that is not space or a comment; nothing at the end."""
        self._take(_BETWEEN)
        return self._text[self._position : self._position + 1]

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._position)
        taken = match[0] if match else ""
        self._position += len(taken)
        return taken

    def _line(self) -> int:
        return bisect.bisect_left(self._ends, self._position) + 1

    def _header(self) -> str:
        line = self._line()
        brackets = 2 if self._text.startswith("[[", self._position) else 1
        self._position += brackets
        *around, last = self._keys()
        self._peek()
        self._position += brackets
        place = ""
        for key in around:
            place = _joined(place, key)
            self._lines.setdefault(place, line)
            if place in self._counts:
                place = f"{place}[{self._counts[place] - 1}]"
        place = _joined(place, last)
        if brackets == 2:
            number = self._counts.get(place, 0)
            self._counts[place] = number + 1
            self._lines.setdefault(place, line)
            place = f"{place}[{number}]"
        self._lines[place] = line
        return place

    def _keys(self) -> list[str]:
        keys = []
        while True:
            quoted = self._text[self._position] if self._peek() in ('"', "'") else ""
            raw = self._take(_STRING if quoted else _BARE_KEY)
            keys.append(next(iter(tomllib.loads(f"{raw}=0"))) if quoted else raw)
            if self._peek() != ".":
                return keys
            self._position += 1

    def _pair(self, table: str) -> None:
        line = self._line()
        place = table
        for key in self._keys():
            place = _joined(place, key)
            self._lines.setdefault(place, line)
        self._position += 1  # the sign =
        self._value(place)

    def _value(self, place: str) -> None:
        opening = self._peek()
        if opening in ('"', "'"):
            self._take(_STRING)
        elif opening == "[":
            self._items(place)
        elif opening == "{":
            self._position += 1
            while self._peek() != "}":
                self._pair(place)
                self._skip_comma()
            self._position += 1
        else:
            self._take(_SCALAR)

    def _items(self, place: str) -> None:
        self._position += 1
        number = 0
        while self._peek() != "]":
            item = f"{place}[{number}]"
            self._lines.setdefault(item, self._line())
            self._value(item)
            self._skip_comma()
            number += 1
        self._position += 1

    def _skip_comma(self) -> None:
        if self._peek() == ",":
            self._position += 1


def _joined(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
