"""What a file asks of the processor, as far as its notes, its attributes and its instructions tell.

A file may choose at run time among several versions of a function, so that an instruction above the baseline
in it proves nothing by itself: what is found is told, and not taken for a floor.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crosswheel.wheels import a64, ppc64, s390x
from crosswheel.wheels.facts import Cpu

_AARCH64, _X86_64, _I386, _ARM, _RISCV, _PPC64, _S390 = 183, 62, 3, 40, 243, 21, 22
_SHF_EXECINSTR = 0x4

# System V ABI for x86-64: the bits of GNU_PROPERTY_X86_ISA_1_NEEDED.
_X86_ISA_NEEDED = ("GNU_PROPERTY_X86_ISA_1_NEEDED", 0xC0008002)
_X86_LEVELS = ((8, "x86-64-v4"), (4, "x86-64-v3"), (2, "x86-64-v2"))
# Addenda to the ABI for the Arm Architecture: Debian's armhf and the manylinux images have ARMv7-A with
# VFPv3-D16 and without NEON.
_ARM_V7 = 10
_ARM_CPUS = {14: "ARMv8-A", 15: "ARMv8-R", 16: "ARMv8-M", 17: "ARMv8-M", 21: "ARMv8.1-M", 22: "ARMv9-A"}
_ARM_FPUS = {
    3: "VFPv3 with 32 registers",
    5: "VFPv4 with 32 registers",
    6: "VFPv4",
    7: "ARMv8 FP",
    8: "ARMv8 FP",
}
# RISC-V psABI, Tag_RISCV_arch: rv64gc, and what newer toolchains name of it one by one.
_RV64GC = frozenset(
    ("i", "m", "a", "f", "d", "c", "zicsr", "zifencei", "zmmul", "zaamo", "zalrsc", "zca", "zcd", "zcf")
)


def cpu(elf: Any, machine: int) -> Cpu:
    """What a file asks of the processor.

    :param elf: as pyelftools has it.
    :param machine: ``e_machine``.
    """
    reader = _READERS.get(machine)
    return reader(elf) if reader else Cpu()


def code(elf: Any) -> Iterator[Any]:
    """The sections of the file that are executed, as pyelftools has them."""
    for section in elf.iter_sections():
        if section["sh_flags"] & _SHF_EXECINSTR and section["sh_type"] == "SHT_PROGBITS":
            yield section


def _aarch64(elf: Any) -> Cpu:
    found = a64.classes((section.data() for section in code(elf)), little=elf.little_endian)
    vectors = found.pop(a64.VECTORS, 0)
    return Cpu(known_by="instructions", uses=tuple(sorted(found.items())), vectors=vectors)


def _ppc64(elf: Any) -> Cpu:
    if not elf.little_endian:
        return Cpu()
    return _by_instructions(ppc64.classes(section.data() for section in code(elf)))


def _s390x(elf: Any) -> Cpu:
    # A procedure linkage table has offsets between its instructions.
    sections = (section.data() for section in code(elf) if not section.name.startswith(".plt"))
    return _by_instructions(s390x.classes(sections))


def _by_instructions(found: Mapping[str, int]) -> Cpu:
    return Cpu(known_by="instructions", uses=tuple(sorted(found.items())))


def _x86(elf: Any) -> Cpu:
    bits = 0
    for kind, data in _properties(elf):
        if kind in _X86_ISA_NEEDED and isinstance(data, int):
            bits |= data
    level = next((name for bit, name in _X86_LEVELS if bits & bit), "")
    return Cpu(known_by="ELF notes", needs=(level,) if level else ())


def _properties(elf: Any) -> Iterator[tuple[object, object]]:
    section = elf.get_section_by_name(".note.gnu.property")
    if section is None or not hasattr(section, "iter_notes"):
        return
    for note in section.iter_notes():
        if note["n_type"] == "NT_GNU_PROPERTY_TYPE_0":
            yield from ((entry["pr_type"], entry["pr_data"]) for entry in note["n_desc"])


def _arm(elf: Any) -> Cpu:
    tags = dict(_attributes(elf))
    if not tags:
        return Cpu()
    needs = []
    architecture = tags.get("TAG_CPU_ARCH", 0)
    if isinstance(architecture, int) and architecture > _ARM_V7:
        needs.append(_ARM_CPUS.get(architecture, f"Tag_CPU_arch {architecture}"))
    fpu = tags.get("TAG_FP_ARCH", 0)
    if fpu in _ARM_FPUS:
        needs.append(_ARM_FPUS[fpu])
    if tags.get("TAG_ADVANCED_SIMD_ARCH", 0) != 0:
        needs.append("NEON")
    return Cpu(known_by="ELF attributes", needs=tuple(needs))


def _riscv(elf: Any) -> Cpu:
    isa = str(dict(_attributes(elf)).get("TAG_ARCH", ""))
    if not isa:
        return Cpu()
    base, *others = isa.split("_")
    named = [base.removeprefix("rv64"), *others]
    extensions = [_without_version(name) for name in named]
    return Cpu(
        known_by="ELF attributes", needs=tuple(name for name in extensions if name and name not in _RV64GC)
    )


def _without_version(extension: str) -> str:
    """``zba1p0`` -> ``zba``."""
    major, separator, minor = extension.rpartition("p")
    return major.rstrip("0123456789") if separator and minor.isdigit() else extension


def _attributes(elf: Any) -> Iterator[tuple[str, Any]]:
    """The build attributes of the whole file."""
    for section in elf.iter_sections():
        if section["sh_type"] not in ("SHT_ARM_ATTRIBUTES", "SHT_RISCV_ATTRIBUTES"):
            continue
        for vendor in section.iter_subsections():
            for scope in vendor.iter_subsubsections("TAG_FILE"):
                yield from ((attribute.tag, attribute.value) for attribute in scope.iter_attributes())


_READERS: dict[int, Callable[[Any], Cpu]] = {
    _AARCH64: _aarch64,
    _X86_64: _x86,
    _I386: _x86,
    _ARM: _arm,
    _RISCV: _riscv,
    _PPC64: _ppc64,
    _S390: _s390x,
}
