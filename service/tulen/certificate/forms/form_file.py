"""Reads forms: one TOML file a form, every edition with its day and its source.

The format is docs/specs/forms.md. Reading the files that the project ships is done once.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

from tulen.certificate.consignment import MAX_LINES, Tick
from tulen.certificate.forms.form import (
    Box,
    Criteria,
    CriterionCode,
    Edition,
    Form,
    Layout,
    Mark,
    Rule,
    TickBox,
    UnknownFormError,
    When,
    Words,
)
from tulen.errors import InvalidInputError
from tulen.origin.shipped import read_toml
from tulen.origin.terms_file import countries, flag, listed
from tulen.values import AgreementCode, Digest, FormCode, line_of_text
from tulen.values.dated import dated_from
from tulen.values.fields import members_of, whole_number

FORMAT = "tulen/form/v1"
REFERENCE, TICKS, OFFICIAL = "number", "ticks", "official"
"""What a box may be filled with that is no member: the number's heading, ticks, an official use."""
CERTIFIED_COPY, REPLACES = "certified-copy", "replaces"

_MUST = ("present", "absent", "equal", "not-after", "party", "digits", "length")
_MAX_CHARACTERS = 512
_LANGUAGES = ("en", "id")
_WIDEST = 100

T = TypeVar("T")
FormName = tuple[AgreementCode, FormCode]


@cache
def load_forms() -> Mapping[FormName, Form]:
    """Return the forms that the project ships, read once.

    Raises:
        InvalidInputError: a file is malformed, or two are of one form.
    """
    found: dict[FormName, Form] = {}
    folder = resources.files("tulen.certificate.forms").joinpath("editions")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            form = form_from(file.read_bytes(), file.name)
            name = form.agreement, form.code
            if name in found:
                raise InvalidInputError(f"{file.name}#/form", form.code, "has a file already")
            found[name] = form
    return MappingProxyType(found)


def form_of(agreement: AgreementCode, code: FormCode) -> Form:
    """Return the shipped form of an agreement.

    Raises:
        UnknownFormError: it is not loaded.
    """
    forms = load_forms()
    if (agreement, code) not in forms:
        known = ", ".join(f"{code} of {agreement}" for agreement, code in sorted(forms))
        raise UnknownFormError(agreement, code, known)
    return forms[agreement, code]


def form_from(data: bytes, name: str) -> Form:
    """Return the form in ``data``.

    Args:
        data: The file's bytes.
        name: The file's name, for messages.

    Raises:
        InvalidInputError: the file is malformed; its field is ``name``, ``#`` and a JSON pointer.
    """
    return read_toml(data, name, _form)


def _form(document: Mapping[str, Any], digest: Digest) -> Form:
    members_of(document, "", ("format", "agreement", "form", "name", "edition"), ("not_held",))
    if document["format"] != FORMAT:
        raise InvalidInputError("/format", document["format"], f"is not '{FORMAT}'")
    return Form(
        AgreementCode(document["agreement"], "/agreement"),
        FormCode(document["form"], "/form"),
        _words(document["name"], "/name"),
        _texts(document["not_held"], "/not_held") if "not_held" in document else (),
        digest,
        dated_from(document["edition"], "/edition", _edition),
    )


def _edition(value: object, field: str) -> Edition:
    table = members_of(
        value,
        field,
        ("title", "declaration", "certification", "lines", "boxes", "layout"),
        ("ticks", "criteria", "marks"),
    )
    boxes: dict[str, Box] = {}
    for index, box in enumerate(_each(table["boxes"], f"{field}/boxes", "box", _box)):
        if box.number in boxes:
            raise InvalidInputError(f"{field}/boxes/{index}/number", box.number, "stands twice")
        boxes[box.number] = box
    edition = Edition(
        title=_texts(table["title"], f"{field}/title"),
        declaration=line_of_text(table["declaration"], f"{field}/declaration"),
        certification=line_of_text(table["certification"], f"{field}/certification"),
        lines=whole_number(table["lines"], f"{field}/lines", least=1, most=MAX_LINES),
        boxes=MappingProxyType(boxes),
        ticks=_each(table["ticks"], f"{field}/ticks", "tick", _tick_box)
        if "ticks" in table
        else (),
        criteria=_criteria(table["criteria"], f"{field}/criteria") if "criteria" in table else None,
        marks=_each(table["marks"], f"{field}/marks", "mark", _mark) if "marks" in table else (),
        layout=_layout(table["layout"], f"{field}/layout"),
    )
    _check_places(edition, field)
    return edition


def _check_places(edition: Edition, field: str) -> None:
    """Refuse a layout that leaves a box out, has one twice or one that is none."""
    layout = edition.layout
    placed = [
        *(*layout.left, *layout.right, *(number for number, _ in layout.columns)),
        *(number for row in layout.below for number in row),
    ]
    for number in placed:
        if number not in edition.boxes or placed.count(number) > 1:
            raise InvalidInputError(f"{field}/layout", number, "is no box, or stands twice")
    for number in edition.boxes:
        if number not in placed:
            raise InvalidInputError(f"{field}/layout", number, "is a box, and has no place")
    for index, mark in enumerate(edition.marks):
        if mark.box not in edition.boxes:
            raise InvalidInputError(f"{field}/marks/{index}/box", mark.box, "is no box")


def _box(value: object, field: str) -> Box:
    table = members_of(value, field, ("number", "title", "fills", "source"), ("rules",))
    return Box(
        line_of_text(table["number"], f"{field}/number"),
        _words(table["title"], f"{field}/title"),
        _texts(table["fills"], f"{field}/fills"),
        _each(table["rules"], f"{field}/rules", "rule", _rule) if "rules" in table else (),
        line_of_text(table["source"], f"{field}/source"),
    )


def _rule(value: object, field: str) -> Rule:
    table = members_of(value, field, ("member", "must", "source"), ("to", "least", "most", "when"))
    must = table["must"]
    if must not in _MUST:
        raise InvalidInputError(f"{field}/must", must, f"is not one of {', '.join(_MUST)}")
    if (must in ("equal", "not-after")) != ("to" in table):
        raise InvalidInputError(f"{field}/to", table.get("to", ""), f"does not go with {must}")
    if (must in ("digits", "length")) != ("least" in table):
        raise InvalidInputError(
            f"{field}/least", table.get("least", ""), f"does not go with {must}"
        )
    return Rule(
        line_of_text(table["member"], f"{field}/member"),
        must,
        line_of_text(table["to"], f"{field}/to") if "to" in table else "",
        _characters(table["least"], f"{field}/least") if "least" in table else 0,
        _characters(table["most"], f"{field}/most") if "most" in table else None,
        _when(table["when"], f"{field}/when") if "when" in table else When(),
        line_of_text(table["source"], f"{field}/source"),
    )


def _when(value: object, field: str) -> When:
    table = members_of(value, field, (), ("tick", "no_tick", "criterion", "countries"))
    return When(
        _tick(table["tick"], f"{field}/tick") if "tick" in table else None,
        _tick(table["no_tick"], f"{field}/no_tick") if "no_tick" in table else None,
        frozenset(_texts(table["criterion"], f"{field}/criterion"))
        if "criterion" in table
        else frozenset(),
        countries(table["countries"], f"{field}/countries")
        if "countries" in table
        else frozenset(),
    )


def _criteria(value: object, field: str) -> Criteria:
    table = members_of(value, field, ("codes", "source"), ("suffixes", "joint"))
    return Criteria(
        _each(table["codes"], f"{field}/codes", "code", _criterion),
        frozenset(_texts(table["suffixes"], f"{field}/suffixes"))
        if "suffixes" in table
        else frozenset(),
        table.get("joint", " + "),
        line_of_text(table["source"], f"{field}/source"),
    )


def _criterion(value: object, field: str) -> CriterionCode:
    table = members_of(
        value, field, ("code",), ("texts", "least", "below", "tick", "alone", "joint")
    )
    code = line_of_text(table["code"], f"{field}/code")
    return CriterionCode(
        code,
        _texts(table["texts"], f"{field}/texts") if "texts" in table else (code,),
        whole_number(table.get("least", 0), f"{field}/least", most=100),
        whole_number(table.get("below", 101), f"{field}/below", least=1, most=101),
        _tick(table["tick"], f"{field}/tick") if "tick" in table else None,
        flag(table.get("alone", True), f"{field}/alone"),
        flag(table.get("joint", False), f"{field}/joint"),
    )


def _tick_box(value: object, field: str) -> TickBox:
    table = members_of(value, field, ("tick", "title", "source"), ("needs", "implied_by"))
    return TickBox(
        _tick(table["tick"], f"{field}/tick"),
        _words(table["title"], f"{field}/title"),
        _texts(table["needs"], f"{field}/needs") if "needs" in table else (),
        _texts(table["implied_by"], f"{field}/implied_by") if "implied_by" in table else (),
        line_of_text(table["source"], f"{field}/source"),
    )


def _mark(value: object, field: str) -> Mark:
    table = members_of(value, field, ("case", "words", "box", "source"))
    case = table["case"]
    if case not in (CERTIFIED_COPY, REPLACES):
        case = _tick(case, f"{field}/case")
    return Mark(
        case, *(line_of_text(table[name], f"{field}/{name}") for name in ("words", "box", "source"))
    )


def _layout(value: object, field: str) -> Layout:
    table = members_of(value, field, ("left", "right", "columns", "below"))
    return Layout(
        _texts(table["left"], f"{field}/left"),
        _texts(table["right"], f"{field}/right"),
        _each(table["columns"], f"{field}/columns", "column", _column),
        _each(table["below"], f"{field}/below", "row", _texts),
    )


def _column(value: object, field: str) -> tuple[str, int]:
    table = members_of(value, field, ("box", "width"))
    return (
        line_of_text(table["box"], f"{field}/box"),
        whole_number(table["width"], f"{field}/width", least=1, most=_WIDEST),
    )


def _words(value: object, field: str) -> Words:
    table = members_of(value, field, _LANGUAGES)
    return Words(*(line_of_text(table[name], f"{field}/{name}") for name in _LANGUAGES))


def _texts(value: object, field: str) -> tuple[str, ...]:
    return _each(value, field, "text", line_of_text)


def _each(value: object, field: str, of: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    return tuple(
        read(item, f"{field}/{index}") for index, item in enumerate(listed(value, field, of))
    )


def _characters(value: object, field: str) -> int:
    return whole_number(value, field, least=1, most=_MAX_CHARACTERS)


def _tick(value: object, field: str) -> Tick:
    if not isinstance(value, str) or value not in set(Tick):
        raise InvalidInputError(field, value, f"is not a tick; known are {', '.join(Tick)}")
    return Tick(value)
