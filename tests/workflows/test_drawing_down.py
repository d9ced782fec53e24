"""Drawing down: never more than is certified, never twice, and every refusal in plain words."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest
from desk import PERSONS, Desk, declaration_for
from failing import interrupted, together

from anvil_fixtures import rpc
from office_fixtures import application_of_today
from tulen.certificate import Bundle, FullPresentation, redact
from tulen.chain.refusals import OverdrawnError
from tulen.database.errors import OtherContentError
from tulen.errors import InvalidInputError, NotFoundError, UnavailableError
from tulen.values import Quantity
from tulen.workflows.certificate import NotYetFinalError, export_bundle
from tulen.workflows.declare import declare, left_of
from tulen.workflows.draw_down import (
    DrawdownView,
    ExceedsDeclarationError,
    NothingClaimedError,
    OtherUnitError,
    draw_down,
    drawdown_of,
)
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio


async def test_thirty_draws_at_once_by_two_ports_grant_exactly_what_is_certified(
    desk: Desk,
) -> None:
    number, bundle = await desk.certified()
    declarations = [await desk.declared(number, bundle, "70") for _ in range(30)]
    answers = await asyncio.gather(
        *(
            desk.draw(declaration, "70", who="priok" if index % 2 else "perak")
            for index, declaration in enumerate(declarations)
        ),
        return_exceptions=True,
    )
    granted = [answer for answer in answers if isinstance(answer, DrawdownView)]
    refused = [answer for answer in answers if not isinstance(answer, DrawdownView)]
    assert len(granted) == 14
    assert {type(answer) for answer in refused} == {OverdrawnError}
    assert all("20 KGM left" in str(answer) for answer in refused[-5:])
    await desk.until_idle()
    assert await desk.drawn(number) == 980 * 10**6
    states = await desk.rows("SELECT state, count(*) FROM drawdown GROUP BY state ORDER BY state")
    assert states[0] == ("final", 14)
    assert await desk.complaints() == []


async def test_the_same_line_asked_for_twice_at_once_is_drawn_once(desk: Desk) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle, "100")
    answers = await asyncio.gather(*(desk.draw(declaration, "100") for _ in range(6)))
    assert len({answer.row.reference for answer in answers}) == 1
    await desk.until_idle()
    assert await desk.drawn(number) == 100 * 10**6
    assert await desk.rows("SELECT count(*) FROM chain_transaction WHERE purpose = 'draw'") == [
        (1,)
    ]


async def test_what_was_drawn_just_before_is_not_refused_for_want_of_what_it_drew(
    desk: Desk,
) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle, "600")
    late = interrupted(desk, "eth_estimateGas", lambda: desk.draw(declaration, "600"))
    view = await late.draw(declaration, "600")
    assert view.to_document()["left_text"] == "400 KGM"


async def test_asking_again_with_another_quantity_is_refused(desk: Desk) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle, "600")
    first = await desk.draw(declaration, "600")
    again = await desk.draw(declaration, "600")
    assert again.to_document() == first.to_document()
    with pytest.raises(OtherContentError, match="it drew 600 KGM"):
        await desk.draw(declaration, "599")


async def overtaken(desk: Desk) -> tuple[str, str, str]:
    """Let two ports pass the contract's preview, and only one of them its block."""
    number, bundle = await desk.certified()
    fast, slow = [await desk.declared(number, bundle, "600") for _ in range(2)]
    rpc(desk.node, "evm_setAutomine", False)
    both = together(desk, 2)
    draws = [asyncio.create_task(both.draw(declaration, "600")) for declaration in (fast, slow)]
    await desk.pooled(2)
    desk.mine(1)
    rpc(desk.node, "evm_setAutomine", True)
    answers = await asyncio.gather(*draws, return_exceptions=True)
    if isinstance(answers[0], Exception):
        fast, slow, answers = slow, fast, answers[::-1]
    assert isinstance(answers[0], DrawdownView)
    assert isinstance(answers[1], OverdrawnError), answers
    assert str(answers[1]) == "line 1: 600 KGM asked for, 400 KGM left"
    return number, fast, slow


async def test_whoever_comes_second_in_the_block_is_refused_with_the_contracts_words(
    desk: Desk,
) -> None:
    number, _, slow = await overtaken(desk)
    for _ in range(2):
        view = await drawdown_of(desk.office, PERSONS["importer"], slow, 1)
        assert view.to_document()["state"] == "refused"
        assert view.to_document()["refusal"] == "line 1: 600 KGM asked for, 400 KGM left"
        await desk.until_idle()
    assert await desk.drawn(number) == 600 * 10**6
    assert await desk.complaints() == []


async def test_the_refused_line_draws_what_is_left_once_the_refusal_is_final(desk: Desk) -> None:
    number, _, slow = await overtaken(desk)
    with pytest.raises(NotYetFinalError):
        await desk.draw(slow, "400")
    await desk.until_idle()
    with pytest.raises(OverdrawnError, match="400 KGM left"):
        await desk.draw(slow, "600")
    view = await desk.draw(slow, "400")
    assert view.to_document()["state"] == "mined"
    assert view.to_document()["left_text"] == "0 KGM"
    await desk.until_idle()
    assert await desk.drawn(number) == 1000 * 10**6
    states = await desk.rows("SELECT state, refusal FROM drawdown")
    assert states == [("final", None)] * 2
    assert await desk.complaints() == []


async def test_a_reorganisation_undoes_a_refusal_too(desk: Desk) -> None:
    number, fast, slow = await overtaken(desk)
    desk.reorganise(1)
    rpc(desk.node, "anvil_dropAllTransactions")
    await work_once(desk.office)
    states = await desk.rows("SELECT declaration, state, refusal FROM drawdown")
    assert {state for _, state, refusal in states} <= {"requested", "mined", "refused"}
    await desk.until_idle()
    ended = dict(await desk.rows("SELECT declaration, state FROM drawdown"))
    assert sorted(ended.values()) == ["final", "refused"]
    assert ended.keys() == {fast, slow}
    assert await desk.drawn(number) == 600 * 10**6
    assert await desk.complaints() == []


async def test_a_draw_that_a_reorganisation_takes_back_is_sent_again(desk: Desk) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle, "600")
    view = await desk.draw(declaration, "600")
    assert view.row.state == "mined"
    desk.reorganise(1)
    rpc(desk.node, "anvil_dropAllTransactions")
    assert await desk.drawn(number) == 0
    rpc(desk.node, "evm_setAutomine", False)
    await work_once(desk.office)
    view = await drawdown_of(desk.office, PERSONS["priok"], declaration, 1)
    assert view.to_document()["state"] == "requested"
    assert "block_number" not in view.to_document()
    rpc(desk.node, "evm_setAutomine", True)
    desk.mine(1)
    await desk.until_idle()
    assert await desk.drawn(number) == 600 * 10**6
    assert await desk.rows("SELECT state FROM drawdown") == [("final",)]
    assert await desk.complaints() == []


async def test_without_the_chain_nothing_is_drawn_and_what_is_left_is_unknown(desk: Desk) -> None:
    number, bundle = await desk.certified()
    first, second = [await desk.declared(number, bundle, "600") for _ in range(2)]
    await desk.draw(first, "600")
    async with desk.without_chain() as cut_off:
        with pytest.raises(UnavailableError):
            await cut_off.draw(second, "400")
        view = await drawdown_of(cut_off.office, PERSONS["priok"], first, 1)
        assert view.to_document()["left_text"] == "UNKNOWN"
    assert await desk.rows("SELECT declaration FROM drawdown") == [(first,)]
    await desk.draw(second, "400")
    await desk.until_idle()
    assert await desk.drawn(number) == 1000 * 10**6


async def test_what_is_kept_but_not_taken_is_answered_as_requested_and_sent_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle, "600")
    monkeypatch.setattr("tulen.workflows.send.MINED_WITHIN_SECONDS", 0.1)

    async def hang_up() -> None:
        raise UnavailableError("the node hung up")

    cut_off = interrupted(desk, "eth_sendRawTransaction", hang_up)
    view = (await cut_off.draw(declaration, "600")).to_document()
    assert (view["state"], view["left_text"]) == ("requested", "1000 KGM")
    assert "block_number" not in view
    again = (await desk.draw(declaration, "600")).to_document()
    assert again == view
    await desk.until_idle()
    assert await desk.drawn(number) == 600 * 10**6
    assert await desk.complaints() == []


async def test_a_line_draws_no_more_than_it_declares_and_only_what_it_claims(desk: Desk) -> None:
    number, bundle = await desk.certified()
    declaration = await desk.declared(number, bundle, "600")
    with pytest.raises(ExceedsDeclarationError):
        await desk.draw(declaration, "601")
    with pytest.raises(NotFoundError, match="has no line 2"):
        await desk.draw(declaration, "1", line=2)
    request = declaration_for(number, bundle)
    del request["declaration"]["lines"][0]["claim"]
    unclaimed = await filed(desk, request)
    with pytest.raises(NothingClaimedError):
        await desk.draw(unclaimed, "1")
    other_unit = {"declaration": declaration, "line": 1, "quantity": "600", "unit": "GRM"}
    with pytest.raises(ExceedsDeclarationError):
        await draw_down(desk.office, PERSONS["priok"], other_unit)


async def test_a_line_that_is_certified_in_another_unit_cannot_be_drawn(desk: Desk) -> None:
    application = application_of_today()
    application["lines"][0]["unit"] = "CT"
    issued = await desk.issue(await desk.approved(**application))
    await desk.until_idle()
    bundle = await export_bundle(desk.office, PERSONS["exporter"], issued["number"])
    declaration = await desk.declared(issued["number"], bundle)
    with pytest.raises(OtherUnitError, match="certifies 1000 CT; 600 KGM"):
        await desk.draw(declaration, "600")
    assert await desk.drawn(issued["number"]) == 0


async def test_a_line_that_the_certificate_does_not_have_cannot_be_drawn(desk: Desk) -> None:
    number, bundle = await desk.certified()
    request = declaration_for(number, bundle)
    request["declaration"]["lines"][0]["claim"]["certificate_line"] = 2
    declaration = await filed(desk, request)
    with pytest.raises(NotFoundError, match="has no line 2"):
        await desk.draw(declaration, "1")


async def test_a_certificate_that_was_not_presented_cannot_be_drawn(desk: Desk) -> None:
    number, bundle = await desk.certified()
    request = declaration_for("VN.MOIT/0001 old style", bundle)
    declaration = await filed(desk, request)
    with pytest.raises(NotFoundError, match="was not presented"):
        await desk.draw(declaration, "1")
    assert await desk.drawn(number) == 0


async def test_two_proofs_with_one_certificate_number_are_refused(desk: Desk) -> None:
    number, bundle = await desk.certified()
    request = declaration_for(number, bundle)
    altered = json.loads(bundle)
    altered["certificate"]["document"]["lines"][0]["quantity"] = "9000"
    for other in (json.loads(bundle), altered):
        request["proofs"] = [json.loads(bundle), other]
        await must_name(declare(desk.office, PERSONS["importer"], request), "/proofs/1")
    assert await desk.rows("SELECT count(*) FROM declaration") == [(0,)]


async def test_a_redacted_proof_is_refused_by_its_place(desk: Desk) -> None:
    number, bundle = await desk.certified()
    full = Bundle.parse(bundle).certificate
    assert isinstance(full, FullPresentation)
    redacted = json.loads(bundle)
    redacted["certificate"] = redact(full.certificate, full.seed, ["/number"]).to_document()
    request = declaration_for(number, bundle)
    request["proofs"] = [redacted]
    work = declare(desk.office, PERSONS["importer"], request)
    await must_name(work, "/proofs/0/certificate")


async def test_what_is_left_of_less_than_was_drawn_is_nothing(desk: Desk) -> None:
    number, bundle = await desk.certified()
    await desk.draw(await desk.declared(number, bundle, "600"), "600")
    presented = Bundle.parse(bundle).certificate
    assert isinstance(presented, FullPresentation)
    goods = presented.certificate.lines[0].goods
    less = replace(goods, quantity=Quantity.from_micro(599 * 10**6, goods.quantity.unit))
    assert str(await left_of(desk.office, presented.digest, goods)) == "400 KGM"
    assert str(await left_of(desk.office, presented.digest, less)) == "0 KGM"


async def filed(desk: Desk, request: dict[str, Any]) -> str:
    view = await declare(desk.office, PERSONS["importer"], request)
    return view.row.number


async def must_name(work: Awaitable[object], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await work
    assert caught.value.field == field
