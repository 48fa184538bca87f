"""The source ``standalone``: CPythons of python-build-standalone, by way of uv."""

from crosswheel.provision.standalone.source import StandaloneSource

__all__ = ["StandaloneSource"]
