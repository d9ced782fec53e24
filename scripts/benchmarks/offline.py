"""What one core does without asking anybody: seal and sign, read and verify.

Time is that of this process on the core, so that busy neighbours count as little as may be.
"""

import time
from functools import cache

import rfc8785

from benchmarks.samples import AUTHORITY, bundle, certificates
from benchmarks.stage import Stage
from tulen.certificate import FullPresentation, LogProof, seal, signing_bytes
from tulen.keys import Ed25519Signer
from tulen.log import (
    Checkpoint,
    Kind,
    SignedCheckpoint,
    entry_leaf_hash,
    inclusion_paths,
    log_name,
    note_body,
    signed_note,
    tree_head,
)
from tulen.values import Digest
from tulen.verify import CheckOutcome, Packs, TrustPolicy, Unavailable, verify
from tulen.workflows import clock

CERTIFICATES = 256
ROUNDS = 4
"""How often a run goes through all of them, so that it lasts long enough to be measured."""
NAIVE = 64
"""Certificates of the comparison, which is slow."""
PROVEN = {"format", "seal", "signature", "checkpoint", "logged", "period", "parents"}
SIGNER = Ed25519Signer(bytes(range(32)))
POLICY = TrustPolicy(1337, f"0x{'5f' * 20}")
NOT_ASKED = Unavailable("the chain was not asked")


async def seal_sign_per_s_core(_stage: Stage) -> float:
    """Certificate to digest and signature."""
    issued = _issued()
    started = time.process_time()
    for _ in range(ROUNDS):
        for one in issued:
            SIGNER.sign(signing_bytes(seal(one.certificate, one.seed).digest))
    return ROUNDS * len(issued) / (time.process_time() - started)


async def bundle_verify_per_s_core(_stage: Stage) -> float:
    """The bytes of a bundle to the verdict of what proves it: every step that needs no chain.

    The relying party has no rule set loaded, so that origin is not judged again.
    """
    return _verified_per_s(packs={}, expected=PROVEN)


async def bundle_verify_origin_per_s_core(_stage: Stage) -> float:
    """The same, and the rule of origin judged again on ten materials."""
    return _verified_per_s(packs=None, expected=PROVEN | {"origin"})


def _verified_per_s(packs: Packs | None, expected: set[str]) -> float:
    bundles, today = _bundles(), clock.today()
    started = time.process_time()
    for _ in range(ROUNDS):
        for data in bundles:
            result = verify(data, POLICY, NOT_ASKED, today, packs)
            passed = {check.name for check in result.checks if check.outcome is CheckOutcome.PASS}
            if passed != expected:
                raise RuntimeError(f"{expected ^ passed} did not answer as expected")
    return ROUNDS * len(bundles) / (time.process_time() - started)


async def rfc8785_only_per_s_core(_stage: Stage) -> float:
    """For comparison: the claims of a certificate through `rfc8785` one by one, and no more."""
    issued = _issued()[:NAIVE]
    claims = [["0" * 32, *claim] for one in issued for claim in one.claims.items()]
    started = time.process_time()
    for claim in claims:
        rfc8785.dumps(claim)
    return NAIVE / (time.process_time() - started)


@cache
def _issued() -> list[FullPresentation]:
    return list(certificates(CERTIFICATES, clock.today()))


@cache
def _bundles() -> list[bytes]:
    """Return a bundle of each certificate, all under one checkpoint."""
    issued = _issued()
    leaves = [entry_leaf_hash(Kind.CERTIFICATE, one.digest) for one in issued]
    head = Checkpoint(log_name(AUTHORITY), len(leaves), Digest(tree_head(leaves)))
    note = signed_note(head, SIGNER.public_key, SIGNER.sign(note_body(head)))
    checkpoint = SignedCheckpoint.parse(note)
    paths = inclusion_paths(leaves, range(len(leaves)))
    return [
        bundle(one, SIGNER, LogProof(index, checkpoint, tuple(map(Digest, paths[index]))))
        for index, one in enumerate(issued)
    ]
