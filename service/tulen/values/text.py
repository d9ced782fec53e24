"""Text that people will read and machines will hash: one spelling, nothing invisible."""

import unicodedata

from tulen.errors import InvalidInputError

MAX_LINE_CHARACTERS = 512

_FORBIDDEN = frozenset(("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line_of_text(text: object, field: str, *, most: int = MAX_LINE_CHARACTERS) -> str:
    """Return ``text`` if it is one line of visible text in Unicode normal form C.

    Control characters, lone surrogates, bidirectional overrides (which can make a document read
    differently from what is signed) and surrounding blanks are refused.

    Raises:
        InvalidInputError: it is not such a line, is empty, or is longer than ``most`` characters.
    """
    if not isinstance(text, str):
        raise InvalidInputError(field, text, "is not text")
    if not 0 < len(text) <= most:
        raise InvalidInputError(field, text, f"is not 1 to {most} characters long")
    if text.isascii():
        if not text.isprintable():
            raise InvalidInputError(field, text, "holds a control character")
    else:
        for character in text:
            if character in _BIDI or unicodedata.category(character) in _FORBIDDEN:
                raise InvalidInputError(
                    field, text, f"holds the forbidden character U+{ord(character):04X}"
                )
        if not unicodedata.is_normalized("NFC", text):
            raise InvalidInputError(field, text, "is not in Unicode normal form C")
    if text != text.strip():
        raise InvalidInputError(field, text, "begins or ends with a blank")
    return text
