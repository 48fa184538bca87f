"""TOML, ``CIBW_*`` variables and command-line flags become one ``Configuration``."""

from crosswheel.config.configuration import Configuration, Flags
from crosswheel.config.reading import load
from crosswheel.config.variables import Switches, switches

__all__ = ["Configuration", "Flags", "Switches", "load", "switches"]
