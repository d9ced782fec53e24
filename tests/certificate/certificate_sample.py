"""A certificate of two goods lines, its bundle and what the chain holds of it, all constants."""

import copy
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from nacl.signing import SigningKey

from tulen.certificate import (
    AnchorReceipt,
    Bundle,
    Certificate,
    FullPresentation,
    LogProof,
    Presentation,
    Signature,
    seal,
    signing_bytes,
)
from tulen.log import (
    Checkpoint,
    Kind,
    SignedCheckpoint,
    entry_leaf_hash,
    inclusion_path,
    log_name,
    note_body,
    signed_note,
    tree_head,
)
from tulen.origin import OriginInputs, assess, load_packs
from tulen.values import AgreementCode, Country, Digest, Ed25519PublicKey, PartyCode
from tulen.verify import (
    AnchoredRoot,
    AnchorTransaction,
    CertificateStatus,
    ChainFacts,
    CheckOutcome,
    RegisteredKey,
    RegisteredMandate,
    RegisteredParty,
    State,
    TrustPolicy,
    Verification,
    question_of,
)

KEY = SigningKey(bytes(range(32)))
PUBLIC_KEY = Ed25519PublicKey(bytes(KEY.verify_key))
OTHER_KEY = SigningKey(bytes(range(1, 33)))
SEED = hashlib.sha256(b"the seed of the sample").digest()
AUTHORITY = PartyCode("VN.MOIT")
ISSUED_ON = date(2026, 1, 15)
ANCHORED_AT = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
ON = date(2026, 2, 1)
LOG_SIZE, LOG_INDEX = 11, 6


def _material(description: str, value: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"description": description, "value": value, "originating": False, **more}


BISCUITS: dict[str, Any] = {
    "agreement": "ATIGA",
    "exporting_country": "VN",
    "importing_country": "ID",
    "hs_code": "190531",
    "description": "Sweet butter biscuits in retail cartons",
    "fob": {"amount": "10000", "currency": "USD"},
    "method": "build-down",
    "materials": [
        _material("Wheat flour", "1800", hs_code="110100", country="AU"),
        _material("Butter", "1500", hs_code="040510", country="NZ"),
        _material("Skimmed milk powder", "350.5", hs_code="040210", country="NZ"),
        _material("Vanilla flavouring", "60", hs_code="330210"),
        {
            "description": "Refined cane sugar",
            "value": "900",
            "originating": True,
            "hs_code": "170199",
            "country": "TH",
            "evidence": "Form D TH-2026-0041187",
        },
    ],
}


def _line(number: int, quantity: str, inputs: dict[str, Any]) -> dict[str, Any]:
    pack = load_packs()[AgreementCode("ATIGA")]
    verdict = assess(OriginInputs.from_document(inputs), pack, ISSUED_ON)
    return {
        "line": number,
        "marks": f"TULEN {number}",
        "packages": "50 cartons",
        "description": f"Sweet butter biscuits, Đà Lạt, kind {number}",
        "hs_code": "19053110",
        "quantity": quantity,
        "unit": "KGM",
        "fob": {"amount": "10000", "currency": "USD"},
        "criterion": verdict.criterion,
        "origin": {
            "judged_on": ISSUED_ON.isoformat(),
            "rule_set": pack.rule_set,
            "rule_set_digest": pack.digest.hex(),
            "verdict": "MET",
            "verdict_digest": verdict.digest().hex(),
            "inputs": inputs,
        },
    }


def document() -> dict[str, Any]:
    """Return a fresh copy of the certificate's document."""
    return copy.deepcopy(_DOCUMENT)


_DOCUMENT: dict[str, Any] = {
    "format": "tulen/certificate/v1",
    "number": "VN-ATIGA-2026-000001",
    "agreement": "ATIGA",
    "form": "D",
    "issuing_authority": {
        "code": AUTHORITY,
        "name": "Ministry of Industry and Trade of Viet Nam",
        "country": "VN",
    },
    "exporter": {
        "name": "Công ty Bánh Kẹo Sao Mai",
        "address": "12 Nguyễn Huệ, Thành phố Hồ Chí Minh",
        "country": "VN",
    },
    "consignee": {
        "name": "PT Roti Nusantara",
        "address": "Jalan Pelabuhan 8, Jakarta Utara",
        "country": "ID",
    },
    "exporting_country": "VN",
    "importing_country": "ID",
    "transport": {
        "departure_on": "2026-01-16",
        "means": "MV Bintang 042",
        "port_of_loading": "VNSGN",
        "port_of_discharge": "IDTPP",
    },
    "invoices": [{"number": "SM/2026/0007", "issued_on": "2026-01-10"}],
    "lines": [
        _line(1, "1000", BISCUITS),
        _line(2, "12.5", {**BISCUITS, "materials": BISCUITS["materials"][:3]}),
    ],
    "ticks": ["accumulation", "third-country-invoicing"],
    "approval": {"recommended_by": "officer-17", "approved_by": "officer-4"},
    "issued_on": ISSUED_ON.isoformat(),
    "valid_until": "2027-01-15",
}

CERTIFICATE = Certificate.from_document(document())
POLICY = TrustPolicy(chain_id=31337, ledger="0x" + "5f" * 20)
RECEIPT = AnchorReceipt(
    chain_id=POLICY.chain_id,
    ledger=POLICY.ledger,
    transaction=Digest(hashlib.sha256(b"transaction").digest()),
    block_number=42,
    block_hash=Digest(hashlib.sha256(b"block").digest()),
    anchored_at=ANCHORED_AT,
)


@dataclass(frozen=True)
class Issuer:
    """An authority that signs and logs what a test wants, however wrong."""

    key: SigningKey = KEY
    log: str = log_name(AUTHORITY)

    def bundle(
        self,
        presentation: Presentation,
        *,
        digest: Digest | None = None,
        receipt: AnchorReceipt | None = RECEIPT,
    ) -> Bundle:
        """Return a bundle in which everything is in order for this issuer."""
        if digest is None:
            digest = presentation.digest
        assert digest is not None
        public = Ed25519PublicKey(bytes(self.key.verify_key))
        others = [Digest(hashlib.sha256(bytes([n])).digest()) for n in range(LOG_SIZE)]
        others[LOG_INDEX] = digest
        leaves = [entry_leaf_hash(Kind.CERTIFICATE, entry) for entry in others]
        head = Checkpoint(self.log, LOG_SIZE, Digest(tree_head(leaves)))
        note = signed_note(head, public, self.key.sign(note_body(head)).signature)
        return Bundle(
            presentation,
            Signature(public, self.key.sign(signing_bytes(digest)).signature),
            LogProof(
                LOG_INDEX,
                SignedCheckpoint.parse(note),
                tuple(map(Digest, inclusion_path(leaves, LOG_INDEX))),
            ),
            receipt,
        )


def issued(change: dict[str, Any] | None = None, issuer: Issuer | None = None) -> Bundle:
    """Return the full bundle of the sample, with some members of the document changed."""
    certificate = Certificate.from_document({**document(), **(change or {})})
    return (issuer or Issuer()).bundle(FullPresentation(certificate, SEED))


BUNDLE = issued()
DIGEST = seal(CERTIFICATE, SEED).digest
GOOD = CertificateStatus(State.GOOD, 0, None, None)
QUESTION = question_of(BUNDLE)
assert QUESTION is not None
FACTS = ChainFacts(
    question=QUESTION,
    chain_id=POLICY.chain_id,
    as_of_block=99,
    as_of=datetime(2026, 2, 1, 9, 0, tzinfo=UTC),
    read_at=datetime(2026, 2, 1, 9, 0, 2, tzinfo=UTC),
    anchored=AnchoredRoot(LOG_SIZE, ANCHORED_AT, AUTHORITY.on_chain),
    status=GOOD,
    party=RegisteredParty(Country("VN"), True, datetime(2025, 12, 1, tzinfo=UTC)),
    key=RegisteredKey(datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC), None),
    mandate=RegisteredMandate(datetime(2025, 12, 1, tzinfo=UTC), None),
    mandate_when_anchored=RegisteredMandate(datetime(2025, 12, 1, tzinfo=UTC), None),
    recognised=True,
    recognised_when_anchored=True,
    issuing_paused=False,
    accounts=(),
    transaction=AnchorTransaction(42, RECEIPT.block_hash, True, True),
)


def facts_for(bundle: Bundle) -> ChainFacts:
    """Return what the chain would hold if it had anchored ``bundle``."""
    question = question_of(bundle)
    assert question is not None
    return replace(FACTS, question=question)


def names_of(verification: Verification, outcome: CheckOutcome) -> list[str]:
    """Return the names of the checks that answered ``outcome``."""
    return [check.name for check in verification.checks if check.outcome is outcome]
