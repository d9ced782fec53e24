"""Print a certificate of the register on paper, stamped as it stands."""

from tulen.paper import Stamp
from tulen.workflows.certificate import certificate_view, export_bundle, row_for
from tulen.workflows.office import Caller, Office
from tulen.workflows.papers import print_bundle

_STAMPS = {
    "REVOKED": Stamp.REVOKED,
    "REPLACED": Stamp.REPLACED,
    "SUSPENDED": Stamp.SUSPENDED,
}


async def print_certificate(
    office: Office, caller: Caller, number: str, *, copy: bool = False
) -> bytes:
    """Return the paper of a certificate, stamped where it no longer holds.

    Args:
        office: Where it is registered.
        caller: Its exporter or its authority.
        number: Its number.
        copy: Whether the paper is a certified true copy.

    Raises:
        NotFoundError: there is no such certificate, or it is not the caller's to see.
        NotYetFinalError: its anchor is not final yet.
        UnprintableTextError: no embedded font has its characters.
    """
    data = await export_bundle(office, caller, number)
    view = await certificate_view(office, await row_for(office, caller, number))
    state = view.document.get("status", {}).get("state")
    stamp = _STAMPS.get(state, Stamp.CERTIFIED_COPY if copy else Stamp.ORIGINAL)
    return await print_bundle(office.settings, data, stamp)
