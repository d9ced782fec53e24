"""The two ways to present a certificate: in full, or some of its claims and nothing else.

Both recompute the same digest (docs/specs/certificate.md section 7), so a bank, a buyer and
customs may each see only what they should, under one signature and one anchor.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Final

from tulen.certificate.consignment import MAX_LINES, Tick
from tulen.certificate.model import Certificate
from tulen.certificate.seal import (
    MAX_CLAIMS,
    SALT_BYTES,
    SEED_BYTES,
    Allowance,
    Sealed,
    claim_leaf_hash,
    seal,
)
from tulen.errors import InvalidInputError
from tulen.log import root_from_inclusion_path
from tulen.values import (
    AgreementCode,
    Country,
    Digest,
    FormCode,
    PartyCode,
    Quantity,
    UnitCode,
    date_from,
    decimal_text,
    line_of_text,
)
from tulen.values.fields import (
    Document,
    Scalar,
    each,
    exact_decimal,
    hex_bytes,
    members,
    part,
    whole_number,
)

MAX_LEAVES: Final = MAX_CLAIMS + MAX_LINES
MAX_PATH: Final = 64
"""A tree of 2^64 leaves is that high; no longer inclusion proof exists."""

_FULL = frozenset({"document", "seed"})
_REDACTED = frozenset({"leaves", "claims", "allowances"})
_CLAIM = frozenset({"index", "pointer", "value", "salt", "path"})
_ALLOWANCE = frozenset({"index", "line", "unit", "quantity", "importing_country", "salt", "path"})
_POINTER = re.compile(r"(?:/(?:[^/~]|~[01])+)+")


@dataclass(frozen=True, slots=True)
class Heading:
    """What the verifier must know of a certificate; None where it is not disclosed."""

    authority: PartyCode | None
    country: Country | None
    agreement: AgreementCode | None
    form: FormCode | None
    importing_country: Country | None
    issued_on: date | None
    valid_until: date | None
    back_to_back: bool | None


@dataclass(frozen=True)
class FullPresentation:
    """A certificate and the seed that opens every claim."""

    certificate: Certificate
    seed: bytes

    @cached_property
    def sealed(self) -> Sealed:
        """The leaves and the digest. Made once: nothing in here can change."""
        return seal(self.certificate, self.seed)

    @property
    def digest(self) -> Digest:
        """The certificate's digest, recomputed."""
        return self.sealed.digest

    @property
    def claims(self) -> Mapping[str, Scalar]:
        """Everything that the certificate says, by JSON pointer."""
        return dict(self.sealed.claims)

    @cached_property
    def heading(self) -> Heading:
        """What the verifier must know."""
        certificate = self.certificate
        authority = certificate.issuing_authority
        return Heading(
            authority.code,
            authority.country,
            certificate.consignment.agreement,
            certificate.consignment.form,
            certificate.consignment.importing_country,
            certificate.issued_on,
            certificate.valid_until,
            Tick.BACK_TO_BACK in certificate.consignment.ticks,
        )

    @classmethod
    def from_document(cls, value: object) -> "FullPresentation":
        """Return the presentation in a bundle, or raise `InvalidInputError`."""
        document = members(value, _FULL)
        presentation = cls(
            part(document, "document", Certificate.from_document),
            hex_bytes(document["seed"], "/seed", SEED_BYTES),
        )
        # Sealed as it stands here, which refuses more claims than the format admits.
        vars(presentation)["sealed"] = seal(
            presentation.certificate, presentation.seed, document["document"]
        )
        return presentation

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {"document": self.certificate.to_document(), "seed": self.seed.hex()}


@dataclass(frozen=True, slots=True)
class DisclosedClaim:
    """One claim with its salt and the inclusion proof of its leaf."""

    index: int
    pointer: str
    value: Scalar
    salt: bytes
    path: tuple[Digest, ...]

    @property
    def leaf_hash(self) -> bytes:
        """Hash of the claim's leaf."""
        return claim_leaf_hash(self.salt, self.pointer, self.value)

    @classmethod
    def from_document(cls, value: object) -> "DisclosedClaim":
        """Return the claim that ``value`` discloses, or raise `InvalidInputError`."""
        document = members(value, _CLAIM)
        pointer, scalar = document["pointer"], document["value"]
        if not isinstance(pointer, str) or not _POINTER.fullmatch(pointer):
            raise InvalidInputError("/pointer", pointer, "is not a JSON pointer (RFC 6901)")
        if isinstance(scalar, str):
            line_of_text(scalar, "/value")
        elif not isinstance(scalar, int):
            raise InvalidInputError("/value", scalar, "is neither text, true, false nor an integer")
        return cls(
            whole_number(document["index"], "/index", most=MAX_LEAVES - 1),
            pointer,
            scalar,
            hex_bytes(document["salt"], "/salt", SALT_BYTES),
            hashes(document, "path"),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            "index": self.index,
            "pointer": self.pointer,
            "value": self.value,
            "salt": self.salt.hex(),
            "path": [node.hex() for node in self.path],
        }


@dataclass(frozen=True, slots=True)
class DisclosedAllowance:
    """One allowance with the inclusion proof of its leaf."""

    index: int
    allowance: Allowance
    path: tuple[Digest, ...]

    @property
    def leaf_hash(self) -> bytes:
        """Hash of the allowance's leaf."""
        return self.allowance.leaf_hash

    @classmethod
    def from_document(cls, value: object) -> "DisclosedAllowance":
        """Return the allowance that ``value`` discloses, or raise `InvalidInputError`."""
        document = members(value, _ALLOWANCE)
        return cls(
            whole_number(document["index"], "/index", most=MAX_LEAVES - 1),
            Allowance(
                hex_bytes(document["salt"], "/salt", SALT_BYTES),
                whole_number(document["line"], "/line", least=1, most=MAX_LINES),
                Quantity(
                    exact_decimal(document["quantity"], "/quantity"),
                    UnitCode(document["unit"], "/unit"),
                ),
                Country(document["importing_country"], "/importing_country"),
            ),
            hashes(document, "path"),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        allowance = self.allowance
        return {
            "index": self.index,
            "line": allowance.line,
            "unit": allowance.quantity.unit,
            "quantity": decimal_text(allowance.quantity.amount),
            "importing_country": allowance.importing_country,
            "salt": allowance.salt.hex(),
            "path": [node.hex() for node in self.path],
        }


@dataclass(frozen=True)
class RedactedPresentation:
    """Some claims and allowances of a certificate, and nothing of the others.

    Attributes:
        leaves: The smallest number of leaves for which the paths have their shape. Paths alone do
            not fix the size of a tree; this gives it one spelling and hides the real number.
        disclosed: The claims, in leaf order.
        allowances: The allowances, in the order of the lines.
    """

    leaves: int
    disclosed: tuple[DisclosedClaim, ...]
    allowances: tuple[DisclosedAllowance, ...]

    def __post_init__(self) -> None:
        """Refuse leaves out of order, twice, or where the others leave no room for them."""
        if not self.disclosed and not self.allowances:
            raise InvalidInputError("/claims", "", "are empty; nothing is presented")
        indices = [item.index for item in self._items()]
        if max(indices) >= self.leaves or self.leaves != least_leaves(indices, self.leaves):
            raise InvalidInputError(
                "/leaves", self.leaves, "is not the smallest number of leaves for these paths"
            )
        for before, after in pairwise(indices):
            if after <= before:
                raise InvalidInputError("/claims", after, f"is a leaf index, but follows {before}")
        for index, (one, other) in enumerate(pairwise(self.disclosed), 1):
            if other.pointer <= one.pointer:
                raise InvalidInputError(
                    f"/claims/{index}/pointer", other.pointer, f"does not follow {one.pointer}"
                )
        self._check_allowances()
        _ = self.heading

    def _items(self) -> list[DisclosedClaim | DisclosedAllowance]:
        return [*self.disclosed, *self.allowances]

    def _check_allowances(self) -> None:
        """Refuse allowances that cannot stand where they stand, or say what no claim says."""
        claims = self.claims
        last_claim = self.disclosed[-1].index if self.disclosed else -1
        firsts = {item.index - item.allowance.line + 1 for item in self.allowances}
        if len(firsts) > 1 or any(first <= last_claim for first in firsts):
            raise InvalidInputError(
                "/allowances", "", "do not follow the claims in the order of the lines"
            )
        for number, item in enumerate(self.allowances):
            said = item.to_document()
            line = item.allowance.line - 1
            for name, pointer in (
                ("quantity", f"/lines/{line}/quantity"),
                ("unit", f"/lines/{line}/unit"),
                ("importing_country", "/importing_country"),
            ):
                if claims.get(pointer, said[name]) != said[name]:
                    raise InvalidInputError(
                        f"/allowances/{number}/{name}",
                        said[name],
                        f"differs from the certificate's {pointer}, {claims[pointer]}",
                    )

    @cached_property
    def digest(self) -> Digest | None:
        """The root that every disclosed leaf leads to; None where they do not lead to one."""
        roots = {
            root_from_inclusion_path(item.leaf_hash, item.index, self.leaves, item.path)
            for item in self._items()
        }
        root = roots.pop() if len(roots) == 1 else None
        return None if root is None else Digest(root)

    @property
    def claims(self) -> Mapping[str, Scalar]:
        """What is disclosed, by JSON pointer."""
        return {claim.pointer: claim.value for claim in self.disclosed}

    @cached_property
    def heading(self) -> Heading:
        """What the verifier must know, as far as it is disclosed."""
        index = {claim.pointer: number for number, claim in enumerate(self.disclosed)}

        def field(pointer: str) -> str:
            return f"/claims/{index[pointer]}/value"

        claims = self.claims
        authority, country = "/issuing_authority/code", "/issuing_authority/country"
        agreement, form, importing = "/agreement", "/form", "/importing_country"
        issued, until = "/issued_on", "/valid_until"
        return Heading(
            PartyCode(claims[authority], field(authority)) if authority in claims else None,
            Country(claims[country], field(country)) if country in claims else None,
            AgreementCode(claims[agreement], field(agreement)) if agreement in claims else None,
            FormCode(claims[form], field(form)) if form in claims else None,
            Country(claims[importing], field(importing))
            if importing in claims
            else next((item.allowance.importing_country for item in self.allowances), None),
            date_from(claims[issued], field(issued)) if issued in claims else None,
            date_from(claims[until], field(until)) if until in claims else None,
            # One tick may be disclosed and another not, so a missing one means nothing.
            any(
                value == Tick.BACK_TO_BACK
                for pointer, value in claims.items()
                if pointer.startswith("/ticks/")
            )
            or None,
        )

    @classmethod
    def from_document(cls, value: object) -> "RedactedPresentation":
        """Return the presentation in a bundle, or raise `InvalidInputError`."""
        document = members(value, _REDACTED)
        return cls(
            whole_number(document["leaves"], "/leaves", least=1, most=MAX_LEAVES),
            each(document, "claims", DisclosedClaim.from_document, least=0, most=MAX_CLAIMS),
            each(document, "allowances", DisclosedAllowance.from_document, least=0, most=MAX_LINES),
        )

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            "leaves": self.leaves,
            "claims": [claim.to_document() for claim in self.disclosed],
            "allowances": [allowance.to_document() for allowance in self.allowances],
        }


Presentation = FullPresentation | RedactedPresentation


def least_leaves(indices: Collection[int], leaves: int) -> int:
    """Return the smallest tree in which the leaves at ``indices`` have the paths they have here.

    The path of a leaf and that of the last one meet at some height; what the last leaf's number
    says below it does not show in the leaf's path (RFC 9162 section 2.1.3.2).
    """
    last = leaves - 1
    heights = (max((index ^ last).bit_length() - 1, 0) for index in indices)
    return 1 + max((last >> height << height for height in heights), default=last)


def hashes(document: Document, name: str) -> tuple[Digest, ...]:
    """Return the array of 32-byte hashes that the member ``name`` holds.

    Raises:
        InvalidInputError: it is longer than any inclusion proof, or holds something else.
    """
    return each(document, name, _hash, least=0, most=MAX_PATH)


def _hash(value: object) -> Digest:
    return Digest.from_hex(value, "")
