"""Which instructions above the baseline of ARMv8.0-A are in a piece of aarch64 code.

Every instruction has 32 bits (Arm Architecture Reference Manual, C4, "A64 instruction set encoding"), so that a
class of them is a mask and a value. Code may hold constants too: a word near one that is no instruction is
taken for a constant.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Iterable

VECTORS = "Advanced SIMD"  # in the baseline; counted, since a build without them has lost its fast paths
_NEIGHBOURS = 8  # words looked at on each side
_OPERATIONS = 5  # kinds of vector operations: fewer are a compiler's own doing (counters, comparisons)

# Class, mask, value; the first that fits is taken.
_CLASSES: tuple[tuple[str, int, int], ...] = (
    ("LSE", 0x3F208C00, 0x38200000),  # LDADD, LDCLR, LDEOR, LDSET, LDSMAX, ...
    ("LSE", 0x3F20FC00, 0x38208000),  # SWP
    ("LSE", 0x3FA07C00, 0x08A07C00),  # CAS
    ("LSE", 0xBFA07C00, 0x08207C00),  # CASP
    ("RCpc", 0x3FFFFC00, 0x38BFC000),  # LDAPR
    ("CRC32", 0x7FE0E000, 0x1AC04000),
    ("pointer authentication", 0xFFFFFBFF, 0xD65F0BFF),  # RETAA, RETAB; those that are hints do no harm
    ("SHA3, SHA512", 0xFF000000, 0xCE000000),
    ("AES, SHA", 0xFFFFCC00, 0x4E284800),  # AESE, AESD, AESMC, AESIMC
    ("AES, SHA", 0xFFE08C00, 0x5E000000),  # SHA1C, SHA256H, ...
    ("AES, SHA", 0xFFFFCC00, 0x5E280800),  # SHA1H, SHA256SU0, ...
    ("AES, SHA", 0xBFE0FC00, 0x0EE0E000),  # PMULL of 64 bits
    ("dot product", 0x9FE0FC00, 0x0E809400),  # SDOT, UDOT
    ("dot product", 0x9FC0F400, 0x0F80E000),  # by element
    ("i8mm", 0xDFE0F400, 0x4E80A400),  # SMMLA, UMMLA, USMMLA
    ("i8mm", 0xBFE0FC00, 0x0E809C00),  # USDOT
    ("bf16", 0xBFE0FC00, 0x2E40FC00),  # BFDOT
    ("bf16", 0xFFE0FC00, 0x6E40EC00),  # BFMMLA
    ("bf16", 0xBFE0FC00, 0x2EC0FC00),  # BFMLAL
    ("bf16", 0xFFFFFC00, 0x1E634000),  # BFCVT
    ("RDM", 0xBF20F400, 0x2E008400),  # SQRDMLAH, SQRDMLSH
    ("complex numbers", 0xBF20E400, 0x2E00C400),  # FCMLA
    ("complex numbers", 0xBF20EC00, 0x2E00E400),  # FCADD
    ("", 0xFFFE7C00, 0x1EE24000),  # FCVT from half precision: baseline
    ("fp16", 0xFFE00000, 0x1EE00000),  # scalars
    ("fp16", 0x9F60C400, 0x0E400400),  # vectors, three registers of the same kind
    ("fp16", 0xBF60FC00, 0x0E20EC00),  # FMLAL, FMLSL
    ("fp16", 0xBF60FC00, 0x2E20CC00),  # FMLAL2, FMLSL2
    # What every static libc++ has in its compiler-rt and libunwind, to save registers where there are such.
    ("", 0xFF30FC00, 0x0420E000),  # CNTB, CNTD, ...: the length of SVE's
    ("", 0xFF20F800, 0x04205800),  # ADDSVL, ADDSPL, RDSVL: of SME's
    ("SVE", 0x1E000000, 0x04000000),
    ("", 0x9F20FC00, 0x0E201C00),  # AND, ORR, EOR of vectors: compilers move scalars by them
    ("", 0x9FE0FC00, 0x0EE08400),  # ADD, SUB of 64 bits: compilers count pairs of pointers by them
    (VECTORS, 0x9F200400, 0x0E200400),  # three registers of the same kind
)
# The classes that can fit, by the top byte: a word is compared with few of them.
_BY_TOP = {
    top: tuple(row for row in _CLASSES if (top << 24) & row[1] == row[2] & 0xFF000000) for top in range(256)
}
_CBZ_W16 = (0xFF00001F, 0x34000010)


def classes(sections: Iterable[bytes], *, little: bool = True) -> Counter[str]:
    """How many instructions of each class there are.

    Vector instructions of the baseline are counted where they are of several kinds. The helpers of
    ``-moutline-atomics`` (libgcc, compiler-rt) ask for LSE before they use it and do not count.
    A file of 10 MB takes about a second.

    :param sections: the bytes of executable sections.
    """
    found: Counter[str] = Counter()
    for section in sections:
        words = array("I", section[: len(section) // 4 * 4])
        if little != (sys.byteorder == "little"):
            words.byteswap()
        found.update(_count(words))
    return found


def _count(words: "array[int]") -> Counter[str]:
    named = {word: name for word in set(words) if (name := _class(word))}
    if len({_operation(word) for word, name in named.items() if name == VECTORS}) < _OPERATIONS:
        named = {word: name for word, name in named.items() if name != VECTORS}
    found: Counter[str] = Counter()
    for position, word in enumerate(words):
        name = named.get(word, "")
        if not name:
            continue
        if name == VECTORS or not (_is_asked_for(words, position, name) or _is_constant(words, position)):
            found[name] += 1
    return found


def _operation(word: int) -> int:
    """What a vector instruction does, whatever the registers and the size of the elements."""
    return word & 0x2000F800


def _class(word: int) -> str:
    for name, mask, value in _BY_TOP[word >> 24]:
        if word & mask == value:
            return name
    return ""


def _is_asked_for(words: "array[int]", position: int, name: str) -> bool:
    mask, value = _CBZ_W16
    return name == "LSE" and position > 0 and words[position - 1] & mask == value


def _is_constant(words: "array[int]", position: int) -> bool:
    around = words[max(0, position - _NEIGHBOURS) : position + _NEIGHBOURS + 1]
    return any(_is_unallocated(word) for word in around)


def _is_unallocated(word: int) -> bool:
    group = word >> 25 & 0xF
    return group in (1, 3) or (group == 0 and word < 0x80000000)
