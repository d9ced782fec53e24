"""How a certificate stood at an instant: by the register and by the chain alone, in one word."""

from datetime import UTC, datetime, timedelta

import pytest
from desk import PERSONS, Desk

from anvil_fixtures import rpc
from tulen.errors import InvalidInputError, NotFoundError
from tulen.verify import Standing, Verdict, stood_in
from tulen.workflows import clock
from tulen.workflows.certificate import export_bundle
from tulen.workflows.revoke import cancel_unused
from tulen.workflows.standing import stood_at
from tulen.workflows.suspend import resume, suspend
from tulen.workflows.verify_alone import verify_on_chain

pytestmark = pytest.mark.anyio

TIMES = (
    "SELECT block_time FROM chain_event JOIN chain_block ON chain_block.hash = block_hash "
    "WHERE name = %s ORDER BY block_time"
)
SECOND = timedelta(seconds=1)
WHOLE_LIFE = [
    "not yet issued",
    "valid",
    "suspended",
    "valid",
    "revoked",
]


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Everything is asked an hour from now: blocks made in one second are dated ahead."""
    then = clock.now() + timedelta(hours=1)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(hours=1))
    return then


async def time_of(desk: Desk, name: str) -> datetime:
    times = await desk.rows(TIMES, name)
    moment: datetime = times[-1][0]
    return moment.astimezone(UTC)


async def apart(desk: Desk) -> None:
    """Let the chain's time go on, so that what follows is later by more than a second."""
    await desk.settled()
    rpc(desk.node, "evm_increaseTime", hex(60))
    desk.mine(2)
    await desk.settled()


async def lived(desk: Desk) -> tuple[str, list[datetime]]:
    """Issue, suspend, resume and revoke; return when each happened, and an instant before."""
    number, _ = await desk.certified()
    note = {"certificate": number, "note": "Check 118"}
    await apart(desk)
    await suspend(desk.office, PERSONS["officer-1"], note)
    await apart(desk)
    await resume(desk.office, PERSONS["officer-1"], note)
    await apart(desk)
    await desk.revoke(number)
    await desk.settled()
    names = ("CheckpointAnchored", "Suspended", "Resumed", "Revoked")
    moments = [await time_of(desk, name) for name in names]
    return number, [moments[0] - SECOND, *moments]


async def told(desk: Desk, number: str, at: datetime) -> dict[str, str]:
    view = await stood_at(desk.office, PERSONS["exporter"], number, at)
    answer: dict[str, str] = view.to_document()["stood"]
    return answer


async def by_chain(desk: Desk, data: bytes, at: datetime) -> tuple[str, Verdict]:
    settings = desk.office.settings
    found = await verify_on_chain(settings, settings.deployment_file, data, at.date(), as_of=at)
    return stood_in(at, found).standing.value, found.verdict


async def test_register_and_chain_say_the_same_of_every_instant(desk: Desk) -> None:
    number, moments = await lived(desk)
    data = await export_bundle(desk.office, PERSONS["exporter"], number)
    said = [await told(desk, number, at) for at in moments]
    assert [answer["standing"] for answer in said] == WHOLE_LIFE
    first, *rest = [(await by_chain(desk, data, at))[0] for at in moments]
    assert rest == WHOLE_LIFE[1:]
    assert first in {WHOLE_LIFE[0], "UNKNOWN"}  # UNKNOWN where the contracts are no older.
    assert said[4]["reason"] == "error: issued in error"
    assert all(answer["advice"] and answer["read_until"] for answer in said)
    before = await told(desk, number, moments[2] - SECOND)
    assert before["standing"] == "valid"


async def test_a_cancelled_certificate_is_told_from_a_revoked_one(desk: Desk) -> None:
    number, data = await desk.certified()
    request = {"certificate": number, "reason": "not-exported", "note": "The vessel left"}
    await cancel_unused(desk.office, PERSONS["officer-1"], request)
    await desk.settled()
    at = await time_of(desk, "Revoked")
    assert (await told(desk, number, at))["standing"] == "cancelled"
    assert await by_chain(desk, data, at) == ("cancelled", Verdict.REVOKED)


async def test_what_is_past_its_period_has_expired_unless_it_was_revoked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, data = await desk.certified()
    [(until,)] = await desk.rows("SELECT valid_until FROM certificate")
    at = datetime(until.year, until.month, until.day, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=1))
    assert (await told(desk, number, at))["since"] == until.isoformat()
    assert (await told(desk, number, at - SECOND))["standing"] == "valid"
    assert await by_chain(desk, data, at) == ("expired", Verdict.EXPIRED)
    assert (await by_chain(desk, data, at - SECOND))[0] == "valid"


async def test_what_was_changed_never_stood(desk: Desk) -> None:
    _, data = await desk.certified()
    at = await time_of(desk, "CheckpointAnchored")
    forged = data.replace(b"Sweet biscuits", b"Salty biscuits", 1)
    assert await by_chain(desk, forged, at) == (Standing.INVALID.value, Verdict.INVALID)
    assert (await by_chain(desk, b"{}", at))[0] == Standing.INVALID.value


async def test_before_the_ledger_stood_nothing_was_issued(desk: Desk) -> None:
    _, data = await desk.certified()
    [(first,)] = await desk.rows("SELECT min(block_time) FROM chain_block")
    for days in (0, 3):
        at = first.astimezone(UTC) - timedelta(days=days, hours=days + 1)
        assert (await by_chain(desk, data, at))[0] in ("not yet issued", Standing.UNKNOWN.value)


async def test_nothing_is_said_of_the_future_or_to_strangers(desk: Desk) -> None:
    number = await desk.issued()
    with pytest.raises(InvalidInputError, match="future"):
        await told(desk, number, clock.now() + timedelta(minutes=1))
    with pytest.raises(NotFoundError):
        await stood_at(desk.office, PERSONS["importer"], number, clock.now())
    assert (await told(desk, number, clock.now()))["standing"] == "not yet issued"
