"""Check that everything an office needs is there, and that database and chain agree."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from tulen.chain import contracts
from tulen.chain.deployment import check_deployment, view
from tulen.database import log, parties
from tulen.errors import TulenError, UnavailableError
from tulen.settings import Settings
from tulen.workflows.office import Office, open_office

PASS, FAIL, UNKNOWN = "PASS", "FAIL", "UNKNOWN"


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
            return [finding async for finding in _examine(office)]
    except TulenError as error:
        return [_failed("office", error)]


async def not_ready(office: Office) -> str:
    """Return what keeps the office from working; empty where nothing does."""
    try:
        async with office.database.transaction() as connection:
            await parties.all_parties(connection)
        await check_deployment(office.chain, office.deployment)
    except TulenError as error:
        return str(error)
    return ""


async def _examine(office: Office) -> AsyncIterator[Finding]:
    try:
        async with office.database.transaction() as connection:
            everybody = await parties.all_parties(connection)
        yield Finding("database", PASS, f"answers; {len(everybody)} parties")
    except TulenError as error:
        yield _failed("database", error)
        return
    damaged = office.vault.scrub()
    yield Finding(
        "documents",
        FAIL if damaged else PASS,
        f"our copies are damaged: {', '.join(map(str, damaged))}" if damaged else "all whole",
    )
    try:
        await check_deployment(office.chain, office.deployment)
        yield Finding(
            "contracts", PASS, f"chain {office.chain.chain_id} holds those of this version"
        )
    except TulenError as error:
        yield _failed("contracts", error)
        return
    for party in everybody:
        if "authority" in party.roles:
            yield await _log_finding(office, party)


async def _log_finding(office: Office, party: parties.Party) -> Finding:
    """Compare the log in the database with the ledger's head."""
    subject = f"log of {party.code}"
    try:
        size, root = await view(
            office.chain,
            contracts.ledger(),
            office.deployment.ledger,
            "head",
            party.code.on_chain,
        )
        async with office.database.transaction() as connection:
            state = await log.state(connection, party.code)
            known = await log.checkpoint_at(connection, party.code, size) if size else None
    except TulenError as error:
        return _failed(subject, error)
    if size > state.sealed_size:
        return Finding(
            subject, FAIL, f"the ledger holds {size} entries, the database {state.sealed_size}"
        )
    if size and (known is None or known.root_hash != root):
        ours = known.root_hash.hex() if known else "none"
        return Finding(subject, FAIL, f"root at {size}: ledger {root.hex()}, database {ours}")
    return Finding(subject, PASS, f"{state.size} entries, {size} of them anchored")


def _failed(subject: str, error: TulenError) -> Finding:
    outcome = UNKNOWN if isinstance(error, UnavailableError) else FAIL
    return Finding(subject, outcome, str(error))
