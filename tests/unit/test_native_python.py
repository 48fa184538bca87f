"""The Python of this machine beside a target's: needed by ``cross``, replaceable where only uv uses it."""

from pathlib import Path

import pytest

from crosswheel.model import ContainerEngine, Python
from crosswheel.pipeline.parts import NoNativePythonError, Parts
from crosswheel.provision import pythons
from crosswheel.provision.debian import DebianSource
from crosswheel.store import Store


@pytest.mark.parametrize("python", [Python("cp", 3, 10), Python("cp", 3, 14, "t")])
def test_where_nobody_has_the_version_only_cross_goes_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: Python
) -> None:
    monkeypatch.setenv("PATH", "")
    for name in ("PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    store = Store(tmp_path / "cache")
    parts = Parts(store, (), DebianSource(store, lambda _: None), lambda _: None)
    with pytest.raises(NoNativePythonError, match=f"no CPython {python.version}{python.suffix} for x86_64"):
        parts.native_python(python, tmp_path / "layer", ContainerEngine())
    assert parts.native_python(python, tmp_path / "layer", ContainerEngine(), exact=False).executable == str(
        pythons.own().executable
    )
