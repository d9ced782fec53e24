"""What customs' requests for verification speak against a line that claims preference."""

from tulen.customs import ClaimReason, Objection
from tulen.database import verification
from tulen.database.states import VerificationState
from tulen.values import Digest
from tulen.workflows.office import Office


async def asked_about(office: Office, digest: Digest, line: int) -> tuple[Objection, ...]:
    """Return an objection for each open request, and for the last determination if it denied.

    Args:
        office: Where.
        digest: Of the certificate.
        line: Its line.
    """
    async with office.database.transaction() as connection:
        known = await verification.about_line(connection, digest, line)
    determined = [(row, said) for row, said in known if row.state is VerificationState.DETERMINED]
    objections = [
        Objection(
            ClaimReason.UNDER_VERIFICATION,
            f"{row.customs} asks the issuing authority about the line, request {row.id}",
        )
        for row, _ in known
        if row.state is not VerificationState.DETERMINED
    ]
    if determined:
        row, said = determined[-1]
        if said.denial is not None:
            objections.insert(
                0,
                Objection(
                    ClaimReason(said.denial),
                    f"{row.customs} denied the line preference after request {row.id}",
                ),
            )
    return tuple(objections)
