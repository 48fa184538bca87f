"""Layers of values, lowest first, and how one value comes out of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar, cast, get_args

from crosswheel.config import forms
from crosswheel.config.malformed import MalformedError
from crosswheel.config.options import OPTIONS, Option
from crosswheel.config.patterns import Patterns
from crosswheel.errors import Fault, did_you_mean

T = TypeVar("T")
Rule = Literal["none", "append", "prepend"]
_FAULTS_WITH_HINTS = 1000  # each costs a millisecond; a file with more is not one that somebody wrote


@dataclass(frozen=True)
class Layer:
    """The values that one place sets.

    :param values: what the option's ``read`` made, by name.
    :param inherit: how a value goes together with those below, by name; else it replaces them.
    :param select: the identifiers that it is for; None for all.
    :param places: where each value stands, by name: a key path or a variable.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    inherit: Mapping[str, Rule] = field(default_factory=dict)
    select: Patterns | None = None
    places: Mapping[str, str] = field(default_factory=dict)

    def words(self, option: str) -> tuple[str, ...]:
        """The values of an option that takes several; none where it is not set."""
        value = self.values.get(option)
        return value if isinstance(value, tuple) else ()

    def applies(self, identifier: str | None) -> bool:
        return self.select is None or (identifier is not None and self.select.matches(identifier))


def resolve(option: Option[T], layers: Sequence[Layer], identifier: str | None) -> T:
    """The value of an option for an identifier, or for the whole project."""
    result = option.default
    for layer in layers:
        if option.name not in layer.values or not layer.applies(identifier):
            continue
        value = cast("T", layer.values[option.name])
        if option.skips_empty and not value:
            continue
        rule = layer.inherit.get(option.name, "none")
        if option.join is None or rule == "none":
            result = value
        else:
            result = option.join(result, value) if rule == "append" else option.join(value, result)
    return result


class Reader:
    """Reads values and collects the faults, so that a user sees all of them at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, place: str, problem: str, hint: str = "", *, deprecated: bool = False) -> None:
        self.faults.append(Fault(place, problem, hint, deprecated=deprecated))

    def read(self, place: str, form: Callable[[object], T], value: object) -> T | None:
        """The value in its exact form; None where it is malformed."""
        try:
            if _holds_nul(value):
                raise MalformedError("holds a NUL character, which no command or variable can hold")
            return form(value)
        except MalformedError as malformed:
            self.fault(place, malformed.problem, malformed.hint, deprecated=malformed.deprecated)
            return None

    def values(
        self, place: str, given: Mapping[str, object], allowed: Collection[str], *, elsewhere: bool = False
    ) -> dict[str, object]:
        """The values of the options in a table.

        :param allowed: names of the options that may stand there.
        :param elsewhere: the table is that of a platform other than Linux.
        """
        result: dict[str, object] = {}
        for name, value in given.items():
            here = f"{place}.{name}"
            if name in allowed:
                option = OPTIONS[name]
                read = self.read(here, option.read_elsewhere if elsewhere else option.read, value)
                if read is not None:
                    result[name] = read
            elif name in OPTIONS:
                self.fault(here, "may not stand here", "set it in tool.cibuildwheel")
            else:
                self.unknown(here, name, allowed)
        return result

    def unknown(self, place: str, name: str, names: Collection[str]) -> None:
        near = did_you_mean(name, names) if len(self.faults) < _FAULTS_WITH_HINTS else ""
        self.fault(place, "is not an option of cibuildwheel", near)

    def inherit(self, place: str, given: object) -> dict[str, Rule]:
        """The rules of an ``inherit`` table or string (``before-build; test-command: append``)."""
        rules: dict[str, Rule] = {}
        for name, rule in (self.read(place, _rules, given) or {}).items():
            option = OPTIONS.get(name)
            if option is None:
                self.unknown(f"{place}.{name}", name, OPTIONS)
            elif rule not in get_args(Rule):
                self.fault(
                    f"{place}.{name}", f"is {rule!r}, which is no rule", "one of none, append, prepend"
                )
            elif option.join is None and rule != "none":
                self.fault(f"{place}.{name}", "is set, but this option does not inherit")
            else:
                rules[name] = cast("Rule", rule)
        return rules


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case list():
            return any(map(_holds_nul, value))
        case dict():
            return any(map(_holds_nul, (*value, *value.values())))
    return False


def _rules(value: object) -> dict[str, str]:
    if isinstance(value, dict):
        return {name: forms.text(rule) for name, rule in value.items()}
    if not isinstance(value, str):
        raise MalformedError(f"is {forms.kind(value)} where a string or a table is wanted")
    rules: dict[str, str] = {}
    for part in value.split(";"):
        names, colon, rule = part.partition(":")
        for name in names.split():
            rules[name] = rule.strip() if colon else "append"
    return rules
