"""The configuration and the table of identifiers become a ``Plan``; pure: nothing is fetched or run."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crosswheel.plan.choice import choose
    from crosswheel.plan.floors import floor_of
    from crosswheel.plan.identifiers import parse
    from crosswheel.plan.jobs import make
    from crosswheel.plan.ladders import pair
    from crosswheel.plan.selectors import select

__all__ = ["choose", "floor_of", "make", "pair", "parse", "select"]

_MODULES = {
    "choose": "choice",
    "floor_of": "floors",
    "make": "jobs",
    "pair": "ladders",
    "parse": "identifiers",
    "select": "selectors",
}


def __getattr__(name: str) -> Any:
    """PEP 562: what only selects identifiers imports no more than that."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
