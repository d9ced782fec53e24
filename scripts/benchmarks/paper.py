"""What a paper takes: from the bytes of a bundle to the unsigned PDF/A file.

No two certificates are the same, so that nothing is set again from memory.
"""

import secrets
import time
from dataclasses import replace
from typing import Final

from benchmarks.samples import AUTHORITY, bundle, certificates
from benchmarks.stage import Stage
from tulen.certificate import FullPresentation, LogProof
from tulen.keys import Ed25519Signer
from tulen.log import (
    Checkpoint,
    Kind,
    SignedCheckpoint,
    entry_leaf_hash,
    log_name,
    note_body,
    signed_note,
    tree_head,
)
from tulen.paper import print_paper
from tulen.values import Digest
from tulen.workflows import clock

PAPERS: Final = 20
LINES: Final = 50
_URL: Final = "http://127.0.0.1:8000"
_SIGNER: Final = Ed25519Signer(bytes(range(32)))


async def pdf_ms(_stage: Stage) -> float:
    """A certificate of one line on Form D, with its QR and its bundle inside; not signed."""
    return _milliseconds(1)


async def pdf_50_ms(_stage: Stage) -> float:
    """The same with fifty lines, which take several sheets."""
    return _milliseconds(LINES)


def _milliseconds(lines: int) -> float:
    bundles = [_bundle(one, lines) for one in certificates(PAPERS, clock.today())]
    print_paper(_bundle(next(certificates(1, clock.today())), 1), _URL)  # Form and fonts are read.
    started = time.process_time()
    for data in bundles:
        print_paper(data, _URL)
    return (time.process_time() - started) * 1000 / PAPERS


def _bundle(one: FullPresentation, lines: int) -> bytes:
    """Return the bundle of the certificate with its line ``lines`` times, alone in its log."""
    first = one.certificate.lines[0]
    goods = tuple(
        replace(
            first,
            goods=replace(
                first.goods,
                line=number + 1,
                description=f"{first.goods.description} {secrets.token_hex(4)}",
            ),
        )
        for number in range(lines)
    )
    full = replace(one, certificate=replace(one.certificate, lines=goods))
    leaf = entry_leaf_hash(Kind.CERTIFICATE, full.digest)
    head = Checkpoint(log_name(AUTHORITY), 1, Digest(tree_head([leaf])))
    note = signed_note(head, _SIGNER.public_key, _SIGNER.sign(note_body(head)))
    return bundle(full, _SIGNER, LogProof(0, SignedCheckpoint.parse(note), ()))
