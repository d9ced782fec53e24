"""Replacement: final on chain before the successor is logged, once, whatever happens between."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from crashes import naming, one_way, sweep_replace
from desk import PERSONS, Desk
from victim import Victims

from tulen.certificate.life import IllegalStepError
from tulen.chain.refusals import ContractRefusalError
from tulen.errors import NotFoundError
from tulen.values import PartyCode
from tulen.workflows import clock, replace
from tulen.workflows.certificate import export_bundle
from tulen.workflows.issue import NotReservedError, issue
from tulen.workflows.office import Caller
from tulen.workflows.replace import NotReplaceableError
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

ORDER = (
    "SELECT t.state, c.state FROM certificate c, chain_transaction t WHERE t.purpose = 'replace' "
    "AND c.number = %s"
)


async def replaced(desk: Desk, number: str) -> tuple[UUID, str]:
    """Issue a successor of ``number``; return its application and its number."""
    application = await desk.approved(**naming(number))
    return application, (await desk.issue(application))["number"]


async def test_the_replacement_is_final_before_the_successor_is_logged(desk: Desk) -> None:
    old, _ = await desk.certified()
    application, new = await replaced(desk, old)
    assert await desk.rows(ORDER, new) == [("mined", "signed")]
    await work_once(desk.office)
    assert await desk.rows("SELECT count(*) FROM log_entry") == [(1,)]
    assert (await desk.issue(application))["state"] == "signed"
    await desk.until_idle()
    assert await desk.rows(ORDER, new) == [("final", "logged")]
    assert (await desk.status(old), await desk.status(new)) == ("REPLACED", "GOOD")
    assert await desk.complaints() == []
    assert await desk.damage() == []
    [(state, article, detail)] = await desk.rows(
        "SELECT state, article, detail FROM life_step WHERE event = 'replace' AND id = %s", old
    )
    assert (state, detail["successor"]) == ("replaced", new)
    assert article


async def test_what_was_drawn_on_the_old_one_counts_on_its_successor(desk: Desk) -> None:
    old, bundle = await desk.certified()
    await desk.draw(await desk.declared(old, bundle, "600"), "600")
    await desk.until_idle()
    _, new = await replaced(desk, old)
    await desk.until_idle()
    data = await export_bundle(desk.office, PERSONS["exporter"], new)
    too_much = await desk.declared(new, data, "500")
    with pytest.raises(ContractRefusalError):
        await desk.draw(too_much, "500")
    await desk.draw(await desk.declared(new, data, "400"), "400")


async def test_nothing_has_two_successors(desk: Desk) -> None:
    old, _ = await desk.certified()
    second = await desk.approved(**naming(old))
    await replaced(desk, old)
    for _ in range(2):  # On its way, and final: the ledger has it in its latest block.
        with pytest.raises(ContractRefusalError, match="replaced"):
            await desk.issue(second)
        await desk.until_idle()
    assert await desk.rows("SELECT count(*) FROM certificate") == [(2,)]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reference": "VN.MOIT-D-26-0000099"}, "not in the register"),
        ({"authority": "VN.VCCI"}, "not in the register"),
        ({"issued_on": "2020-01-01"}, "another date"),
        ({"digest": "ab" * 32}, "another digest"),
    ],
)
async def test_what_is_not_as_the_application_says_is_not_replaced(
    desk: Desk, changes: dict[str, str], why: str
) -> None:
    old, _ = await desk.certified()
    application = await desk.approved(**naming(old, **changes))
    with pytest.raises(NotReplaceableError, match=why):
        await desk.issue(application)
    assert await desk.rows("SELECT count(*) FROM certificate") == [(1,)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            "UPDATE application SET exporter = 'ID.SUMBER-RASA' WHERE state = 'issued'",
            "another exporter",
        ),
        ("UPDATE certificate SET form = 'AK'", "is a Form AK"),
    ],
)
async def test_what_is_anothers_is_not_replaced(desk: Desk, change: str, why: str) -> None:
    old, _ = await desk.certified()
    application = await desk.approved(**naming(old))
    await desk.rows(change)
    with pytest.raises(NotReplaceableError, match=why):
        await desk.issue(application)


async def test_what_is_past_its_period_is_not_replaced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = await desk.certified()
    application = await desk.approved(**naming(old))
    [(until,)] = await desk.rows("SELECT valid_until FROM certificate")
    monkeypatch.setattr(replace, "clock", SimpleNamespace(today=lambda: until, now=clock.now))
    with pytest.raises(IllegalStepError, match="expired"):
        await desk.issue(application)


async def test_what_was_revoked_is_not_replaced(desk: Desk) -> None:
    old, _ = await desk.certified()
    application = await desk.approved(**naming(old))
    await desk.revoke(old)
    await desk.settled()
    with pytest.raises(ContractRefusalError, match="revoked"):
        await desk.issue(application)
    assert await desk.rows("SELECT count(*) FROM certificate") == [(1,)]


async def test_another_authority_replaces_nothing_of_ours(desk: Desk) -> None:
    old, _ = await desk.certified()
    application = await desk.approved(**naming(old))
    stranger = Caller(PartyCode("VN.VCCI"), "someone", PERSONS["officer-1"].role)
    with pytest.raises(NotFoundError):
        await issue(desk.office, stranger, {"application": str(application)})


async def test_what_two_officers_replace_at_once_has_one_successor(desk: Desk) -> None:
    old, _ = await desk.certified()
    both = [await desk.approved(**naming(old)) for _ in range(2)]
    said = await asyncio.gather(*(desk.issue(one) for one in both), return_exceptions=True)
    assert len([one for one in said if isinstance(one, dict)]) == 1
    await desk.until_idle()
    assert await desk.rows("SELECT count(*) FROM log_entry") == [(2,)]


@pytest.mark.parametrize(
    "changes",
    [
        {"ticks": ["back-to-back"]},
        {"originals": [{"reference": "TH-1", "issued_on": "2026-11-01", "country": "TH"}]},
    ],
)
async def test_a_back_to_back_certificate_is_not_logged_without_its_reservation(
    desk: Desk, changes: dict[str, Any]
) -> None:
    application = await desk.approved(**changes)
    with pytest.raises(NotReservedError, match=r"DrawdownLedger\.reserve"):
        await desk.issue(application)
    assert await desk.rows("SELECT count(*) FROM certificate") == [(0,)]


async def test_a_replacement_resumes_from_any_call(desk: Desk, killer: Victims) -> None:
    assert await sweep_replace(desk, killer, one_way, step=9) >= 5
