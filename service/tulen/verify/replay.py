"""Step 13: the origin rule is run again on what the certificate commits to."""

from collections.abc import Mapping

from tulen.certificate import Certificate, CertificateLine, OriginStatement
from tulen.errors import InvalidInputError, RuleViolationError
from tulen.origin import OriginInputs, Pack, assess
from tulen.values import AgreementCode
from tulen.verify.result import FAIL, PASS, UNKNOWN, CheckOutcome

Packs = Mapping[AgreementCode, Pack]
Replayed = tuple[CheckOutcome, str]
"""The answer for one line, and why."""


def replay(certificate: Certificate, packs: Packs) -> list[Replayed]:
    """Return for each line whether its judgement comes out the same again.

    Args:
        certificate: The certificate, in full.
        packs: The rule sets that the relying party has.
    """
    return [_line(certificate, line, packs) for line in certificate.lines]


def _line(certificate: Certificate, line: CertificateLine, packs: Packs) -> Replayed:
    name = f"line {line.goods.line}"
    stated, inputs = line.origin, line.origin.inputs
    if inputs is None:
        return UNKNOWN, (f"{name}: inputs missing: what it was judged on is not in the certificate")
    if difference := _difference(certificate, inputs):
        return FAIL, f"{name}: {difference}"
    pack = packs.get(inputs.agreement)
    change = _change(stated, inputs, pack)
    if pack is None or change:
        return UNKNOWN, f"{name}: {change}"
    try:
        verdict = assess(inputs, pack, stated.judged_on)
    except (InvalidInputError, RuleViolationError) as error:
        return FAIL, f"{name}: {stated.rule_set} cannot give that verdict: {error}"
    for what, again, then in (
        ("outcome", verdict.outcome.value, "MET"),
        ("criterion", verdict.criterion, line.criterion),
        ("reasoning", verdict.digest().hex(), stated.verdict_digest.hex()),
    ):
        if again != then:
            return FAIL, (
                f"{name}: under {stated.rule_set} on {stated.judged_on} the {what} is {again}, "
                f"where the certificate says {then}"
            )
    return PASS, (
        f"{name}: {line.criterion} is met under {stated.rule_set} on {stated.judged_on}, "
        "for the same reasons"
    )


def _change(stated: OriginStatement, inputs: OriginInputs, pack: Pack | None) -> str:
    """Return why the rules here cannot give the verdict again; empty where they can."""
    judged_under = f"{stated.rule_set} ({stated.rule_set_digest.hex()[:12]}…)"
    if pack is None:
        return f"rule set {judged_under} is not loaded here"
    # A verdict over two editions rests on a correlation table, which no certificate names.
    if inputs.hs_edition not in (None, pack.hs_edition):
        return (
            f"HS edition changed: its codes are of {inputs.hs_edition}, those of {pack.rule_set} "
            f"are of {pack.hs_edition}"
        )
    if pack.rule_set != stated.rule_set or pack.digest != stated.rule_set_digest:
        return (
            f"rule changed: it was judged under {judged_under}, which is not loaded here; "
            f"{pack.rule_set} ({pack.digest.hex()[:12]}…) is"
        )
    return ""


def _difference(certificate: Certificate, inputs: OriginInputs) -> str:
    """Return how the good that was judged differs from the one certified; empty where not."""
    consignment = certificate.consignment
    for what, judged, certified in (
        ("agreement", inputs.agreement, consignment.agreement),
        ("exporting country", inputs.exporting_country, consignment.exporting_country),
        ("importing country", inputs.importing_country, consignment.importing_country),
    ):
        if judged != certified:
            return f"origin was judged for {what} {judged}, but certified for {certified}"
    return ""
