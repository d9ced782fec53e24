"""What accounts ask of the contracts, as call data. Nothing here is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tulen.certificate.seal import AllowanceProof
from tulen.chain import contracts
from tulen.chain.deployment import Deployment
from tulen.values import AgreementCode, Country, Digest, Ed25519PublicKey, FormCode, PartyCode

ISSUING_AUTHORITY: Final = 1
"""Role bit of `IAuthorityRegistry`."""
CUSTOMS: Final = 2
"""Role bit of `IAuthorityRegistry`."""
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
    size: int,
    root: Digest,
    consistency_path: Sequence[bytes],
) -> Call:
    """Record the sender's next checkpoint."""
    return _ledger(deployment, "anchor", predecessor_size, size, root, list(consistency_path))


def revoke(deployment: Deployment, digests: Sequence[Digest], reason: int) -> Call:
    """Revoke certificates of the sender for ever; reasons are in docs/specs/log.md, section 6."""
    return _ledger(deployment, "revoke", list(digests), reason)


def suspend(deployment: Deployment, digests: Sequence[Digest], reason: int) -> Call:
    """Suspend certificates of the sender."""
    return _ledger(deployment, "suspend", list(digests), reason)


def resume(deployment: Deployment, digests: Sequence[Digest], reason: int) -> Call:
    """End a suspension."""
    return _ledger(deployment, "resume", list(digests), reason)


def replace(deployment: Deployment, digest: Digest, successor: Digest, reason: int) -> Call:
    """Replace a certificate of the sender for ever."""
    return _ledger(deployment, "replace", digest, successor, reason)


def draw(
    deployment: Deployment,
    proof: AllowanceProof,
    *,
    entry_index: int,
    log_root: Digest,
    log_path: Sequence[bytes],
    micro: int,
    declaration: Digest,
) -> Call:
    """Draw ``micro`` millionths of the line's unit for ``declaration``."""
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
        entry_index,
        log_root,
        list(log_path),
    )
    entry = contracts.drawdowns().functions["draw"]
    return Call(deployment.drawdowns, entry.encode(line, way, micro, declaration))


def release(deployment: Deployment, digest: Digest, line: int, declaration: Digest) -> Call:
    """Give back what ``declaration`` drew."""
    entry = contracts.drawdowns().functions["release"]
    return Call(deployment.drawdowns, entry.encode(digest, line, declaration))


def appoint_steward(deployment: Deployment, country: Country, steward: str) -> Call:
    """Make the account ``steward`` responsible for ``country``. Governor only."""
    return _registry(deployment, "appointSteward", country.encode("ascii"), steward)


def register_party(deployment: Deployment, party: PartyCode, roles: int) -> Call:
    """Register ``party`` in its country. Steward only, as everything below."""
    return _registry(
        deployment, "registerParty", party.on_chain, party.country.encode("ascii"), roles
    )


def authorise_account(deployment: Deployment, party: PartyCode, account: str) -> Call:
    """Let ``account`` act for ``party``."""
    return _registry(deployment, "authoriseAccount", party.on_chain, account)


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


def _ledger(deployment: Deployment, function: str, *arguments: object) -> Call:
    entry = contracts.ledger().functions[function]
    return Call(deployment.ledger, entry.encode(*arguments))


def _registry(deployment: Deployment, function: str, *arguments: object) -> Call:
    entry = contracts.registry().functions[function]
    return Call(deployment.registry, entry.encode(*arguments))
