"""What accounts ask of the contracts, as call data. Nothing here is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tulen.certificate.seal import AllowanceProof
from tulen.chain import contracts
from tulen.chain.deployment import Deployment
from tulen.values import AgreementCode, Country, Digest, Ed25519PublicKey, FormCode, PartyCode

ISSUING_AUTHORITY: Final = 1
"""Role bit of a party that issues, in `IAuthorityRegistry`."""
CUSTOMS: Final = 2
"""Role bit of a party that is customs."""
ANCHOR: Final = 1
"""Role bit of an account that anchors its authority's log."""
STATUS: Final = 2
"""Role bit of an account that revokes, suspends, resumes and replaces for its authority."""
DRAW: Final = 4
"""Role bit of an account that draws and releases for its customs."""
EVERYBODY: Final = bytes(16)
"""Stands for every authority, or for every agreement."""
OPEN_ENDED: Final = 0
"""How the registry writes a period without an end."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a transaction does.

    Attributes:
        to: Address of the contract; None where the transaction creates one.
        data: The call data.
    """

    to: str | None
    data: bytes


def anchor(
    deployment: Deployment,
    *,
    predecessor_size: int,
    predecessor_root: Digest | None,
    size: int,
    root: Digest,
    consistency_path: Sequence[bytes],
) -> Call:
    """Record the sender's next checkpoint.

    Args:
        deployment: The ledger.
        predecessor_size: Size of the checkpoint before it; zero for the first.
        predecessor_root: Its root; None for the first. The ledger keeps no root, so it has to be
            told where the RFC's proof leaves it out: where the size is a power of two.
        size: Size of the checkpoint.
        root: Its root.
        consistency_path: RFC 9162 consistency proof between the two; empty for the first.
    """
    proof = list(consistency_path)
    if predecessor_root is not None and predecessor_size & (predecessor_size - 1) == 0:
        proof.insert(0, predecessor_root)
    return _ledger(deployment, "anchor", predecessor_size, size, root, proof)


def revoke(deployment: Deployment, digests: Sequence[Digest], reason: int) -> Call:
    """Revoke certificates of the sender for ever; reasons are in docs/specs/log.md, section 6."""
    return _declare(deployment, "revoke", digests, reason)


def suspend(deployment: Deployment, digests: Sequence[Digest], reason: int) -> Call:
    """Suspend certificates of the sender."""
    return _declare(deployment, "suspend", digests, reason)


def resume(deployment: Deployment, digests: Sequence[Digest], reason: int) -> Call:
    """End a suspension."""
    return _declare(deployment, "resume", digests, reason)


def replace(deployment: Deployment, digest: Digest, successor: Digest, reason: int) -> Call:
    """Replace a certificate of the sender for ever.

    What was drawn on it counts on its successor; so that nobody draws before it counts, a
    replacement is final before the successor is logged (docs/specs/log.md, section 9).
    """
    return _ledger(deployment, "replace", digest, successor, reason)


def replace_each(
    deployment: Deployment, pairs: Sequence[tuple[Digest, Digest]], reason: int
) -> Call:
    """Replace certificates of the sender, each by the successor beside it; all or none."""
    digests = [digest for digest, _ in pairs]
    successors = [successor for _, successor in pairs]
    return _ledger(deployment, "replaceEach", digests, successors, reason)


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a certificate stands in its authority's log.

    Attributes:
        authority: The issuing authority.
        index: Index of the certificate's entry.
        size: Size of an anchored checkpoint that holds it.
        root: Its root.
        path: Inclusion proof of the entry under that root.
    """

    authority: PartyCode
    index: int
    size: int
    root: Digest
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Child:
    """A line of a back-to-back certificate, for which quantity of a parent is reserved.

    Attributes:
        authority: Its issuing authority, of the country that the parent is imported to.
        digest: Its digest.
        line: Line number.
    """

    authority: PartyCode
    digest: Digest
    line: int


def draw(
    deployment: Deployment,
    proof: AllowanceProof,
    place: LogPlace,
    *,
    micro: int,
    declaration: Digest,
) -> Call:
    """Draw ``micro`` millionths of the line's unit for ``declaration``."""
    return _drawdowns(deployment, "draw", *_way(proof, place), micro, declaration)


def reserve(
    deployment: Deployment,
    proof: AllowanceProof,
    place: LogPlace,
    *,
    micro: int,
    declaration: Digest,
    child: Child,
) -> Call:
    """Draw as `draw` does, and let the child's line be drawn up to what is reserved for it.

    It is final before the child is logged (docs/specs/log.md, section 9).
    """
    return _drawdowns(deployment, "reserve", *_way(proof, place), micro, declaration, _child(child))


def release(deployment: Deployment, digest: Digest, line: int, declaration: Digest) -> Call:
    """Give back what ``declaration`` drew."""
    return _drawdowns(deployment, "release", digest, line, declaration)


def unreserve(
    deployment: Deployment, digest: Digest, line: int, declaration: Digest, child: Child
) -> Call:
    """Give back what ``declaration`` drew from the parent ``digest`` and reserved."""
    return _drawdowns(deployment, "unreserve", digest, line, declaration, _child(child))


def offer_governorship(deployment: Deployment, successor: str) -> Call:
    """Offer the governorship to an account. Governor only."""
    return _registry(deployment, "offerGovernorship", successor)


def accept_governorship(deployment: Deployment) -> Call:
    """Take the governorship that was offered to the sender."""
    return _registry(deployment, "acceptGovernorship")


def appoint_steward(deployment: Deployment, country: Country, steward: str) -> Call:
    """Make the account ``steward`` responsible for ``country``. Governor only."""
    return _registry(deployment, "appointSteward", country.encode("ascii"), steward)


def offer_stewardship(deployment: Deployment, country: Country, successor: str) -> Call:
    """Offer the stewardship of ``country`` to an account. Its steward only."""
    return _registry(deployment, "offerStewardship", country.encode("ascii"), successor)


def accept_stewardship(deployment: Deployment, country: Country) -> Call:
    """Take the stewardship that was offered to the sender."""
    return _registry(deployment, "acceptStewardship", country.encode("ascii"))


def register_party(deployment: Deployment, party: PartyCode, roles: int) -> Call:
    """Register ``party`` in its country. Steward only, as everything below."""
    return _registry(
        deployment, "registerParty", party.on_chain, party.country.encode("ascii"), roles
    )


def account_roles(roles: int) -> int:
    """Return everything that an account may do for a party with these roles."""
    issuing = ANCHOR | STATUS if roles & ISSUING_AUTHORITY else 0
    return issuing | (DRAW if roles & CUSTOMS else 0)


def authorise_account(deployment: Deployment, party: PartyCode, account: str, roles: int) -> Call:
    """Let ``account`` act for ``party`` in these account roles, in place of those it had."""
    return _registry(deployment, "authoriseAccount", party.on_chain, account, roles)


def withdraw_account(deployment: Deployment, party: PartyCode, account: str) -> Call:
    """Stop ``account`` from acting for ``party``."""
    return _registry(deployment, "withdrawAccount", party.on_chain, account)


def add_key(
    deployment: Deployment,
    party: PartyCode,
    key: Ed25519PublicKey,
    *,
    since: int,
    until: int = OPEN_ENDED,
) -> Call:
    """Register a signing key; times in seconds since 1970, as below."""
    return _registry(deployment, "addKey", party.on_chain, key, since, until)


def end_key(deployment: Deployment, party: PartyCode, key: Ed25519PublicKey, until: int) -> Call:
    """End a key's life."""
    return _registry(deployment, "endKey", party.on_chain, key, until)


def compromise_key(
    deployment: Deployment, party: PartyCode, key: Ed25519PublicKey, since: int
) -> Call:
    """Declare that a key may have been in other hands from ``since`` on."""
    return _registry(deployment, "compromiseKey", party.on_chain, key, since)


def grant_mandate(
    deployment: Deployment,
    party: PartyCode,
    agreement: AgreementCode,
    form: FormCode,
    *,
    since: int,
    until: int = OPEN_ENDED,
) -> Call:
    """Grant or change the right to issue ``form`` of ``agreement``."""
    return _registry(
        deployment,
        "grantMandate",
        party.on_chain,
        agreement.on_chain,
        form.on_chain,
        since,
        until,
    )


def withdraw_recognition(
    deployment: Deployment,
    country: Country,
    authority: PartyCode,
    agreement: AgreementCode | None = None,
) -> Call:
    """End the recognition of ``authority`` by ``country``, under one agreement or under all."""
    return _recognition(deployment, "withdrawRecognition", country, authority, agreement)


def restore_recognition(
    deployment: Deployment,
    country: Country,
    authority: PartyCode,
    agreement: AgreementCode | None = None,
) -> Call:
    """Undo `withdraw_recognition` with the same arguments."""
    return _recognition(deployment, "restoreRecognition", country, authority, agreement)


def pause_issuing(deployment: Deployment, authority: PartyCode | None) -> Call:
    """Stop an authority from anchoring, or with None every one, which is the governor's to do."""
    return _registry(deployment, "pauseIssuing", authority.on_chain if authority else EVERYBODY)


def resume_issuing(deployment: Deployment, authority: PartyCode | None) -> Call:
    """Undo `pause_issuing` with the same argument."""
    return _registry(deployment, "resumeIssuing", authority.on_chain if authority else EVERYBODY)


def _way(proof: AllowanceProof, place: LogPlace) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Return `IDrawdownLedger.Allowance` and `IDrawdownLedger.AllowanceProof`."""
    allowance = proof.allowance
    line = (
        allowance.salt,
        allowance.line,
        allowance.quantity.unit.packed,
        allowance.quantity.micro,
        allowance.importing_country.encode("ascii"),
    )
    way = (
        proof.leaf_index,
        proof.leaf_count,
        list(proof.path),
        place.authority.on_chain,
        place.index,
        place.size,
        place.root,
        list(place.path),
    )
    return line, way


def _child(child: Child) -> tuple[bytes, bytes, int]:
    return child.authority.on_chain, child.digest, child.line


def _declare(deployment: Deployment, function: str, digests: Sequence[Digest], reason: int) -> Call:
    """Return the form for one certificate, which costs less, or the form for many."""
    if len(digests) == 1:
        return _ledger(deployment, function, digests[0], reason)
    return _ledger(deployment, f"{function}Each", list(digests), reason)


def _recognition(
    deployment: Deployment,
    function: str,
    country: Country,
    authority: PartyCode,
    agreement: AgreementCode | None,
) -> Call:
    return _registry(
        deployment,
        function,
        country.encode("ascii"),
        authority.on_chain,
        agreement.on_chain if agreement else EVERYBODY,
    )


def _drawdowns(deployment: Deployment, function: str, *arguments: object) -> Call:
    entry = contracts.drawdowns().functions[function]
    return Call(deployment.drawdowns, entry.encode(*arguments))


def _ledger(deployment: Deployment, function: str, *arguments: object) -> Call:
    entry = contracts.ledger().functions[function]
    return Call(deployment.ledger, entry.encode(*arguments))


def _registry(deployment: Deployment, function: str, *arguments: object) -> Call:
    entry = contracts.registry().functions[function]
    return Call(deployment.registry, entry.encode(*arguments))
