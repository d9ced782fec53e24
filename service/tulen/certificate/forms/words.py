"""What is said of a box, in English and Indonesian: words.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from tulen.certificate.forms.form import Words
from tulen.origin.shipped import read_toml
from tulen.values import Digest, line_of_text
from tulen.values.fields import members_of

_MESSAGE = ("en", "id", "do_en", "do_id")


@dataclass(frozen=True, slots=True)
class Message:
    """A text with places to fill, and what can be done."""

    said: Words
    remedy: Words


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts.

    Attributes:
        members: What a member of the document is called.
        messages: What is said, by its code.
    """

    members: Mapping[str, Words]
    messages: Mapping[str, Message]


@cache
def catalogue() -> Catalogue:
    """Return the texts that the project ships, read once.

    Raises:
        InvalidInputError: the file is malformed.
    """
    file = resources.files("tulen.certificate.forms").joinpath("words.toml")
    return read_toml(file.read_bytes(), file.name, _catalogue)


def _catalogue(document: Mapping[str, Any], _: Digest) -> Catalogue:
    members_of(document, "", ("members", "messages"))
    members = {}
    for name, value in document["members"].items():
        field = f"/members/{name}"
        table = members_of(value, field, ("en", "id"))
        members[name] = Words(*(line_of_text(table[key], field) for key in ("en", "id")))
    messages = {}
    for name, value in document["messages"].items():
        field = f"/messages/{name}"
        table = members_of(value, field, _MESSAGE)
        en, indonesian, do_en, do_id = (line_of_text(table[key], field) for key in _MESSAGE)
        messages[name] = Message(Words(en, indonesian), Words(do_en, do_id))
    return Catalogue(MappingProxyType(members), MappingProxyType(messages))
