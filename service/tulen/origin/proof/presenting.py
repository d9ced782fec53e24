"""What customs of the importing party look at when a proof of origin is presented, or is not."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tulen.errors import InvalidInputError
from tulen.origin.findings import Finding, Outcome
from tulen.origin.proof.procedure import (
    FobShown,
    Invoicing,
    PartialCumulation,
    Procedure,
    SelfCertification,
    Uses,
    Validity,
    Waiver,
)
from tulen.origin.proof.ruling import Decision, Ruling, ruled, silent, stated, together
from tulen.values import Country, Money

_LENIENT = {"shall": Decision.ACCEPT, "may": Decision.MAY_ACCEPT}


def judge_presentation(
    issued_on: date,
    presented_on: date,
    procedure: Procedure,
    on: date,
    *,
    force_majeure: bool | None = None,
    imported_on: date | None = None,
) -> Ruling:
    """Return whether a proof is presented within its validity, or may still be accepted.

    Args:
        issued_on: When it was issued.
        presented_on: When it was presented.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        force_majeure: Whether force majeure, or a cause beyond the exporter's control, delayed it.
        imported_on: When the goods were imported; None: not stated.
    """
    name = "presentation"
    entry = procedure.on(on, Validity)
    if entry is None:
        return silent(name, procedure.agreement, on)
    rule, article = entry.value, entry.reference
    expires = rule.lasts.after(issued_on)
    figures = (("issued", issued_on.isoformat()), ("expires", expires.isoformat()))
    late = Finding(
        name,
        Outcome.NOT_MET,
        f"{presented_on} is not before {expires}",
        article,
        figures,
        "show force majeure, or that the goods were imported before"
        if rule.force_majeure or rule.imported_in_time
        else "",
    )
    if presented_on < issued_on:
        finding = late._replace(
            reason=f"{presented_on} is before it was issued, on {issued_on}", remedy=""
        )
        return Ruling(Decision.REJECT_PREFERENCE, finding, expires_on=expires)
    if presented_on < expires:
        finding = Finding(
            name, Outcome.MET, f"{presented_on} is before {expires}", article, figures
        )
        return Ruling(Decision.ACCEPT, finding, expires_on=expires)
    reasons: list[tuple[Decision, str]] = []
    if force_majeure and rule.force_majeure:
        reasons.append((_LENIENT[rule.force_majeure], "force majeure delayed it"))
    if imported_on is not None and imported_on < expires and rule.imported_in_time:
        reasons.append(
            (_LENIENT[rule.imported_in_time], f"the goods were imported before, on {imported_on}")
        )
    if not reasons:
        return Ruling(Decision.REJECT_PREFERENCE, late, expires_on=expires)
    decision, reason = min(reasons)  # "accept" sorts before "may_accept": what must be comes first.
    outcome = Outcome.MET if decision is Decision.ACCEPT else Outcome.UNDETERMINED
    finding = Finding(name, outcome, f"late, but {reason}", article, figures)
    return Ruling(decision, finding, expires_on=expires)


@dataclass(frozen=True, slots=True)
class ProofNeed:
    """Whether a proof is asked for; None where nobody can tell.

    Attributes:
        required: Whether it is.
        declaration: Whether a simplified declaration by the exporter takes its place.
        finding: Why; MET where no proof is asked for.
    """

    required: bool | None
    declaration: bool
    finding: Finding


def proof_needed(
    value: Money, basis: str, procedure: Procedure, on: date, *, splitting: bool = False
) -> ProofNeed:
    """Return whether a proof is asked for a consignment of ``value``.

    Args:
        value: The value of the whole consignment.
        basis: What the value is: ``FOB`` or ``customs-value``.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        splitting: Whether it is part of a series made to evade the limit.
    """
    name = "waiver of the proof"
    entry = procedure.on(on, Waiver)
    if entry is None:
        return ProofNeed(
            None, declaration=False, finding=silent(name, procedure.agreement, on).finding
        )
    rule, article = entry.value, entry.reference
    limit = Money(rule.amount, rule.currency)
    figures = (("value", str(value)), ("limit", f"{limit} {rule.basis}"))
    if basis != rule.basis or value.currency != rule.currency:
        finding = Finding(
            name,
            Outcome.UNDETERMINED,
            f"the limit is of the {rule.basis} in {rule.currency}, which was not stated",
            article,
            figures,
            f"state the {rule.basis} in {rule.currency}",
        )
        return ProofNeed(None, declaration=False, finding=finding)
    if splitting or value.amount > rule.amount:
        reason = "a consignment was split" if splitting else "the value is above the limit"
        finding = Finding(name, Outcome.NOT_MET, reason, article, figures, "present a proof")
        return ProofNeed(required=True, declaration=False, finding=finding)
    finding = Finding(name, Outcome.MET, "the value does not exceed the limit", article, figures)
    return ProofNeed(required=False, declaration=rule.declaration, finding=finding)


def judge_invoice(
    exporting: Country,
    issuer: Country,
    procedure: Procedure,
    on: date,
    *,
    says_so: bool | None = None,
    originating: bool | None = None,
) -> Ruling:
    """Return whether an invoice from elsewhere than the exporting party does no harm.

    Args:
        exporting: The exporting party.
        issuer: Where the company that invoices is.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        says_so: Whether the proof says so, with the company's name and country.
        originating: Whether the goods originate.
    """
    name = "third-country invoicing"
    entry = procedure.on(on, Invoicing)
    if entry is None:
        return silent(name, procedure.agreement, on)
    rule, article = entry.value, entry.reference
    elsewhere = issuer != exporting
    parts = [
        stated(
            "the goods originate",
            originating,
            article,
            met="whoever invoices, they do",
            not_met="they do not",
            remedy="",
        )
    ]
    if elsewhere and rule.must_state:
        parts.append(
            stated(
                "the proof says so",
                says_so,
                article,
                met=f"it names the company in {issuer}",
                not_met=f"it does not name the company in {issuer}",
                remedy="tick it, and state the name and country of the company that invoices",
            )
        )
    return ruled(
        together(name, parts, article),
        Decision.ACCEPT,
        Decision.REJECT_PREFERENCE,
        marks=(rule.mark,) if elsewhere and rule.mark is not None else (),
    )


def fob_shown(
    criteria: frozenset[str], exporting: Country, importing: Country, procedure: Procedure, on: date
) -> Finding:
    """Return whether the proof has to show the FOB price: MET where it has to.

    Args:
        criteria: What the good qualifies by, such as RVC.
        exporting: The exporting party.
        importing: The importing party.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
    """
    name = "FOB price shown"
    entry = procedure.on(on, FobShown)
    if entry is None:
        return silent(name, procedure.agreement, on).finding
    countries, article = entry.value.countries, entry.reference
    if "RVC" not in criteria:
        return Finding(name, Outcome.NOT_MET, "the criterion is not value content", article)
    if countries and not countries & {exporting, importing}:
        return Finding(
            name,
            Outcome.NOT_MET,
            f"neither {exporting} nor {importing} is one of {', '.join(sorted(countries))}",
            article,
        )
    return Finding(name, Outcome.MET, "the criterion is value content", article)


def judge_partial_cumulation(ticked: frozenset[str], procedure: Procedure, on: date) -> Ruling:
    """Return whether a good may claim preference under a proof with these ticks.

    A proof for partial cumulation only supports the origin of what is made from the good.

    Args:
        ticked: The proof's ticks.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
    """
    name = "partial cumulation"
    entry = procedure.on(on, PartialCumulation)
    if entry is None:
        return silent(name, procedure.agreement, on)
    finding = stated(
        name,
        entry.value.mark not in ticked,
        entry.reference,
        met="the proof is not one for partial cumulation",
        not_met="the proof only supports cumulation; the good itself gets no preference",
        remedy="claim preference for the good made from it",
    )
    return ruled(finding, Decision.ACCEPT, Decision.REJECT_PREFERENCE)


def judge_self_certification(
    proof: str,
    procedure: Procedure,
    on: date,
    *,
    exporter_registered: bool | None,
    product_registered: bool | None,
) -> Ruling:
    """Return whether a declaration of origin by a certified exporter is accepted.

    Args:
        proof: What the proof is called.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        exporter_registered: Whether the database of certified exporters holds the exporter.
        product_registered: Whether it holds the product for that exporter.
    """
    name = "self-certification"
    entry = procedure.on(on, SelfCertification)
    if entry is None:
        return silent(name, procedure.agreement, on)
    article = entry.reference
    parts = [
        stated(
            "kind of proof",
            proof == entry.value.proof,
            article,
            met=f"it is an {proof}",
            not_met=f"{proof} is not an {entry.value.proof}",
            remedy="",
        ),
        stated(
            "exporter in the database",
            exporter_registered,
            article,
            met="the exporter is certified",
            not_met="the exporter is not certified",
            remedy="present a certificate of origin",
        ),
        stated(
            "product in the database",
            product_registered,
            article,
            met="the exporter may declare the product",
            not_met="the exporter may not declare the product",
            remedy="present a certificate of origin, or have the product added",
        ),
    ]
    return ruled(together(name, parts, article), Decision.ACCEPT, Decision.REJECT_PREFERENCE)


def judge_uses(uses: int, procedure: Procedure, on: date) -> Ruling:
    """Return whether one proof may serve for ``uses`` importations.

    Args:
        uses: For how many it is used, this one included.
        procedure: The agreement's procedures.
        on: The day whose rules apply.

    Raises:
        InvalidInputError: it is used for none.
    """
    name = "number of importations"
    if uses < 1:
        raise InvalidInputError("/uses", uses, "is less than one")
    entry = procedure.on(on, Uses)
    if entry is None:
        return silent(name, procedure.agreement, on)
    most = entry.value.most
    finding = stated(
        name,
        uses <= most,
        entry.reference,
        met=f"{uses} of at most {most}",
        not_met=f"{uses} are more than {most}",
        remedy="present a proof for each importation",
    )
    return ruled(finding, Decision.ACCEPT, Decision.REJECT_PREFERENCE)


def within_partial_cumulation(percent: Decimal, procedure: Procedure, on: date) -> Finding:
    """Return whether value content of ``percent`` counts in proportion, and no more than that.

    Args:
        percent: The share, unrounded.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
    """
    name = "range of partial cumulation"
    entry = procedure.on(on, PartialCumulation)
    if entry is None:
        return silent(name, procedure.agreement, on).finding
    least, below = entry.value.least, entry.value.below
    return stated(
        name,
        least <= percent < below,
        entry.reference,
        met=f"{percent:f}% is from {least:f}% to below {below:f}%",
        not_met=f"{percent:f}% is not from {least:f}% to below {below:f}%",
        remedy="",
    )
