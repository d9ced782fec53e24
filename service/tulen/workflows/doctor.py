"""Check that everything an office needs is there, and that database and chain agree."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from tulen.chain import calls, contracts, follower, sender
from tulen.chain.deployment import check_deployment, view
from tulen.database import audit, log, parties, publication, require_current, transactions
from tulen.errors import RuleViolationError, TulenError, UnavailableError
from tulen.settings import Settings
from tulen.values import PartyCode
from tulen.verify import State
from tulen.workflows import clock
from tulen.workflows.log_of import require_whole_log
from tulen.workflows.office import Office, open_office
from tulen.workflows.seen_here import MOST_COMPARED, draws_differing, revocations_missing
from tulen.workflows.stuck import none_stuck

PASS, FAIL, UNKNOWN = "PASS", "FAIL", "UNKNOWN"
MOST_NAMED = 5
_ACCOUNT_ROLES = {"authority": calls.ANCHOR | calls.STATUS, "customs": calls.DRAW}
"""What the account of a party must be allowed to do, by the party's role."""


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
        for party in await _everybody(office):
            if {"authority", "customs"} & party.roles and office.acts_for(party.code):
                await require_whole_log(office, party.code)
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
    """The registry knows what is used here, and it is in force: accounts, keys and mandates."""
    now = int((await follower.head(office.chain)).time.timestamp())
    agreed = 0
    for party in await _everybody(office):
        for role, account_roles in _ACCOUNT_ROLES.items():
            if role in party.roles:
                await _account_registered(office, party.code, account_roles)
                agreed += 1
        if "authority" in party.roles:
            agreed += await _authority_registered(office, party.code, now)
    return f"the registry knows {agreed} accounts, keys and mandates, all in force"


async def _account_registered(office: Office, party: PartyCode, needed: int) -> None:
    account = (await asyncio.to_thread(office.account, party)).address
    known, _, roles = await _registry(office, "rolesOf", account)
    _require(
        known == party.on_chain, f"the registry does not know {account} as an account of {party}"
    )
    _require(
        roles & needed == needed,
        f"account {account} of {party} has roles {roles:#b} in the registry, and needs {needed:#b}",
    )


async def _authority_registered(office: Office, party: PartyCode, now: int) -> int:
    """Return how many keys and mandates are in force."""
    key = (await asyncio.to_thread(office.signer, party)).public_key
    ((since, until, compromised),) = await _registry(office, "keyOf", party.on_chain, key)
    _require(bool(since), f"the registry does not know {key.hex()} as a key of {party}")
    _require(
        _in_force(since, until, now) and not compromised,
        f"key {key.hex()} of {party} is used here, and in the registry since {since}, until "
        f"{until or 'further notice'}, compromised since {compromised or 'never'}; it is {now}",
    )
    (paused,) = await _registry(office, "isPaused", party.on_chain)
    _require(not paused, f"the registry has paused {party}: nothing of it is anchored until then")
    async with office.database.transaction() as connection:
        forms = await audit.forms_issued(connection, party, MOST_COMPARED)
    for agreement, form in forms:
        ((since, until),) = await _registry(
            office, "mandateOf", party.on_chain, agreement.on_chain, form.on_chain
        )
        _require(
            bool(since) and _in_force(since, until, now),
            f"{party} issues form {form} of {agreement} here, and its mandate in the registry is "
            f"since {since or 'never'}, until {until or 'further notice'}; it is {now}",
        )
    return 1 + len(forms)


def _in_force(since: int, until: int, now: int) -> bool:
    return since <= now and (until == calls.OPEN_ENDED or now < until)


async def _registry(office: Office, function: str, *arguments: object) -> tuple[Any, ...]:
    return await view(
        office.chain, contracts.registry(), office.deployment.registry, function, *arguments
    )


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
    agreed = await _drawn_on_chain(office)
    return f"{len(sums)} certificate lines agree with the contract, {agreed} drawdowns with us"


async def _drawn_on_chain(office: Office) -> int:
    """Return how many of the latest drawdowns on chain of our customs are here as well."""
    compared, wrong = 0, []
    for party in await _everybody(office):
        if "customs" not in party.roles:
            continue
        count, differing = await draws_differing(office, party.code)
        compared += count
        for item in differing:
            arguments = item.seen.event.arguments
            here = "nothing" if item.micro is None else f"{item.micro} millionths"
            wrong.append(
                f"reference {arguments['declaration']}: contract {arguments['quantity']} "
                f"millionths for {party.code}, {here} here"
            )
    _require(not wrong, _named(wrong))
    return compared


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
    agreed = await _revoked_on_chain(office)
    return f"{len(revoked)} revocations agree with the ledger, {agreed} of the ledger with us"


async def _revoked_on_chain(office: Office) -> int:
    """Return how many of the latest revocations on chain of our authorities are here as well."""
    compared, wrong = 0, []
    for party in await _everybody(office):
        if "authority" not in party.roles:
            continue
        count, missing = await revocations_missing(office, party.code)
        compared += count
        wrong += [
            f"{item.certificate or item.seen.event.subject.hex()}: REVOKED on chain by "
            f"{party.code}, {'not revoked' if item.certificate else 'unknown'} here"
            for item in missing
        ]
    _require(not wrong, _named(wrong))
    return compared


async def _nonces(office: Office) -> str:
    """The accounts have sent what the database says, and nothing else."""
    found = []
    for party in await _everybody(office):
        if not {"authority", "customs"} & party.roles:
            continue
        account = await asyncio.to_thread(office.account, party.code)
        counted = await sender.next_nonce(office.chain, account.address, "latest")
        async with office.database.transaction() as connection:
            made = await transactions.count(connection, office.chain.chain_id, account.octets)
        if made is None:
            found.append(f"{party.code} has sent nothing from here, {counted} on chain")
            continue
        _require(
            counted <= made,
            f"account {account.address} of {party.code}: {made} transactions here, {counted} on "
            "chain: run `tulen replay`, or find out who else has its key",
        )
        found.append(f"{party.code} {made} here, {counted} on chain")
    return "; ".join(found) or "no account is used here"


_CHECKS: dict[str, Check] = {
    "database": _database,
    "keys": _keys,
    "documents": _documents,
    "contracts": _contracts,
    "registrations": _registrations,
    "history": _history,
    "logs": _logs,
    "nonces": _nonces,
    "worker": _worker,
    "transactions": none_stuck,
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
