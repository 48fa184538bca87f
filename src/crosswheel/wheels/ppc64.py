"""Which instructions above POWER8 (Power ISA 2.07) are in a piece of ppc64le code.

Every instruction has 32 bits, and those with a prefix have two such words (Power ISA 3.1, book I): the first six
bits are the primary opcode, and the extended one stands at a place that the form of the instruction gives. What
compilers make for newer processors is here; instructions of the system and of decimal arithmetic are not.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping

_ISA_3_0, _ISA_3_1 = "ISA 3.0 (POWER9)", "ISA 3.1 (POWER10)"
_OFFSETS = 0xFFFF0000  # from here on words are the offsets of a jump table


def _of(name: str, shift: int, *opcodes: int) -> dict[int, str]:
    return {opcode << shift: name for opcode in opcodes}


# By primary opcode: the mask of the extended opcode, and its values.
_FORMS: Mapping[int, tuple[tuple[int, Mapping[int, str]], ...]] = {
    1: ((0, {0: _ISA_3_1}),),  # the prefix
    4: (
        (0x3F, _of(_ISA_3_0, 0, 35, 48, 49, 51, 59)),  # vmsumudm, maddhd, maddhdu, maddld, vpermr
        (
            0x7FF,
            {
                **_of(_ISA_3_0, 0, 0x403, 0x443, 0x483),  # vabsdub, -uh, -uw
                **_of(_ISA_3_0, 0, 0x007, 0x047, 0x087, 0x107, 0x147, 0x187),  # vcmpneb, ..., vcmpnezw
                **_of(_ISA_3_0, 0, 0x407, 0x447, 0x487, 0x507, 0x547, 0x587),  # the same with a dot
                **_of(_ISA_3_0, 0, 0x20D, 0x24D, 0x28D, 0x2CD, 0x30D, 0x34D, 0x38D, 0x3CD),  # vextractub, vinsertb
                **_of(_ISA_3_0, 0, 0x085, 0x0C5, 0x185, 0x1C5, 0x704, 0x744),  # vrlwmi, vrlwnm, vsrv, vslv
                **_of(_ISA_3_0, 0, 0x60D, 0x64D, 0x68D, 0x70D, 0x74D, 0x78D),  # vextublx, ..., vextuwrx
                **_of(_ISA_3_0, 0, 0x5CC, 0x602),  # vbpermd; vctzb, vnegw, vprtybd, vextsb2w, ...
                **_of(_ISA_3_1, 0, 0x1C9, 0x289, 0x2C9, 0x389, 0x3C9),  # vmulld, vmulhuw, ...
                **_of(_ISA_3_1, 0, 0x08B, 0x0CB, 0x18B, 0x1CB, 0x68B, 0x6CB, 0x78B, 0x7CB),  # vdivuw, ..., vmodsd
                **_of(_ISA_3_1, 0, 0x00D, 0x1C7),  # vstribl, vcmpequq
            },
        ),
    ),
    6: ((0, {0: _ISA_3_1}),),  # lxvp, stxvp
    31: (
        (
            0x7FE,
            {
                **_of(_ISA_3_0, 1, 265, 267, 777, 779, 538, 570),  # modud, moduw, modsd, modsw, cnttzw, cnttzd
                **_of(_ISA_3_0, 1, 890, 891, 128, 170, 755, 192, 224, 576),  # extswsli, setb, addex, darn, ...
                **_of(_ISA_3_0, 1, 435, 403, 307),  # mtvsrdd, mtvsrws, mfvsrld
                **_of(_ISA_3_0, 1, 268, 396, 876, 1004, 812, 940, 269, 301, 397, 429, 364),  # lxvx, ..., lxvwsx
                **_of(_ISA_3_0, 1, 781, 813, 909, 941, 582, 614, 710, 742),  # lxsibzx, ..., stdat
                **_of(_ISA_3_1, 1, 187, 155, 219, 220, 156, 188, 59, 571),  # brd, cfuged, pdepd, cntlzdm, ...
                **_of(_ISA_3_1, 1, 384, 416, 448, 480, 177, 333, 461),  # setbc, ..., xxsetaccz, lxvpx, stxvpx
                **_of(_ISA_3_1, 1, 13, 45, 77, 109, 141, 173, 205, 237),  # lxvrbx, ..., stxvrdx
            },
        ),
    ),
    57: ((0x3, _of(_ISA_3_0, 0, 2, 3)),),  # lxsd, lxssp
    59: (
        # The matrix-multiply assist: xvf32ger and its like.
        (0x7F8, _of(_ISA_3_1, 3, 2, 3, 18, 19, 26, 27, 34, 35, 42, 43, 50, 51, 58, 59, 75, 82, 90, 99, 107,
                    114, 122, 146, 154, 178, 186, 210, 218, 242, 250)),
    ),
    60: (
        (0x7F8, _of(_ISA_3_0, 3, 3, 11, 19, 26, 58, 128, 136, 144, 152, 216, 248)),  # xscmpeqdp, xxperm, ...
        (0x7FC, _of(_ISA_3_0, 2, 165, 181, 475)),  # xxextractuw, xxinsertw, xxbrd
        (0x7FE, _of(_ISA_3_0, 1, 360)),  # xxspltib
    ),
    61: ((0x7, _of(_ISA_3_0, 0, 1, 2, 3, 5, 6, 7)),),  # lxv, stxsd, stxssp, stxv
    63: ((0x3E, _of(_ISA_3_0, 1, 4)),),  # xsaddqp and all of quadruple precision
}  # fmt: skip


def classes(sections: Iterable[bytes]) -> Counter[str]:
    """How many instructions of each class there are.

    :param sections: the bytes of executable sections, in little-endian order.
    """
    found: Counter[str] = Counter()
    for section in sections:
        words = array("I", section[: len(section) // 4 * 4])
        if sys.byteorder != "little":
            words.byteswap()
        found.update(_count(words))
    return found


def _count(words: "array[int]") -> Counter[str]:
    named = {word: name for word in set(words) if (name := _class(word))}
    found: Counter[str] = Counter()
    for position, word in enumerate(words):
        name = named.get(word, "")
        if name and not _is_constant(words, position):
            found[name] += 1
    return found


def _class(word: int) -> str:
    if word >= _OFFSETS:
        return ""
    for mask, names in _FORMS.get(word >> 26, ()):
        if name := names.get(word & mask):
            return name
    return ""


def _is_constant(words: "array[int]", position: int) -> bool:
    """Whether a word beside it is no instruction: primary opcode 0."""
    around = words[max(0, position - 1) : position + 2]
    return any(word >> 26 == 0 for word in around)
