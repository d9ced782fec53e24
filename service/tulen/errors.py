"""Every deliberate error, in three families by what the caller can do about it.

* `InvalidInputError`: the request is malformed; correct the named field and send it again.
* `RuleViolationError`: the request is well formed, but a rule forbids it.
* `UnavailableError`: something outside did not answer; the same request may succeed later.

Each error carries a stable ``code`` for programs and a message with the figures for people. Only
the faces map a family to an HTTP status or an exit code. A certificate that does not verify is not
an error but a result: see `tulen.verify`.
"""

from decimal import Decimal
from typing import ClassVar, Self

SHOWN_VALUE_CHARACTERS = 80
"""How much of an offending value a message repeats: enough to recognise, never a whole document."""

MAX_SHOWN_BITS = 1024
"""Integers up to this long are spelled out in a message."""


class TulenError(Exception):
    """The root of every deliberate error."""

    code: ClassVar[str] = "error"


class InvalidInputError(TulenError):
    """A field holds something that it cannot hold.

    Args:
        field: JSON pointer or parameter name of the offending field; empty for the whole document.
        value: The offending value; only its beginning is shown.
        problem: What is wrong and what is expected instead, as the end of a sentence.
    """

    code: ClassVar[str] = "invalid-input"

    def __init__(self, field: str, value: object, problem: str) -> None:
        self.field = field
        self.value = shown(value)
        self.problem = problem
        super().__init__(f"{field or 'document'}: {self.value} {problem}")

    def within(self, parent: str) -> Self:
        """Return the same error with ``parent`` put before its field, as parsers nest."""
        nested = type(self).__new__(type(self))  # Subclasses may be made from other arguments.
        vars(nested).update(vars(self))
        nested.field = f"{parent}{self.field}"
        nested.args = (f"{nested.field or 'document'}: {self.value} {self.problem}",)
        return nested


class RuleViolationError(TulenError):
    """A rule forbids what was asked. Subclasses name the rule."""

    code: ClassVar[str] = "rule-violation"


class NotFoundError(RuleViolationError):
    """What the request names is not in the register, or not the caller's to see."""

    code: ClassVar[str] = "not-found"


class NotPermittedError(RuleViolationError):
    """The caller is known, but its role does not include this act."""

    code: ClassVar[str] = "not-permitted"


class UnavailableError(TulenError):
    """Something outside did not answer; absence of an answer is not an answer."""

    code: ClassVar[str] = "unavailable"


def shown(value: object) -> str:
    """Return ``value`` as a message may show it: quoted, printable and short."""
    if isinstance(value, int) and value.bit_length() > MAX_SHOWN_BITS:
        value = f"an integer of {value.bit_length()} bits"  # Python refuses to spell bigger ones.
    try:
        text = str(value) if isinstance(value, str | Decimal) else repr(value)
    except RecursionError:
        text = f"a {type(value).__name__} nested too deeply to show"
    if len(text) > SHOWN_VALUE_CHARACTERS:
        text = f"{text[:SHOWN_VALUE_CHARACTERS]}…"
    return ascii(text) if not text.isprintable() else f"'{text}'"
