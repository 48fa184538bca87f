"""The Python of this machine beside a target's: needed by ``cross``, replaceable where only uv uses it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.model import Job, Python, Target
from crosswheel.options import ContainerEngine, Options
from crosswheel.pipeline.parts import NoNativePythonError, Parts
from crosswheel.provision import pythons
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.roots import Root as UnpackedRoot
from crosswheel.seams import Root, View
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
    with pytest.raises(NoNativePythonError, match=f"no {python.title} for x86_64"):
        parts.native_python(python, tmp_path / "layer", ContainerEngine())
    assert parts.native_python(python, tmp_path / "layer", ContainerEngine(), exact=False).executable == str(
        pythons.own().executable
    )


def test_where_nobody_has_the_version_a_new_root_compiles_its_library_itself_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    for name in ("PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    arch, ran = ARCHITECTURES["aarch64"], []

    @contextmanager
    def opened(runs: Architecture, engine: object, scratch: Path) -> Iterator[Callable[[View], object]]:
        def run(argv: list[str], **_: object) -> None:
            ran.append((runs.name, argv[0], argv[-1]))

        yield lambda view: SimpleNamespace(run=run) if view.emulate == arch else pytest.fail("not emulated")

    class OneRoot(DebianSource):
        def root(self, target: Target, finish: Callable[[Root], None] | None = None) -> UnpackedRoot:
            python = "/opt/python/cp310-cp310/bin/python3.10"
            made = UnpackedRoot(tmp_path / "root", "bullseye", arch, (2, 31), python, arch.triplet)
            assert finish is not None
            finish(made)
            return made

    store = Store(tmp_path / "cache")
    debian = OneRoot(store, lambda _: None)
    parts = Parts(store, (debian,), debian, lambda _: None)
    monkeypatch.setattr(parts.sandboxes, "opened", opened)
    job = Job(Target(Python("cp", 3, 10), "manylinux", arch), Options(), ("emulated",), "debian", (2, 17))
    parts.root(job)
    library = "/crosswheel/sysroot/opt/python/cp310-cp310/lib/python3.10"
    assert ran == [("aarch64", "/opt/python/cp310-cp310/bin/python3.10", library)]
