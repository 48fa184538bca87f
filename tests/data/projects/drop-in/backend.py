"""setuptools, after a look at what it was given."""

from importlib.metadata import version
from pathlib import Path

from setuptools.build_meta import build_wheel as _build_wheel
from setuptools.build_meta import get_requires_for_build_wheel as _requires


def get_requires_for_build_wheel(config_settings=None):
    return _requires({})


def build_wheel(directory, config_settings=None, metadata=None):
    here = Path(__file__).parent
    assert Path(config_settings["where"]) == here / "constraints.txt", config_settings
    assert config_settings["both"] == [str(here), "2"], config_settings
    assert version("packaging") == "24.2", "PIP_CONSTRAINT holds in the isolated environment"
    return _build_wheel(directory, {}, metadata)
