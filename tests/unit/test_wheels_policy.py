"""The policy that a wheel holds, and what keeps it from an older one."""

from pathlib import Path
from typing import Any

import pytest
from elf_maker import make_elf, make_wheel

from crosswheel.errors import VerificationError
from crosswheel.wheels.policy import PolicyVerdict, policy_of

MODULE = "_x.cpython-311-aarch64-linux-gnu.so"
NAME = "demo-1.0-cp311-cp311-linux_aarch64.whl"


def verdict(directory: Path, files: dict[str, bytes] | None = None, **elf: Any) -> PolicyVerdict:
    made = make_elf(**{"defined": ["PyInit__x"], "needed": ["libc.so.6"], **elf})
    return policy_of(make_wheel(directory, NAME, {MODULE: made, **(files or {})}), "aarch64")


def test_plain_c_for_the_oldest_glibc_holds_the_oldest_policy(tmp_path: Path) -> None:
    assert verdict(tmp_path, undefined=["memcpy@GLIBC_2.17"]) == PolicyVerdict(
        "manylinux_2_17_aarch64", ("manylinux2014_aarch64",), (2, 17), ""
    )


def test_a_module_that_needs_no_library_at_all_is_judged_too(tmp_path: Path) -> None:
    assert verdict(tmp_path, needed=[]).name == "manylinux_2_17_aarch64"


def test_the_reason_names_the_symbol_and_its_file(tmp_path: Path) -> None:
    assert verdict(tmp_path, undefined=["statx@GLIBC_2.28", "memcpy@GLIBC_2.17"]) == PolicyVerdict(
        "manylinux_2_28_aarch64",
        (),
        (2, 28),
        f"manylinux_2_27_aarch64 does not hold: {MODULE} needs statx@GLIBC_2.28 of libc.so.6",
    )


def test_the_runtime_of_cpp_raises_the_policy(tmp_path: Path) -> None:
    symbol = "_ZSt21__glibcxx_assert_failPKciS0_S0_@GLIBCXX_3.4.30"
    found = verdict(
        tmp_path, undefined=[symbol], versions={"GLIBCXX_3.4.30": "libstdc++.so.6"}, needed=["libstdc++.so.6"]
    )
    assert (found.name, found.glibc) == ("manylinux_2_35_aarch64", (2, 35))
    assert found.reason.endswith(f"{MODULE} needs {symbol} of libstdc++.so.6")


def test_a_library_outside_the_policies_leaves_none(tmp_path: Path) -> None:
    found = verdict(tmp_path, needed=["libjpeg.so.62", "libc.so.6"])
    assert (found.name, found.glibc) == ("linux_aarch64", None)
    assert found.reason.endswith("does not hold: libjpeg.so.62 is neither in the wheel nor allowed")


def test_a_grafted_library_is_no_obstacle(tmp_path: Path) -> None:
    grafted = {"demo.libs/libjpeg-1a2b.so.62": make_elf(soname="libjpeg-1a2b.so.62", needed=["libc.so.6"])}
    found = verdict(tmp_path, grafted, needed=["libjpeg-1a2b.so.62", "libc.so.6"], rpath="$ORIGIN/demo.libs")
    assert found.name == "manylinux_2_17_aarch64"


def test_private_symbols_of_an_allowed_library_are_an_obstacle(tmp_path: Path) -> None:
    found = verdict(tmp_path, undefined=["zcalloc"], needed=["libz.so.1", "libc.so.6"])
    assert found.reason.endswith("does not hold: zcalloc of libz.so.1 may not be used")


def test_the_verdict_is_of_the_wheel_that_is_there_now(tmp_path: Path) -> None:
    assert verdict(tmp_path, undefined=["statx@GLIBC_2.28"]).glibc == (2, 28)
    assert verdict(tmp_path, undefined=["memcpy@GLIBC_2.17"]).glibc == (2, 17)


def test_a_wheel_of_another_architecture_cannot_be_judged(tmp_path: Path) -> None:
    with pytest.raises(VerificationError) as caught:
        verdict(tmp_path, machine=62)
    assert MODULE in caught.value.problems[0]
