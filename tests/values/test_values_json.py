"""Strict JSON in, canonical JSON out."""

import time
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.values import Country, Limits, canonical_bytes, parse_strict

SAFE = 2**53 - 1
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
INTEGERS = st.integers(-SAFE, SAFE)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=25,
)

REFUSED = {
    "nothing": (b"", "is not JSON"),
    "blanks only": (b" \n", "is not JSON"),
    "two documents": (b"{} {}", "is not JSON"),
    "an unfinished document": (b'{"a":', "is not JSON"),
    "a trailing comma": (b"[1,]", "is not JSON"),
    "a comment": (b"[1] // one", "is not JSON"),
    "single quotes": (b"{'a':1}", "is not JSON"),
    "NaN": (b'{"a":NaN}', "is not JSON"),
    "Infinity": (b"[-Infinity]", "is not JSON"),
    "a leading zero": (b"[01]", "is not JSON"),
    "a plus sign": (b"[+1]", "is not JSON"),
    "hexadecimal": (b"[0x10]", "is not JSON"),
    "a control character": (b'["a\x01"]', "is not JSON"),
    "a raw newline in a string": (b'["a\nb"]', "is not JSON"),
    "an unknown escape": (b'["\\x41"]', "is not JSON"),
    "a lone high surrogate": (b'["\\ud800"]', "is not JSON"),
    "a lone low surrogate": (b'["\\udc00"]', "is not JSON"),
    "surrogates in the wrong order": (b'["\\udc00\\ud800"]', "is not JSON"),
    "a lone surrogate as a name": (b'{"\\ud800":1}', "is not JSON"),
    "a surrogate in UTF-8": (b'["\xed\xa0\x80"]', "is not JSON"),
    "an overlong form": (b'["\xc0\xaf"]', "is not JSON"),
    "Latin-1": (b'["caf\xe9"]', "is not JSON"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "is not JSON"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "is not JSON"),
    "a NUL byte": (b"{}\x00", "is not JSON"),
    "500 000 levels": (b"[" * 500_000, "is not JSON"),
    "5000 levels": (b"[" * 5000 + b"]" * 5000, "is not JSON"),
    "500 levels": (b"[" * 500 + b"]" * 500, "'depth 33' exceeds 32"),
    "500 levels of objects": (b'{"a":' * 500 + b"1" + b"}" * 500, "'depth 33' exceeds 32"),
    "33 levels": (b"[" * 32 + b"1" + b"]" * 32, "'depth 33' exceeds 32"),
    "a fraction": (b'{"a":0.5}', "^/a: '0.5' is not an integer"),
    "a whole fraction": (b'{"a":1.0}', "^/a: '1.0' is not an integer"),
    "an exponent": (b'{"a":1e2}', "^/a: '100.0' is not an integer"),
    "minus nothing point nothing": (b'{"a":-0.0}', "^/a: '-0.0' is not an integer"),
    "2^53": (b'{"a":9007199254740992}', "^/a: '9007199254740992' is beyond"),
    "-2^53": (b'{"a":-9007199254740992}', "^/a: '-9007199254740992' is beyond"),
    "2^64": (b'{"a":18446744073709551616}', "^/a: .* is not an integer up to"),
    "a number of 10 000 digits": (b'{"a":' + b"9" * 10_000 + b"}", "/a: |is not JSON"),
    "one name twice": (b'{"a":1,"a":1}', "^/a: 'a' stands twice"),
    "one name twice, deep": (b'{"b":[{"a":1,"a":2}]}', "^/a: 'a' stands twice"),
    "one name twice, escaped": (b'{"a":1,"\\u0061":2}', "^/a: 'a' stands twice"),
    "one name three times among blanks": (b'{ "a" : 1, "a" : 2, "a" : 3 }', "stands twice"),
    "the empty name twice": (b'{"":1,"":2}', "^/: '' stands twice"),
    "a long string": (b'{"a":"' + b"x" * 8193 + b'"}', "^/a: .* is longer than 8192"),
    "a long member name": (b'{"a":{"' + b"x" * 8193 + b'":1}}', "^/a: .* is longer than 8192"),
    "many values": (b"[" + b"0," * 20_000 + b"0]", "'20002 values' exceed 20000"),
    "many members": (
        b"{" + b",".join(b'"%d":0' % n for n in range(20_000)) + b"}",
        "'20001 values' exceed 20000",
    ),
    "a megabyte and a byte": (b'"' + b"x" * 2**20 + b'"', "'1048578 bytes' exceed 1048576"),
}

READ = {
    "blanks anywhere": (b' {\r\n\t"a" : [ 1 , 2 ] }\n', {"a": [1, 2]}),
    "members in any order": (b'{"b":1,"a":2}', {"a": 2, "b": 1}),
    "escapes": (b'["\\u0041\\n\\/\\ud83d\\ude00"]', ["A\n/\U0001f600"]),
    "the greatest integer": (b"[9007199254740991]", [SAFE]),
    "the least integer": (b"[-9007199254740991]", [-SAFE]),
    "a scalar": (b'"x"', "x"),
    "null": (b"null", None),
    "booleans": (b"[true,false]", [True, False]),
    "32 levels": (b"[" * 31 + b"1" + b"]" * 31, None),
    "one name in two objects": (b'[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}]),
    "names that differ in form only": ('{"\u00e9":1,"e\u0301":2}'.encode(), None),
    "a string of the greatest length": (b'["' + b"x" * 8192 + b'"]', None),
    "as many values as may be": (b"[" + b"0," * 19_998 + b"0]", None),
}


@pytest.mark.parametrize(("data", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_ambiguous_or_too_big_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        parse_strict(data)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(("data", "document"), READ.values(), ids=READ.keys())
def test_what_is_plain_is_read(data: bytes, document: object) -> None:
    read = parse_strict(data)
    assert read == orjson.loads(data)
    assert document is None or read == document


@settings(max_examples=200)
@given(DOCUMENTS)
def test_what_is_written_canonically_is_read_back(document: object) -> None:
    written = canonical_bytes(document)
    read = parse_strict(written)
    assert read == document
    assert canonical_bytes(read) == written


@settings(max_examples=1_000)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-SAFE - 2, SAFE + 2) | st.floats() | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=9,
    ).map(orjson.dumps),
    st.integers(1, 6),
    st.integers(1, 12),
)
def test_the_quick_look_at_short_documents_answers_as_the_walk_through_long_ones(
    data: bytes, depth: int, nodes: int
) -> None:
    def read(string_characters: int) -> object:
        try:
            return parse_strict(data, Limits(1_000, depth, nodes, string_characters))
        except InvalidInputError as error:
            return str(error)

    quick, walked = read(len(data)), read(len(data) - 1)  # No string is as long as either.
    assert quick == walked


@settings(max_examples=300)
@given(st.binary(max_size=60) | TEXT.map(str.encode))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        document = parse_strict(data)
    except InvalidInputError:
        return
    assert canonical_bytes(document) == canonical_bytes(orjson.loads(data))


def test_the_pointer_in_a_refusal_leads_to_the_value() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_strict(b'{"goods":[{"line":1},{"a/b~c":0.5}]}')
    assert caught.value.field == "/goods/1/a~1b~0c"


def test_a_long_name_above_many_values_takes_neither_time_nor_memory() -> None:
    names = [b'{"' + b"n" * 8_000 + b'":'] * 30
    data = b"".join(names) + b"[" + b"0," * 19_000 + b"0.5]" + b"}" * 30
    started = time.process_time()
    with pytest.raises(InvalidInputError, match="is not an integer") as caught:
        parse_strict(data)
    assert time.process_time() - started < 1
    assert len(caught.value.field) == 200


def test_60_megabytes_are_refused_unread() -> None:
    with pytest.raises(InvalidInputError, match="'60000000 bytes' exceed 1048576"):
        parse_strict(bytes(60_000_000))


def test_limits_can_be_narrower() -> None:
    limits = Limits(size_bytes=20, depth=2, nodes=3, string_characters=4)
    assert parse_strict(b'["abcd",1]', limits) == ["abcd", 1]
    for data in (b"[" + b" " * 19 + b"]", b"[[1]]", b"[1,2,3]", b'["abcde"]', b'{"abcde":1}'):
        with pytest.raises(InvalidInputError, match=r"exceed|longer"):
            parse_strict(data, limits)


INEXACT: dict[str, Any] = {
    "a float": 0.5,
    "a whole float": 1.0,
    "NaN": float("nan"),
    "a float within": {"a": [{"b": (1, 0.5)}]},
    "2^53": 2**53,
    "-2^53": [-(2**53)],
    "a huge integer": 10**5000,
    "bytes": b"x",
    "a set": {1},
    "a lone surrogate": "\ud800",
    "a lone surrogate as a name": {"\udfff": 1},
    "a name that is a number": {1: 2},
}


@pytest.mark.parametrize("value", INEXACT.values(), ids=INEXACT.keys())
def test_what_has_no_exact_form_is_not_written(value: object) -> None:
    with pytest.raises(InvalidInputError, match="has no canonical form"):
        canonical_bytes(value)


@settings(max_examples=1_000)
@given(DOCUMENTS)
def test_what_orjson_writes_for_us_is_what_rfc8785_writes(document: Any) -> None:  # noqa: ANN401 - JSON
    assert canonical_bytes(document) == rfc8785.dumps(document)
    assert canonical_bytes({"b": (document,), "a": 1}) == rfc8785.dumps({"b": (document,), "a": 1})


def test_what_is_nested_too_deeply_is_not_written() -> None:
    value: list[Any] = []
    for _ in range(5_000):
        value = [value]
    with pytest.raises(InvalidInputError, match="has no canonical form"):
        canonical_bytes(value)


def test_names_are_ordered_by_utf_16_code_units() -> None:
    """RFC 8785 section 3.2.3, the order of its own example."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = canonical_bytes(dict.fromkeys(names, 1))
    assert list(orjson.loads(written)) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


def test_a_code_is_written_as_its_text() -> None:
    assert canonical_bytes({"country": Country("VN")}) == b'{"country":"VN"}'


@settings(max_examples=1_000)
@given(TEXT, TEXT, TEXT | INTEGERS | st.booleans())
def test_orjson_writes_the_canonical_bytes_of_a_claim(
    salt: str, pointer: str, value: str | int
) -> None:
    """The seal relies on it: orjson is some twenty times faster."""
    assert orjson.dumps([salt, pointer, value]) == rfc8785.dumps([salt, pointer, value])


def test_orjson_writes_every_character_canonically() -> None:
    for start in range(0, 0x110000, 0x1000):
        text = "".join(chr(c) for c in range(start, start + 0x1000) if not 0xD800 <= c < 0xE000)
        assert orjson.dumps([text]) == rfc8785.dumps([text]), hex(start)


@pytest.mark.parametrize("value", [SAFE, -SAFE, 0, True, False, "", "\x7f", "\u2028</script>"])
def test_orjson_writes_the_edges_of_a_claim_canonically(value: object) -> None:
    assert orjson.dumps(["", "", value]) == rfc8785.dumps(["", "", value])  # type: ignore[list-item]


def test_orjson_writes_codes_canonically() -> None:
    assert orjson.dumps(["", "", Country("VN")]) == rfc8785.dumps(["", "", Country("VN")])


@settings(max_examples=100)
@given(st.integers(SAFE + 1, 2**64 - 1) | st.integers(-(2**63), -SAFE - 1))
def test_orjson_writes_integers_that_the_canonical_form_refuses(value: int) -> None:
    """So the seal must look at integers before it trusts orjson."""
    assert orjson.dumps([value]) == b"[%d]" % value
    with pytest.raises(InvalidInputError, match="has no canonical form"):
        canonical_bytes([value])


def test_orjson_refuses_lone_surrogates_as_the_canonical_form_does() -> None:
    with pytest.raises(orjson.JSONEncodeError):
        orjson.dumps(["\ud800"])
