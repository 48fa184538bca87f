"""``crosswheel doctor`` as text and as JSON."""

import json
import re

from crosswheel.doctor import PROBES
from crosswheel.findings import Ability, Examination, Finding, Sample, Way
from crosswheel.report import doctor as report

GOOD = Finding("user-namespaces", "good", "this user may make them", seconds=0.01234)
DOCKER = Finding("docker", "note", "no server answers", "is it running?", "sudo systemctl start docker")
BAD = Finding("cache", "bad", "/x cannot be written", "Read-only file system")
WORKS = Way("namespace", True, "QEMU 11.1.2")
AARCH64 = Ability("aarch64", ("cross", "emulated"), (WORKS,), ("3.11",), Sample("CPython 3.11", 0.002, 0.03))
NATIVE = Ability("x86_64", ("native",), (Way("native", True),), ())
S390X = Ability(
    "s390x",
    (),
    (Way("namespace", False, "no"),),
    (),
    no_sample="the cache has no root yet",
    obstacles=("/x cannot be written: Read-only file system",),
    improvements=("make it writable",),
)
WELL = Examination((GOOD, DOCKER), (NATIVE, AARCH64), (), 2.345)
ILL = Examination((GOOD, BAD), (AARCH64, S390X), S390X.obstacles, 2.345)


def test_a_machine_where_all_is_well() -> None:
    assert report.render(WELL) == (
        """\
user namespaces  ok   this user may make them
docker           note no server answers
                      cause: is it running?
                      next: sudo systemctl start docker

for      engines that build  tests run       speed
x86_64   native              as they are     native
aarch64  cross, emulated     in a namespace  15 x slower (30 ms, native 2.0 ms)

the default build works here (found out in 2.3 s)"""
    )


def test_a_machine_where_something_is_in_the_way() -> None:
    assert report.render(ILL) == (
        """\
user namespaces  ok   this user may make them
cache            NO   /x cannot be written
                      cause: Read-only file system

for      engines that build  tests run       speed
aarch64  cross, emulated     in a namespace  15 x slower (30 ms, native 2.0 ms)
s390x    none                not at all      not measured

not measured for s390x: the cache has no root yet

what would help:
  make it writable  (s390x)

the default build does not work here (found out in 2.3 s):
  - /x cannot be written: Read-only file system"""
    )


def test_sentences_are_wrapped_to_the_width() -> None:
    long = Examination((Finding("docker", "note", "word " * 60, "cause " * 60),), (), (), 1.0)
    assert max(map(len, report.render(long, width=60).splitlines())) <= 60


def test_what_programs_say_cannot_draw() -> None:
    nasty = Examination((Finding("docker", "note", "\x1b[31mred\x1b[0m", "a\x07b"),), (), (), 1.0)
    plain = report.render(nasty)
    assert "\x1b" not in plain
    assert "cause: ab" in plain
    assert "\x1b[31m" not in report.render_terminal(nasty, width=80, color=False)


def test_a_terminal_has_colours_unless_they_are_turned_off() -> None:
    assert "\x1b[32mok" in report.render_terminal(WELL, width=100, color=True)
    uncoloured = report.render_terminal(WELL, width=100, color=False)
    assert not re.search(r"\x1b\[3\dm", uncoloured)
    assert "\x1b[1m" in uncoloured


def test_a_terminal_shows_the_same_words_within_its_width() -> None:
    drawn = re.sub(r"\x1b\[[0-9;]*m", "", report.render_terminal(ILL, width=70, color=True))
    assert max(map(len, drawn.splitlines())) <= 70
    for words in ("Read-only file system", "15 x slower", "make it writable", "does not work here"):
        assert words in " ".join(drawn.split())


def test_json_has_the_keys_that_are_documented() -> None:
    document = json.loads(report.to_json(ILL))
    assert list(document) == ["schema_version", "works", "obstacles", "seconds", "findings", "architectures"]
    assert (document["schema_version"], document["works"]) == (1, False)
    assert document["findings"]["user-namespaces"] == {
        "status": "good",
        "fact": "this user may make them",
        "cause": "",
        "remedy": "",
        "details": {},
        "seconds": 0.012,
    }
    assert document["architectures"]["aarch64"] == {
        "engines": ["cross", "emulated"],
        "tests_by": "namespace",
        "ways": [{"name": "namespace", "works": True, "reason": "QEMU 11.1.2", "remedy": ""}],
        "roots": ["3.11"],
        "sample": {
            "program": "CPython 3.11",
            "native_seconds": 0.002,
            "emulated_seconds": 0.03,
            "ratio": 15.0,
        },
        "no_sample": "",
        "obstacles": [],
        "improvements": [],
    }
    assert document["architectures"]["s390x"]["tests_by"] is None


def test_the_documentation_of_the_json_names_every_probe() -> None:
    assert report.to_json.__doc__ is not None
    assert [probe.name for probe in PROBES if f"``{probe.name}``" not in report.to_json.__doc__] == []
