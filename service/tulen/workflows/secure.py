"""Sign a credential with the key that an authority signs its certificates with."""

import asyncio
from dataclasses import dataclass

from tulen.certificate.credential import did_web, jose_method_of, method_of, token, with_proof
from tulen.values import PartyCode, canonical_bytes
from tulen.values.fields import Document
from tulen.workflows import clock
from tulen.workflows.office import Office


@dataclass(frozen=True, slots=True)
class Secured:
    """A signed credential as it is handed out.

    Attributes:
        data: Its bytes.
        media_type: What they are.
    """

    data: bytes
    media_type: str


async def secured(
    office: Office, authority: PartyCode, document: Document, *, as_token: bool
) -> Secured:
    """Return ``document`` signed by ``authority`` as of now.

    Raises:
        KeyNotFoundError: its key is not here: another office signs for it.
    """
    signer = await asyncio.to_thread(office.signer, authority)
    did, now = did_web(office.settings.public_url, authority), clock.now()
    if as_token:
        method = jose_method_of(did, signer.public_key)
        text = token(document, method=method, created=now, sign=signer.sign)
        return Secured(text.encode(), "application/vc+jwt")
    method = method_of(did, signer.public_key)
    signed = with_proof(document, method=method, created=now, sign=signer.sign)
    return Secured(canonical_bytes(signed), "application/vc")
