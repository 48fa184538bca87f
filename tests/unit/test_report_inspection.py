"""What a person and a program are shown of a wheel and of a comparison."""

import json

from crosswheel.errors import StepError
from crosswheel.inspection import Certificate, CompiledFile, Inspection, Libraries, Policy, Processor
from crosswheel.model import Difference, Outcome
from crosswheel.report import certificate, inspection

MODULE = "demo/_fast.cpython-311-aarch64-linux-gnu.so"
FILE = CompiledFile(
    path=MODULE,
    kind="extension module",
    size=98_536,
    code_size=2_484,
    inits=("PyInit__fast",),
    needed=("libz-0123abcd.so.1", "libc.so.6"),
    search_path=("$ORIGIN/../demo.libs",),
    uses_cpp=True,
    is_stripped=True,
    has_debug=False,
)
WHEEL = Inspection(
    filename="demo-1.0-cp311-cp311-manylinux_2_28_aarch64.whl",
    name="demo",
    version="1.0",
    size=24_100,
    files=12,
    tags=("cp311-cp311-manylinux_2_28_aarch64",),
    is_pure=False,
    requires=("numpy>=1.20", "pytest ; extra == 'test'"),
    requires_python=">=3.9",
    modules=("demo",),
    arch="aarch64",
    policy=Policy("manylinux_2_28_aarch64", "manylinux_2_17_aarch64 does not hold: demo needs fcntl64"),
    glibc=(2, 28),
    glibc_by=f"{MODULE} takes fcntl64@GLIBC_2.28",
    processor=Processor("ARMv8.0-A", "instructions", uses=(("dot product", 3, MODULE),)),
    libraries=Libraries(("libz-0123abcd.so.1",), ("libc.so.6",), ()),
    compiled=(FILE,),
    problems=("something is wrong",),
    notes=("something is so",),
)
HARMLESS = Difference("floors", "this wheel needs glibc 2.17, the other 2.24", matters=False)
SERIOUS = Difference("files", "only the other has demo/data.json")


def test_a_wheel_as_text() -> None:
    assert (
        inspection.render(WHEEL, width=100)
        == f"""\
demo 1.0
  tags       cp311-cp311-manylinux_2_28_aarch64
  policy     manylinux_2_28_aarch64; manylinux_2_17_aarch64 does not hold: demo needs fcntl64
  glibc      2.28: {MODULE} takes fcntl64@GLIBC_2.28
  processor  ARMv8.0-A; has instructions of dot product (3 times, first in
             {MODULE}): it cannot be told whether it asks for
             them before it uses them
  libraries  in the wheel: libz-0123abcd.so.1; of the policies: libc.so.6
  Python     >=3.9
  requires   numpy>=1.20; 1 by extras
  modules    demo
  size       24.1 kB, 12 files

{MODULE}
  extension module; 98.5 kB (2.5 kB of code); PyInit__fast; C++; stripped; needs libz-0123abcd.so.1,
    libc.so.6; RUNPATH $ORIGIN/../demo.libs

problems:
  - something is wrong

notes:
  - something is so

1 problem"""
    )


def test_a_pure_wheel_as_text() -> None:
    pure = Inspection("d-1-py3-none-any.whl", "d", "1", 900, 3, ("py3-none-any",), True, (), "", ("d",))
    assert (
        inspection.render(pure)
        == """\
d 1
  tags       py3-none-any
  kind       pure Python: one wheel for every platform
  modules    d
  size       900 bytes, 3 files

no problem was found"""
    )


def test_what_is_known_of_the_processor_is_said_and_how() -> None:
    def said(processor: Processor) -> str:
        return inspection._processor(processor)

    assert said(Processor("", "")) == "its files do not tell"
    assert said(Processor("ARMv8.0-A", "instructions")) == "ARMv8.0-A: no instruction above it was found"
    assert said(Processor("x86-64", "ELF notes")) == (
        "no ELF notes ask for more than x86-64; its instructions were not read"
    )
    assert said(Processor("x86-64", "ELF notes", needs=(("x86-64-v3", "a.so"),))) == (
        "above x86-64: x86-64-v3 (a.so), by ELF notes"
    )


def test_what_programs_get() -> None:
    found = json.loads(inspection.to_json(WHEEL, WHEEL, (SERIOUS,)))
    assert found["schema_version"] == 1
    assert found["wheel"] == found["other"]
    assert found["wheel"]["glibc"] == "2.28"
    assert found["wheel"]["compiled"][0]["code_size"] == 2_484
    assert found["differences"] == [
        {"kind": "files", "text": "only the other has demo/data.json", "matters": True}
    ]
    assert json.loads(inspection.to_json(WHEEL))["differences"] is None


def test_differences_as_text() -> None:
    assert (
        inspection.render_differences((SERIOUS, HARMLESS), "a.whl", "b.whl")
        == """\
a.whl
  against b.whl

differences that matter:
  - only the other has demo/data.json

differences that do no harm:
  - this wheel needs glibc 2.17, the other 2.24

1 difference that may matter to a user"""
    )
    assert inspection.render_differences((), "a.whl", "b.whl").endswith(
        "\n\nnothing that matters to a user differs"
    )


def outcome(*, ok: bool = True) -> Outcome:
    failure = None if ok else StepError("build", "make", 1)
    return Outcome("cp311-manylinux_aarch64", "cross", None, failure, tested=True)


def test_a_certificate_as_text() -> None:
    made = Certificate(("cross", "emulated"), (outcome(), outcome()), (HARMLESS,), compiled=1, texts=8)
    assert made.holds
    harmless, verdict = certificate.render(made, width=1000).split("\n\n")
    assert (
        harmless
        == """\
differences that do no harm:
  - this wheel needs glibc 2.17, the other 2.24"""
    )
    assert verdict == (
        "certified: cross gives the same wheel as emulated (compared: tags, metadata, file list, 8 texts word for"
        " word, and of 1 compiled file exports, libraries, floors, code sizes and processor; both were tested)"
    )


def test_what_is_not_certified() -> None:
    differs = Certificate(("cross", "emulated"), (outcome(), outcome()), (SERIOUS,))
    failed = Certificate(("cross", "emulated"), (outcome(ok=False),))
    assert not differs.holds
    assert not failed.holds
    assert "not certified: 1 difference between cross and emulated" in certificate.render(differs)
    assert certificate.render(failed) == "not certified: the build by cross failed"
