"""What an authority and its exporter see of a certificate, and the bundle that proves it."""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from tulen.certificate import (
    AnchorReceipt,
    Bundle,
    Certificate,
    FullPresentation,
    LogProof,
    Signature,
)
from tulen.certificate.profiles import Profile, present
from tulen.database import (
    applications,
    certificates,
    checkpoints,
    declarations,
    events,
    transactions,
)
from tulen.database.states import CertificateState
from tulen.errors import NotFoundError, UnavailableError
from tulen.log import SignedCheckpoint
from tulen.values import Digest, PartyCode, Quantity, instant_text, parse_strict
from tulen.verify import State, reason_words
from tulen.workflows import clock
from tulen.workflows.log_proof import inclusion_path
from tulen.workflows.office import Caller, Office

STATES: Final = {
    "Revoked": State.REVOKED,
    "Suspended": State.SUSPENDED,
    "Resumed": State.GOOD,
    "Replaced": State.REPLACED,
}
"""The ledger's events that change a certificate's status, and what each makes of it."""


class NotYetFinalError(UnavailableError):
    """The certificate is issued, but its anchor is not final yet; ask again."""

    code: ClassVar[str] = "not-yet-final"


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate as its register has it.

    Attributes:
        document: Its JSON form.
    """

    document: dict[str, Any]

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self.document


async def certificate_of(office: Office, caller: Caller, number: str) -> CertificateView:
    """Return a certificate to its exporter or its authority.

    Raises:
        NotFoundError: there is none, or it is not the caller's to see.
    """
    return await certificate_view(office, await row_for(office, caller, number))


async def row_for(office: Office, caller: Caller, number: str) -> certificates.Certificate:
    """Return the row of a certificate that the caller may see.

    Raises:
        NotFoundError: there is none, or it is another authority's and another exporter's.
    """
    async with office.database.transaction() as connection:
        row = await certificates.find(connection, number)
        application = await applications.find(connection, row.application) if row else None
    if (
        row is None
        or application is None
        or caller.party not in (row.authority, application.exporter)
    ):
        raise NotFoundError(f"certificate {number} is not in the register")
    return row


async def certificate_view(office: Office, row: certificates.Certificate) -> CertificateView:
    """Return what the register has of a certificate: state, anchor, status, what is drawn."""
    async with office.database.transaction() as connection:
        covering = (
            await checkpoints.checkpoint_covering(connection, row.authority, row.log_index)
            if row.log_index is not None
            else None
        )
        seen = await events.about(connection, row.digest)
        lines = await certificates.lines_of(connection, row.number)
        drawn = await declarations.drawdowns_of(connection, row.digest)
        anchor = covering[1] if covering else None
        attempt = anchor and await transactions.find_attempt(connection, anchor.tx_hash)
    publish_by = row.precommitted_at + office.settings.publish_within
    document: dict[str, Any] = {
        "number": row.number,
        "application": str(row.application),
        "authority": row.authority,
        "agreement": row.agreement,
        "form": row.form,
        "digest": row.digest.hex(),
        "issued_on": row.issued_on.isoformat(),
        "valid_until": row.valid_until.isoformat(),
        "state": row.state.value,
        "publish_by": instant_text(publish_by),
        "drawn": _drawn(lines, seen),
        "drawdowns": [
            {
                "declaration": item.declaration,
                "line": item.line,
                "certificate_line": item.certificate_line,
                "office": item.office,
                "state": item.state.value,
            }
            for item in drawn
        ],
    }
    if covering is not None:
        checkpoint = covering[0]
        document["state"] = "checkpointed"
        document["checkpoint"] = {
            "size": checkpoint.size,
            "root": checkpoint.root_hash.hex(),
            "note": checkpoint.note,
        }
        if anchor is not None:
            document["state"] = "final" if anchor.final else "mined"
            document["anchor"] = {
                "size": checkpoint.size,
                "root": checkpoint.root_hash.hex(),
                "transaction": anchor.tx_hash.hex(),
                "block_number": anchor.block_number,
                "block_hash": anchor.block_hash.hex(),
                "anchored_at": instant_text(anchor.anchored_at),
            }
            if attempt and attempt.gas_used is not None:
                document["anchor"]["gas_used"] = attempt.gas_used
    document["late"] = document["state"] != "final" and clock.now() > publish_by
    if statuses := status_changes(seen, row.authority):
        last = statuses[-1]
        document["status"] = {
            "state": STATES[last.event.name].name,
            "reason": reason_words(last.event.arguments["reason"]),
            "since": instant_text(last.block_time),
            "final": last.final,
        }
    return CertificateView(document)


def status_changes(
    seen: tuple[events.SeenEvent, ...], authority: PartyCode
) -> list[events.SeenEvent]:
    """Return which of ``seen`` changed the status of a certificate of ``authority``, in order.

    Any authority may declare a status of any digest; nobody asks what another one declared.
    """
    return [
        item
        for item in seen
        if item.event.name in STATES
        and item.event.arguments["authority"] == authority.on_chain.hex()
    ]


def _drawn(
    lines: tuple[certificates.CertificateLine, ...], seen: tuple[events.SeenEvent, ...]
) -> list[dict[str, Any]]:
    """Return per line what is certified and what the chain says is drawn."""
    sums = dict.fromkeys((line.line for line in lines), 0)
    signs = {"Drawn": 1, "Released": -1}
    for item in seen:
        arguments = item.event.arguments
        if item.event.name in signs and arguments["line"] in sums:
            sums[arguments["line"]] += signs[item.event.name] * arguments["quantity"]
    return [
        {
            "line": line.line,
            "certified": str(Quantity.from_micro(line.certified_micro, line.unit)),
            "drawn": str(Quantity.from_micro(sums[line.line], line.unit)),
        }
        for line in lines
    ]


async def export_bundle(
    office: Office, caller: Caller, number: str, profile: Profile | None = None
) -> bytes:
    """Return the bundle file of a certificate, in full or as ``profile`` shows it.

    Raises:
        NotFoundError: there is no such certificate, or it is not the caller's to see.
        NotYetFinalError: its anchor is not final yet.
    """
    bundle = await bundle_of(office, caller, number)
    return (bundle if profile is None else present(bundle, profile)).to_bytes()


async def bundle_of(office: Office, caller: Caller, number: str) -> Bundle:
    """Return the full bundle of a certificate; errors as for `export_bundle`."""
    row = await row_for(office, caller, number)
    if row.state is not CertificateState.LOGGED or row.log_index is None or row.signature is None:
        raise NotYetFinalError(f"certificate {number} is {row.state}; ask again in a moment")
    async with office.database.transaction() as connection:
        covering = await checkpoints.checkpoint_covering(connection, row.authority, row.log_index)
        checkpoint, anchor = covering or (None, None)
        if checkpoint is None or anchor is None or not anchor.final:
            raise NotYetFinalError(
                f"certificate {number} is issued, but its anchor is not final yet; ask again"
            )
    path = await inclusion_path(office, row.authority, row.log_index, checkpoint.size)
    return Bundle(
        await _presentation(office, row.document_ref),
        Signature(row.key, row.signature),
        LogProof(row.log_index, SignedCheckpoint.parse(checkpoint.note), path),
        AnchorReceipt(
            anchor.chain_id,
            f"0x{anchor.ledger.hex()}",
            anchor.tx_hash,
            anchor.block_number,
            anchor.block_hash,
            anchor.anchored_at,
        ),
    )


async def _presentation(office: Office, ref: Digest) -> FullPresentation:
    """Return the certificate and seed that the vault keeps under ``ref``."""
    stored = parse_strict(await asyncio.to_thread(office.vault.get, ref))
    return FullPresentation(
        Certificate.from_document(stored["document"]), bytes.fromhex(stored["seed"])
    )
