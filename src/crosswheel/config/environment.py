"""Bash assignments: read with bashlex when the configuration is, evaluated where the build runs.

Understood is what cibuildwheel understands: quotes, ``$NAME``, ``${NAME}``, ``$(command)`` with ``;``.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from crosswheel.config.malformed import MalformedError
from crosswheel.errors import ConfigurationError, Fault

Assignments = tuple[tuple[str, str], ...]
Execute = Callable[[list[str], Mapping[str, str]], str]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Assignments without anything to expand need no parser; importing bashlex takes longer than the whole plan.
_PLAIN = re.compile(
    r'([A-Za-z_][A-Za-z0-9_]*)=((?![~#])[\w./:=@%+,~#-]*|"[\w./:=@%+,~# -]*")(?:\s+|\Z)', re.ASCII
)


def parse(text: str) -> Assignments:
    """The assignments in ``A=1 B="$A x"``; lines count as white space.

    :return: pairs of a name and its value in bash syntax.
    :raises MalformedError: not assignments, or a construct that cannot be evaluated.
    """
    plain = _plain(text.strip())
    if plain is not None:
        return plain
    found = [_split(text, part.pos) for node in _nodes(text) for part in _parts(node, text.strip())]
    for name, value in found:
        try:
            _value(value, _Context({}, lambda _argv, _env: ""))
        except MalformedError as malformed:
            raise MalformedError(
                f"sets {name} to {value}, which {malformed.problem}", malformed.hint
            ) from None
    return tuple(found)


def empty(assignments: Assignments, known: Collection[str]) -> tuple[str, ...]:
    """The names that are set to themselves alone and have no value before (``A=$A``).

    :param known: names that have one.
    """
    found, seen = [], set(known)
    for name, value in assignments:
        if name not in seen and value.strip('"') in (f"${name}", f"${{{name}}}"):
            found.append(name)
        seen.add(name)
    return tuple(found)


def evaluate(assignments: Assignments, base: Mapping[str, str], execute: Execute) -> dict[str, str]:
    """The whole environment after the assignments, each of which sees those before it.

    :param assignments: as ``parse`` gives them.
    :param base: the environment before.
    :param execute: runs ``$(command)`` with an environment and gives its standard output.
    :raises ConfigurationError: a value that ``parse`` would refuse.
    """
    environment = dict(base)
    for name, value in assignments:
        try:
            environment[name] = _value(value, _Context(environment, execute))
        except MalformedError as malformed:
            raise ConfigurationError((Fault(name, f"{value} {malformed.problem}", malformed.hint),)) from None
    return environment


_SHOWN = 40  # characters on either side of what is wrong

# bashlex 0.18 loops for ever over a ${ that is not closed in its word, as one in single quotes need not be.
_ENDLESS = re.compile(r"\$\{[^}']*(?:'|\Z)")


def _plain(text: str) -> Assignments | None:
    found = []
    position = 0
    while position < len(text):
        match = _PLAIN.match(text, position)
        if match is None:
            return None
        found.append((match[1], match[2]))
        position = match.end()
    return tuple(found)


def _nodes(text: str) -> list[Any]:
    if endless := _ENDLESS.search(text):
        raise MalformedError(
            f"has ${{ without its }}, which cannot be evaluated{_around(text, endless.start())}"
        )
    import bashlex  # noqa: PLC0415 -- 0.1 s to import

    try:
        return list(bashlex.parse(text.strip()))
    except NotImplementedError as error:
        raise MalformedError(f"uses {error}, which cannot be evaluated{_around(text)}") from None
    except (
        Exception
    ) as error:  # bashlex raises ParsingError, but on some inputs also what its own slips raise
        said = (
            f": {error}" if hasattr(error, "position") else ""
        )  # else it is about bashlex, not about the text
        place = _around(text.strip(), getattr(error, "position", 0))
        raise MalformedError(f"is not valid bash{said}{place}") from None


def _around(text: str, position: int = 0) -> str:
    """The text at a position, quoted, as the end of a sentence."""
    start, end = max(position - _SHOWN, 0), position + _SHOWN
    return f" in {'...' * (start > 0)}{text[start:end]!r}{'...' * (end < len(text))}"


def _parts(node: Any, text: str) -> list[Any]:
    if node.kind != "command":
        raise MalformedError(
            f"is a {node.kind} where only assignments are wanted{_around(text, node.pos[0])}"
        )
    return list(node.parts)


def _split(text: str, span: tuple[int, int]) -> tuple[str, str]:
    word = text.strip()[slice(*span)]
    name, equals, value = word.partition("=")
    if not equals or not _NAME.fullmatch(name):
        raise MalformedError(f"has {word!r} where NAME=value is wanted")
    return name, value


@dataclass(frozen=True)
class _Context:
    environment: Mapping[str, str]
    execute: Execute
    text: str = ""


def _value(value: str, context: _Context) -> str:
    if value.startswith("~"):
        raise MalformedError("begins with ~, which is not expanded", "write $HOME")
    # As an assignment, so that words which mean something at the start of a command (`if`, `a=b`) do not.
    text = f"_={value}"
    nodes = _nodes(text)
    if len(nodes) != 1 or nodes[0].kind != "command" or len(nodes[0].parts) != 1:
        raise MalformedError("is more than one word")
    context = _Context(context.environment, context.execute, text)
    return _word(nodes[0].parts[0], context).removeprefix("_=")


def _word(node: Any, context: _Context) -> str:
    """The word without its quotes, its expansions filled in.

    bashlex's own ``word`` has lost what was quoted, so the source is walked again.
    """
    text = context.text
    expansions = {part.pos[0]: part for part in node.parts}
    position, end = node.pos
    quoted = False
    result = ""
    while position < end:
        char = text[position]
        if position in expansions:
            filled, position = _expansion(expansions[position], context, quoted=quoted)
            result += filled
        elif char == "'" and not quoted:
            closing = text.index("'", position + 1)
            result += text[position + 1 : closing]
            position = closing + 1
        elif char == "\\" and position + 1 < end:
            result += _escaped(text[position + 1], quoted=quoted)
            position += 2
        else:
            quoted ^= char == '"'
            result += "" if char == '"' else char
            position += 1
    return result


def _escaped(char: str, *, quoted: bool) -> str:
    if char == "\n":
        return ""
    return f"\\{char}" if quoted and char not in '$`"\\' else char


def _expansion(node: Any, context: _Context, *, quoted: bool) -> tuple[str, int]:
    """What an expansion stands for, and where the text goes on after it."""
    if node.kind == "commandsubstitution":
        output = _command(node.command, context)
        closing = node.command.pos[1]  # bashlex is out by the spaces before the bracket
        while context.text[closing] not in ")`":
            closing += 1
        return output.rstrip(), closing + 1
    if node.kind != "parameter":
        raise MalformedError(f"uses a {node.kind}, which cannot be evaluated")
    start, end = node.pos
    name = node.value
    if not name:
        if not quoted and context.text[start + 1 : start + 2] in ("'", '"'):
            raise MalformedError("uses $'...' or $\"...\", which cannot be evaluated", "use plain quotes")
        return "$", start + 1
    if not _NAME.fullmatch(name):
        raise MalformedError(
            f"expands {context.text[start:end]}, which cannot be evaluated", "use $NAME or ${NAME}"
        )
    return context.environment.get(name, ""), end


def _command(node: Any, context: _Context) -> str:
    """The output of a command, or of several parted by ``;``."""
    if node.kind == "list" and all(part.kind == "command" or _parts_commands(part) for part in node.parts):
        return "".join(_command(part, context) for part in node.parts if part.kind == "command")
    if node.kind != "command":
        raise MalformedError(
            f"runs a {node.kind}, which cannot be evaluated", "put it into a script and run that"
        )
    for part in node.parts:
        if part.kind != "word":
            raise MalformedError(
                f"runs a command with a {part.kind}, which cannot be evaluated", "put it into a script"
            )
    return context.execute([_word(part, context) for part in node.parts], context.environment)


def _parts_commands(node: Any) -> bool:
    return node.kind == "operator" and node.op in (";", "\n")
