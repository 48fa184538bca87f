"""``[tool.crosswheel]``: what the table of cibuildwheel has no word for.

A flag wins over a variable, a variable over the file, and in the file an override over the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from crosswheel.config import forms, tables
from crosswheel.config.layers import Reader
from crosswheel.config.malformed import MalformedError
from crosswheel.config.patterns import Patterns
from crosswheel.errors import did_you_mean
from crosswheel.model import ENGINE_CHOICES, SOURCE_CHOICES, EngineChoice
from crosswheel.options import SANDBOX_CHOICES, SandboxChoice

PLACE = "tool.crosswheel"


@dataclass(frozen=True)
class Word:
    """One key of the table.

    :param name: its key in TOML.
    :param about: what it says, one sentence.
    :param choices: the names that it takes; none where its form says what it takes.
    :param form: reads a value that is no choice.
    :param for_wheels: whether an override may set it for some wheels only.
    :param personal: further names, which a variable or a flag may say, but not a project: they are for who runs it.
    """

    name: str
    about: str
    choices: tuple[str, ...] = ()
    form: Callable[[Any], object] = forms.path
    for_wheels: bool = False
    personal: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        return f"CROSSWHEEL_{self.name.upper().replace('-', '_')}"


ENGINE = Word(
    "engine",
    "How wheels are built; auto takes the fastest engine that serves.",
    ENGINE_CHOICES,
    for_wheels=True,
)
SOURCE = Word("source", "Where the Pythons of the targets come from.", SOURCE_CHOICES)
SANDBOX = Word(
    "sandbox",
    "Where commands run; auto takes namespaces and, where there are none, containers.",
    tuple(name for name in SANDBOX_CHOICES if name != "host"),
    personal=("host",),
)
CACHE = Word("cache", "The directory that keeps fetched parts; relative to the file that names it.")
JOBS = Word("jobs", "How many wheels are built at once; auto: as many as there are cores.", form=forms.jobs)
MEMORY = Word("memory", "What the programs of one wheel may use together: 4G.", form=forms.memory)
TIME_LIMIT = Word("time-limit", "How long the programs of one wheel may run: 30m.", form=forms.seconds)
WORDS = {word.name: word for word in (ENGINE, SOURCE, SANDBOX, CACHE, JOBS, MEMORY, TIME_LIMIT)}


@dataclass(frozen=True)
class Choice:
    """An engine, the place that names it, and the identifiers that it is for; None for all."""

    engine: EngineChoice
    place: str
    select: Patterns | None = None


@dataclass(frozen=True)
class Own:
    """What was chosen.

    :param engines: the last that is for an identifier is its engine.
    :param jobs: a number or ``auto``.
    :param memory: a size, as it was written; empty for no limit. So is ``time_limit`` a time.
    """

    engines: tuple[Choice, ...]
    source: str
    sandbox: SandboxChoice = "auto"
    jobs: str = "auto"
    memory: str = ""
    time_limit: str = ""
    sandbox_place: str = "--sandbox"

    @property
    def selects(self) -> tuple[tuple[str, Patterns], ...]:
        """The patterns of the overrides, each with its key path."""
        return tuple(
            (choice.place.replace(".engine", ".select"), choice.select)
            for choice in self.engines
            if choice.select is not None
        )

    def engine_for(self, identifier: str) -> tuple[EngineChoice, str]:
        """The engine of a wheel, and the place that names it."""
        chosen = [
            choice for choice in self.engines if choice.select is None or choice.select.matches(identifier)
        ]
        return chosen[-1].engine, chosen[-1].place


def read(
    document: Mapping[str, Any], environ: Mapping[str, str], flags: Mapping[str, str | None], reader: Reader
) -> Own:
    """The choices of a file, of the environment and of the command line.

    :param flags: what ``--engine``, ``--source``, ``--jobs`` and their like say, by these names.
    """
    table = _of(document, reader)
    given = {
        name: value for name in table if name != "overrides" and (value := _word(PLACE, name, table, reader))
    }
    engines = [Choice("auto", "--engine"), *_choices(given.get("engine"), f"{PLACE}.engine")]
    engines += _overrides(table.get("overrides", []), reader)
    told = {**environ, **flags}
    for place in (ENGINE.variable, "--engine"):
        engines += _choices(_told(ENGINE, place, told, reader), place)
    source, sandbox, jobs = (_last(word, given, told, reader, "auto") for word in (SOURCE, SANDBOX, JOBS))
    memory, time_limit = (_last(word, given, told, reader, "") for word in (MEMORY, TIME_LIMIT))
    if sandbox == "host" and source not in ("auto", "host"):
        problem = f"{source} has roots, which commands on the machine itself do not see"
        reader.fault(_place(SOURCE, told), problem, "give --source host, or take another --sandbox")
    source = "host" if sandbox == "host" else source
    place = _place(SANDBOX, told)
    return Own(tuple(engines), source, cast("SandboxChoice", sandbox), jobs, memory, time_limit, place)


def cache_of(project_dir: Path, *, config_file: str | None) -> Path | None:
    """The directory that the table names for the cache.

    :return: None where it names none, or a wrong one: that is for ``load`` to tell.
    """
    value = cache_word(project_dir, config_file=config_file)
    place = tables.path_of(project_dir, config_file).parent
    return None if value is None else (place / Path(value).expanduser()).absolute()


def cache_word(project_dir: Path, *, config_file: str | None) -> str | None:
    """What the table says of the cache, to the letter; None where it says nothing."""
    path = tables.path_of(project_dir, config_file)
    if not path.is_file():
        return None
    reader = Reader()
    return _word(PLACE, CACHE.name, _of(tables.read_toml(path, reader), reader), reader)


def _of(document: Mapping[str, Any], reader: Reader) -> Mapping[str, Any]:
    tool = tables.table("tool", document.get("tool", {}), Reader())  # a fault of `tool` is told already
    return tables.table(PLACE, tool.get("crosswheel", {}), reader)


def _word(place: str, name: str, table: Mapping[str, Any], reader: Reader) -> str | None:
    """The value of a key; None where it is not there or wrong."""
    here = f"{place}.{name}"
    if name in WORDS:
        return reader.read(here, _form(WORDS[name], of_project=True), table[name]) if name in table else None
    if name in tables.GLOBAL:
        reader.fault(here, "is an option of cibuildwheel", f"set it in {tables.PLACE}")
    else:
        hint = did_you_mean(name, (*WORDS, "overrides")) or f"it has {', '.join(WORDS)}"
        reader.fault(here, "is not an option of crosswheel", hint)
    return None


def _form(word: Word, *, of_project: bool = False) -> Any:
    names = word.choices if of_project else (*word.choices, *word.personal)

    def read(value: object) -> str:
        if not word.choices:
            word.form(value)  # checked here, where its place is known
            return str(value)
        text = forms.text(value)
        if of_project and text in word.personal:
            hint = f"give --{word.name} {text}, or set {word.variable}={text}"
            raise MalformedError(f"is {text!r}, which is for who runs the build to choose", hint)
        if text not in names:
            hint = did_you_mean(text.lower(), names) or f"one of {', '.join(names)}"
            raise MalformedError(f"is {text!r}, which is not known", hint)
        return text

    return read


def _choices(value: str | None, place: str, select: Patterns | None = None) -> list[Choice]:
    return [Choice(cast("EngineChoice", value), place, select)] if value else []


def _told(word: Word, place: str, told: Mapping[str, str | None], reader: Reader) -> str | None:
    value = told.get(place)
    return reader.read(place, _form(word), value) if value else None


def _last(
    word: Word, given: Mapping[str, str], told: Mapping[str, str | None], reader: Reader, usual: str
) -> str:
    """What the table, the variable or the flag says, the last of them that says something."""
    value = given.get(word.name, usual)
    for place in (word.variable, f"--{word.name}"):
        value = _told(word, place, told, reader) or value
    return value


def _place(word: Word, told: Mapping[str, str | None]) -> str:
    """Where the value comes from: the flag, the variable or the table."""
    return next(
        (place for place in (f"--{word.name}", word.variable) if told.get(place)), f"{PLACE}.{word.name}"
    )


def _overrides(given: object, reader: Reader) -> list[Choice]:
    result = []
    for place, table in tables.list_of_tables(f"{PLACE}.overrides", given, reader):
        select = tables.selected(place, table, reader)
        for name in table:
            if name in WORDS and not WORDS[name].for_wheels:
                reader.fault(f"{place}.{name}", "may not stand here", f"set it in {PLACE}")
            elif name != "select" and (value := _word(place, name, table, reader)):
                result += _choices(value, f"{place}.{name}", select)
    return result
