"""What the source ``debian`` says that it has, without asking the network."""

from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.model import Part, Python, Target
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.debian.suites import oldest_with, suite_with, suites
from crosswheel.store import Store


@pytest.fixture
def source(tmp_path: Path) -> DebianSource:
    return DebianSource(Store(tmp_path / "cache"), lambda event: None)


def target(tag: str, arch: str, libc: str = "manylinux") -> Target:
    implementation, version = tag[:2], tag[2:]
    suffix = "t" if version.endswith("t") else ""
    python = Python(implementation, int(version[0]), int(version[1:].rstrip("t")), suffix)  # type: ignore[arg-type]
    return Target(python, libc, ARCHITECTURES[arch])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tag", "arch"),
    [
        ("cp39", "aarch64"),
        ("cp311", "x86_64"),
        ("cp311", "s390x"),
        ("cp313", "riscv64"),
        ("cp314", "armv7l"),
        ("cp315", "i686"),
        ("pp39", "aarch64"),
        ("pp311", "x86_64"),
        ("pp311", "riscv64"),
    ],
)
def test_it_offers_the_pythons_of_debian_suites(source: DebianSource, tag: str, arch: str) -> None:
    assert source.offers(target(tag, arch))


@pytest.mark.parametrize(
    ("tag", "arch", "libc"),
    [
        ("cp310", "aarch64", "manylinux"),
        ("cp314t", "aarch64", "manylinux"),
        ("pp310", "aarch64", "manylinux"),
        ("pp312", "aarch64", "manylinux"),
        ("pp311", "aarch64", "musllinux"),
        ("cp311", "aarch64", "musllinux"),
        ("cp311", "riscv64", "manylinux"),
        ("cp39", "s390x", "manylinux"),
    ],
)
def test_it_offers_nothing_that_debian_lacks(source: DebianSource, tag: str, arch: str, libc: str) -> None:
    assert not source.offers(target(tag, arch, libc))
    assert source.parts(target(tag, arch, libc)) == ()


def test_a_python_that_it_lacks_is_refused_with_what_it_has(source: DebianSource) -> None:
    with pytest.raises(ProvisionError) as caught:
        source.root(Target(Python("cp", 3, 10), "manylinux", ARCHITECTURES["aarch64"]))
    assert caught.value.fact == "Debian has no cp310 for aarch64"
    assert "CPython 3.9, 3.11, 3.13, 3.14 and 3.15 for x86_64" in caught.value.cause


def test_it_describes_what_it_has_as_a_sentence(source: DebianSource) -> None:
    assert source.describe() == (
        "debian has CPython 3.9, 3.11, 3.13, 3.14 and 3.15 for x86_64, i686, aarch64 and armv7l"
        ", and CPython 3.11, 3.13, 3.14 and 3.15 for ppc64le and s390x"
        ", and CPython 3.13, 3.14 and 3.15 for riscv64"
        ", and CPython 3.14 and 3.15 for loongarch64, and PyPy 3.9 and 3.11"
    )


def test_parts_say_what_a_root_fetches_and_that_it_is_not_there_yet(source: DebianSource) -> None:
    root = source.parts(target("cp311", "aarch64"))[0]
    assert root.name == "Debian bookworm for aarch64 with CPython 3.11"
    assert 90_000_000 < root.size < 120_000_000
    assert not root.present


def test_asking_for_parts_makes_nothing(source: DebianSource, tmp_path: Path) -> None:
    source.parts(target("cp311", "aarch64"))
    assert not (tmp_path / "cache").exists()


def test_every_suite_names_architectures_of_the_house_and_rises_in_glibc_and_gcc() -> None:
    for suite in suites():
        assert set(suite.download) <= set(ARCHITECTURES)
    assert [suite.glibc for suite in suites()] == sorted(suite.glibc for suite in suites())
    assert [suite.gcc for suite in suites()] == sorted(suite.gcc for suite in suites())


def test_the_oldest_suite_depends_on_the_architecture() -> None:
    assert oldest_with(ARCHITECTURES["aarch64"]).name == "bullseye"
    assert oldest_with(ARCHITECTURES["s390x"]).name == "bookworm"
    assert oldest_with(ARCHITECTURES["riscv64"]).name == "trixie"


def test_two_cpythons_of_one_suite_have_roots_of_their_own(source: DebianSource) -> None:
    older, newer = Python("cp", 3, 14), Python("cp", 3, 15)
    arch = ARCHITECTURES["aarch64"]
    suite = suite_with(older, arch)
    assert suite is not None
    assert suite == suite_with(newer, arch)
    assert source._root_key(suite, older, arch) != source._root_key(suite, newer, arch)


def test_every_foreign_root_has_cross_compilers_that_are_a_part_of_known_size(source: DebianSource) -> None:
    for suite in suites():
        assert set(suite.cross_gcc) == set(suite.download) - {"x86_64", "i686"}
    part = source.cross_gcc_part(target("cp313", "riscv64"))
    assert part == Part("cross gcc of Debian trixie for riscv64", 103_000_000, False)
