"""What a verifier of OpenAttestation documents is given: trust, and what was seen outside.

It asks nobody. Who calls it has read chain and domain names, or says why it could not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tulen.verify.facts import Unavailable
from tulen.verify.open_attestation.document import Attestation


@dataclass(frozen=True, slots=True)
class IssuerPolicy:
    """Whom the relying party accepts, and where those issue.

    Attributes:
        chain_id: EIP-155 id of the chain that document stores are asked on.
        accepted: Domains and identifiers of accepted issuers, in lower case.
    """

    chain_id: int
    accepted: frozenset[str]


@dataclass(frozen=True, slots=True)
class IssuanceQuestion:
    """What has to be read on chain, all at one block, to judge one document.

    Attributes:
        stores: Addresses of document stores, in lower case.
        identities: Addresses of ``did:ethr`` identifiers, in lower case.
        root: Root of the document's batch.
        path: Every hash from the document's to that root: to revoke any of them revokes it.
    """

    stores: tuple[str, ...]
    identities: tuple[str, ...]
    root: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    """What stands at the address of a document store.

    Attributes:
        exists: Whether a contract does.
        issued: Whether it holds the root as issued; None where it says neither yes nor no.
        revoked: Whether it holds any hash of the path as revoked; None likewise.
    """

    exists: bool
    issued: bool | None
    revoked: bool | None


@dataclass(frozen=True, slots=True)
class IssuanceFacts:
    """What was read on chain at one block.

    Attributes:
        question: What was asked. A verifier refuses facts that answer another question.
        chain_id: The chain that was asked.
        as_of_block: The block.
        as_of: Its time.
        read_at: When the reader set out to ask, by its own clock.
        stores: By address, for each store that was asked for.
        controllers: By address, the account that controls an identifier; None where the chain has
            no registry of them.
    """

    question: IssuanceQuestion
    chain_id: int
    as_of_block: int
    as_of: datetime
    read_at: datetime
    stores: Mapping[str, StoreAnswer]
    controllers: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class NameRecords:
    """The TXT records of one domain.

    Attributes:
        texts: Each record; none where the domain has none, or does not exist.
        source: Who says so, for people.
        authenticated: Whether the resolver says that DNSSEC (RFC 4035) proves it.
    """

    texts: tuple[str, ...]
    source: str
    authenticated: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that was seen outside for one document.

    Attributes:
        issuance: What the chain says.
        names: What each domain says, by its name.
    """

    issuance: IssuanceFacts | Unavailable
    names: Mapping[str, NameRecords | Unavailable] = field(default_factory=dict)


def question_of(document: Attestation) -> IssuanceQuestion | None:
    """Return what must be read on chain to judge ``document``; None where there is nothing."""
    stores = {address for issuer in document.issuers for address in issuer.stores}
    identities = {
        issuer.did.address for issuer in document.issuers if issuer.did and issuer.did.address
    }
    if not stores and not identities:
        return None
    return IssuanceQuestion(
        tuple(sorted(stores)), tuple(sorted(identities)), document.root, document.path
    )


def domains_of(document: Attestation) -> tuple[str, ...]:
    """Return the domains whose TXT records must be read to judge ``document``."""
    return tuple(sorted({issuer.domain for issuer in document.issuers if issuer.domain}))
