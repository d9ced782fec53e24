"""An authority makes a certified true copy of a certificate that was lost.

A copy is no certificate of its own: the same document with the same digest, printed again and
marked, which opens no second allowance. What is kept is the step, with what the copy shows.
"""

from typing import Any, ClassVar

from tulen.certificate import CertificateNumber
from tulen.certificate.life import Subject, life_of
from tulen.database import certificates
from tulen.database.states import Role
from tulen.errors import RuleViolationError
from tulen.origin.proof.issuing import CopyRuling, judge_certified_copy
from tulen.origin.proof.procedure_file import load_procedures
from tulen.origin.proof.ruling import Decision
from tulen.values import line_of_text
from tulen.values.fields import members_of
from tulen.workflows import clock
from tulen.workflows.certificate import CertificateView, certificate_view
from tulen.workflows.issued import issued_by
from tulen.workflows.office import Caller, Office
from tulen.workflows.standing import standing
from tulen.workflows.step import record_step


class CopyRefusedError(RuleViolationError):
    """No copy may be made on that day, or it is not known whether one may."""

    code: ClassVar[str] = "copy-refused"


async def copy(office: Office, caller: Caller, document: dict[str, Any]) -> CertificateView:
    """Record a certified true copy; each call is one more copy.

    Args:
        office: Where.
        caller: An officer of the authority that issued it.
        document: ``{"certificate", "reason"}``; the reason is why a copy was asked for.

    Raises:
        WrongRoleError: the caller is no officer.
        InvalidInputError: the body is malformed.
        NotFoundError: the caller's authority issued no such certificate.
        NotIssuedError: it is not in the log yet.
        IllegalStepError: it is not valid.
        CopyRefusedError: the agreement's limit is past, or not known.
    """
    caller.must_be(Role.OFFICER)
    members = members_of(document, "", ("certificate", "reason"))
    number = CertificateNumber(members["certificate"], "/certificate")
    reason = line_of_text(members["reason"], "/reason")
    now = clock.now()
    async with office.database.transaction() as connection:
        row = await issued_by(connection, caller, number)
        state, _ = await standing(connection, row)
        if row.valid_until <= clock.today() and state == "valid":
            state = "expired"
        step = life_of(Subject.CERTIFICATE).step(state, "copy")
        ruling = _ruling(row)
        detail = {
            "reason": reason,
            "mark": ruling.ruling.marks[0],
            "dated": ruling.dated.isoformat(),
        } | ({"box": ruling.box} if ruling.box else {})
        await record_step(
            connection, step, number, agreement=row.agreement, by=caller, at=now, detail=detail
        )
    return await certificate_view(office, row)


def _ruling(row: certificates.Certificate) -> CopyRuling:
    """Return the ruling that allows a copy today.

    Raises:
        CopyRefusedError: none does.
    """
    today = clock.today()
    procedure = load_procedures().get(row.agreement)
    if procedure is None:
        raise CopyRefusedError(
            f"certificate {row.number}: no procedures of {row.agreement} are loaded, so it is not "
            "known whether a copy may be made; add them with their articles"
        )
    found = judge_certified_copy(row.issued_on, today, procedure, today)
    if found.ruling.decision is not Decision.ISSUE:
        finding = found.ruling.finding
        article = f" ({finding.reference.title})" if finding.reference else ""
        remedy = f"; {finding.remedy}" if finding.remedy else ""
        raise CopyRefusedError(f"certificate {row.number}: {finding.reason}{article}{remedy}")
    return found
