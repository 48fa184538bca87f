"""Which instructions above z13 are in a piece of s390x code.

The first two bits of an instruction give its length, so that code is read from its beginning on (z/Architecture
Principles of Operation, SA22-7832, appendix B). The opcode is the first byte and, where that has many instructions,
one more. Vector instructions name the format of their numbers beside it: z13 has doubles only.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

_Z14, _Z15, _Z16, _Z17 = "z14", "z15", "z16", "z17"
_NEIGHBOURS = 3  # instructions looked at on each side


def _of(name: str, *opcodes: int) -> dict[int, str]:
    return dict.fromkeys(opcodes, name)


# By the first byte: by the second, for those of 4 bytes and 0xE5, else by the last.
_SECOND: dict[int, dict[int, str]] = {
    0xB9: {
        **_of(_Z14, 0x29, 0xAC, 0xEC, 0xED, 0xFD),  # KMA, IRBM, MGRK, MSGRKC, MSRKC
        **_of(_Z15, 0x38, 0x39, 0x3A),  # SORTL, DFLTCC, KDSA
        **_of(_Z15, 0x64, 0x65, 0x66, 0x67, 0x74, 0x75, 0x76, 0x77, 0xE5, 0xF5),  # NNGRK, OCGRK, ..., NCRK
        **_of(_Z15, 0xC0, 0xE3, 0xF0),  # SELFHR, SELGR, SELR
        **_of(_Z16, 0x3B),  # NNPA
        **_of(_Z17, 0x68, 0x69, 0x6C, 0x6D),  # CLZG, CTZG, BEXTG, BDEPG
    },
    0xE5: _of(_Z15, 0x0A),  # MVCRL
}
_LAST: dict[int, dict[int, str]] = {
    0xE3: {
        **_of(_Z14, 0x38, 0x39, 0x3C, 0x47, 0x53, 0x83, 0x84),  # AGH, SGH, MGH, BIC, MSC, MSGC, MG
        **_of(_Z14, 0x48, 0x49, 0x4C, 0x4D),  # LLGFSG, STGSC, LGG, LGSC
        **_of(_Z17, *range(0x60, 0x6A)),  # LXAB and its like
    },
    0xE6: {
        **_of(_Z15, *range(0x01, 0x10)),  # VLEBRH and its like: loads and stores that reverse bytes
        **_of(_Z16, 0x54, 0x55, 0x56, 0x5D, 0x5E, 0x70, 0x72, 0x74, 0x75, 0x7C, 0x7D),  # VCLFNH, ...
    },  # and all others, of z14
    0xE7: {
        **_of(_Z14, 0x6C, 0x6E, 0x6F, 0x85, 0x9E, 0x9F, 0xB8, 0xEE, 0xEF),  # VNX, ..., VFMAX
        **_of(_Z15, 0x86, 0x87, 0x8B),  # VSLD, VSRD, VSTRS
        **_of(_Z17, 0x54, 0x88, 0x89, 0xB0, 0xB1, 0xB2, 0xB3),  # VGEM, VEVAL, VBLEND, VDL, ...
    },
}
# Of 0xE7: the format of numbers that z13 knows; another one makes the instruction of this class.
_DOUBLE = 3
_FORMATS: dict[int, tuple[int, str]] = {
    **dict.fromkeys((0x4A, 0xC5, 0xC7, 0xCA, 0xCB, 0xCC, 0xCE), (_DOUBLE, _Z14)),
    **dict.fromkeys((0xE2, 0xE3, 0xE5, 0xE7, 0xE8, 0xEA, 0xEB, 0x8E, 0x8F), (_DOUBLE, _Z14)),
    **dict.fromkeys((0xC0, 0xC1, 0xC2, 0xC3), (_DOUBLE, _Z15)),
    0xC4: (2, _Z14),  # VLDE: from single
    0x50: (0, _Z14),  # VPOPCT: of bytes
}
_FUSED = (0x8E, 0x8F)  # VFMS and VFMA have the format elsewhere


def classes(sections: Iterable[bytes]) -> Counter[str]:
    """How many instructions of each class there are; a class is the first processor that has them.

    A file of 10 MB takes about four seconds.

    :param sections: the bytes of executable sections, each from an instruction on.
    """
    found: Counter[str] = Counter()
    for section in sections:
        found.update(_count(section))
    return found


def _count(code: bytes) -> Counter[str]:
    places = list(_places(code))
    found: Counter[str] = Counter()
    for index, place in enumerate(places):
        if code[place] in _LAST or code[place] in _SECOND:
            name = _class(code, place)
            if name and not _is_constant(code, places, index):
                found[name] += 1
    return found


def _places(code: bytes) -> Iterator[int]:
    place, end = 0, len(code)
    while place < end:
        first = code[place]
        length = 2 if first < 0x40 else 4 if first < 0xC0 else 6
        if place + length <= end:
            yield place
        place += length


def _class(code: bytes, place: int) -> str:
    first = code[place]
    if first in _SECOND:
        if first == 0xB9 and code[place + 1] == 0xE1:  # POPCNT: of all bits
            return _Z15 if code[place + 2] >> 4 else ""
        return _SECOND[first].get(code[place + 1], "")
    last = code[place + 5]
    if first == 0xE6:
        return _LAST[first].get(last, _Z14)
    if first == 0xE7 and last in _FORMATS:
        known, name = _FORMATS[last]
        told = code[place + 2] & 0xF if last in _FUSED else code[place + 4] >> 4
        return "" if told == known else name
    return _LAST[first].get(last, "")


def _is_constant(code: bytes, places: list[int], index: int) -> bool:
    """Whether something near is no instruction: none begins with a null byte."""
    around = places[max(0, index - _NEIGHBOURS) : index + _NEIGHBOURS + 1]
    return any(code[place] == 0 for place in around)
