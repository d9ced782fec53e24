"""Find the declaration lines that drew, from what the contract has counted for our customs.

The contract keeps only a blinded reference. A declaration that is still in the register gives the
same reference as then (`Office.drawdown_salt`), so its drawdown can be written again. One that was
lost as well must be filed again by its importer: it gets the same reference, too, and the contract
counts it once.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate import declaration_reference
from tulen.database import declarations, recovery, stored
from tulen.database.declarations import Drawdown
from tulen.database.events import SeenEvent
from tulen.database.states import DrawdownState
from tulen.errors import NotFoundError
from tulen.values import Digest, PartyCode
from tulen.workflows.declare import filed
from tulen.workflows.office import Office

_PAGE: Final = 200


async def replay_drawdowns(
    office: Office, connection: AsyncConnection, customs: PartyCode, sent: Collection[Digest]
) -> tuple[list[str], list[str]]:
    """Write what was drawn again; return declaration lines, and references that nothing explains.

    Args:
        office: Where.
        connection: A transaction.
        customs: Whose.
        sent: What its account has sent and the register does not know; what others of the same
            customs have sent is no concern of this office.

    Raises:
        UnavailableError: a declaration's document cannot be read.
    """
    wanted = {
        Digest.from_hex(draw.seen.event.arguments["declaration"], "declaration"): draw.seen
        for draw in await recovery.draws_seen(connection, office.chain.chain_id, customs)
        if draw.micro is None
    }
    drawn: list[str] = []
    last = ""
    while wanted and (page := await stored.declarations_after(connection, last, _PAGE)):
        for row in page:
            for line in (claim["line"] for claim in row.assessment["claims"]):
                salt = office.drawdown_salt(customs, row.number, line)
                item = wanted.pop(declaration_reference(salt, row.number, line), None)
                if item is not None:
                    drawdown = await _drawdown(office, customs, row, line, item)
                    await _record(connection, drawdown, item)
                    drawn.append(f"{row.number}/{line}")
        last = page[-1].number
    unexplained = [
        reference.hex() for reference, item in wanted.items() if item.event.tx_hash in sent
    ]
    return drawn, unexplained


async def _drawdown(
    office: Office, customs: PartyCode, row: declarations.Declaration, line: int, seen: SeenEvent
) -> Drawdown:
    declaration = await filed(office, row)
    claim = declaration.line(line).claim
    if claim is None:
        raise NotFoundError(f"declaration {row.number} line {line} claims nothing, and drew")
    salt = office.drawdown_salt(customs, row.number, line)
    return Drawdown(
        declaration=row.number,
        line=line,
        certificate=claim.certificate,
        digest=Digest(seen.event.subject),
        certificate_line=seen.event.arguments["line"],
        quantity_micro=seen.event.arguments["quantity"],
        office=declaration.declaration.office,
        customs=customs,
        salt=salt,
        reference=declaration_reference(salt, row.number, line),
        requested_at=seen.block_time,
    )


async def _record(connection: AsyncConnection, drawdown: Drawdown, seen: SeenEvent) -> None:
    known = await declarations.find_drawdown(connection, drawdown.declaration, drawdown.line)
    if known is None:
        await declarations.request_drawdown(connection, drawdown)
    else:  # Refused when the database was copied, and asked for again since.
        await declarations.request_again(connection, drawdown)
    state = DrawdownState.FINAL if seen.final else DrawdownState.MINED
    await declarations.settle_drawdown(connection, drawdown.reference, state)
