"""Every Linux wheel of a Python package, from one x86_64 machine."""

__version__ = "0.1.0"
