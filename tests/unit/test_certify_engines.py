"""Which engines are compared, and what is compared of their wheels."""

from pathlib import Path

import pytest
from elf_maker import make_elf, make_wheel

from crosswheel.architectures import ARCHITECTURES, HOST, Architecture
from crosswheel.errors import ConfigurationError
from crosswheel.model import EngineName, Libc, Outcome, Python, Target, Wheel
from crosswheel.pipeline.certify import compared
from crosswheel.plan import pair

NAME = "demo-1.0-cp311-cp311-manylinux_2_17_aarch64.whl"
MODULE = "demo/_fast.cpython-311-aarch64-linux-gnu.so"


def target(arch: Architecture, libc: Libc = "manylinux") -> Target:
    return Target(Python("cp", 3, 11), libc, arch)


AARCH64 = target(ARCHITECTURES["aarch64"])
MUSL = target(ARCHITECTURES["aarch64"], "musllinux")


def test_the_fastest_engine_is_judged_by_the_reference() -> None:
    assert pair(AARCH64, None) == ("cross", "emulated")
    assert pair(target(HOST), None) == ("native", "emulated")
    assert pair(AARCH64, None, "hybrid") == ("hybrid", "emulated")
    assert pair(AARCH64, None, "emulated") == ("cross", "emulated")
    assert pair(AARCH64, "hybrid, emulated") == ("hybrid", "emulated")


def test_where_the_root_has_no_compilers_the_lowest_engine_judges() -> None:
    assert pair(MUSL, None, "cross", "musl") == ("cross", "hybrid")
    assert pair(MUSL, None, "hybrid", "musl") == ("cross", "hybrid")
    with pytest.raises(ConfigurationError) as raised:
        pair(target(HOST, "musllinux"), None, "native", "musl")
    assert raised.value.faults[0].problem == "names a wheel with one engine, native, and two are compared"


@pytest.mark.parametrize(
    "names", ["", "cross", "cross,cross", "native,emulated", "cross,hybrid,emulated", "a,b"]
)
def test_two_different_engines_are_wanted(names: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        pair(AARCH64, names)
    (fault,) = raised.value.faults
    assert (fault.place, fault.hint) == (
        "--engines",
        "two of cross, hybrid, hybrid-gcc, emulated, by a comma",
    )


def outcome(directory: Path, engine: EngineName, config: bytes) -> Outcome:
    files = {MODULE: make_elf(defined=["PyInit__fast"]), "demo/config.h": config}
    path = make_wheel(directory / engine, NAME, files)
    return Outcome("cp311-manylinux_aarch64", engine, Wheel(path, 1, "manylinux_2_17_aarch64"), None)


def test_equal_wheels_are_certified_and_others_not(tmp_path: Path) -> None:
    def made(config: bytes) -> tuple[Outcome, ...]:
        return outcome(tmp_path, "cross", b"#define HAVE_X 1\n"), outcome(tmp_path, "emulated", config)

    equal = compared(("cross", "emulated"), made(b"#define HAVE_X 1\n"))
    assert (equal.holds, equal.differences, equal.compiled, equal.texts) == (True, (), 1, 2)
    other = compared(("cross", "emulated"), made(b"/* #undef HAVE_X */\n"))
    assert not other.holds
    assert list(map(str, other.differences)) == [
        "demo/config.h: cross has '#define HAVE_X 1'; emulated has '/* #undef HAVE_X */'"
    ]


def test_a_failed_build_leaves_nothing_to_compare(tmp_path: Path) -> None:
    alone = compared(("cross", "emulated"), (outcome(tmp_path, "cross", b""),))
    assert not alone.holds
    assert alone.differences == ()
