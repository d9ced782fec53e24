"""Publish the status lists of an authority, from what the chain finally says.

Nothing is kept for them: each is made from log and chain when it is asked for, and only where the
chain was read as far as it is final. An old list would show a revoked certificate as good.
"""

import asyncio
from datetime import timedelta
from typing import ClassVar, Final

from tulen.certificate.credential import (
    LIST_BITS,
    ListName,
    Purpose,
    did_web,
    list_document,
)
from tulen.certificate.credential.status_list import LISTS_PATH
from tulen.chain import follower
from tulen.database import events, log, status_lists
from tulen.errors import InvalidInputError, NotFoundError, UnavailableError
from tulen.values import instant_text
from tulen.values.fields import Document
from tulen.workflows import clock
from tulen.workflows.office import Office
from tulen.workflows.secure import Secured, secured

LIFE: Final = timedelta(hours=1)
"""How long a list may be relied on: for that long a revocation may go unseen by who keeps it."""
REFRESH: Final = timedelta(minutes=1)
"""After how long a verifier should ask again, and caches let go of it."""
PATIENCE_SECONDS: Final = 5.0
"""How long the worker is waited for, which reads the chain once a second."""
_PAUSE_SECONDS: Final = 0.1

_SET: Final = {
    Purpose.REVOCATION: frozenset({"Revoked", "Replaced"}),
    Purpose.SUSPENSION: frozenset({"Suspended"}),
}
"""Which last status sets the bit; one that was resumed sets none."""


class ChainNotFollowedError(UnavailableError):
    """The chain has not been read as far as it is final, so what it says is not known here."""

    code: ClassVar[str] = "chain-not-followed"


async def status_list(office: Office, text: str, *, as_token: bool) -> Secured:
    """Return the status list of that name, signed by its authority.

    Args:
        office: The office.
        text: The name, as ``VN.MOIT-revocation-0``.
        as_token: Whether it is wanted as a JWT rather than with a proof inside.

    Raises:
        NotFoundError: no log here has entries of that list, or the authority's key is elsewhere.
        ChainNotFollowedError: the chain has not been read as far as it is final.
        UnavailableError: chain or database does not answer.
    """
    try:
        name = ListName.parse(text)
    except InvalidInputError as error:
        raise NotFoundError(str(error)) from error
    async with office.database.transaction() as connection:
        size = (await log.state(connection, name.authority)).size
    if size <= name.first:
        raise NotFoundError(f"{text} is no list of a log that is kept here")
    await require_followed(office)
    async with office.database.transaction() as connection:
        last = await status_lists.final_statuses(
            connection, office.chain.chain_id, name.authority, name.first, LIST_BITS
        )
    bits = {index - name.first for index, event in last.items() if event in _SET[name.purpose]}
    return await secured(office, name.authority, _document(office, name, bits), as_token=as_token)


def list_name_in(office: Office, url: str) -> str | None:
    """Return the name of the list at ``url`` if it is one of this office, or None."""
    prefix = f"{office.settings.public_url.rstrip('/')}/{LISTS_PATH}/"
    return url.removeprefix(prefix) if url.startswith(prefix) else None


async def require_followed(office: Office) -> None:
    """Return once everything that is final now has been read; the worker is waited for a little.

    Raises:
        ChainNotFollowedError: it has not been read within a few seconds, or the chain stands still.
        UnavailableError: chain or database does not answer.
    """
    chain, now = office.chain, asyncio.get_running_loop().time
    head, finalized = await asyncio.gather(follower.head(chain), follower.finalized(chain))
    most = office.settings.max_head_age(chain.chain_id)
    if most is not None and clock.now() - head.time > most:
        raise ChainNotFollowedError(
            f"the chain's latest block is of {instant_text(head.time)}, too old to say how "
            "things stand"
        )
    deadline = now() + PATIENCE_SECONDS
    while True:
        async with office.database.transaction() as connection:
            known = await events.find_block(connection, chain.chain_id, finalized.number)
        if known is not None and known.final and known.hash == finalized.hash:
            return
        if now() >= deadline:
            raise ChainNotFollowedError(
                f"block {finalized.number} is final and has not been read here yet; is a worker "
                "running?"
            )
        await asyncio.sleep(_PAUSE_SECONDS)


def _document(office: Office, name: ListName, bits: set[int]) -> Document:
    now, public_url = clock.now(), office.settings.public_url
    return list_document(
        name,
        bits,
        issuer=did_web(public_url, name.authority),
        public_url=public_url,
        at=now,
        until=now + LIFE,
        ttl_milliseconds=REFRESH // timedelta(milliseconds=1),
    )
