"""An importer files a declaration with its proofs of origin; every claim is decided at once."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

from tulen.certificate import Bundle, Certificate, FullPresentation, Goods
from tulen.chain import contracts
from tulen.chain.deployment import view
from tulen.customs import (
    CertificateVerdict,
    CertifiedLine,
    ClaimEvidence,
    Declaration,
    PreferenceClaim,
    assess_duties,
    country_pack,
    decide_preferences,
    demonstration_tariff,
    money_text,
)
from tulen.database import declarations
from tulen.database.errors import OtherContentError
from tulen.database.states import Role
from tulen.errors import InvalidInputError, NotFoundError, UnavailableError
from tulen.values import Digest, Quantity, canonical_bytes, instant_text, parse_strict
from tulen.values.dated import members_of
from tulen.verify import CheckOutcome, Verification
from tulen.workflows import clock
from tulen.workflows.office import Caller, Office
from tulen.workflows.verify import verify_bundle

MAX_PROOFS = 50


@dataclass(frozen=True, slots=True)
class DeclarationView:
    """A declaration as it was assessed when it was filed.

    Attributes:
        row: What the register has.
    """

    row: declarations.Declaration

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "number": self.row.number,
            "importer": self.row.importer,
            "declared_on": self.row.declared_on.isoformat(),
            "filed_at": instant_text(self.row.filed_at),
            **self.row.assessment,
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """A certificate that was presented with a declaration, and what verifying it came to."""

    certificate: Certificate
    digest: Digest
    verification: Verification


async def declare(office: Office, caller: Caller, document: dict[str, Any]) -> DeclarationView:
    """File a declaration; the same one once more returns the first assessment.

    Args:
        office: Where.
        caller: The importer.
        document: ``{"declaration": ..., "proofs": [bundle, ...]}``.

    Raises:
        WrongRoleError: the caller is no importer.
        InvalidInputError: declaration or a proof is malformed.
        OtherContentError: the number was used for another declaration.
        NotInTariffError: a goods code has no rate.
    """
    caller.must_be(Role.IMPORTER)
    declaration, bundles = _request_in(document)
    if declaration.importer.party != caller.party:
        raise InvalidInputError(
            "/declaration/importer/party", declaration.importer.party, f"is not {caller.party}"
        )
    data = canonical_bytes(document)
    content = Digest(hashlib.sha256(data).digest())
    async with office.database.transaction() as connection:
        known = await declarations.find(connection, declaration.number)
    if known is not None and known.content_digest != content:
        raise OtherContentError(f"declaration {declaration.number}", "another digest or importer")
    if known is None:
        assessment = await _assess(office, caller, declaration, bundles)
        row = declarations.Declaration(
            number=declaration.number,
            importer=caller.party,
            content_digest=content,
            document_ref=office.vault.put(data),
            assessment=assessment,
            declared_on=declaration.declared_on,
            filed_at=clock.now(),
        )
        async with office.database.transaction() as connection:
            known = await declarations.file(connection, row)
    return DeclarationView(known)


async def declaration_of(office: Office, caller: Caller, number: str) -> DeclarationView:
    """Return a declaration to its importer, or to customs of the importing country.

    Raises:
        NotFoundError: there is none, or it is not the caller's to see.
    """
    return DeclarationView(await row_for(office, caller, number))


async def row_for(office: Office, caller: Caller, number: str) -> declarations.Declaration:
    """Return the row of a declaration that the caller may see.

    Raises:
        NotFoundError: there is none, or it is not the caller's to see.
    """
    async with office.database.transaction() as connection:
        row = await declarations.find(connection, number)
    customs = caller.role is Role.CUSTOMS
    if row is None or not (
        caller.party == row.importer or (customs and caller.party.country == row.importer.country)
    ):
        raise NotFoundError(f"declaration {number} is not in the register")
    return row


async def _assess(
    office: Office, caller: Caller, declaration: Declaration, bundles: list[bytes]
) -> dict[str, Any]:
    """Verify the proofs, decide every claim, and compute what is payable."""
    found = await asyncio.gather(*(_proof(office, data, declaration) for data in bundles))
    proofs = {str(proof.certificate.number): proof for proof in found}
    pack = country_pack(caller.party.country)
    evidence = {
        line.line: await _evidence(office, line.claim, proofs.get(str(line.claim.certificate)))
        for line in declaration.lines
        if line.claim is not None
    }
    decisions = decide_preferences(declaration, evidence, pack)
    duties = assess_duties(declaration, demonstration_tariff(), pack, decisions)
    return {
        **duties.to_document(),
        "customs_value_text": money_text(duties.value),
        "saving_text": money_text(duties.saving),
        "levies": [
            {
                "levy": str(mfn.levy),
                "mfn": str(mfn.payable),
                "mfn_text": money_text(mfn.payable),
                "preferential": str(granted.payable),
                "preferential_text": money_text(granted.payable),
            }
            for mfn, granted in zip(
                duties.without_preference.levies, duties.with_preference.levies, strict=True
            )
        ],
        "claims": [
            {
                "line": line,
                "outcome": decision.outcome.value,
                "reasons": [reason.value for reason in decision.reasons],
                "because": "; ".join(objection.because for objection in decision.objections),
            }
            for line, decision in decisions.items()
        ],
    }


async def _proof(office: Office, data: bytes, declaration: Declaration) -> Proof:
    """Return the certificate in a bundle, verified for the day of the declaration."""
    bundle = Bundle.parse(data)
    presented = bundle.certificate
    if not isinstance(presented, FullPresentation):
        raise InvalidInputError(
            "/proofs", "redacted", "does not disclose the whole certificate, as customs needs it"
        )
    verification = await verify_bundle(office, data, declaration.declared_on)
    return Proof(presented.certificate, presented.digest, verification)


async def _evidence(office: Office, claim: PreferenceClaim, proof: Proof | None) -> ClaimEvidence:
    """Return what is known of the certificate line behind a claim."""
    if proof is None or claim.certificate_line > len(proof.certificate.lines):
        return ClaimEvidence(CertificateVerdict.NOT_FOUND)
    certificate = proof.certificate
    goods = certificate.lines[claim.certificate_line - 1].goods
    consignment = certificate.consignment
    return ClaimEvidence(
        CertificateVerdict(proof.verification.verdict.value),
        CertifiedLine(
            certificate=certificate.number,
            line=goods.line,
            agreement=consignment.agreement,
            importing_country=consignment.importing_country,
            country_of_origin=consignment.exporting_country,
            hs_code=goods.hs_code,
        ),
        await left_of(office, proof.digest, goods),
        tuple(
            check.name for check in proof.verification.checks if check.outcome is CheckOutcome.FAIL
        ),
    )


async def left_of(office: Office, digest: Digest, goods: Goods) -> Quantity | None:
    """Return what the chain says is left of a certificate line; None where it does not answer."""
    try:
        (drawn,) = await view(
            office.chain,
            contracts.drawdowns(),
            office.deployment.drawdowns,
            "drawn",
            digest,
            goods.line,
        )
    except UnavailableError:
        return None
    return Quantity.from_micro(goods.quantity.micro - drawn, goods.quantity.unit)


def _request_in(document: dict[str, Any]) -> tuple[Declaration, list[bytes]]:
    """Return the declaration and the bundles' bytes, or raise `InvalidInputError`."""
    members = members_of(document, "", ("declaration",), ("proofs",))
    proofs = members.get("proofs", [])
    if not isinstance(proofs, list) or len(proofs) > MAX_PROOFS:
        raise InvalidInputError("/proofs", proofs, f"is not a list of at most {MAX_PROOFS} bundles")
    try:
        declaration = Declaration.from_document(members["declaration"])
    except InvalidInputError as error:
        raise error.within("/declaration") from None
    for index, bundle in enumerate(proofs):
        try:
            Bundle.from_document(bundle)
        except InvalidInputError as error:
            raise error.within(f"/proofs/{index}") from None
    return declaration, [canonical_bytes(bundle) for bundle in proofs]


def presented_with(office: Office, row: declarations.Declaration, number: str) -> Bundle:
    """Return the bundle of certificate ``number`` that was presented with a declaration.

    Raises:
        NotFoundError: none was.
    """
    document = parse_strict(office.vault.get(row.document_ref))
    for proof in document.get("proofs", []):
        bundle = Bundle.from_document(proof)
        presented = bundle.certificate
        if isinstance(presented, FullPresentation) and presented.certificate.number == number:
            return bundle
    raise NotFoundError(f"certificate {number} was not presented with declaration {row.number}")
