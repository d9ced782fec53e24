"""Codes, digests and keys."""

import copy
import hashlib
import pickle

import pytest

from tulen.errors import InvalidInputError
from tulen.values import (
    AgreementCode,
    Country,
    Currency,
    Digest,
    Ed25519PublicKey,
    FormCode,
    HsCode,
    PartyCode,
    UnitCode,
)

CODES = {
    Country: (
        ["VN", "ID", "XX"],
        ["", "V", "VNM", "vn", "V1", "VN ", " VN", "VN\n", "\uff36\uff2e", "ÄÖ"],
    ),
    Currency: (["USD", "IDR"], ["", "US", "USDT", "usd", "US$", "USD\n", "U5D"]),
    UnitCode: (["KGM", "C62", "MTR", "5A"], ["", "K", "KGMX", "kgm", "K-M", "KGM\n", "K\u0663M"]),
    HsCode: (
        ["0101", "2106", "847130", "84713010", "8471301000", "9706"],
        [
            "",
            "8",
            "84",
            "847",
            "84713",
            "8471301",
            "847130100",
            "84713010001",
            "0001",
            "001234",
            "8471.30",
            "8471 30",
            "84713O",
            "847130\n",
            "-84713",
            "\u0668\u0664\u0667\u0661",
            "\uff18\uff14\uff17\uff11",
        ],
    ),
    PartyCode: (
        ["VN.MOIT", "ID.0", "ID.A-B", "VN." + "A" * 24],
        [
            "",
            "VN",
            "VN.",
            ".MOIT",
            "VN.moit",
            "vn.MOIT",
            "VNM.MOIT",
            "VN.-A",
            "VN.A-",
            "VN.A.B",
            "VN.A B",
            "VN.MOIT\n",
            "VN." + "A" * 25,
            "VN/MOIT",
        ],
    ),
    AgreementCode: (
        ["ATIGA", "RCEP", "A", "ASEAN-CHINA-FTA1"],
        ["", "atiga", "-A", "A-", "A B", "ATIGA\n", "A" * 17],
    ),
    FormCode: (["D", "AK", "EUR1", "12345678"], ["", "d", "A-B", "D\n", "123456789"]),
}
GOOD = [(kind, text) for kind, (good, _) in CODES.items() for text in good]
BAD = [(kind, text) for kind, (_, bad) in CODES.items() for text in bad]


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_a_code_prints_compares_and_travels_as_its_text(kind: type[Country], text: str) -> None:
    code = kind(text)
    assert code == text
    assert str(code) == f"{code}" == text
    assert {text: 1}[code] == 1
    for copied in (pickle.loads(pickle.dumps(code)), copy.deepcopy(code)):  # noqa: S301 - our own
        assert copied == code
        assert type(copied) is kind


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_what_does_not_fit_the_pattern_is_refused(kind: type[Country], text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^/x: .* is not an? ") as caught:
        kind(text, "/x")
    assert caught.value.field == "/x"


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("value", [None, 84, True, b"VN", ["VN"], 0.5])
def test_what_is_not_text_is_no_code(kind: type[Country], value: object) -> None:
    with pytest.raises(InvalidInputError, match=f"^{kind.__name__}: "):
        kind(value)


def test_one_text_makes_codes_of_several_kinds() -> None:
    kinds = [Country, UnitCode, AgreementCode, FormCode]
    for kind in kinds * 2:  # The second time, each is remembered.
        assert type(kind("VN")) is kind
    for _ in range(2):
        with pytest.raises(InvalidInputError, match=r"^Currency: "):
            Currency("VN")


def test_an_hs_code_knows_its_parts() -> None:
    code = HsCode("84713010")
    assert (code.chapter, code.heading, code.subheading) == ("84", "8471", "847130")
    assert HsCode("8471").subheading is None


def test_codes_on_chain_are_padded_on_the_right() -> None:
    assert UnitCode("5A").packed == b"5A\0"
    assert AgreementCode("ATIGA").on_chain == b"ATIGA" + bytes(11)
    assert FormCode("D").on_chain == b"D" + bytes(7)


def test_a_party_stands_on_chain_as_a_hash() -> None:
    party = PartyCode("VN.MOIT")
    assert party.country == Country("VN")
    assert party.on_chain == hashlib.sha256(b"tulen/party/v1\x00VN.MOIT").digest()[:16]


HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize("kind", [Digest, Ed25519PublicKey])
def test_a_digest_or_key_has_one_spelling(kind: type[Digest]) -> None:
    value = kind.from_hex(HEX, "/x")
    assert type(value) is kind
    assert value == bytes.fromhex(HEX) == kind(bytes.fromhex(HEX))
    assert str(value) == f"{value}" == HEX
    assert repr(value) == f"{kind.__name__}({HEX})"
    assert type(pickle.loads(pickle.dumps(value))) is kind  # noqa: S301 - our own


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEX[:-1],
        HEX[:-2],
        HEX + "00",
        HEX.upper(),
        "0x" + HEX,
        "0x" + HEX[2:],
        HEX[:-1] + "g",
        HEX + "\n",
        " " + HEX[1:],
        HEX[:-1] + "\uff11",
        None,
        0,
        bytes.fromhex(HEX),
    ],
)
def test_another_spelling_is_no_digest(text: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^/x: .* is not a SHA-256 digest"):
        Digest.from_hex(text, "/x")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_other_lengths_are_no_digest(length: int) -> None:
    with pytest.raises(InvalidInputError, match=r"^Digest: .* is not 32 bytes"):
        Digest(bytes(length))
