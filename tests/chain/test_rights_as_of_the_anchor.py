"""Recognition, mandate, key and pause on real contracts: each changed before the anchor, or after.

What the registry said when the certificate was anchored decides; of a key, what is known today.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from anvil_fixtures import ATIGA, CHAIN_ID, FORM_D, LONG_AGO, STEWARD, Party, World, mine, rpc
from benchmarks.samples import bundle, certificates
from tulen.certificate import AnchorReceipt, FullPresentation, IssuingAuthority, LogProof
from tulen.chain import calls
from tulen.chain.calls import Call
from tulen.chain.deploy import send_and_wait
from tulen.chain.facts import FactReader
from tulen.chain.rpc import Chain
from tulen.keys import Ed25519Signer
from tulen.log import (
    Checkpoint,
    Kind,
    SignedCheckpoint,
    entry_leaf_hash,
    log_name,
    note_body,
    signed_note,
)
from tulen.values import AgreementCode, Country, Digest
from tulen.verify import Verdict, Verification
from tulen.workflows import clock
from tulen.workflows.verify_alone import verify_with

pytestmark = pytest.mark.anyio

ID = Country("ID")
RCEP = AgreementCode("RCEP")


@dataclass(frozen=True)
class At:
    """Where and for whom a change is made, and when the certificate was or will be anchored."""

    world: World
    authority: Party
    anchored: int


Change = Callable[[At], Call]
Changes = tuple[Change, ...]


def withdraw(agreement: AgreementCode | None, country: Country = ID) -> Change:
    return lambda at: calls.withdraw_recognition(
        at.world.deployment, country, at.authority.code, agreement
    )


def restore(agreement: AgreementCode | None) -> Change:
    return lambda at: calls.restore_recognition(
        at.world.deployment, ID, at.authority.code, agreement
    )


def mandate(since: int, until: int = 0) -> Change:
    """Grant a mandate; a number that is not long ago counts from the anchor."""
    return lambda at: calls.grant_mandate(
        at.world.deployment,
        at.authority.code,
        ATIGA,
        FORM_D,
        since=since if since == LONG_AGO else at.anchored + since,
        until=0 if until == 0 else at.anchored + until,
    )


def compromised(since: int) -> Change:
    return lambda at: calls.compromise_key(
        at.world.deployment, at.authority.code, at.authority.key, at.anchored + since
    )


def ended(until: int) -> Change:
    return lambda at: calls.end_key(
        at.world.deployment, at.authority.code, at.authority.key, at.anchored + until
    )


def paused(at: At) -> Call:
    return calls.pause_issuing(at.world.deployment, at.authority.code)


def resumed(at: At) -> Call:
    return calls.resume_issuing(at.world.deployment, at.authority.code)


NONE: Changes = ()
VALID = Verdict.VALID, ""


class Row(NamedTuple):
    """What changes before and after the anchor; verdict and failing step; words that it says."""

    before: Changes
    after: Changes
    expected: tuple[Verdict, str]
    words: str


CASES: dict[str, tuple[Changes, Changes, tuple[Verdict, str], str]] = {
    "nothing happens": (NONE, NONE, VALID, "ID recognises VN."),
    "recognition withdrawn before": (
        (withdraw(ATIGA),),
        NONE,
        (Verdict.INVALID, "recognised"),
        "ID did not recognise VN.",
    ),
    "all recognition withdrawn before": (
        (withdraw(None),),
        NONE,
        (Verdict.INVALID, "recognised"),
        "ID did not recognise VN.",
    ),
    "recognition withdrawn before under another agreement": (
        (withdraw(RCEP),),
        NONE,
        VALID,
        "ID recognises VN.",
    ),
    "recognition withdrawn before by another country": (
        (withdraw(None, Country("MY")),),
        NONE,
        VALID,
        "ID recognises VN.",
    ),
    "recognition withdrawn and restored before": (
        (withdraw(ATIGA), restore(ATIGA)),
        NONE,
        VALID,
        "ID recognises VN.",
    ),
    "recognition withdrawn before and restored after": (
        (withdraw(ATIGA),),
        (restore(ATIGA),),
        (Verdict.INVALID, "recognised"),
        "though it does now",
    ),
    "recognition withdrawn after": (
        NONE,
        (withdraw(ATIGA),),
        VALID,
        "it has withdrawn that since, which does not undo this certificate",
    ),
    "all recognition withdrawn after": (NONE, (withdraw(None),), VALID, "withdrawn that since"),
    "mandate ended before": (
        (mandate(LONG_AGO, -5),),
        NONE,
        (Verdict.INVALID, "mandate"),
        "and the certificate was",
    ),
    "mandate ended after, from before the anchor on": (
        NONE,
        (mandate(LONG_AGO, -5),),
        VALID,
        "which changes nothing for what was anchored before",
    ),
    "mandate granted only after, from long ago on": (
        (mandate(1_000_000),),
        (mandate(LONG_AGO),),
        (Verdict.INVALID, "mandate"),
        "and the certificate was",
    ),
    "key stolen before the anchor, as is learnt after": (
        NONE,
        (compromised(-5),),
        (Verdict.INVALID, "key"),
        "is not trusted since",
    ),
    "key stolen at the anchor": (
        NONE,
        (compromised(0),),
        (Verdict.INVALID, "key"),
        "is not trusted since",
    ),
    "key stolen after the anchor": (NONE, (compromised(1),), VALID, "lies within"),
    "key ended after the anchor": (NONE, (ended(1),), VALID, "lies within"),
    "key ended, as is said after, before the anchor": (
        NONE,
        (ended(-5),),
        (Verdict.INVALID, "key"),
        "the certificate was anchored at",
    ),
    "issuing paused and resumed before": ((paused, resumed), NONE, VALID, "is an issuing"),
    "issuing paused after": (
        NONE,
        (paused,),
        VALID,
        "its issuing is paused now, which says nothing about what it issued before",
    ),
}


def time_of(world: World, block: str = "latest") -> int:
    return int(rpc(world.url, "eth_getBlockByNumber", block, False)["timestamp"], 16)


@pytest.mark.parametrize("row", [Row(*row) for row in CASES.values()], ids=CASES)
async def test_what_the_registry_said_when_anchored_decides(
    world: World, chain: Chain, authority: Party, row: Row
) -> None:
    anchored = time_of(world) + 60
    at = At(world, authority, anchored)
    for change in row.before:
        await send_and_wait(chain, STEWARD, change(at))
    rpc(world.url, "evm_setNextBlockTimestamp", anchored)
    verified = await _anchored_and_verified(chain, at, row.after)
    failure = verified.first_failure
    assert (verified.verdict, failure.name if failure else "") == row.expected
    assert row.words in " ".join(check.reason for check in verified.checks)
    assert verified.to_document()["issuing_paused"] is (row.after == (paused,))


async def _anchored_and_verified(chain: Chain, at: At, after: Changes) -> Verification:
    """Anchor a certificate of the authority in the next block, let things happen, verify it."""
    world, authority = at.world, at.authority
    on = datetime.fromtimestamp(at.anchored, UTC).date()
    (sample,) = certificates(1, on)
    issuer = IssuingAuthority(authority.code, "Somebody")
    one = FullPresentation(replace(sample.certificate, issuing_authority=issuer), sample.seed)
    head = Checkpoint(
        log_name(authority.code), 1, Digest(entry_leaf_hash(Kind.CERTIFICATE, one.digest))
    )
    anchor = calls.anchor(
        world.deployment,
        predecessor_size=0,
        predecessor_root=None,
        size=1,
        root=head.root,
        consistency_path=(),
    )
    receipt = await send_and_wait(chain, authority.account, anchor)
    assert time_of(world, hex(receipt.block_number)) == at.anchored
    rpc(world.url, "evm_increaseTime", 60)
    for change in after:
        await send_and_wait(chain, STEWARD, change(at))
    mine(world.url, 2)
    signer = Ed25519Signer(bytes(authority.signing_key))
    note = signed_note(head, signer.public_key, signer.sign(note_body(head)))
    data = bundle(
        one,
        signer,
        LogProof(0, SignedCheckpoint.parse(note), ()),
        AnchorReceipt(
            CHAIN_ID,
            world.deployment.ledger,
            receipt.tx_hash,
            receipt.block_number,
            receipt.block_hash,
            datetime.fromtimestamp(at.anchored, UTC),
        ),
    )
    reader = FactReader(chain, world.deployment, now=clock.now)
    return await verify_with(reader, world.deployment, data, on)
