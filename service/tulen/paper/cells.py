"""What stands in each box: members of the certificate as lines of text."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tulen.certificate.forms import Edition
from tulen.values.fields import Document

_VALID_UNTIL = "Valid until (not including)"


def lines_of(document: Document, member: str, edition: Edition) -> list[str]:
    """Return the lines of text with which ``member`` stands in its box; none where it is absent."""
    if member == "declaration":
        return _declaration(document, edition.declaration)
    if member == "certification":
        return [_said(edition.certification, document)]
    if member not in document:
        return []
    return _SPELLED[member](document[member])


def cell_of(line: Document, member: str, document: Document) -> list[str]:
    """Return the lines with which ``lines/…`` stands in its column."""
    name = member.partition("/")[2]
    if name not in line:
        return []
    value = line[name]
    if name == "quantity":
        return [f"{value} {line['unit']}"]
    if name == "fob":
        return [f"FOB {value['currency']} {value['amount']}"]
    if name == "hs_code":
        return [f"HS {value} ({document['importing_country']})"]
    label = {"manufacturer": "Manufacturer: ", "trade_mark": "Trade mark: "}.get(name, "")
    return [f"{label}{value}"]


def _said(text: str, document: Document) -> str:
    return text.format(
        exporting_country=document["exporting_country"],
        importing_country=document["importing_country"],
    )


def _declaration(document: Document, text: str) -> list[str]:
    stated = document.get("declaration")
    signed = [f"{stated['place']}, {stated['declared_on']}", stated["signatory"]] if stated else []
    return [_said(text, document), *signed]


def _party(value: Mapping[str, Any]) -> list[str]:
    return [value["name"], *filter(None, [value.get("address")]), value["country"]]


def _proof(value: Mapping[str, Any]) -> str:
    until = f", {_VALID_UNTIL.lower()} {value['valid_until']}" if "valid_until" in value else ""
    return f"{value['reference']} of {value['issued_on']}, {value['country']}{until}"


_SPELLED: Final[Mapping[str, Callable[[Any], list[str]]]] = {
    "number": lambda value: [value],
    "exporter": _party,
    "consignee": _party,
    "producer": lambda value: ["Producer:", *_party(value)],
    "exhibition": lambda value: ["Exhibition:", *_party(value)],
    "transport": lambda value: [
        f"Departure date: {value['departure_on']}",
        f"Vessel, aircraft or other: {value['means']}",
        f"From {value['port_of_loading']} to {value['port_of_discharge']}",
    ],
    "invoicing_party": lambda value: [f"Invoiced by {value['name']}, {value['country']}"],
    "originals": lambda value: ["Original proofs of origin:", *map(_proof, value)],
    "invoices": lambda value: [f"{one['number']} of {one['issued_on']}" for one in value],
    "issuing_authority": lambda value: [f"{value['name']}, {value['country']}"],
    "place_of_issue": lambda value: [value],
    "issued_on": lambda value: [f"Date of issue: {value}"],
    "replaces": lambda value: [f"Replaces {_proof(value)}"],
    "remarks": lambda value: [value],
}
