"""Tell webhooks what has come to be. Each of these runs in the transaction of its fact.

What is told has no document in it: identifiers, and where to ask for the rest.
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import declarations, log, outbox, publication
from tulen.database.outbox import Fact
from tulen.database.publication import Concerned
from tulen.database.states import DrawdownState, EventType
from tulen.values import PartyCode, instant_text
from tulen.verify import reason_words

STATUSES: Final = {
    "Revoked": EventType.CERTIFICATE_REVOKED,
    "Suspended": EventType.CERTIFICATE_SUSPENDED,
    "Resumed": EventType.CERTIFICATE_RESUMED,
    "Replaced": EventType.CERTIFICATE_REPLACED,
}
"""The ledger's events that change a certificate's status, and what each is told as."""
AT_ONCE: Final = 1000


async def issued(connection: AsyncConnection, certificate: Concerned, within: timedelta) -> None:
    """Tell that a certificate is signed and logged, and until when it is to be final."""
    await outbox.tell(connection, EventType.CERTIFICATE_ISSUED, [_fact(certificate, within)])


async def late(connection: AsyncConnection, numbers: list[Concerned], within: timedelta) -> None:
    """Tell that certificates have no final anchor after their deadline."""
    facts = [_fact(number, within) for number in numbers]
    await outbox.tell(connection, EventType.CERTIFICATE_LATE, facts)


async def becoming_final(connection: AsyncConnection, chain_id: int, up_to: int) -> None:
    """Record and tell what becomes final with the blocks up to a height.

    It runs just before those blocks are marked as final, in the same transaction. What was told
    once is not told again, however often the chain is read anew.
    """
    for authority, size in await publication.becoming_published(connection, chain_id, up_to):
        await _published(connection, authority, size)
    for event, certificate in await publication.becoming_final(
        connection, chain_id, up_to, tuple(STATUSES)
    ):
        # Any authority may declare a status of any digest; only its own counts.
        if event.arguments["authority"] == certificate.authority.on_chain.hex():
            told = _fact(certificate, key=f"{certificate.number}/{event.tx_hash}/{event.log_index}")
            told.data["reason"] = reason_words(event.arguments["reason"])
            await outbox.tell(connection, STATUSES[event.name], [told])


async def catch_up(connection: AsyncConnection, authority: PartyCode) -> bool:
    """Return whether a log has an entry without a final anchor, having made up for what was missed.

    A block may be final before the checkpoint that it anchors is known here: where a database was
    set back, and its log is restored after the chain has been read.
    """
    size = (await log.state(connection, authority)).size
    before = await publication.published_size(connection, authority)
    if size > before:
        final = await publication.finally_anchored(connection, authority, before)
        if final:
            await _published(connection, authority, final)
        before = max(before, final)
    return size > before


async def _published(connection: AsyncConnection, authority: PartyCode, size: int) -> None:
    new = await publication.advance(connection, authority, size)
    if not await outbox.listeners(connection, EventType.CERTIFICATE_FINAL):
        return
    for start in range(new.start, new.stop, AT_ONCE):
        some = range(start, min(start + AT_ONCE, new.stop))
        published = await publication.logged_in(connection, authority, some)
        facts = [_fact(certificate) for certificate in published]
        await outbox.tell(connection, EventType.CERTIFICATE_FINAL, facts)


async def drawn(connection: AsyncConnection, ref: str, attempt: str) -> None:
    """Tell what became of a drawdown for good: that it is final, or refused.

    Args:
        connection: Within the transaction that settles it.
        ref: Declaration and line, as in ``NUMBER/1``.
        attempt: Hash of the transaction; a refused line may draw again.
    """
    number, _, line = ref.rpartition("/")
    drawdown = await declarations.find_drawdown(connection, number, int(line))
    if drawdown is None:
        return
    refused = drawdown.state is DrawdownState.REFUSED
    kind = EventType.DRAWDOWN_REFUSED if refused else EventType.DRAWDOWN_FINAL
    parties = {drawdown.customs}
    declaration = await declarations.find(connection, drawdown.declaration)
    if declaration is not None:
        parties.add(declaration.importer)
    certificate = await publication.issued_as(connection, drawdown.digest)
    if certificate is not None and not refused:
        parties |= {certificate.authority, certificate.exporter}
    data = {
        "declaration": drawdown.declaration,
        "line": drawdown.line,
        "certificate": drawdown.certificate,
        "certificate_line": drawdown.certificate_line,
        "digest": drawdown.digest.hex(),
        "link": f"/v1/drawdowns/{drawdown.declaration}/{drawdown.line}",
    }
    key = f"{drawdown.declaration}/{drawdown.line}/{attempt}"
    await outbox.tell(connection, kind, [Fact(frozenset(parties), key, data)])


def _fact(certificate: Concerned, within: timedelta | None = None, key: str = "") -> Fact:
    data: dict[str, Any] = {
        "certificate": certificate.number,
        "authority": certificate.authority,
        "digest": certificate.digest.hex(),
        "link": f"/v1/certificates/{certificate.number}",
    }
    if within is not None:
        data["publish_by"] = instant_text(certificate.precommitted_at + within)
    parties = frozenset((certificate.authority, certificate.exporter))
    return Fact(parties, key or certificate.number, data)
