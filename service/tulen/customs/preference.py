"""Whether a line that claims preference gets it: granted, denied or suspended, with every reason.

The caller has verified the certificate and read what is left of it; here the findings are weighed.
What could not be checked suspends a claim; it never grants it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tulen.customs.declaration import Declaration, DeclarationLine, PreferenceClaim
from tulen.customs.pack import CountryPack
from tulen.errors import InvalidInputError
from tulen.values import AgreementCode, Country, HsCode, PartyCode, Quantity, UnitCode, decimal_text
from tulen.values.dated import NotInForceError, in_force


class CertificateVerdict(StrEnum):
    """What verifying the certificate came to (docs/specs/bundle.md).

    `NOT_FOUND` says that there is no such certificate, or no such line in it.
    """

    VALID = "VALID"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    REPLACED = "REPLACED"
    SUSPENDED = "SUSPENDED"
    NOT_FOUND = "NOT_FOUND"


class ClaimOutcome(StrEnum):
    """What becomes of a claim."""

    GRANT = "GRANT"
    DENY = "DENY"
    SUSPEND = "SUSPEND"


class ClaimReason(StrEnum):
    """Why a claim is not granted. The first group denies, the second suspends."""

    ORIGIN_CRITERIA = "ORIGIN_CRITERIA"
    EXPIRED = "EXPIRED"
    SIGNATORY_UNKNOWN = "SIGNATORY_UNKNOWN"
    REFERENCE_UNKNOWN = "REFERENCE_UNKNOWN"
    REVOKED = "REVOKED"
    REPLACED = "REPLACED"
    INTEGRITY = "INTEGRITY"
    QTY_OVERDRAW = "QTY_OVERDRAW"
    HS_MISMATCH = "HS_MISMATCH"
    GOODS_MISMATCH = "GOODS_MISMATCH"
    AGREEMENT_MISMATCH = "AGREEMENT_MISMATCH"
    AGREEMENT_NOT_OPEN = "AGREEMENT_NOT_OPEN"
    FACILITY_MISMATCH = "FACILITY_MISMATCH"
    DESTINATION_MISMATCH = "DESTINATION_MISMATCH"
    CONSIGNEE_MISMATCH = "CONSIGNEE_MISMATCH"
    RETRO_CHECK_NO_REPLY = "RETRO_CHECK_NO_REPLY"
    VISIT_REFUSED = "VISIT_REFUSED"

    NOT_VERIFIED = "NOT_VERIFIED"
    UNDER_VERIFICATION = "UNDER_VERIFICATION"
    QTY_NOT_COMPARABLE = "QTY_NOT_COMPARABLE"
    AGREEMENT_NOT_HELD = "AGREEMENT_NOT_HELD"

    @property
    def outcome(self) -> ClaimOutcome:
        """What this reason alone makes of a claim."""
        return ClaimOutcome.SUSPEND if self in _SUSPENDING else ClaimOutcome.DENY


_SUSPENDING = frozenset(
    (
        ClaimReason.NOT_VERIFIED,
        ClaimReason.UNDER_VERIFICATION,
        ClaimReason.QTY_NOT_COMPARABLE,
        ClaimReason.AGREEMENT_NOT_HELD,
    )
)

_BY_STEP = {
    "authority": ClaimReason.SIGNATORY_UNKNOWN,
    "key": ClaimReason.SIGNATORY_UNKNOWN,
    "mandate": ClaimReason.SIGNATORY_UNKNOWN,
    "period": ClaimReason.EXPIRED,
    "origin": ClaimReason.ORIGIN_CRITERIA,
}
"""Steps of verification whose failure has a reason of its own; any other means `INTEGRITY`."""

_BY_VERDICT = {
    CertificateVerdict.UNKNOWN: (
        ClaimReason.NOT_VERIFIED,
        "the certificate could not be checked in full",
    ),
    CertificateVerdict.EXPIRED: (ClaimReason.EXPIRED, "the certificate has expired"),
    CertificateVerdict.REVOKED: (
        ClaimReason.REVOKED,
        "the issuing authority has revoked the certificate",
    ),
    CertificateVerdict.REPLACED: (ClaimReason.REPLACED, "another certificate has replaced it"),
    CertificateVerdict.SUSPENDED: (
        ClaimReason.UNDER_VERIFICATION,
        "the issuing authority has suspended it",
    ),
    CertificateVerdict.NOT_FOUND: (
        ClaimReason.REFERENCE_UNKNOWN,
        "there is no such certificate or line",
    ),
}


@dataclass(frozen=True, slots=True)
class CertifiedLine:
    """One goods line of the certificate that a claim names.

    Attributes:
        certificate: The certificate's number.
        line: The line's number.
        agreement: The agreement that it is issued under.
        importing_country: The country that it is issued for.
        country_of_origin: Where the goods originate.
        hs_code: The goods' code; its first six digits count.
        consignee: The consignee's code in the register, or None where the certificate has none.
    """

    certificate: str
    line: int
    agreement: AgreementCode
    importing_country: Country
    country_of_origin: Country
    hs_code: HsCode
    consignee: PartyCode | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason not to grant a claim.

    Attributes:
        reason: Its code.
        because: The facts, for people.
    """

    reason: ClaimReason
    because: str


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """What is known about the certificate line behind a claim.

    Attributes:
        verdict: What verifying the certificate came to.
        certified: The line, or None where it could not be read or there is none.
        available: What is certified and not yet drawn; None where it could not be read.
        failed_steps: Names of the verification steps that failed.
        asked: What the requests for verification of the line speak against it (docs/specs/life.md).
    """

    verdict: CertificateVerdict
    certified: CertifiedLine | None = None
    available: Quantity | None = None
    failed_steps: tuple[str, ...] = ()
    asked: tuple[Objection, ...] = ()


NO_EVIDENCE = ClaimEvidence(CertificateVerdict.UNKNOWN)
"""What is known of a claim that nobody has looked into."""


@dataclass(frozen=True, slots=True)
class PreferenceDecision:
    """What becomes of one line's claim.

    Attributes:
        line: The declaration line.
        objections: Everything that speaks against it; none where it is granted.
    """

    line: int
    objections: tuple[Objection, ...] = ()

    @property
    def outcome(self) -> ClaimOutcome:
        """Denied if anything denies it, else suspended if anything suspends it, else granted."""
        outcomes = {objection.reason.outcome for objection in self.objections}
        if ClaimOutcome.DENY in outcomes:
            return ClaimOutcome.DENY
        return ClaimOutcome.SUSPEND if outcomes else ClaimOutcome.GRANT

    @property
    def reasons(self) -> tuple[ClaimReason, ...]:
        """The codes of the objections."""
        return tuple(objection.reason for objection in self.objections)

    def to_document(self) -> dict[str, Any]:
        """Return the decision's JSON form."""
        return {
            "line": self.line,
            "outcome": str(self.outcome),
            "objections": [
                {"reason": str(objection.reason), "because": objection.because}
                for objection in self.objections
            ],
        }


def decide_preferences(
    declaration: Declaration, evidence: Mapping[int, ClaimEvidence], pack: CountryPack
) -> dict[int, PreferenceDecision]:
    """Return the decision on every line that claims preference, by line number.

    Lines that claim the same certificate line share what is left of it, lowest line number first;
    a denied line takes nothing. A claim without evidence is suspended.

    Args:
        declaration: The declaration.
        evidence: What is known about each claim, by line number.
        pack: The importing country's agreements.

    Raises:
        InvalidInputError: there is evidence for a line that claims nothing.
    """
    claiming = {line.line for line in declaration.lines if line.claim is not None}
    for number in evidence:
        if number not in claiming:
            raise InvalidInputError("evidence", number, "is not a line that claims preference")
    taken: dict[tuple[str, int, UnitCode], Decimal] = {}
    decisions = {}
    for line in sorted(declaration.lines, key=lambda line: line.line):
        claim = line.claim
        if claim is None:
            continue
        known = evidence.get(line.line, NO_EVIDENCE)
        share = (claim.certificate, claim.certificate_line, line.quantity.unit)
        before = taken.get(share, Decimal(0))
        decisions[line.line] = decision = PreferenceDecision(
            line.line,
            (
                *_verified(known),
                *known.asked,
                *_named(claim, known.certified),
                *_entitled(declaration, line, claim, known, pack),
                *_left(line, known, before),
            ),
        )
        if decision.outcome is not ClaimOutcome.DENY:
            taken[share] = before + line.quantity.amount
    return decisions


def _verified(known: ClaimEvidence) -> Iterator[Objection]:
    """Object to what verifying the certificate showed."""
    if known.verdict in _BY_VERDICT:
        yield Objection(*_BY_VERDICT[known.verdict])
    elif known.verdict is CertificateVerdict.INVALID and not known.failed_steps:
        yield Objection(ClaimReason.INTEGRITY, "the certificate is not valid")
    failed: dict[ClaimReason, list[str]] = {}
    for step in known.failed_steps:
        failed.setdefault(_BY_STEP.get(step, ClaimReason.INTEGRITY), []).append(step)
    for reason, steps in failed.items():
        yield Objection(reason, f"verification failed at {', '.join(steps)}")


def _named(claim: PreferenceClaim, certified: CertifiedLine | None) -> Iterator[Objection]:
    """Object where the evidence is of another certificate line than the claim names."""
    claimed = (claim.certificate, claim.certificate_line)
    if certified is not None and (certified.certificate, certified.line) != claimed:
        yield Objection(
            ClaimReason.REFERENCE_UNKNOWN,
            f"claimed: line {claim.certificate_line} of {claim.certificate}; "
            f"checked: line {certified.line} of {certified.certificate}",
        )


def _entitled(
    declaration: Declaration,
    line: DeclarationLine,
    claim: PreferenceClaim,
    known: ClaimEvidence,
    pack: CountryPack,
) -> Iterator[Objection]:
    """Object where agreement, goods, origin, destination or consignee do not fit the claim."""
    yield from _open_agreement(declaration, line, claim, pack)
    certified = known.certified
    if certified is None:
        if known.verdict is not CertificateVerdict.NOT_FOUND:
            yield Objection(ClaimReason.NOT_VERIFIED, "the certified goods could not be read")
        return
    importer = declaration.importer.party
    facts = (
        (ClaimReason.AGREEMENT_MISMATCH, "agreement", claim.agreement, certified.agreement),
        (ClaimReason.HS_MISMATCH, "HS-6", line.hs_code.subheading, certified.hs_code.subheading),
        (
            ClaimReason.GOODS_MISMATCH,
            "country of origin",
            line.country_of_origin,
            certified.country_of_origin,
        ),
        (
            ClaimReason.DESTINATION_MISMATCH,
            "importing country",
            pack.country,
            certified.importing_country,
        ),
        (ClaimReason.CONSIGNEE_MISMATCH, "consignee", importer, certified.consignee or importer),
    )
    for reason, name, declared, on_certificate in facts:
        if declared != on_certificate:
            yield Objection(
                reason, f"{name}: declared {declared}, certified {on_certificate or 'none'}"
            )


def _open_agreement(
    declaration: Declaration, line: DeclarationLine, claim: PreferenceClaim, pack: CountryPack
) -> Iterator[Objection]:
    """Object where the importing country gives no such preference to that origin on that day."""
    day = declaration.declared_on
    agreement = pack.agreements.get(claim.agreement)
    if agreement is None:
        yield Objection(
            ClaimReason.AGREEMENT_NOT_HELD, f"the pack '{pack.title}' holds no {claim.agreement}"
        )
        return
    if claim.facility != agreement.facility:
        yield Objection(
            ClaimReason.FACILITY_MISMATCH,
            f"facility {claim.facility} is not that of {claim.agreement}, {agreement.facility}",
        )
    try:
        origins = in_force(agreement.origins, day, f"origins of {claim.agreement}").value
    except NotInForceError as error:
        yield Objection(ClaimReason.AGREEMENT_NOT_HELD, str(error))
        return
    if line.country_of_origin not in origins:
        yield Objection(
            ClaimReason.AGREEMENT_NOT_OPEN,
            f"{claim.agreement} is not open to goods of {line.country_of_origin} on {day}",
        )


def _left(line: DeclarationLine, known: ClaimEvidence, before: Decimal) -> Iterator[Objection]:
    """Object where the certificate line has too little left, or it is not known how much."""
    available = known.available
    claimed = line.quantity
    if available is None:
        if known.verdict is not CertificateVerdict.NOT_FOUND:
            yield Objection(ClaimReason.NOT_VERIFIED, "what is left could not be read")
    elif available.unit != claimed.unit:
        yield Objection(
            ClaimReason.QTY_NOT_COMPARABLE, f"{claimed} is claimed, {available} is certified"
        )
    elif before + claimed.amount > available.amount:
        also = f" after {decimal_text(before)} for lines before it" if before else ""
        yield Objection(
            ClaimReason.QTY_OVERDRAW, f"{claimed} is claimed, {available} is left{also}"
        )
