from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from anchored_certificates import Issued
from lying_nodes import Liar

from anvil_fixtures import (
    ATIGA,
    CHAIN_ID,
    FORM_D,
    LONG_AGO,
    STEWARD,
    Party,
    Send,
    World,
    free_port,
    mine,
    rpc,
)
from tulen.chain import calls, contracts
from tulen.chain.deploy import send_and_wait
from tulen.chain.deployment import view
from tulen.chain.facts import FactReader, checkpoint_hash
from tulen.chain.rpc import Chain
from tulen.log import leaf_hash, node_hash
from tulen.values import AgreementCode, Digest, Ed25519PublicKey
from tulen.verify.facts import (
    ChainFacts,
    ChainQuestion,
    RegisteredKey,
    RegisteredMandate,
    State,
    Unavailable,
)
from tulen.workflows import clock

pytestmark = pytest.mark.anyio


@pytest.fixture
def reader(chain: Chain, world: World) -> FactReader:
    return FactReader(chain, world.deployment, now=clock.now)


async def facts_of(reader: FactReader, question: ChainQuestion) -> ChainFacts:
    facts = await reader.read(question)
    assert isinstance(facts, ChainFacts), facts
    return facts


def time_of(world: World, block: int) -> datetime:
    seconds = int(rpc(world.url, "eth_getBlockByNumber", hex(block), False)["timestamp"], 16)
    return datetime.fromtimestamp(seconds, UTC)


async def test_an_anchored_certificate_has_all_its_facts(
    reader: FactReader, world: World, authority: Party, issued: Issued
) -> None:
    facts = await facts_of(reader, issued.question)
    number = issued.receipt.block_number
    assert facts.question == issued.question
    assert (facts.chain_id, facts.as_of_block) == (CHAIN_ID, number)
    assert facts.as_of == time_of(world, number)
    assert facts.anchored is not None
    assert facts.anchored.size == 1
    assert facts.anchored.anchored_at == time_of(world, number)
    assert facts.anchored.authority == authority.code.on_chain
    assert facts.status.state is State.GOOD
    assert facts.party is not None
    assert (facts.party.country, facts.party.issues) == ("VN", True)
    long_ago = datetime.fromtimestamp(LONG_AGO, UTC)
    assert facts.key == RegisteredKey(long_ago, None, None)
    assert facts.mandate == RegisteredMandate(long_ago, None)
    assert facts.mandate_when_anchored == facts.mandate
    assert (facts.recognised, facts.recognised_when_anchored) == (True, True)
    assert not facts.issuing_paused
    assert facts.accounts == ()
    assert facts.transaction is not None
    assert not isinstance(facts.transaction, Unavailable)
    assert facts.transaction.block_number == number
    assert facts.transaction.block_hash == issued.receipt.block_hash
    assert facts.transaction.anchors_root


async def test_the_head_of_a_log_is_recognised_by_its_root_and_size(
    chain: Chain, world: World, authority: Party, issued: Issued
) -> None:
    ledger, address = contracts.ledger(), world.deployment.ledger
    size, head = await view(chain, ledger, address, "head", authority.code.on_chain)
    assert (size, Digest(head)) == (1, checkpoint_hash(issued.question.root, 1))
    assert Digest(head) != checkpoint_hash(issued.question.root, 2)


async def test_an_anchor_is_final_two_blocks_later(
    chain: Chain, world: World, issued: Issued
) -> None:
    finals = []
    for _ in range(3):
        transaction = (
            await facts_of(FactReader(chain, world.deployment, now=clock.now), issued.question)
        ).transaction
        finals.append(transaction.final)
        mine(world.url, 1)
    assert finals == [False, False, True]


async def test_what_the_chain_does_not_know_is_none(reader: FactReader, issued: Issued) -> None:
    nothing = Digest(bytes(31) + b"\7")
    facts = await facts_of(
        reader,
        replace(
            issued.question,
            authority=bytes(15) + b"\7",
            root=nothing,
            digest=nothing,
            key=Ed25519PublicKey(nothing),
            transaction=nothing,
        ),
    )
    assert (facts.anchored, facts.party, facts.key, facts.mandate) == (None, None, None, None)
    assert facts.status.state is State.GOOD
    assert facts.transaction is None


async def test_a_mandate_is_for_one_agreement(reader: FactReader, issued: Issued) -> None:
    other = replace(issued.question, agreement=AgreementCode("RCEP"))
    assert (await facts_of(reader, other)).mandate is None


async def test_without_an_anchor_receipt_no_transaction_is_looked_for(
    reader: FactReader, issued: Issued
) -> None:
    facts = await facts_of(reader, replace(issued.question, transaction=None))
    assert facts.transaction is None
    assert facts.anchored is not None


async def test_status_key_and_mandate_are_those_of_the_latest_block(
    chain: Chain, world: World, authority: Party, issued: Issued, send: Send
) -> None:
    reader = FactReader(chain, world.deployment, now=clock.now)
    deployment, digest = world.deployment, issued.digest
    await send(authority, calls.suspend(deployment, [digest], 7))
    status = (await facts_of(reader, issued.question)).status
    assert (status.state, status.reason, status.successor) == (State.SUSPENDED, 7, None)
    await send(authority, calls.resume(deployment, [digest], 8))
    status = (await facts_of(reader, issued.question)).status
    assert (status.state, status.reason, status.since) == (State.GOOD, 0, None)
    successor = Digest(bytes(31) + b"\5")
    replaced = await send(authority, calls.replace(deployment, digest, successor, 5))
    status = (await facts_of(reader, issued.question)).status
    assert (status.state, status.reason, status.successor) == (State.REPLACED, 5, successor)
    assert status.since == time_of(world, replaced.block_number)

    late = LONG_AGO + 1_000
    for call in (
        calls.end_key(deployment, authority.code, authority.key, 2**64 - 1),
        calls.compromise_key(deployment, authority.code, authority.key, late),
        calls.grant_mandate(deployment, authority.code, ATIGA, FORM_D, since=LONG_AGO, until=late),
    ):
        await send_and_wait(chain, STEWARD, call)
    facts = await facts_of(reader, issued.question)
    since, later = (datetime.fromtimestamp(at, UTC) for at in (LONG_AGO, late))
    end_of_calendar = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert facts.key == RegisteredKey(since, end_of_calendar, later)
    assert facts.mandate == RegisteredMandate(since, later)


async def test_a_transaction_that_anchored_something_else_does_not_anchor_this(
    reader: FactReader, authority: Party, issued: Issued, world: World, send: Send
) -> None:
    other = Digest(leaf_hash(b"another entry"))
    first = issued.question.root
    root = Digest(node_hash(first, other))
    receipt = await send(
        authority,
        calls.anchor(
            world.deployment,
            predecessor_size=1,
            predecessor_root=first,
            size=2,
            root=root,
            consistency_path=[other],
        ),
    )
    mine(world.url, 2)
    lies = {
        "root": replace(issued.question, transaction=receipt.tx_hash),
        "size": replace(issued.question, transaction=receipt.tx_hash, root=root),
        "authority": replace(
            issued.question, transaction=receipt.tx_hash, root=root, size=2, authority=bytes(16)
        ),
    }
    for _ in range(2):  # the second time from memory
        for name, question in lies.items():
            assert not (await facts_of(reader, question)).transaction.anchors_root, name
    truth = replace(issued.question, transaction=receipt.tx_hash, root=root, size=2)
    assert (await facts_of(reader, truth)).transaction.anchors_root


async def test_another_ledger_s_event_anchors_nothing_here(
    chain: Chain, world: World, issued: Issued
) -> None:
    other = replace(world.deployment, ledger="0x" + "0d" * 20)
    code = rpc(world.url, "eth_getCode", world.deployment.ledger, "latest")
    rpc(world.url, "anvil_setCode", other.ledger, code)
    facts = await facts_of(FactReader(chain, other, now=clock.now), issued.question)
    assert facts.anchored is None
    assert not facts.transaction.anchors_root


async def test_a_reorganised_anchor_is_gone_from_all_facts(
    reader: FactReader, world: World, issued: Issued
) -> None:
    assert (await facts_of(reader, issued.question)).transaction is not None
    rpc(world.url, "anvil_reorg", 1, [])
    facts = await facts_of(reader, issued.question)
    assert facts.transaction is None
    assert facts.anchored is None


async def test_a_final_receipt_is_read_once(world: World, issued: Issued, liar: Liar) -> None:
    mine(world.url, 2)
    asked = []

    def listen(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        asked.append(call["method"])
        return answer

    async with Chain(await liar(listen), CHAIN_ID) as chain:
        reader = FactReader(chain, world.deployment, now=clock.now)
        first = await facts_of(reader, issued.question)
        assert asked.count("eth_getTransactionReceipt") == 1
        again = await facts_of(reader, issued.question)
        assert again == replace(first, read_at=again.read_at)
    assert asked.count("eth_getTransactionReceipt") == 1
    assert asked.count("eth_call") == 2, "the contract is asked each time"


def _revert(answer: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": 3, "message": "reverted"}}


def _word(number: int, value: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def lie(answer: dict[str, Any]) -> dict[str, Any]:
        data = answer["result"]
        at = 2 + 64 * number
        return {**answer, "result": data[:at] + f"{value:064x}" + data[at + 64 :]}

    return lie


def _result(**changed: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda answer: {**answer, "result": {**answer["result"], **changed}}


LIES_ABOUT_EVIDENCE = {
    "another chain": ("eth_chainId", lambda answer: {**answer, "result": "0x1"}),
    "nothing there": ("eth_call", lambda answer: {**answer, "result": "0x"}),
    "a word short": ("eth_call", lambda answer: {**answer, "result": answer["result"][:-64]}),
    "a word more": ("eth_call", lambda answer: {**answer, "result": answer["result"] + "0" * 64}),
    "null": ("eth_call", lambda answer: {**answer, "result": None}),
    "a revert": ("eth_call", _revert),
    "a state that is none": ("eth_call", _word(3, 4)),
    "a country that is none": ("eth_call", _word(7, 7)),
    "recognised more than once": ("eth_call", _word(17, 2)),
}


@pytest.mark.parametrize(
    ("method", "lie"), LIES_ABOUT_EVIDENCE.values(), ids=LIES_ABOUT_EVIDENCE.keys()
)
async def test_evidence_that_makes_no_sense_is_unavailable(
    world: World, issued: Issued, liar: Liar, method: str, lie: Callable[[Any], Any]
) -> None:
    url = await liar(lambda call, answer: lie(answer) if call["method"] == method else answer)
    async with Chain(url, CHAIN_ID) as chain:
        facts = await FactReader(chain, world.deployment, now=clock.now).read(issued.question)
    assert isinstance(facts, Unavailable)


def _another_receipt(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the same receipt, consistently under another transaction's hash."""
    other = {"transactionHash": "0x" + "11" * 32}
    logs = [{**log, **other} for log in answer["result"]["logs"]]
    return _result(**other, logs=logs)(answer)


def _altered_topic(answer: dict[str, Any]) -> dict[str, Any]:
    log = answer["result"]["logs"][0]
    topics = [*log["topics"][:-1], "0x" + "11" * 32]
    return _result(logs=[{**log, "topics": topics}])(answer)


LIES_ABOUT_RECEIPTS = {
    "another transaction altogether": ("eth_getTransactionReceipt", _another_receipt),
    "another transaction": (
        "eth_getTransactionReceipt",
        _result(transactionHash="0x" + "11" * 32),
    ),
    "another block": ("eth_getTransactionReceipt", _result(blockHash="0x" + "11" * 32)),
    "no status": ("eth_getTransactionReceipt", _result(status=None)),
    "logs that are none": ("eth_getTransactionReceipt", _result(logs=[7])),
    "a list": ("eth_getTransactionReceipt", lambda answer: {**answer, "result": []}),
    "a revert": ("eth_getTransactionReceipt", _revert),
    "no blocks": ("eth_getBlockByNumber", lambda answer: {**answer, "result": None}),
    "a block that is none": ("eth_getBlockByNumber", lambda answer: {**answer, "result": {}}),
    "a log left out": ("eth_getTransactionReceipt", _result(logs=[])),
    "a topic altered": ("eth_getTransactionReceipt", _altered_topic),
    "a filter left out": ("eth_getTransactionReceipt", _result(logsBloom=None)),
    "a failure with logs": ("eth_getTransactionReceipt", _result(status="0x0")),
}


@pytest.mark.parametrize(
    ("method", "lie"), LIES_ABOUT_RECEIPTS.values(), ids=LIES_ABOUT_RECEIPTS.keys()
)
async def test_a_receipt_that_makes_no_sense_is_unavailable_and_the_rest_stands(
    world: World, issued: Issued, liar: Liar, method: str, lie: Callable[[Any], Any]
) -> None:
    def tell(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        meant = call["method"] == method and call["params"][:1] != ["0x0"]
        return lie(answer) if meant else answer

    async with Chain(await liar(tell), CHAIN_ID) as chain:
        facts = await FactReader(chain, world.deployment, now=clock.now).read(issued.question)
    assert isinstance(facts, ChainFacts)
    assert isinstance(facts.transaction, Unavailable)
    assert facts.anchored is not None


async def test_a_receipt_of_a_block_that_does_not_stand_is_no_answer(
    world: World, issued: Issued, liar: Liar
) -> None:
    block = hex(issued.receipt.block_number)

    def lie(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if call["method"] == "eth_getBlockByNumber" and call["params"][0] == block:
            return _result(hash="0x" + "22" * 32)(answer)
        return answer

    async with Chain(await liar(lie), CHAIN_ID) as chain:
        facts = await facts_of(FactReader(chain, world.deployment, now=clock.now), issued.question)
    assert isinstance(facts.transaction, Unavailable)
    assert "but not its block" in facts.transaction.cause


async def test_a_reverted_transaction_anchors_nothing(
    world: World, issued: Issued, liar: Liar
) -> None:
    no_logs = "0x" + "00" * 256

    def lie(call: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        receipt = call["method"] == "eth_getTransactionReceipt"
        return _result(status="0x0", logs=[], logsBloom=no_logs)(answer) if receipt else answer

    async with Chain(await liar(lie), CHAIN_ID) as chain:
        facts = await facts_of(FactReader(chain, world.deployment, now=clock.now), issued.question)
    assert not facts.transaction.anchors_root


async def test_a_node_that_is_down_is_unavailable(world: World, issued: Issued) -> None:
    async with Chain(f"http://127.0.0.1:{free_port()}", CHAIN_ID) as chain:
        facts = await FactReader(chain, world.deployment, now=clock.now).read(issued.question)
    assert isinstance(facts, Unavailable)
    assert "does not accept connections" in facts.cause


async def test_another_chain_under_the_same_id_is_unavailable(
    chain: Chain, world: World, issued: Issued
) -> None:
    elsewhere = replace(world.deployment, genesis_hash=Digest(bytes(32)))
    facts = await FactReader(chain, elsewhere, now=clock.now).read(issued.question)
    assert isinstance(facts, Unavailable)
    assert "another chain under the same id" in facts.cause


async def test_a_deployment_on_another_chain_is_unavailable(
    chain: Chain, world: World, issued: Issued
) -> None:
    elsewhere = replace(world.deployment, chain_id=1)
    facts = await FactReader(chain, elsewhere, now=clock.now).read(issued.question)
    assert facts == Unavailable("the node serves chain 31337, and the ledger stands on chain 1")
