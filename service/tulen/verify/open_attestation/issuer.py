"""Who issued an OpenAttestation document, as the document says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tulen.errors import InvalidInputError
from tulen.values.text import line_of_text
from tulen.verify.open_attestation.salted import Value

MAX_ISSUERS: Final = 8
"""Each is asked about; one is usual."""

_ADDRESS: Final = re.compile("0x[0-9a-fA-F]{40}")
_DID_ETHR: Final = re.compile("did:ethr:(?:(mainnet|0x[0-9a-f]{1,16}):)?(0x[0-9a-f]{40})")
_LABEL: Final = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN: Final = re.compile(rf"(?=.{{4,253}}$)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
_STORES: Final = ("documentStore", "certificateStore")
_MAINNET: Final = 1


@dataclass(frozen=True, slots=True)
class Did:
    """A decentralised identifier.

    Attributes:
        text: It, in lower case.
        address: The account that ``did:ethr`` names; None of any other method.
        chain_id: The chain whose registry says who controls it; None where that is not known.
    """

    text: str
    address: str | None
    chain_id: int | None


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer; what the document does not show is None.

    Its name is no part of it, since nothing vouches for that. Addresses, domain and key are in
    lower case.

    Attributes:
        store: Address of the document store that it issues on.
        did: The identifier that it signs as.
        registry: Address of the token registry that it issues on.
        proof: Type of its identity proof, such as ``DNS-TXT``.
        domain: The domain that is to name its store or key.
        key: The key that it signs with.
        revocation: How a signed document is revoked, such as ``NONE``.
        revoked_on: Address of the document store for that.
    """

    store: str | None
    did: Did | None
    registry: str | None
    proof: str | None
    domain: str | None
    key: str | None
    revocation: str | None
    revoked_on: str | None

    @property
    def stands_for(self) -> str | None:
        """What a relying party can know it by: its domain, or its identifier without one."""
        if self.domain is None and self.did is not None and self.proof == "DID":
            return self.did.text
        return self.domain

    @property
    def stores(self) -> tuple[str, ...]:
        """The document stores to be asked about it."""
        named = self.store, self.revoked_on if self.revocation == "REVOCATION_STORE" else None
        return tuple(address for address in named if address is not None)


def issuers_in(values: Mapping[str, Value], count: int) -> tuple[Issuer, ...]:
    """Return the first ``count`` issuers in ``values``, the document's data by pointer.

    Raises:
        InvalidInputError: there are too many, or one names something malformed, or two ways in
            which it issues.
    """
    if count > MAX_ISSUERS:
        raise InvalidInputError("/data/issuers", f"{count} issuers", f"exceed {MAX_ISSUERS}")
    return tuple(_issuer(values, f"/issuers/{index}") for index in range(count))


def _issuer(values: Mapping[str, Value], at: str) -> Issuer:
    def text(name: str) -> str | None:
        value = values.get(f"{at}/{name}")
        return None if value is None or value == "" else line_of_text(value, f"/data{at}/{name}")

    def address(name: str) -> str | None:
        found = text(name)
        if found is not None and not _ADDRESS.fullmatch(found):
            raise InvalidInputError(f"/data{at}/{name}", found, "is not an Ethereum address")
        return None if found is None else found.lower()

    stores = [found for name in _STORES if (found := address(name)) is not None]
    proof, key = text("identityProof/type"), text("identityProof/key")
    signs = proof in {"DID", "DNS-DID"}
    registry = address("tokenRegistry")
    if len(stores) + signs + (registry is not None) > 1:
        raise InvalidInputError(
            f"/data{at}", "issuer", "names more than one way in which it issues"
        )
    revocation = text("revocation/type")
    return Issuer(
        stores[0] if stores else None,
        _did(text("id"), f"/data{at}/id") if signs else None,
        registry,
        proof,
        _domain(text("identityProof/location"), f"/data{at}/identityProof/location"),
        None if key is None else key.lower(),
        revocation,
        address("revocation/location") if revocation == "REVOCATION_STORE" else None,
    )


def _did(text: str | None, field: str) -> Did | None:
    if text is None:
        return None
    lower = text.lower()
    if not (lower.startswith("did:") and lower.isascii() and lower.isprintable()):
        raise InvalidInputError(field, text, "is not a decentralised identifier")
    found = _DID_ETHR.fullmatch(lower)
    if found is None:
        return Did(lower, None, None)
    network = found[1] or "mainnet"
    return Did(lower, found[2], _MAINNET if network == "mainnet" else int(network, 16))


def _domain(text: str | None, field: str) -> str | None:
    if text is None:
        return None
    lower = text.lower()
    if not _DOMAIN.fullmatch(lower):
        raise InvalidInputError(field, text, "is not a domain name in ASCII")
    return lower
