"""An importer files a declaration with its proofs of origin; every claim is decided at once."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

from tulen.certificate import Bundle, FullPresentation, Goods
from tulen.chain import contracts
from tulen.chain.deployment import view
from tulen.customs import (
    CertificateVerdict,
    CertifiedLine,
    ClaimEvidence,
    Declaration,
    DeclarationLine,
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
from tulen.values.fields import members_of
from tulen.verify import CheckOutcome, Verification
from tulen.workflows import clock
from tulen.workflows.asked import asked_about
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
class Presented:
    """A bundle that shows the whole of a certificate.

    Attributes:
        bundle: The bundle.
        full: What it shows.
    """

    bundle: Bundle
    full: FullPresentation

    @classmethod
    def from_document(cls, value: object) -> "Presented":
        """Return what ``value`` spells.

        Raises:
            InvalidInputError: it is no bundle, or does not disclose the whole certificate.
        """
        bundle = Bundle.from_document(value)
        if not isinstance(bundle.certificate, FullPresentation):
            raise InvalidInputError(
                "/certificate", "redacted", "does not disclose the whole, as customs needs it"
            )
        return cls(bundle, bundle.certificate)

    def goods(self, line: int) -> Goods | None:
        """Return the goods of a certificate line; None where there is no such line."""
        lines = self.full.certificate.lines
        return lines[line - 1].goods if 0 < line <= len(lines) else None


@dataclass(frozen=True, slots=True)
class Filed:
    """A declaration as it was filed, read again from the vault.

    Attributes:
        declaration: The declaration.
        proofs: The bundles that were presented with it, each read when it is asked for.
    """

    declaration: Declaration
    proofs: list[dict[str, Any]]

    def line(self, number: int) -> DeclarationLine:
        """Return a line, or raise `NotFoundError`."""
        for line in self.declaration.lines:
            if line.line == number:
                return line
        raise NotFoundError(f"declaration {self.declaration.number} has no line {number}")

    def presented(self, certificate: str) -> Presented:
        """Return what was presented of ``certificate``, or raise `NotFoundError`."""
        for proof in self.proofs:
            if proof["certificate"]["document"]["number"] == certificate:
                return Presented.from_document(proof)
        raise NotFoundError(
            f"certificate {certificate} was not presented with declaration "
            f"{self.declaration.number}"
        )


async def declare(office: Office, caller: Caller, document: dict[str, Any]) -> DeclarationView:
    """File a declaration; the same one once more returns the first assessment.

    Args:
        office: Where.
        caller: The importer.
        document: ``{"declaration": ..., "proofs": [bundle, ...]}``.

    Raises:
        WrongRoleError: the caller is no importer.
        InvalidInputError: declaration or a proof is malformed, or a certificate presented twice.
        OtherContentError: the number was used for another declaration.
        NotInTariffError: a goods code has no rate.
    """
    caller.must_be(Role.IMPORTER)
    declaration, proofs = _request_in(document)
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
        assessment = await _assess(office, caller, declaration, proofs)
        row = declarations.Declaration(
            number=declaration.number,
            importer=caller.party,
            content_digest=content,
            document_ref=await asyncio.to_thread(office.vault.put, data),
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


async def filed(office: Office, row: declarations.Declaration) -> Filed:
    """Return a declaration as it was filed."""
    kept = parse_strict(await asyncio.to_thread(office.vault.get, row.document_ref))
    return Filed(Declaration.from_document(kept["declaration"]), kept.get("proofs", []))


async def _assess(
    office: Office, caller: Caller, declaration: Declaration, proofs: dict[str, Presented]
) -> dict[str, Any]:
    """Verify the proofs, decide every claim, and compute what is payable."""
    pack = country_pack(caller.party.country)
    claims = {line.line: line.claim for line in declaration.lines if line.claim is not None}
    claimed = sorted(proofs.keys() & {claim.certificate for claim in claims.values()})
    answers = await asyncio.gather(
        *(
            verify_bundle(office, proofs[number].bundle, declaration.declared_on)
            for number in claimed
        )
    )
    verified = dict(zip(claimed, answers, strict=True))
    found = await asyncio.gather(
        *(_evidence(office, claim, proofs, verified) for claim in claims.values())
    )
    evidence = dict(zip(claims, found, strict=True))
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


async def _evidence(
    office: Office,
    claim: PreferenceClaim,
    proofs: dict[str, Presented],
    verified: dict[str, Verification],
) -> ClaimEvidence:
    """Return what is known of the certificate line behind a claim."""
    proof = proofs.get(claim.certificate)
    goods = proof.goods(claim.certificate_line) if proof else None
    if proof is None or goods is None:
        return ClaimEvidence(CertificateVerdict.NOT_FOUND)
    verification = verified[claim.certificate]
    certificate = proof.full.certificate
    consignment = certificate.consignment
    return ClaimEvidence(
        CertificateVerdict(verification.verdict.value),
        CertifiedLine(
            certificate=certificate.number,
            line=goods.line,
            agreement=consignment.agreement,
            importing_country=consignment.importing_country,
            country_of_origin=consignment.exporting_country,
            hs_code=goods.hs_code,
        ),
        await left_of(office, proof.full.digest, goods),
        tuple(check.name for check in verification.checks if check.outcome is CheckOutcome.FAIL),
        await asked_about(office, proof.full.digest, goods.line),
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
    # No honest seal has two allowances for one line; a forged one may, and has nothing left then.
    return Quantity.from_micro(max(goods.quantity.micro - drawn, 0), goods.quantity.unit)


def _request_in(document: dict[str, Any]) -> tuple[Declaration, dict[str, Presented]]:
    """Return the declaration and the proofs by certificate, or raise `InvalidInputError`."""
    members = members_of(document, "", ("declaration",), ("proofs",))
    proofs = members.get("proofs", [])
    if not isinstance(proofs, list) or len(proofs) > MAX_PROOFS:
        raise InvalidInputError("/proofs", proofs, f"is not a list of at most {MAX_PROOFS} bundles")
    try:
        declaration = Declaration.from_document(members["declaration"])
    except InvalidInputError as error:
        raise error.within("/declaration") from None
    found: dict[str, Presented] = {}
    for index, bundle in enumerate(proofs):
        try:
            presented = Presented.from_document(bundle)
        except InvalidInputError as error:
            raise error.within(f"/proofs/{index}") from None
        number = presented.full.certificate.number
        if number in found:  # Which of them is meant could be told differently at each draw.
            raise InvalidInputError(f"/proofs/{index}", number, "is presented twice")
        found[number] = presented
    return declaration, found
