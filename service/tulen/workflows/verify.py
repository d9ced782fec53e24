"""Verify a bundle as the office does: against the contracts and the chain node that it trusts."""

from datetime import date

from tulen.certificate import Bundle
from tulen.verify import Verification
from tulen.workflows.office import Office
from tulen.workflows.verify_alone import verify_opened


async def verify_bundle(
    office: Office, data: bytes | Bundle, on: date | None = None
) -> Verification:
    """Return every check on the bundle ``data``, and the verdict; see `verify_opened`.

    What was read of the chain is used again for the age that is set, which the answer shows.

    Args:
        office: Whose chain and trusted contracts count.
        data: The bytes of a bundle file or of a paper, or the bundle that was read from them.
        on: Legal date to verify for; today where None.
    """
    return await verify_opened(
        office.settings, office.facts, office.deployment, data, on, proven=office.proofs.of
    )
