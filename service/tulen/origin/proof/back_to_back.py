"""Back-to-back proofs: issued by an intermediate party on the strength of the first one's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tulen.errors import InvalidInputError
from tulen.origin.findings import Finding, Outcome
from tulen.origin.proof.procedure import BackToBack, Procedure, Validity
from tulen.origin.proof.ruling import Decision, Ruling, ruled, silent, stated, together
from tulen.values.dated import Reference


@dataclass(frozen=True, slots=True)
class OriginalProof:
    """A proof that the first exporting party issued.

    Attributes:
        issued_on: When.
        quantity: What it covers, in the unit of the re-export.
        re_exported: What was re-exported under it before.
    """

    issued_on: date
    quantity: Decimal
    re_exported: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse quantities that are none."""
        if self.quantity <= 0:
            raise InvalidInputError("/quantity", self.quantity, "is not more than zero")
        if self.re_exported < 0:
            raise InvalidInputError("/re_exported", self.re_exported, "is less than zero")


def judge_back_to_back(
    originals: Sequence[OriginalProof],
    quantity: Decimal,
    issued_on: date,
    procedure: Procedure,
    on: date,
    *,
    presented_on: date | None = None,
    operations: frozenset[str] = frozenset(),
) -> Ruling:
    """Return whether the proof may be issued or, where it was presented, accepted.

    It lasts no longer than the original; of several, than the one that ends first.

    Args:
        originals: The proofs that it rests on, at least one.
        quantity: What is re-exported under it, in their unit.
        issued_on: When it is issued.
        procedure: The agreement's procedures.
        on: The day whose rules apply.
        presented_on: When it was presented to the importing party; None to judge the issue alone.
        operations: What was done to the goods in the intermediate party.

    Raises:
        InvalidInputError: there is no original, or the quantity is not more than zero.
    """
    name = "back-to-back proof"
    if not originals:
        raise InvalidInputError("/originals", "", "holds no original proof")
    if quantity <= 0:
        raise InvalidInputError("/quantity", quantity, "is not more than zero")
    rule, validity = procedure.on(on, BackToBack), procedure.on(on, Validity)
    refused = Decision.REFUSE if presented_on is None else Decision.REJECT_PREFERENCE
    if rule is not None and not rule.value.allowed:
        finding = Finding(
            name, Outcome.NOT_MET, "the agreement does not provide for it", rule.reference
        )
        return ruled(finding, Decision.ISSUE, refused)
    if rule is None or validity is None:
        return silent(name, procedure.agreement, on)
    article, allowed = rule.reference, rule.value.operations
    expires = min(validity.value.lasts.after(original.issued_on) for original in originals)
    parts = [
        _within("issued within the originals' validity", issued_on, originals, expires, article),
        _quantity(originals, quantity, article),
        stated(
            "operations in the intermediate party",
            None if operations and not allowed else operations <= allowed,
            article,
            met="nothing beyond what is allowed was done",
            not_met=f"{', '.join(sorted(operations - allowed))} is not allowed",
            remedy="judge the goods as made in the intermediate party",
        ),
    ]
    if presented_on is not None:
        parts.append(
            _within(
                "presented within the originals' validity",
                presented_on,
                originals,
                expires,
                article,
            )
        )
    return ruled(
        together(name, parts, article),
        Decision.ISSUE if presented_on is None else Decision.ACCEPT,
        refused,
        marks=(rule.value.proof,) if rule.value.proof else (),
        expires_on=expires,
    )


def _within(
    name: str, day: date, originals: Sequence[OriginalProof], expires: date, article: Reference
) -> Finding:
    latest = max(original.issued_on for original in originals)
    figures = (("governing expiry", expires.isoformat()),)
    if day < latest:
        return Finding(
            name,
            Outcome.NOT_MET,
            f"{day} is before an original was issued, on {latest}",
            article,
            figures,
        )
    if day >= expires:
        return Finding(
            name,
            Outcome.NOT_MET,
            f"{day} is not before {expires}, when the first original expires",
            article,
            figures,
            "obtain a new proof from the first exporting party",
        )
    return Finding(name, Outcome.MET, f"{day} is before {expires}", article, figures)


def _quantity(originals: Sequence[OriginalProof], quantity: Decimal, article: Reference) -> Finding:
    name = "total quantity"
    covered = sum((original.quantity for original in originals), Decimal(0))
    used = sum((original.re_exported for original in originals), Decimal(0))
    left = covered - used
    figures = (("covered", f"{covered:f}"), ("re-exported before", f"{used:f}"))
    if quantity > left:
        return Finding(
            name,
            Outcome.NOT_MET,
            f"{quantity:f} is more than the {left:f} that are left",
            article,
            figures,
            f"re-export {quantity - left:f} less",
        )
    return Finding(name, Outcome.MET, f"{quantity:f} of {left:f} that were left", article, figures)
