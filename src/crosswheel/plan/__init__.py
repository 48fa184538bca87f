"""The configuration and the table of identifiers become a ``Plan``; pure: nothing is fetched or run."""

from crosswheel.plan.floors import floor_of
from crosswheel.plan.jobs import make
from crosswheel.plan.ladders import pair
from crosswheel.plan.selectors import select

__all__ = ["floor_of", "make", "pair", "select"]
