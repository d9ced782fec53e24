"""Check that everything an office needs is there, and that database and chain agree."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from tulen.chain import contracts, follower
from tulen.chain.deployment import check_deployment, view
from tulen.database import audit, log, parties, publication, require_current
from tulen.errors import RuleViolationError, TulenError, UnavailableError
from tulen.settings import Settings
from tulen.values import PartyCode
from tulen.verify import State
from tulen.workflows import clock
from tulen.workflows.log_of import require_whole_log
from tulen.workflows.office import Office, open_office

PASS, FAIL, UNKNOWN = "PASS", "FAIL", "UNKNOWN"
MOST_COMPARED = 1000
"""Lines, and revocations, that are compared with the chain one by one: the latest."""
MOST_NAMED = 5


class DisagreementError(RuleViolationError):
    """Two things that must agree do not."""

    code: ClassVar[str] = "disagreement"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: What.
        outcome: PASS, FAIL or UNKNOWN.
        detail: What was found; both values where two disagree.
    """

    subject: str
    outcome: str
    detail: str

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"subject": self.subject, "outcome": self.outcome, "detail": self.detail}


async def doctor(settings: Settings) -> list[Finding]:
    """Return what is found; never raises for what is broken."""
    try:
        async with open_office(settings) as office:
            return await examined(office)
    except TulenError as error:
        return [_failed("office", error)]


async def examined(office: Office, *without: str) -> list[Finding]:
    """Return what is found in an open office, by every check but those named."""
    return [
        await _finding(office, subject, check)
        for subject, check in _CHECKS.items()
        if subject not in without
    ]


async def not_ready(office: Office) -> str:
    """Return what keeps the office from working; empty where nothing does."""
    try:
        await _database(office)
        await check_deployment(office.chain, office.deployment)
        office.require_going()
    except TulenError as error:
        return str(error)
    return ""


Check = Callable[[Office], Awaitable[str]]


async def _finding(office: Office, subject: str, check: Check) -> Finding:
    try:
        return Finding(subject, PASS, await check(office))
    except TulenError as error:
        return _failed(subject, error)


def _failed(subject: str, error: TulenError) -> Finding:
    outcome = UNKNOWN if isinstance(error, UnavailableError) else FAIL
    return Finding(subject, outcome, str(error))


async def _keys(office: Office) -> str:
    """Every key that the office's parties act with opens."""
    opened = 0
    for party in await _everybody(office):
        if "authority" in party.roles:
            await asyncio.to_thread(office.signer, party.code)
            opened += 1
        if {"authority", "customs"} & party.roles:
            await asyncio.to_thread(office.account, party.code)
            opened += 1
    return f"{opened} signing and account keys open, and that of the documents"


async def _documents(office: Office) -> str:
    """The vault's documents are whole."""
    damaged = await asyncio.to_thread(office.vault.scrub)
    _require(not damaged, f"damaged copies: {_named(damaged)}; restore them from a backup")
    return "all whole"


async def _database(office: Office) -> str:
    """The database answers, with the schema of this version."""
    async with office.database.transaction() as connection:
        revision = await require_current(connection)
    return f"answers; schema {revision}"


async def _contracts(office: Office) -> str:
    """The chain holds this version's contracts where the deployment says."""
    await check_deployment(office.chain, office.deployment)
    return f"chain {office.chain.chain_id} holds those of this version"


async def _registrations(office: Office) -> str:
    """The registry knows the accounts and signing keys that are used here."""
    registry, address = contracts.registry(), office.deployment.registry
    agreed = 0
    for party in await _everybody(office):
        if {"authority", "customs"} & party.roles:
            account = office.account(party.code).address
            known, *_ = await view(office.chain, registry, address, "rolesOf", account)
            _require(
                known == party.code.on_chain,
                f"the registry does not know {account} as an account of {party.code}",
            )
            agreed += 1
        if "authority" in party.roles:
            key = office.signer(party.code).public_key
            known, *_ = await view(
                office.chain, registry, address, "keyOf", party.code.on_chain, key
            )
            _require(
                bool(known[0]), f"the registry does not know {key.hex()} as a key of {party.code}"
            )
            agreed += 1
    return f"the registry knows {agreed} accounts and keys"


async def _history(office: Office) -> str:
    """What was final when we last looked, the chain still has."""
    async with office.database.transaction() as connection:
        known = await audit.last_final_block(connection, office.chain.chain_id)
    if known is None:
        return "nothing was read of the chain yet"
    number, block_hash = known
    now = await follower.block(office.chain, number)
    _require(
        now is not None and now.hash == block_hash,
        f"block {number} was final, and the chain {'has another' if now else 'ends below it'}: "
        "the chain was set back; restore its node, or the database, from a backup",
    )
    return f"block {number}, the last known to be final, stands"


async def _logs(office: Office) -> str:
    """What the ledger has anchored stands in our logs, root for root."""
    found = [
        f"{party.code} {await _log(office, party.code)}"
        for party in await _everybody(office)
        if "authority" in party.roles
    ]
    return "; ".join(found) or "no authority keeps one here"


async def _log(office: Office, authority: PartyCode) -> str:
    anchored = await require_whole_log(office, authority)
    async with office.database.transaction() as connection:
        state = await log.state(connection, authority)
    return f"{state.size} entries, {anchored} anchored"


async def _worker(office: Office) -> str:
    """No certificate waits for its anchor longer than was promised."""
    promised, now = office.settings.publish_within, clock.now()
    async with office.database.transaction() as connection:
        late = await publication.waiting(connection, now - promised, MOST_COMPARED)
        slow = await publication.waiting(connection, now - promised / 2, MOST_COMPARED)
    _require(
        not late,
        f"{len(late)} without a final anchor after {promised.total_seconds():.0f} s: "
        f"{_named([item.number for item in late])}; does a worker run, and does the chain answer?",
    )
    if slow:
        return (
            f"{len(slow)} past half of the {promised.total_seconds():.0f} s that were promised: "
            f"{_named([item.number for item in slow])}"
        )
    return "nothing waits longer than was promised"


async def _drawdowns(office: Office) -> str:
    """What was drawn here, the contract has counted."""
    async with office.database.transaction() as connection:
        sums = await audit.drawn_sums(connection, MOST_COMPARED)
    ledger, address = contracts.drawdowns(), office.deployment.drawdowns
    counted = await asyncio.gather(
        *(view(office.chain, ledger, address, "drawn", item.digest, item.line) for item in sums)
    )
    wrong = [
        f"{item.certificate} line {item.line}: {item.micro} millionths drawn here, contract {drawn}"
        for item, (drawn,) in zip(sums, counted, strict=True)
        if drawn < item.micro  # Other customs may have drawn more.
    ]
    _require(not wrong, _named(wrong))
    return f"{len(sums)} certificate lines agree with the contract"


async def _statuses(office: Office) -> str:
    """What was revoked here, the ledger calls revoked."""
    async with office.database.transaction() as connection:
        revoked = await audit.revoked(connection, MOST_COMPARED)
    ledger, address = contracts.ledger(), office.deployment.ledger
    answers = await asyncio.gather(
        *(
            view(office.chain, ledger, address, "statusOf", item.authority.on_chain, item.digest)
            for item in revoked
        )
    )
    wrong = [
        f"{item.certificate}: revoked here, {State(status[0]).name} on chain"
        for item, (status,) in zip(revoked, answers, strict=True)
        if status[0] != State.REVOKED
    ]
    _require(not wrong, _named(wrong))
    return f"{len(revoked)} revocations agree with the ledger"


_CHECKS: dict[str, Check] = {
    "database": _database,
    "keys": _keys,
    "documents": _documents,
    "contracts": _contracts,
    "registrations": _registrations,
    "history": _history,
    "logs": _logs,
    "worker": _worker,
    "drawdowns": _drawdowns,
    "statuses": _statuses,
}


async def _everybody(office: Office) -> list[parties.Party]:
    async with office.database.transaction() as connection:
        return list(await parties.all_parties(connection))


def _require(agreed: bool, disagreement: str) -> None:
    if not agreed:
        raise DisagreementError(disagreement)


def _named(things: list[Any]) -> str:
    named = ", ".join(map(str, things[:MOST_NAMED]))
    return named if len(things) <= MOST_NAMED else f"{named} and {len(things) - MOST_NAMED} more"
