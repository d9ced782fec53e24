"""One round of what goes on by itself: finish what was begun, seal, anchor, follow the chain."""

import logging

from tulen.database import certificates, parties
from tulen.database.certificates import Certificate
from tulen.errors import UnavailableError
from tulen.values import PartyCode
from tulen.workflows import tell
from tulen.workflows.alarms import note_halts
from tulen.workflows.anchor import anchor
from tulen.workflows.follow_chain import follow_chain
from tulen.workflows.issue import finish
from tulen.workflows.log_of import require_whole_log
from tulen.workflows.office import CHAIN, Office
from tulen.workflows.seal_checkpoint import seal_checkpoint

_log = logging.getLogger("tulen.worker")


async def work_once(office: Office) -> bool:
    """Do one round; return whether anything is still under way.

    What fails for one authority does not stop the others. What the chain does not answer now is
    tried again in the next round; what does not pass by itself halts the work on its subject, see
    `Office.watched`.

    Raises:
        UnavailableError: the database does not answer.
    """
    async with office.database.transaction() as connection:
        unfinished = await certificates.unfinished(connection)
        everybody = await parties.all_parties(connection)
    authorities = [party.code for party in everybody if "authority" in party.roles]
    under_way = bool(unfinished)
    for authority in authorities:
        begun = [row for row in unfinished if row.authority == authority]
        under_way |= await _bring_out(office, authority, begun)
    try:
        with office.watched(CHAIN):
            under_way |= await follow_chain(office)
    except UnavailableError as error:
        _log.warning("chain:unavailable cause=%s", error)
        under_way = True
    await note_halts(office)
    return under_way or await _unpublished(office, authorities)


async def _bring_out(office: Office, authority: PartyCode, begun: list[Certificate]) -> bool:
    """Finish, seal and anchor what is due in one log; return whether something was sent.

    Nothing of it is done before the chain has shown that the log is whole.
    """
    try:
        with office.watched(authority):
            await require_whole_log(office, authority)
            for row in begun:
                with office.watched(f"certificate {row.number}"):
                    await finish(office, row)
            sealed = await seal_checkpoint(office, authority)
            return bool(await anchor(office, authority)) or sealed is not None
    except UnavailableError as error:
        _log.warning("anchor:unavailable authority=%s cause=%s", authority, error)
    return True


async def _unpublished(office: Office, authorities: list[PartyCode]) -> bool:
    """Return whether any log holds an entry without a final anchor."""
    async with office.database.transaction() as connection:
        for authority in authorities:
            if await tell.catch_up(connection, authority):
                return True
    return False
