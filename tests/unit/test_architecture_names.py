"""An architecture is known by every name that people have for it."""

import pytest

from crosswheel.architectures import ARCHITECTURES, named
from crosswheel.errors import ConfigurationError, Fault


@pytest.mark.parametrize(
    ("names", "arch"),
    [
        ("amd64 linux/amd64 x86_64 x86_64-linux-gnu x86-64", "x86_64"),
        ("386 linux/386 i386 i686 i386-linux-gnu i686-linux-gnu", "i686"),
        (
            "arm64 linux/arm64 arm64/v8 linux/arm64/v8 aarch64 aarch64-linux-gnu qemu-aarch64 LINUX/ARM64",
            "aarch64",
        ),
        ("ppc64le ppc64el linux/ppc64le powerpc64le-linux-gnu", "ppc64le"),
        ("s390x linux/s390x s390x-linux-gnu qemu-s390x", "s390x"),
        ("arm arm/v7 linux/arm linux/arm/v7 armhf armv7l arm-linux-gnueabihf qemu-arm", "armv7l"),
        ("riscv64 linux/riscv64 riscv64-linux-gnu riscv64gc-unknown-linux-gnu", "riscv64"),
    ],
)
def test_the_names_of_docker_debian_gnu_and_qemu_are_known(names: str, arch: str) -> None:
    assert [named(name) for name in names.split()] == [ARCHITECTURES[arch]] * len(names.split())


def test_no_name_means_two_architectures() -> None:
    names = [name for arch in ARCHITECTURES.values() for name in arch.names]
    assert len(names) == len(set(names))
    assert all(name == name.lower() for name in names)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("arm65", "did you mean arm64?"),
        ("linux/arm/v6", "did you mean linux/arm/v7?"),
        ("z80", "one of x86_64, i686, aarch64, ppc64le, s390x, armv7l, riscv64, loongarch64"),
    ],
)
def test_an_unknown_name_gets_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        named(name)
    assert caught.value.faults == (Fault(name, "is not an architecture", hint),)
