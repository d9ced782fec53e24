"""Reads procedures: one TOML file an agreement, every section with its day and its article.

The format is docs/specs/origin-proof.md. Reading the files that the project ships is done once.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from tulen.errors import InvalidInputError
from tulen.origin.proof import procedure as sections
from tulen.origin.proof.procedure import Procedure, Span
from tulen.origin.shipped import of_agreement, read_toml, shipped
from tulen.origin.terms_file import flag
from tulen.values import AgreementCode, Country, Currency, Digest, decimal_from, line_of_text
from tulen.values.dated import Dated, dated_from
from tulen.values.fields import members_of, whole_number

FORMAT = "tulen/procedures/v1"
MAX_SPAN = 3660

_SPAN = re.compile(r"([1-9][0-9]{0,3}) (days|months)")

Read = Callable[[object, str], Any]


@cache
def load_procedures() -> Mapping[AgreementCode, Procedure]:
    """Return the procedures that the project ships, read once.

    Raises:
        InvalidInputError: a file is malformed, or two are for one agreement.
    """
    return shipped("procedures", procedure_from, "has procedures already")


def procedure_of(agreement: AgreementCode) -> Procedure:
    """Return the shipped procedures of ``agreement``.

    Raises:
        UnknownAgreementError: none are loaded.
    """
    return of_agreement(agreement, load_procedures())


def procedure_from(data: bytes, name: str) -> Procedure:
    """Return the procedures in ``data``.

    Args:
        data: The file's bytes.
        name: The file's name, for messages.

    Raises:
        InvalidInputError: the file is malformed; its field is ``name``, ``#`` and a JSON pointer.
    """
    return read_toml(data, name, _procedure)


def _procedure(document: Mapping[str, Any], digest: Digest) -> Procedure:
    members_of(document, "", ("format", "agreement", "title"), _SECTIONS)
    if document["format"] != FORMAT:
        raise InvalidInputError("/format", document["format"], f"is not '{FORMAT}'")
    held: dict[type, tuple[Dated[object], ...]] = {
        kind: dated_from(document[name], f"/{name}", _reader(kind, required, optional))
        for name, (kind, required, optional) in _SECTIONS.items()
        if name in document
    }
    return Procedure(
        agreement=AgreementCode(document["agreement"], "/agreement"),
        title=line_of_text(document["title"], "/title"),
        digest=digest,
        sections=MappingProxyType(held),
    )


def _reader(
    kind: Callable[..., object], required: Mapping[str, Read], optional: Mapping[str, Read]
) -> Read:
    readers = {**required, **optional}

    def read(value: object, field: str) -> object:
        table = members_of(value, field, required, optional)
        return kind(**{name: readers[name](table[name], f"{field}/{name}") for name in table})

    return read


def _days(value: object, field: str) -> int:
    return whole_number(value, field, most=MAX_SPAN)


def _count(value: object, field: str) -> int:
    return whole_number(value, field, least=1, most=MAX_SPAN)


def _span(value: object, field: str) -> Span:
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) > MAX_SPAN:
        raise InvalidInputError(field, value, "is not a limit such as '90 days' or '12 months'")
    return Span(**{match[2]: int(match[1])})


def _decimal(value: object, field: str) -> Decimal:
    return decimal_from(value, field)


def _one_of(*words: str) -> Read:
    def read(value: object, field: str) -> str:
        if not isinstance(value, str) or value not in words:
            raise InvalidInputError(field, value, f"is not {' or '.join(words)}")
        return value

    return read


def _list(value: object, field: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise InvalidInputError(field, value, "is not a list of at least one")
    for index, item in enumerate(value):
        if item in value[:index]:
            raise InvalidInputError(f"{field}/{index}", item, "stands twice")
    return value


def _words(value: object, field: str) -> frozenset[str]:
    return frozenset(
        line_of_text(item, f"{field}/{index}") for index, item in enumerate(_list(value, field))
    )


def _word_sets(value: object, field: str) -> tuple[frozenset[str], ...]:
    return tuple(_words(item, f"{field}/{index}") for index, item in enumerate(_list(value, field)))


def _countries(value: object, field: str) -> frozenset[Country]:
    return frozenset(
        Country(item, f"{field}/{index}") for index, item in enumerate(_list(value, field))
    )


def _currency(value: object, field: str) -> Currency:
    return Currency(value, field)


def _table(read: Read) -> Read:
    def read_table(value: object, field: str) -> Mapping[str, Any]:
        if not isinstance(value, dict) or not value:
            raise InvalidInputError(field, value, "is not a table of at least one member")
        return MappingProxyType({key: read(item, f"{field}/{key}") for key, item in value.items()})

    return read_table


_LENIENCY = _one_of("shall", "may")

_SECTIONS: Mapping[str, tuple[type, Mapping[str, Read], Mapping[str, Read]]] = {
    "parties": (sections.Parties, {"countries": _countries}, {}),
    "issue": (
        sections.IssueWindow,
        {"days_after": _days, "mark": line_of_text},
        {"retroactive": _span},
    ),
    "validity": (
        sections.Validity,
        {"lasts": _span},
        {"force_majeure": _LENIENCY, "imported_in_time": _LENIENCY},
    ),
    "certified_copy": (
        sections.CertifiedCopy,
        {"within": _span, "words": line_of_text},
        {"box": line_of_text},
    ),
    "waiver": (
        sections.Waiver,
        {"amount": _decimal, "currency": _currency, "basis": _one_of("FOB", "customs-value")},
        {"declaration": flag},
    ),
    "back_to_back": (
        sections.BackToBack,
        {"allowed": flag},
        {"proof": line_of_text, "operations": _words},
    ),
    "invoicing": (sections.Invoicing, {"must_state": flag}, {"mark": line_of_text}),
    "exhibition": (sections.Exhibition, {"mark": line_of_text, "box": line_of_text}, {}),
    "fob_shown": (sections.FobShown, {}, {"countries": _countries}),
    "partial_cumulation": (
        sections.PartialCumulation,
        {"mark": line_of_text, "least": _decimal, "below": _decimal},
        {},
    ),
    "discrepancies": (
        sections.Discrepancies,
        {"minor": _words},
        {"grave": _words, "item_by_item": flag, "classification": _one_of("release")},
    ),
    "clocks": (sections.Clocks, {"limits": _table(_span)}, {}),
    "self_certification": (sections.SelfCertification, {"proof": line_of_text}, {}),
    "uses": (sections.Uses, {"most": _count}, {}),
    "alteration": (
        sections.Alteration,
        {"paper": line_of_text, "electronic": line_of_text},
        {},
    ),
    "transit": (
        sections.Transit,
        {"operations": _words},
        {
            "unclear": _words,
            "customs_control": flag,
            "control_within": flag,
            "trade": flag,
            "justified_by": _words,
            "documents": _word_sets,
            "bill_issued_by_exporting": flag,
            "by_exporter": _words,
        },
    ),
    "differentials": (
        sections.Differentials,
        {"appendix_share": _decimal, "imposing": _countries},
        {},
    ),
}


def section_named(name: object, field: str) -> type:
    """Return the section that a procedures file spells ``name``.

    Raises:
        InvalidInputError: there is none.
    """
    if not isinstance(name, str) or name not in _SECTIONS:
        raise InvalidInputError(field, name, f"is not one of {', '.join(_SECTIONS)}")
    return _SECTIONS[name][0]
