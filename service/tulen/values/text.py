"""Text that people will read and machines will hash: one spelling, nothing invisible."""

import unicodedata

from tulen.errors import InvalidInputError

MAX_LINE_CHARACTERS = 512

_FORBIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_JOINERS = frozenset("\u200c\u200d")  # Several scripts of Asia cannot be spelled without them.


def line_of_text(text: object, field: str, *, most: int = MAX_LINE_CHARACTERS) -> str:
    """Return ``text`` if it is one line of visible text in Unicode normal form C.

    Control characters, lone surrogates, surrounding blanks and invisible format characters other
    than the two joiners are refused: bidirectional overrides make a document read differently from
    what is signed, a zero-width space makes two names out of what looks like one.

    Raises:
        InvalidInputError: it is not such a line, is empty, or is longer than ``most`` characters.
    """
    if (
        type(text) is str
        and text.isascii()
        and text.isprintable()
        and 0 < len(text) <= most
        and text[0] != " " != text[-1]
    ):
        return text  # Nearly every line.
    if not isinstance(text, str):
        raise InvalidInputError(field, text, "is not text")
    if not 0 < len(text) <= most:
        raise InvalidInputError(field, text, f"is not 1 to {most} characters long")
    if text.isascii():
        if not text.isprintable():
            raise InvalidInputError(field, text, "holds a control character")
    else:
        for character in text:
            if unicodedata.category(character) in _FORBIDDEN and character not in _JOINERS:
                raise InvalidInputError(
                    field, text, f"holds the forbidden character U+{ord(character):04X}"
                )
        if not unicodedata.is_normalized("NFC", text):
            raise InvalidInputError(field, text, "is not in Unicode normal form C")
    if text != text.strip():
        raise InvalidInputError(field, text, "begins or ends with a blank")
    return text
