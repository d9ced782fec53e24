"""Lines of text: one spelling, nothing invisible."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.values import line_of_text

READ = [
    "PT Contoh Jaya, Tbk.",
    "Công ty Cổ phần Cà phê",
    "บริษัท ตัวอย่าง จำกัด",
    "株式会社サンプル",
    "مثال",
    "שלום",
    "ក្រុមហ៊ុន",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian needs the zero-width non-joiner.
    "क्\u200dष",  # Hindi needs the zero-width joiner.
    "€ 5 — “quoted” 😀",
    "x",
    "a  b",
]
REFUSED = {
    "nothing": ("", "is not 1 to 512 characters"),
    "a blank before": (" a", "begins or ends with a blank"),
    "a blank after": ("a ", "begins or ends with a blank"),
    "blanks only": ("   ", "begins or ends with a blank"),
    "a no-break space after": ("a\u00a0", "begins or ends with a blank"),
    "an ideographic space before": ("\u3000a", "begins or ends with a blank"),
    "a newline": ("a\nb", "holds a control character"),
    "a carriage return": ("a\rb", "holds a control character"),
    "a tab": ("a\tb", "holds a control character"),
    "a NUL": ("a\0b", "holds a control character"),
    "DEL": ("a\x7fb", "holds a control character"),
    "an escape sequence": ("a\x1b[31mb", "holds a control character"),
    "a newline among other letters": ("é\nb", r"U\+000A"),
    "next line": ("a\u0085b", r"U\+0085"),
    "line separator": ("a\u2028b", r"U\+2028"),
    "paragraph separator": ("a\u2029b", r"U\+2029"),
    "Arabic letter mark": ("a\u061cb", r"U\+061C"),
    "left-to-right mark": ("a\u200eb", r"U\+200E"),
    "right-to-left mark": ("a\u200fb", r"U\+200F"),
    "left-to-right embedding": ("a\u202ab", r"U\+202A"),
    "right-to-left override": ("a\u202eb", r"U\+202E"),
    "left-to-right isolate": ("a\u2066b", r"U\+2066"),
    "pop directional isolate": ("a\u2069b", r"U\+2069"),
    "zero-width space": ("AC\u200bME", r"U\+200B"),
    "word joiner": ("AC\u2060ME", r"U\+2060"),
    "soft hyphen": ("AC\u00adME", r"U\+00AD"),
    "byte order mark": ("\ufeffACME", r"U\+FEFF"),
    "tag characters": ("ACME\U000e0041", r"U\+E0041"),
    "a lone surrogate": ("a\ud800", r"U\+D800"),
    "private use": ("a\ue000", r"U\+E000"),
    "unassigned": ("a\u0378", r"U\+0378"),
    "a noncharacter": ("a\uffff", r"U\+FFFF"),
    "an accent apart": ("Cafe\u0301", "not in Unicode normal form C"),
    "a compatibility sign": ("5 \u212b", "not in Unicode normal form C"),
    "513 characters": ("é" * 513, "is not 1 to 512 characters"),
    "a megabyte": ("a" * 2**20, "is not 1 to 512 characters"),
}


@pytest.mark.parametrize("text", READ)
def test_visible_text_of_any_script_is_read_as_it_is(text: str) -> None:
    assert line_of_text(text, "/name") == text


@pytest.mark.parametrize(("text", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_text_with_two_readings_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        line_of_text(text, "/name")
    assert caught.value.field == "/name"
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("value", [None, 1, True, b"a", ["a"], 0.5])
def test_what_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^/name: .* is not text"):
        line_of_text(value, "/name")


def test_the_greatest_length_can_be_given() -> None:
    assert line_of_text("a" * 512, "x")
    assert line_of_text("abc", "x", most=3)
    with pytest.raises(InvalidInputError, match="is not 1 to 3 characters"):
        line_of_text("abcd", "x", most=3)


@given(st.text(max_size=40))
def test_whatever_is_read_is_printable_normal_and_unchanged(text: str) -> None:
    try:
        read = line_of_text(text, "x")
    except InvalidInputError:
        return
    assert read == text == text.strip()
    assert unicodedata.is_normalized("NFC", read)
    assert read.encode("utf-8").decode("utf-8") == read
    assert len(read.splitlines()) == 1
