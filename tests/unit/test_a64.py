"""Instructions above the baseline of aarch64 are found; what only looks like one is not."""

import struct

import pytest

from crosswheel.wheels import a64

NOP, RET, CBZ_W16 = 0xD503201F, 0xD65F03C0, 0x34000050
LDADD = 0xB8200041
# ADD, FMLA, MUL, CMGT, SMAX of four 32-bit lanes
VECTORS = (0x4EA28420, 0x4E22CC20, 0x4EA29C20, 0x4EA23420, 0x4EA26420)


def code(*words: int, padded: bool = True) -> bytes:
    around = (NOP,) * 20 if padded else ()
    return struct.pack(f"<{len(words) + 2 * len(around)}I", *around, *words, *around)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        (LDADD, "LSE"),
        (0xF8E08041, "LSE"),  # swpal
        (0x88A07C41, "LSE"),  # cas
        (0x48207C82, "LSE"),  # casp
        (0x38BFC020, "RCpc"),  # ldaprb
        (0x9AC24C20, "CRC32"),  # crc32x
        (0xD65F0BFF, "pointer authentication"),  # retaa
        (0xCE020C20, "SHA3, SHA512"),  # eor3
        (0x4E284820, "AES, SHA"),  # aese
        (0x5E024020, "AES, SHA"),  # sha256h
        (0x5E280820, "AES, SHA"),  # sha1h
        (0x0EE2E020, "AES, SHA"),  # pmull v0.1q
        (0x6E829420, "dot product"),  # udot
        (0x4FA2E020, "dot product"),  # sdot by element
        (0x4E82A420, "i8mm"),  # smmla
        (0x4E829C20, "i8mm"),  # usdot
        (0x6E42FC20, "bf16"),  # bfdot
        (0x6E42EC20, "bf16"),  # bfmmla
        (0x2EC2FC20, "bf16"),  # bfmlalb
        (0x1E634020, "bf16"),  # bfcvt
        (0x6E828420, "RDM"),  # sqrdmlah
        (0x6E82CC20, "complex numbers"),  # fcmla
        (0x6E82E420, "complex numbers"),  # fcadd
        (0x1EE22820, "fp16"),  # fadd h0, h1, h2
        (0x4E421420, "fp16"),  # fadd v0.8h
        (0x4E22EC20, "fp16"),  # fmlal
        (0x6E22CC20, "fp16"),  # fmlal2
        (0x04A20020, "SVE"),  # add z0.s
        (0xA540A000, "SVE"),  # ld1w
    ],
)
def test_an_instruction_is_of_its_class(word: int, name: str) -> None:
    """The words are the output of llvm-mc."""
    assert a64.classes([code(word)]) == {name: 1}


@pytest.mark.parametrize(
    "word",
    [
        NOP,
        RET,
        0x1EE24020,  # fcvt s0, h1
        0x04E0E3E0,  # cntd x0
        0x04305830,  # addsvl x16, x16, #1
        0x4EA21C20,  # mov v0.16b, v1.16b
        0x885F7C20,  # ldxr w0
        0xC8200861,  # stxp
        0xF8626820,  # ldr x0, [x1, x2]
        0x4EE28420,  # add v0.2d
    ],
)
def test_an_instruction_of_the_baseline_is_of_none(word: int) -> None:
    assert a64.classes([code(word)]) == {}


def test_atomics_that_are_asked_for_first_do_not_count() -> None:
    assert a64.classes([code(CBZ_W16, LDADD, RET)]) == {}
    assert a64.classes([code(CBZ_W16, NOP, LDADD, RET)]) == {"LSE": 1}


def test_a_word_among_constants_is_a_constant() -> None:
    assert a64.classes([code(0x00000007, LDADD, 0x00000009)]) == {}


def test_vector_instructions_count_where_they_are_of_several_kinds() -> None:
    assert a64.classes([code(*VECTORS, *VECTORS)]) == {a64.VECTORS: 10}
    assert a64.classes([code(*VECTORS[:4] * 9)]) == {}


def test_sections_of_any_length_and_order_are_read() -> None:
    assert a64.classes([b"", b"\x1f", code(LDADD) + b"\x01\x02"]) == {"LSE": 1}
    big = struct.pack(">41I", *(NOP,) * 20, LDADD, *(NOP,) * 20)
    assert a64.classes([big], little=False) == {"LSE": 1}


def test_no_class_asks_for_bits_outside_its_mask() -> None:
    assert [row for row in a64._CLASSES if row[2] & ~row[1]] == []
