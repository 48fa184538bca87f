"""The quick half of the corpus: real packages by ``auto``, each with a real use, and like the published wheel.

``make corpus`` does it with all of them.
"""

from pathlib import Path

import pytest
from corpus import TARGET, packages
from harness import Crosswheel
from published import Release, releases

pytestmark = [pytest.mark.slow, pytest.mark.network]

QUICK = (
    *("bitarray", "brotli", "coverage", "frozenlist", "hiredis", "httptools", "kiwisolver", "lz4", "markupsafe"),
    *("msgpack", "multidict", "propcache", "psutil", "regex", "setproctitle", "simplejson", "ujson"),
    *("wrapt", "xxhash", "yarl"),
)  # fmt: skip
PACKAGES = {package.name: package for package in packages()}
MYPYC = ("charset-normalizer", "3.4.4")


@pytest.fixture(scope="module")
def files() -> dict[str, Release]:
    """The sdists and the published wheels, kept from one run to the next."""
    work = Path.home() / ".cache" / "crosswheel-corpus"
    work.mkdir(parents=True, exist_ok=True)
    return releases([*((name, PACKAGES[name].version) for name in QUICK), MYPYC], work)


def built(crosswheel: Crosswheel, release: Release, env: dict[str, str]) -> list[str]:
    """What differs from the published wheel."""
    (crosswheel.cwd / "empty.toml").touch()  # not the project's own table: its commands are for other images
    result = crosswheel("build", release.sdist, "--only", TARGET, "--config-file", "empty.toml", env=env)
    assert result.status == 0, result.err
    assert result.out.splitlines()[0] == f"ok      {TARGET}  cross  tested  <time>"
    (wheel,) = crosswheel.wheels
    return release.differences(crosswheel.cwd / "wheelhouse" / wheel)


@pytest.mark.parametrize("name", QUICK)
def test_a_package_is_built_by_cross_and_is_like_the_published_one(
    crosswheel: Crosswheel, files: dict[str, Release], name: str
) -> None:
    assert built(crosswheel, files[name], PACKAGES[name].variables) == []


def test_a_package_that_mypyc_compiles(crosswheel: Crosswheel, files: dict[str, Release]) -> None:
    test = "import charset_normalizer.md as md; assert md.__file__.endswith('.so'), md.__file__"
    env = {"CIBW_ENVIRONMENT": "CHARSET_NORMALIZER_USE_MYPYC=1", "CIBW_TEST_COMMAND": f'python -c "{test}"'}
    assert built(crosswheel, files[MYPYC[0]], env) == []
