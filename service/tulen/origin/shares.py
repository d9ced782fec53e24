"""Shares as packs and inputs write them: percentages of 0 to 100 with two decimals at most."""

import re
from fractions import Fraction

from tulen.errors import InvalidInputError

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)%", re.ASCII)


def share_from(value: object, field: str) -> Fraction:
    """Return the share that a text such as ``40%`` or ``7.5%`` spells.

    Raises:
        InvalidInputError: it is no percentage of 0 to 100 with at most two decimals.
    """
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    share = Fraction(match[1]) / 100 if match is not None else None
    if share is None or share > 1:
        raise InvalidInputError(
            field, value, 'is not a percentage; write it as text from "0%" to "100%"'
        )
    return share


def percent_text(share: Fraction) -> str:
    """Return a share as packs write it, such as ``40%``."""
    whole, rest = divmod(share.numerator * 10_000 // share.denominator, 100)
    return f"{f'{whole}.{rest:02}'.rstrip('0') if rest else whole}%"


def exact_share(value: object, field: str) -> Fraction:
    """Return the share that ``value`` spells in its one, shortest spelling, as inputs write it.

    Raises:
        InvalidInputError: it is no percentage, or has zeros that say nothing.
    """
    share = share_from(value, field)
    if value != percent_text(share):
        raise InvalidInputError(
            field, value, f"is not in its shortest spelling, {percent_text(share)}"
        )
    return share


def hundredths(share: Fraction) -> str:
    """Return ``share`` in percent, cut (not rounded) to two decimals."""
    cut = abs(share.numerator) * 10_000 // share.denominator
    return f"{'-' if share < 0 else ''}{cut // 100}.{cut % 100:02}%"
