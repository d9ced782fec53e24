"""Whatever one endpoint does, or most of them: the verdict is the truth or UNKNOWN (T9, P6)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from lying_proxy import (
    Lie,
    LyingProxy,
    altered,
    delay,
    drop,
    duplicate,
    fork,
    inflate,
    nest,
    proxies,
    refuse,
    stale,
    truncate,
)

from anvil_fixtures import (
    CHAIN_ID,
    ETHER,
    LONG_AGO,
    STEWARD,
    Account,
    mine,
    rpc,
    running_anvil,
    set_up,
)
from benchmarks.samples import AUTHORITY, bundle, certificates
from tulen.certificate import AnchorReceipt, LogProof
from tulen.chain import calls, quorum
from tulen.chain import facts as reading
from tulen.chain import rpc as transport
from tulen.chain.deploy import send_and_wait
from tulen.chain.deployment import Deployment
from tulen.chain.facts import FactReader
from tulen.chain.quorum import Quorum, chain_of
from tulen.chain.rpc import Chain
from tulen.keys import Ed25519Signer
from tulen.log import (
    Checkpoint,
    Kind,
    SignedCheckpoint,
    entry_leaf_hash,
    log_name,
    node_hash,
    note_body,
    signed_note,
)
from tulen.values import AgreementCode, Digest, FormCode
from tulen.verify import Verdict
from tulen.workflows import clock
from tulen.workflows.verify_alone import verify_with

pytestmark = pytest.mark.anyio

TRUTH = (Verdict.VALID, Verdict.REVOKED)


@dataclass(frozen=True)
class Scene:
    """A chain that has seen two certificates anchored and, much later, one of them revoked.

    Attributes:
        url: Its node.
        other: A node where the second was never revoked: the same chain until then, and longer.
        stranger: A node of another chain under the same id, with the same contracts.
        deployment: The contracts.
        bundles: Of the certificate that stands, and of the revoked one.
        on: The day that they are verified for.
        before: A block before the revocation, where both anchors are final.
        empty: A block where the contracts stand, and nothing in them.
    """

    url: str
    other: str
    stranger: str
    deployment: Deployment
    bundles: tuple[bytes, bytes]
    on: date
    before: int
    empty: int


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    born = str(int(time.time()))
    with (
        running_anvil("--timestamp", born) as url,
        running_anvil("--timestamp", born) as other,
        running_anvil("--timestamp", "1600000000") as stranger,
    ):
        asyncio.run(set_up(stranger))
        mine(stranger, 50)  # further than the scene goes, so that it does not pass for being behind
        yield asyncio.run(_scene(url, other, stranger))


async def _scene(url: str, other: str, stranger: str) -> Scene:
    deployment, account = await set_up(url), Account(AUTHORITY)
    rpc(url, "anvil_setBalance", account.address, hex(ETHER))
    empty = int(rpc(url, "eth_blockNumber"), 16)
    signer = Ed25519Signer(bytes(range(32)))
    on = datetime.fromtimestamp(_time_of(url), UTC).date()
    first, second = list(certificates(2, on))
    leaves = [Digest(entry_leaf_hash(Kind.CERTIFICATE, one.digest)) for one in (first, second)]
    checkpoint = Checkpoint(log_name(AUTHORITY), 2, Digest(node_hash(*leaves)))
    async with Chain(url, CHAIN_ID) as chain:
        for call in (
            calls.register_party(deployment, AUTHORITY, calls.ISSUING_AUTHORITY),
            calls.authorise_account(
                deployment, AUTHORITY, account.address, calls.ANCHOR | calls.STATUS
            ),
            calls.add_key(deployment, AUTHORITY, signer.public_key, since=LONG_AGO),
            calls.grant_mandate(
                deployment, AUTHORITY, AgreementCode("ATIGA"), FormCode("D"), since=LONG_AGO
            ),
        ):
            await send_and_wait(chain, STEWARD, call)
        anchor = calls.anchor(
            deployment,
            predecessor_size=0,
            predecessor_root=None,
            size=2,
            root=checkpoint.root,
            consistency_path=(),
        )
        receipt = await send_and_wait(chain, account, anchor)
        mine(url, 4)
        before = int(rpc(url, "eth_blockNumber"), 16)
        rpc(other, "anvil_loadState", rpc(url, "anvil_dumpState", True))
        for node, seconds in ((url, 60), (other, 65)):
            rpc(node, "evm_increaseTime", seconds)
            mine(node, 1)
        await send_and_wait(chain, account, calls.revoke(deployment, [second.digest], 2))
        mine(url, 3)
        mine(other, 6)
    receipt_of_both = AnchorReceipt(
        CHAIN_ID,
        deployment.ledger,
        receipt.tx_hash,
        receipt.block_number,
        receipt.block_hash,
        datetime.fromtimestamp(_time_of(url, receipt.block_number), UTC),
    )
    note = SignedCheckpoint.parse(
        signed_note(checkpoint, signer.public_key, signer.sign(note_body(checkpoint)))
    )
    bundles = [
        bundle(one, signer, LogProof(index, note, (leaves[1 - index],)), receipt_of_both)
        for index, one in enumerate((first, second))
    ]
    return Scene(url, other, stranger, deployment, (bundles[0], bundles[1]), on, before, empty)


def _time_of(url: str, number: int | None = None) -> int:
    tag = "latest" if number is None else hex(number)
    return int(rpc(url, "eth_getBlockByNumber", tag, False)["timestamp"], 16)


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait and remember for less long than in production, and read less."""
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 1.5)
    monkeypatch.setattr(transport, "MAX_RESPONSE_BYTES", 2**18)
    monkeypatch.setattr(quorum, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(reading, "FINALIZED_SECONDS", 0.0)
    monkeypatch.setattr(reading, "SAME_CHAIN_SECONDS", 0.0)


@asynccontextmanager
async def reading_from(
    scene: Scene, count: int, required: int | None = None
) -> AsyncIterator[tuple[FactReader, Chain | Quorum, list[LyingProxy]]]:
    """Yield who reads from ``count`` proxies in front of the scene's node, and the proxies."""
    async with proxies(scene.url, count) as served:
        urls = [proxy.url for proxy in served]
        async with aclosing(chain_of(urls, CHAIN_ID, required)) as chain:
            yield FactReader(chain, scene.deployment, now=clock.now), chain, served


async def verdicts(reader: FactReader, scene: Scene) -> tuple[Verdict, Verdict]:
    """Return what becomes of the certificate that stands, and of the revoked one."""
    first, second = await asyncio.gather(
        *(verify_with(reader, scene.deployment, data, scene.on) for data in scene.bundles)
    )
    return first.verdict, second.verdict


def word(number: int, value: int) -> Callable[[str], str]:
    """Put ``value`` in the place of a word of what a contract returns."""
    at = 2 + 64 * number
    return lambda data: data[:at] + f"{value:064x}" + data[at + 64 :]


def flipped(text: str, who: int) -> str:
    """Flip one bit of the last digit, each liar another one."""
    return text[:-1] + f"{int(text[-1], 16) ^ (1 << who):x}"


def with_(**changed: Callable[[Any], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda result: result | {name: to(result[name]) for name, to in changed.items()}


def log_data(who: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return with_(logs=lambda logs: [{**log, "data": flipped(log["data"], who)} for log in logs])


LIES: dict[str, Callable[[Scene, int], Lie]] = {
    "dropped": lambda _, __: drop,
    "delayed beyond the timeout": lambda _, __: delay(2.0),
    "delayed": lambda _, __: delay(0.15),
    "duplicated": lambda _, __: duplicate,
    "HTTP 429": lambda _, __: refuse,
    "truncated": lambda _, __: truncate,
    "huge": lambda _, __: inflate,
    "nested": lambda _, __: nest,
    "another chain id": lambda _, who: altered("eth_chainId", lambda _: hex(who + 1)),
    "another chain": lambda scene, _: fork(scene.stranger),
    "a fork": lambda scene, who: fork((scene.other, scene.stranger)[who]),
    "a stale head": lambda scene, _: stale(scene.before),
    "a very stale head": lambda scene, _: stale(scene.empty),
    "a head that is far ahead": lambda _, who: altered(
        "eth_getBlockByNumber",
        with_(number=lambda n: hex(int(n, 16) + 10**6), hash=lambda h: flipped(h, who)),
    ),
    "a wrong block hash": lambda _, who: altered(
        "eth_getBlockByNumber", with_(hash=lambda h: flipped(h, who))
    ),
    "no blocks": lambda _, __: altered("eth_getBlockByNumber", lambda _: None),
    "no contract": lambda _, __: altered("eth_call", lambda _: "0x"),
    "a wrong status": lambda _, who: altered("eth_call", word(3, (0, 2)[who])),
    "a wrong word": lambda _, who: altered("eth_call", lambda data: flipped(data, who)),
    "no receipt": lambda _, __: altered("eth_getTransactionReceipt", lambda _: None),
    "a receipt of another block": lambda _, who: altered(
        "eth_getTransactionReceipt", with_(blockHash=lambda h: flipped(h, who))
    ),
    "a receipt of another transaction": lambda _, who: altered(
        "eth_getTransactionReceipt", with_(transactionHash=lambda h: flipped(h, who))
    ),
    "a receipt of a failure": lambda _, __: altered(
        "eth_getTransactionReceipt", with_(status=lambda _: "0x0")
    ),
    "a receipt without its logs": lambda _, __: altered(
        "eth_getTransactionReceipt", with_(logs=lambda _: [])
    ),
    "a receipt with other data": lambda _, who: altered("eth_getTransactionReceipt", log_data(who)),
}
BELIEVED_ALONE = {
    "a fork",
    "a stale head",
    "a wrong status",
    "a wrong word",
    "a receipt with other data",
}
ALONE = {name: lie for name, lie in LIES.items() if name not in BELIEVED_ALONE}
"""What nobody can see who asks one node only: it fits together in itself (ADR 0003)."""


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_with_one_liar_of_three_the_verdict_is_the_truth(
    scene: Scene, lie: Callable[[Scene, int], Lie]
) -> None:
    async with reading_from(scene, 3) as (reader, _, served):
        for _ in ("before anything was read", "afterwards"):
            served[0].lie = lie(scene, 0)
            assert await verdicts(reader, scene) == TRUTH
            served[0].lie = None
            assert await verdicts(reader, scene) == TRUTH


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_with_two_liars_of_three_the_verdict_is_the_truth_or_unknown(
    scene: Scene, lie: Callable[[Scene, int], Lie]
) -> None:
    async with reading_from(scene, 3) as (reader, _, served):
        for _ in ("before anything was read", "afterwards"):
            for who in (0, 1):
                served[who].lie = lie(scene, who)
            for verdict, truth in zip(await verdicts(reader, scene), TRUTH, strict=True):
                assert verdict in {truth, Verdict.UNKNOWN}
            for proxy in served:
                proxy.lie = None
            assert await verdicts(reader, scene) == TRUTH, "it recovers by itself"


@pytest.mark.parametrize("lie", ALONE.values(), ids=ALONE.keys())
async def test_alone_a_liar_that_contradicts_itself_makes_the_verdict_unknown(
    scene: Scene, lie: Callable[[Scene, int], Lie]
) -> None:
    async with reading_from(scene, 1) as (reader, _, served):
        for _ in ("before anything was read", "afterwards"):
            served[0].lie = lie(scene, 0)
            for verdict, truth in zip(await verdicts(reader, scene), TRUTH, strict=True):
                assert verdict in {truth, Verdict.UNKNOWN}
            served[0].lie = None
            assert await verdicts(reader, scene) == TRUTH, "it recovers by itself"


async def test_a_lying_minority_never_makes_a_revoked_certificate_valid(scene: Scene) -> None:
    """Also while another one is silent: then nothing is known, and it recovers by itself."""
    async with reading_from(scene, 3) as (reader, chain, served):
        served[2].lie = altered("eth_call", word(3, 0))
        assert (await verdicts(reader, scene))[1] is Verdict.REVOKED
        served[1].lie = refuse
        assert (await verdicts(reader, scene))[1] is Verdict.UNKNOWN
        served[2].lie = None
        assert (await verdicts(reader, scene))[1] is Verdict.REVOKED
        assert isinstance(chain, Quorum)
        liar, mute = (f"chain node {served[who].url[7:]}" for who in (2, 1))
        assert chain.disagreements[liar] > 0
        assert chain.silences[mute] > 0


async def test_a_stale_minority_never_makes_a_revoked_certificate_valid(scene: Scene) -> None:
    async with reading_from(scene, 3) as (reader, _, served):
        served[0].lie = stale(scene.before)
        assert (await verdicts(reader, scene))[1] is Verdict.REVOKED
        served[1].lie = drop
        assert (await verdicts(reader, scene))[1] is Verdict.UNKNOWN
        served[0].lie = None
        assert (await verdicts(reader, scene))[1] is Verdict.REVOKED


async def test_a_stale_majority_is_found_out_by_one_that_is_not(scene: Scene) -> None:
    async with reading_from(scene, 3) as (reader, _, served):
        for proxy in served[:2]:
            proxy.lie = stale(scene.before)
        verification = await verify_with(reader, scene.deployment, scene.bundles[1], scene.on)
        assert verification.verdict is Verdict.UNKNOWN
        reasons = {check.name: check.reason for check in verification.checks}
        assert f"{served[2].url[7:]} has shown block" in reasons["status"]
        assert "either the others are behind, or that one is wrong" in reasons["status"]


async def test_a_majority_that_tells_the_same_lie_is_seen_only_where_all_must_agree(
    scene: Scene,
) -> None:
    for required, verdict in ((2, Verdict.VALID), (3, Verdict.UNKNOWN)):
        async with reading_from(scene, 3, required) as (reader, _, served):
            for proxy in served[:2]:
                proxy.lie = altered("eth_call", word(3, 0))
            assert (await verdicts(reader, scene))[1] is verdict


async def test_two_chains_of_one_genesis_are_no_chain(scene: Scene) -> None:
    async with reading_from(scene, 2) as (reader, _, served):
        assert await verdicts(reader, scene) == TRUTH
        served[0].lie = fork(scene.other)
        assert await verdicts(reader, scene) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
        served[0].lie = None
        assert await verdicts(reader, scene) == TRUTH
