"""What a verifier is given: whom it trusts, and what it has itself seen on the chain.

The verifier asks nobody. Who calls it has read these facts at one block, or says why it could not.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from tulen.values import AgreementCode, Country, Digest, Ed25519PublicKey, FormCode


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """The deployment that the relying party trusts.

    Attributes:
        chain_id: EIP-155 chain id.
        ledger: Address of the CertificateLedger, ``0x`` and 40 lower-case hexadecimal digits.
    """

    chain_id: int
    ledger: str


@dataclass(frozen=True, slots=True)
class ChainQuestion:
    """What has to be read on chain, all at one block, to judge one bundle.

    It is also what an answer is remembered under, so it holds all that an answer depends on.

    Attributes:
        authority: The 16-byte identifier of the issuing authority that the certificate names.
        root: Root of the bundle's checkpoint.
        size: Size of that checkpoint.
        digest: The certificate's digest.
        key: The key that signed it.
        agreement: Agreement that the certificate claims a preference under; None where undisclosed.
        form: Its form; None where undisclosed.
        importing_country: The country whose recognition counts; None where undisclosed.
        bounded_lines: The lines that parents must bound: all that are disclosed of a back-to-back
            certificate, none of any other.
        transaction: Hash of the transaction that the bundle's anchor receipt names; None without
            a receipt.
    """

    authority: bytes
    root: Digest
    size: int
    digest: Digest
    key: Ed25519PublicKey
    agreement: AgreementCode | None
    form: FormCode | None
    importing_country: Country | None
    bounded_lines: tuple[int, ...]
    transaction: Digest | None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A fact that could not be read, and why. It is never the same as a fact that is not so.

    Attributes:
        cause: What did not answer, for people.
    """

    cause: str


class State(IntEnum):
    """What has become of a certificate, as `ICertificateLedger.State` numbers it."""

    GOOD = 0
    REVOKED = 1
    SUSPENDED = 2
    REPLACED = 3


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """The status that the authority declared on chain.

    Attributes:
        state: The state.
        reason: Reason code (docs/specs/log.md, section 6); zero while good.
        since: Block time of the change; None while good.
        successor: Digest of the replacing certificate; None unless replaced.
    """

    state: State
    reason: int
    since: datetime | None
    successor: Digest | None


@dataclass(frozen=True, slots=True)
class AnchoredRoot:
    """A tree head that the ledger holds.

    Attributes:
        size: Number of entries under it.
        anchored_at: Block time.
        authority: The 16-byte identifier of the party whose log it is of.
    """

    size: int
    anchored_at: datetime
    authority: bytes


@dataclass(frozen=True, slots=True)
class RegisteredParty:
    """A registered body.

    Attributes:
        country: Its country.
        issues: Whether it is an issuing authority.
        registered_at: Block time of its registration.
    """

    country: Country
    issues: bool
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """The life of an Ed25519 key: ``since <= t < until``, and not trusted from compromise on."""

    since: datetime
    until: datetime | None
    compromised_since: datetime | None


@dataclass(frozen=True, slots=True)
class RegisteredMandate:
    """The right to issue one form of one agreement: ``since <= t < until``."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class LineAccount:
    """What stands against one line of a certificate, as `IDrawdownLedger.Account` has it.

    Attributes:
        line: Line number.
        reserved: Millionths of parent certificates that are reserved for it.
        bounded: Whether anything ever was; then no more than that can be drawn.
    """

    line: int
    reserved: int
    bounded: bool


@dataclass(frozen=True, slots=True)
class AnchorTransaction:
    """The transaction that anchored the root, as the canonical chain holds it.

    Attributes:
        block_number: Number of its block.
        block_hash: Hash of its block.
        anchors_root: Whether it succeeded and its log, of the trusted ledger, names the authority,
            root and size in question.
        final: Whether its block is at or below the chain's finalized block.
    """

    block_number: int
    block_hash: Digest
    anchors_root: bool
    final: bool


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """Everything about one certificate, read from the trusted ledger at one block.

    A fact that the chain denies is None; a fact that could not be read is `Unavailable`.

    Attributes:
        question: What was asked. A verifier refuses facts that answer another question.
        chain_id: What the endpoint says it is.
        as_of_block: The block that the contract facts were read at.
        as_of: Its time.
        read_at: When the reader set out to ask for them, by its own clock: what happened on chain
            later than that may be missing.
        anchored: The checkpoint's root on the ledger.
        status: The certificate's status under the authority.
        party: The issuing authority.
        key: The signing key, under that authority.
        mandate: The mandate for the certificate's agreement and form as it reads now; None where
            it has none, or they were not asked for.
        mandate_when_anchored: The same as it read at the anchor's time.
        recognised: Whether the importing country recognises the authority now; it means nothing
            where that country was not asked for, and so below.
        recognised_when_anchored: Whether it did at the anchor's time.
        issuing_paused: Whether the authority may not anchor now.
        accounts: What stands against each of the lines that were asked for.
        transaction: The transaction that the bundle's anchor receipt names.
    """

    question: ChainQuestion
    chain_id: int
    as_of_block: int
    as_of: datetime
    read_at: datetime
    anchored: AnchoredRoot | None
    status: CertificateStatus
    party: RegisteredParty | None
    key: RegisteredKey | None
    mandate: RegisteredMandate | None
    mandate_when_anchored: RegisteredMandate | None
    recognised: bool
    recognised_when_anchored: bool
    issuing_paused: bool
    accounts: tuple[LineAccount, ...] | Unavailable
    transaction: AnchorTransaction | Unavailable | None
