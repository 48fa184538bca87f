"""Each difference that a user may notice is found; what every build does in its own way is none."""

import struct
from pathlib import Path
from typing import Any

import pytest
from elf_maker import make_elf, make_wheel
from test_a64 import NOP, VECTORS

from crosswheel.wheels.compare import differences
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.naming import PLAIN, Names, graft_stem, listed
from crosswheel.wheels.texts import text_differences

NAME = "demo-1.0-cp311-cp311-manylinux_2_17_aarch64.whl"
MODULE = "demo/_fast.cpython-311-aarch64-linux-gnu.so"
INIT = "PyInit__fast"
NOPS = struct.pack("<I", NOP)


def words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)


class Wheels:
    """Makes two wheels and compares them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def wheel(self, place: str, name: str = NAME, files: dict[str, bytes] | None = None, metadata: str = "",
              **elf: Any) -> Path:  # fmt: skip
        everything = {"demo/__init__.py": b"", **(files or {})}
        everything.setdefault(MODULE, make_elf(**{"defined": [INIT], **elf}))
        return make_wheel(self._directory / place, name, everything, metadata=metadata)

    def __call__(self, mine: dict[str, Any], other: dict[str, Any]) -> tuple[list[str], list[str]]:
        """The differences that matter, and those that do not."""
        ours, theirs = self.wheel("mine", **mine), self.wheel("other", **other)
        found = differences(inspect(ours, instructions=True), inspect(theirs, instructions=True))
        return [str(d) for d in found if d.matters], [str(d) for d in found if not d.matters]


@pytest.fixture
def compare(tmp_path: Path) -> Wheels:
    return Wheels(tmp_path)


def test_equal_wheels_differ_in_nothing(compare: Wheels) -> None:
    wheel = {
        "undefined": ["memcpy@GLIBC_2.17"],
        "needed": ["libc.so.6"],
        "files": {"demo.libs/libz-0123abcd.so.1": make_elf()},
    }
    assert compare(wheel, wheel) == ([], [])


def test_what_every_build_does_in_its_own_way_is_no_difference(compare: Wheels) -> None:
    mine = {
        "files": {"demo.libs/libz-0123abcd.so.1.2": make_elf(), "demo-1.0.dist-info/LICENSE": b""},
        "needed": ["libz-0123abcd.so.1.2", "libc.so.6", "libgcc_s.so.1"],
        "debug": True,
    }
    other = {
        "name": "Demo-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
        "files": {"Demo.libs/libz-fedc3210.so.1.3": make_elf(), "Demo-1.0.dist-info/licenses/LICENSE": b""},
        "needed": ["libz-fedc3210.so.1.3", "libpthread.so.0", "libc.so.6", "ld-linux-aarch64.so.1"],
    }
    assert compare(mine, other) == ([], [])


def test_files_of_one_only(compare: Wheels) -> None:
    found = compare(
        {"files": {"demo/new.py": b""}}, {"files": {"demo/data.json": b"{}", "demo/help.txt": b""}}
    )
    assert found == (
        ["only this wheel has demo/new.py", "only the other has demo/data.json, demo/help.txt"],
        [],
    )


def test_an_entry_point_that_vanished(compare: Wheels) -> None:
    found = compare(
        {}, {"files": {"demo-1.0.dist-info/entry_points.txt": b"", "demo-1.0.dist-info/x.txt": b""}}
    )
    assert found == (["only the other has *.dist-info/entry_points.txt"], [])


def test_a_file_of_another_size(compare: Wheels) -> None:
    found = compare(
        {"files": {"demo/t.csv": b"x" * 100, "demo/s": b""}},
        {"files": {"demo/t.csv": b"x" * 2000, "demo/s": b"xx"}},
    )
    assert found == (["demo/t.csv has 100 bytes in this wheel, 2000 in the other"], [])


def test_an_extension_module_that_vanished(compare: Wheels) -> None:
    name = "demo/_faster.cpython-311-aarch64-linux-gnu.so"
    found = compare({}, {"files": {name: make_elf(defined=["PyInit__faster"])}})
    assert found == ([f"only the other has the compiled file {name}"], [])


def test_a_module_of_another_suffix_or_function(compare: Wheels) -> None:
    found = compare({}, {"files": {"demo/_fast.abi3.so": make_elf(defined=["PyInit_fast"]), MODULE: b"\n"}})
    assert found[0][:2] == [
        f"only the other has {MODULE}",
        f"this wheel has {MODULE}, the other demo/_fast.abi3.so",
    ]
    assert f"{MODULE} exports {INIT} in this wheel, PyInit_fast in the other" in found[0]


def test_a_library_of_the_users_machine(compare: Wheels) -> None:
    found = compare({"needed": ["libjpeg.so.62"]}, {"needed": ["libz.so.1", "libstdc++.so.6"]})
    assert found == (
        [f"{MODULE} needs libjpeg in this wheel only", f"{MODULE} needs libz in the other only"],
        [f"{MODULE} needs libstdc++ in the other only"],
    )


def test_a_grafted_library_that_vanished(compare: Wheels) -> None:
    openblas = {"files": {"demo.libs/libopenblas64_-0123abcd.so": make_elf()}}
    assert compare({}, openblas) == (["only the other carries libopenblas64_"], [])
    assert compare(openblas, {}) == ([], ["only this wheel carries libopenblas64_"])


def test_a_higher_floor_matters_and_a_lower_one_does_no_harm(compare: Wheels) -> None:
    new = {"name": NAME.replace("2_17", "2_28"), "undefined": ["fcntl64@GLIBC_2.28"]}
    assert compare(new, {}) == (
        [f"this wheel needs glibc 2.28, the other 2.17: {MODULE} takes fcntl64@GLIBC_2.28"],
        [],
    )
    assert compare({}, new) == ([], ["this wheel needs glibc 2.17, the other 2.28"])


def test_symbols_below_the_policy_are_no_floor(compare: Wheels) -> None:
    assert compare({"undefined": ["a@GLIBC_2.17"]}, {"undefined": ["a@GLIBC_2.14"]}) == ([], [])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (NAME.replace("cp311-cp311", "cp39-abi3"), "this wheel is tagged cp39-abi3, the other cp311-cp311"),
        (
            NAME.replace("aarch64", "x86_64"),
            "this wheel is for manylinux x86_64, the other for manylinux aarch64",
        ),
        (NAME.replace("1.0", "1.1"), "this wheel is demo 1.1, the other demo 1.0"),
    ],
)
def test_another_tag_or_version(compare: Wheels, name: str, sentence: str) -> None:
    assert compare({"name": name}, {}) == ([sentence], [])


def test_other_requirements(compare: Wheels) -> None:
    found = compare(
        {
            "metadata": 'Requires-Dist: numpy>=1.20\nRequires-Dist: A_b; extra == "x"\nRequires-Python: >=3.9\n'
        },
        {
            "metadata": "Requires-Dist: numpy >=1.21\nRequires-Dist: a-b ; extra == 'x'\nRequires-Python: >= 3.10\n"
        },
    )
    assert found == (
        [
            "only this wheel requires numpy>=1.20",
            "only the other requires numpy>=1.21",
            "this wheel requires Python >=3.9, the other Python >=3.10",
        ],
        [],
    )


def test_exports_that_vanished(compare: Wheels) -> None:
    found = compare({"defined": [INIT, "extra"]}, {"defined": [INIT, "sum_neon", "_ZN1xE", "_init"]})
    assert found == (
        [f"{MODULE} exports sum_neon in the other only"],
        [f"{MODULE} exports extra in this wheel only"],
    )


def test_half_the_code(compare: Wheels) -> None:
    small, large = {"text": NOPS * 3_000}, {"text": NOPS * 7_000}
    assert compare(small, large) == (
        [f"{MODULE} has 12000 bytes of code in this wheel, 28000 in the other"],
        [],
    )
    assert compare({"text": NOPS * 100}, {"text": NOPS * 300}) == ([], [])


def test_a_cpp_runtime_is_not_counted_as_code(compare: Wheels) -> None:
    cpp = {"undefined": ["_ZSt9terminatev@GLIBCXX_3.4"], "versions": {"GLIBCXX_3.4": "libstdc++.so.6"}}
    found = compare({"text": NOPS * 80_000, **cpp}, {"text": NOPS * 20_000, **cpp})
    assert found == ([], [f"{MODULE} has 320000 bytes of code in this wheel, 80000 in the other"])


def test_fast_paths_that_vanished(compare: Wheels) -> None:
    udot = words(0x6E829420)
    plain, fast = (
        {"text": NOPS * 400},
        {"text": NOPS * 50 + words(*VECTORS * 40) + NOPS * 50 + udot + NOPS * 50},
    )
    assert compare(plain, fast) == (
        [
            f"{MODULE} has instructions of dot product in the other only: a fast path may be lost",
            f"{MODULE} has 0 vector instructions in this wheel, 200 in the other: a fast path may be lost",
        ],
        [],
    )


def test_instructions_that_not_every_processor_has(compare: Wheels) -> None:
    atomic = {"text": NOPS * 50 + words(0xB8200041) + NOPS * 50}
    sentence = f"{MODULE} has instructions of LSE in this wheel only: processors without them may fail"
    assert compare(atomic, {"text": NOPS * 101}) == ([sentence], [])
    assert compare({"text": NOPS * 101}, atomic) == ([], [])


def test_an_instruction_set_that_a_note_asks_for(compare: Wheels) -> None:
    note = struct.pack("<III4sIIII", 4, 16, 5, b"GNU\0", 0xC0008002, 4, 1 | 2 | 4, 0)
    name = NAME.replace("aarch64", "x86_64")
    new = {"name": name, "machine": 62, "sections": {".note.gnu.property": (7, note)}}
    old = {"name": name, "machine": 62}
    assert compare(new, old) == ([f"{MODULE} needs x86-64-v3 in this wheel only"], [])
    assert compare(old, new) == ([], [f"{MODULE} needs x86-64-v3 in the other only"])


def test_a_file_for_another_machine(compare: Wheels) -> None:
    found = compare({"machine": 62}, {"undefined": ["x"], "needed": ["libz.so.1"]})
    assert found == ([f"{MODULE} is for ELF machine 62 in this wheel, 183 in the other"], [])


def test_texts_differ_apart_from_paths_and_compilers(compare: Wheels) -> None:
    mine = {
        "demo/__config__.py": b"cc = '/crosswheel/bin/cc'\nname = 'clang'\nversion = '22.1.8'\nsimd = []\n",
        "demo/config.h": b"#define HAVE_FOO 1\r\n",
        "demo/x.npy": b"\xff\x00",
        "demo/a.a": b"!<arch>\n1",
    }
    other = {
        "demo/__config__.py": b"cc = '/usr/bin/arm-gcc-12'\nname = 'gcc'\nversion = '12.2.0'\nsimd = ['NEON']\n",
        "demo/config.h": b"#define HAVE_FOO 1\n",
        "demo/x.npy": b"\xff\x01",
        "demo/a.a": b"!<arch>\n2",
    }
    wheels = compare.wheel("mine", files=mine), compare.wheel("other", files=other)
    count, found = text_differences(*wheels, Names("cross", "emulated"))
    assert count == 5, "METADATA and __init__.py too; not RECORD, WHEEL, the module and the static library"
    assert list(map(str, found)) == [
        "demo/__config__.py: cross has 'simd = []'; emulated has \"simd = ['NEON']\"",
        "demo/x.npy is not the same in both wheels",
    ]
    assert text_differences(wheels[0], wheels[0], PLAIN) == (5, ())


def test_names_of_libraries_and_lists() -> None:
    assert graft_stem("libscipy_openblas64_-128b20d9.so") == "libscipy_openblas64_"
    assert graft_stem("libgfortran-040039e1-0352e75f.so.5.0.0") == "libgfortran"
    assert graft_stem("libstdc++.so.6") == "libstdc++"
    assert listed([]) == "nothing"
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"
