"""Reservations, recognition and pause, read from the contracts."""

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from anchored_certificates import Issued, issued_by
from lying_nodes import Liar

from anvil_fixtures import ATIGA, CHAIN_ID, STEWARD, Party, Send, World, new_party, rpc
from tulen.certificate import Allowance, AllowanceProof
from tulen.chain import calls
from tulen.chain.deploy import send_and_wait
from tulen.chain.facts import FactReader
from tulen.chain.rpc import Chain
from tulen.log import Kind, entry_leaf_hash
from tulen.values import AgreementCode, Country, Digest, Quantity, UnitCode
from tulen.verify.facts import ChainFacts, ChainQuestion, LineAccount, Unavailable
from tulen.workflows import clock

pytestmark = pytest.mark.anyio


async def read(reader: FactReader, question: ChainQuestion) -> ChainFacts:
    facts = await reader.read(question)
    assert isinstance(facts, ChainFacts), facts
    return facts


async def test_what_is_reserved_for_the_lines_of_a_child_is_read_with_the_rest(
    chain: Chain, world: World, authority: Party, customs: Party, send: Send
) -> None:
    reader, deployment = FactReader(chain, world.deployment, now=clock.now), world.deployment
    child_authority = await new_party(chain, world, "ID", calls.ISSUING_AUTHORITY)
    child = await issued_by(child_authority, world, chain)
    question = replace(child.question, importing_country=Country("TH"), bounded_lines=(1, 2))
    assert (await read(reader, question)).accounts == (
        LineAccount(1, 0, bounded=False),
        LineAccount(2, 0, bounded=False),
    )
    allowance = Allowance(bytes(16), 1, Quantity(Decimal(1000), UnitCode("KGM")), Country("ID"))
    parent = Digest(allowance.leaf_hash)
    root = Digest(entry_leaf_hash(Kind.CERTIFICATE, parent))
    await send(
        authority,
        calls.anchor(
            deployment,
            predecessor_size=0,
            predecessor_root=None,
            size=1,
            root=root,
            consistency_path=(),
        ),
    )
    named = calls.Child(child_authority.code, child.digest, 1)
    place = calls.LogPlace(authority.code, 0, 1, root, ())
    for number, micro in ((1, 700), (2, 50)):
        await send(
            customs,
            calls.reserve(
                deployment,
                AllowanceProof(allowance, 0, 1, ()),
                place,
                micro=micro,
                declaration=Digest(bytes(31) + bytes([number])),
                child=named,
            ),
        )
    facts = await read(reader, question)
    assert facts.accounts == (LineAccount(1, 750, bounded=True), LineAccount(2, 0, bounded=False))


async def test_accounts_that_cannot_be_read_leave_the_rest_standing(
    world: World, issued: Issued, liar: Liar
) -> None:
    def lie(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        asked = call["method"] == "eth_call" and call["params"][0]["to"]
        refused = {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": 3, "message": "no"}}
        return refused if asked == world.deployment.drawdowns else answer

    async with Chain(await liar(lie), CHAIN_ID) as chain:
        reader = FactReader(chain, world.deployment, now=clock.now)
        facts = await read(reader, replace(issued.question, bounded_lines=(1,)))
    assert isinstance(facts.accounts, Unavailable)
    assert facts.anchored is not None


async def test_recognition_and_pause_are_read_as_they_are(
    chain: Chain, world: World, authority: Party, issued: Issued
) -> None:
    reader = FactReader(chain, world.deployment, now=clock.now)
    rpc(world.url, "evm_increaseTime", 5)
    indonesia = Country("ID")
    for call in (
        calls.withdraw_recognition(world.deployment, indonesia, authority.code, ATIGA),
        calls.pause_issuing(world.deployment, authority.code),
    ):
        await send_and_wait(chain, STEWARD, call)
    facts = await read(reader, issued.question)
    assert (facts.recognised, facts.recognised_when_anchored) == (False, True)
    assert facts.issuing_paused
    for other in ({"importing_country": Country("TH")}, {"agreement": AgreementCode("RCEP")}):
        assert (await read(reader, replace(issued.question, **other))).recognised


async def test_many_who_ask_at_once_ask_the_node_once_for_what_is_the_same(
    world: World, issued: Issued, liar: Liar
) -> None:
    asked: Counter[str] = Counter()

    def listen(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        asked[call["method"]] += 1
        asked[str(call["params"][:1])] += 1
        return answer

    questions = [
        replace(issued.question, importing_country=Country(code)) for code in ("ID", "TH", "VN")
    ]
    async with Chain(await liar(listen), CHAIN_ID) as chain:
        reader = FactReader(chain, world.deployment, now=clock.now)
        for times in (1, 2):  # The transaction is not final, so the later ones ask for it again.
            await asyncio.gather(*(read(reader, question) for question in questions))
            assert asked["eth_getTransactionReceipt"] == times
            assert asked["eth_call"] == 3 * times
            # These two are known for a second, which may be over by the second time.
            assert asked["['finalized']"] <= times
            assert asked["['0x0']"] <= times
