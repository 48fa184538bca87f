"""Wheels for musl: built by zig, judged by the policies of musl, tested with musl's own loader."""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]

HELLO = "c_hello-1.0-cp311-cp311-musllinux_1_2_aarch64.whl"


@pytest.mark.parametrize("engine", ["cross", "hybrid"])
def test_a_c_project_gets_a_tested_wheel(crosswheel: Crosswheel, engine: str) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("build", "--only", "cp311-musllinux_aarch64", "--engine", engine, "c-hello")

    assert result.status == 0, result.err
    assert (
        result.out
        == f"""\
ok      cp311-musllinux_aarch64  {engine}  tested  <time>
  {HELLO}
  <size>, musllinux_1_2_aarch64
  fetch <time>, prepare <time>, requirements <time>, build <time>, repair <time>, verify <time>, test <time>; \
peak memory <size>

1 wheel in wheelhouse after <time>
report: <cache>/reports/<run>/report.html
"""
    )
    assert crosswheel.wheels == [HELLO]
    told = crosswheel("inspect", f"wheelhouse/{HELLO}")
    assert told.status == 0
    assert "c_hello.cpython-311-aarch64-linux-musl.so" in told.out
    assert "libc.musl-aarch64.so.1" in told.out
    assert told.out.endswith("no problem was found\n")
