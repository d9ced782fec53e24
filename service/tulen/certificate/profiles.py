"""Disclosure profiles: what each kind of reader is shown of a certificate, as data with its reason.

The holder presents by himself, from his full bundle and offline: signature, log and anchor stay
what they are, and the certificate gives way to some of its claims (docs/specs/bundle.md).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from tulen.certificate.bundle import Bundle
from tulen.certificate.disclosure import redact
from tulen.certificate.presentation import FullPresentation
from tulen.errors import InvalidInputError
from tulen.origin.shipped import read_toml
from tulen.values.fields import constant, members_of

FORMAT: Final = "tulen/profiles/v1"

_GROUP = ("reason", "claims")
_PROFILE = ("title", "reason")
_PATTERN = re.compile(r"(?:/(?:[a-z_]+|\*))+")


@dataclass(frozen=True, slots=True)
class Profile:
    """What one kind of reader is shown.

    Attributes:
        name: Its name, as ``bank``.
        title: The reader, in words.
        reason: Why it is shown that, and no more.
        everything: Whether it is shown all: the full bundle as it is.
        claims: Otherwise the claims, as JSON pointers in which ``*`` stands for any index.
        allowances: Whether the allowances of all lines are shown too.
    """

    name: str
    title: str
    reason: str
    everything: bool
    claims: tuple[str, ...]
    allowances: bool

    def pointers_in(self, claims: Mapping[str, object]) -> list[str]:
        """Return those of the ``claims`` of a certificate that this reader is shown."""
        shown = re.compile("|".join(map(_expression, self.claims)))
        return [pointer for pointer in claims if shown.fullmatch(pointer)]


def present(bundle: Bundle, profile: Profile) -> Bundle:
    """Return ``bundle`` with what ``profile`` shows of its certificate, and nothing else of it.

    Raises:
        InvalidInputError: the bundle is redacted already; only a full one can be presented from.
    """
    full = bundle.certificate
    if not isinstance(full, FullPresentation):
        raise InvalidInputError(
            "/certificate", "", "is redacted already; present from the full bundle of the holder"
        )
    if profile.everything:
        return bundle
    lines = [allowance.line for allowance in full.sealed.allowances] if profile.allowances else []
    pointers = profile.pointers_in(full.claims)
    shown = redact(full.certificate, full.seed, pointers, allowances=lines)
    return replace(bundle, certificate=shown)


def profile_named(name: str) -> Profile:
    """Return the profile of that name.

    Raises:
        InvalidInputError: there is none.
    """
    known = shipped_profiles()
    if name not in known:
        raise InvalidInputError("profile", name, f"is no profile; known are {', '.join(known)}")
    return known[name]


@cache
def shipped_profiles() -> Mapping[str, Profile]:
    """Return the profiles that the project ships, by name.

    Raises:
        InvalidInputError: their file is malformed.
    """
    data = resources.files("tulen.certificate").joinpath("profiles.toml").read_bytes()
    return read_profiles(data, "profiles.toml")


def read_profiles(data: bytes, name: str) -> Mapping[str, Profile]:
    """Return the profiles in a TOML file, by name.

    Raises:
        InvalidInputError: it is malformed; the field is ``name``, ``#`` and a JSON pointer.
    """
    return read_toml(data, name, lambda document, _: MappingProxyType(_profiles(document)))


def _profiles(document: Mapping[str, Any]) -> dict[str, Profile]:
    document = members_of(dict(document), "", ("format", "groups", "profiles"))
    constant(document["format"], "/format", FORMAT)
    groups = {name: _claims(group, f"/groups/{name}") for name, group in document["groups"].items()}
    return {name: _profile(name, value, groups) for name, value in document["profiles"].items()}


def _claims(group: object, field: str) -> tuple[str, ...]:
    document = members_of(group, field, _GROUP)
    for index, claim in enumerate(document["claims"]):
        if not isinstance(claim, str) or not _PATTERN.fullmatch(claim):
            raise InvalidInputError(f"{field}/claims/{index}", claim, "is not a pointer to claims")
    return tuple(document["claims"])


def _profile(name: str, value: object, groups: Mapping[str, tuple[str, ...]]) -> Profile:
    field = f"/profiles/{name}"
    document = members_of(value, field, _PROFILE, ("everything", "groups", "allowances"))
    everything = document.get("everything", False)
    wanted = document.get("groups", [])
    if everything == bool(wanted):
        raise InvalidInputError(
            f"{field}/groups", wanted, "are named where everything is not shown"
        )
    for index, group in enumerate(wanted):
        if group not in groups:
            raise InvalidInputError(f"{field}/groups/{index}", group, "is no group of this file")
    claims = tuple(claim for group in wanted for claim in groups[group])
    return Profile(
        name,
        document["title"],
        document["reason"],
        everything,
        claims,
        document.get("allowances", False),
    )


def _expression(claim: str) -> str:
    """Return the regular expression for a claim's pattern and all below it."""
    return re.escape(claim).replace(r"\*", "[0-9]+") + "(?:/.*)?"
