"""TOML, ``CIBW_*`` variables and command-line flags become one ``Configuration``."""

from crosswheel.config.configuration import Configuration, Flags
from crosswheel.config.own import cache_of, cache_word
from crosswheel.config.reading import load
from crosswheel.config.variables import Switches, switches

__all__ = ["Configuration", "Flags", "Switches", "cache_of", "cache_word", "load", "switches"]
