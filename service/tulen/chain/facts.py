"""What a verifier is told of the chain: one contract call at one block, and one receipt."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, TypeVar

from web3 import Web3

from tulen.chain import contracts, follower
from tulen.chain.deployment import Deployment, genesis_hash, view
from tulen.chain.evidence import EVIDENCE_WORDS, WORD, Evidence, evidence_call, evidence_from
from tulen.chain.rpc import AnyChain, octets, quantity
from tulen.chain.sender import Receipt, receipt_from
from tulen.errors import UnavailableError
from tulen.values import Digest, instant_text
from tulen.verify.facts import (
    AnchoredRoot,
    AnchorTransaction,
    ChainFacts,
    ChainQuestion,
    LineAccount,
    Unavailable,
)

FINALIZED_SECONDS: Final = 1.0
"""How long the finalized block's number is reused. It only grows, so an old one errs on the safe
side: what has just become final is still called not final."""
SAME_CHAIN_SECONDS: Final = 1.0
"""How long it is taken for granted that the node serves the chain that it served."""
MAX_RECEIPTS: Final = 16_384
"""Final receipts that are kept; they cannot change any more."""

Answer = TypeVar("Answer")

_SECOND: Final = timedelta(seconds=1)


class StaleHeadError(UnavailableError):
    """The chain's latest block is too old to speak for how things stand."""

    code: ClassVar[str] = "stale-head"


class FactReader:
    """Reads facts from one deployment, and remembers only what cannot change.

    Args:
        chain: The endpoint to ask.
        deployment: The ledger that the relying party trusts.
        now: Reads the clock: the aware instant that it is.
        max_head_age: How old the chain's latest block may be; None where the chain makes blocks
            only when something happens, so that an old one says nothing.
    """

    def __init__(
        self,
        chain: AnyChain,
        deployment: Deployment,
        *,
        now: Callable[[], datetime],
        max_head_age: timedelta | None = None,
    ) -> None:
        self._chain = chain
        self._deployment = deployment
        self._now = now
        self._max_head_age = max_head_age
        self._final: OrderedDict[Digest, Receipt] = OrderedDict()
        self._finalized = -1
        self._finalized_until = float("-inf")
        self._same_chain_until = float("-inf")
        self._asked: dict[object, asyncio.Task[Any]] = {}

    async def read(
        self, question: ChainQuestion, at: datetime | None = None
    ) -> ChainFacts | Unavailable:
        """Return everything that ``question`` asks for, or why it could not be read.

        An outage is an answer here, because to a verifier it is one (docs/specs/bundle.md); so
        nothing that the node does or fails to do raises.

        Args:
            question: What is asked.
            at: The instant as of which it is: the last block that is not later counts, and the
                node must still have its state. The latest block where None.
        """
        if self._deployment.chain_id != self._chain.chain_id:
            return Unavailable(
                f"the node serves chain {self._chain.chain_id}, and the ledger stands on chain "
                f"{self._deployment.chain_id}"
            )
        read_at = self._now()
        transaction = asyncio.create_task(self._transaction(question))  # in one batch with:
        try:
            now = asyncio.get_running_loop().time()
            if now >= self._same_chain_until:
                await self._together("chain", self._require_same_chain)
                self._same_chain_until = now + SAME_CHAIN_SECONDS
            if at is None:
                evidence = await self._evidence(question, "latest")
                self._require_fresh(evidence)
            else:
                evidence = await self._evidence(question, hex(await self._block_at(at)))
            accounts = await self._accounts(question, evidence.as_of_block)
            anchoring = await transaction
        except UnavailableError as error:
            return Unavailable(str(error))
        finally:
            transaction.cancel()
        if question.transaction and evidence.anchored_at and anchoring is None:
            # Nodes keep the ledger's state for ever, but forget where old transactions stand.
            anchoring = Unavailable(
                f"{self._chain.name}: its ledger holds the root, but it does not have "
                f"transaction {question.transaction}; it may have forgotten it"
            )
        registry = evidence.registry
        return ChainFacts(
            question=question,
            chain_id=self._chain.chain_id,
            as_of_block=evidence.as_of_block,
            as_of=evidence.as_of,
            read_at=read_at,
            # The ledger keeps what it anchored by authority, root and size, so these are the asked.
            anchored=(
                AnchoredRoot(question.size, evidence.anchored_at, question.authority)
                if evidence.anchored_at
                else None
            ),
            status=evidence.status,
            party=registry.party,
            key=registry.key,
            mandate=registry.mandate,
            mandate_when_anchored=registry.mandate_when_anchored,
            recognised=registry.recognised,
            recognised_when_anchored=registry.recognised_when_anchored,
            issuing_paused=registry.issuing_paused,
            accounts=accounts,
            transaction=anchoring,
        )

    def _require_fresh(self, evidence: Evidence) -> None:
        """Return unless the node's latest block is older than a chain that goes on may have it."""
        if self._max_head_age is None:
            return
        age = self._now() - evidence.as_of
        if age > self._max_head_age:
            raise StaleHeadError(
                f"{self._chain.name}: its latest block, {evidence.as_of_block} of "
                f"{instant_text(evidence.as_of)}, is {age // _SECOND} s old, and at most "
                f"{self._max_head_age // _SECOND} s are believed: the node is behind, the chain "
                "stands still, or the clock here is wrong"
            )

    async def _require_same_chain(self) -> None:
        """Return if the chain begins with the deployment's first block; two may share an id."""
        genesis = await genesis_hash(self._chain)
        if genesis != self._deployment.genesis_hash:
            raise UnavailableError(
                f"{self._chain.name}: its chain begins with block {genesis}, not "
                f"{self._deployment.genesis_hash}: it is another chain under the same id"
            )

    async def _block_at(self, at: datetime) -> int:
        """Return the number of the last block that is not later than ``at``, by halving."""
        latest = await follower.head(self._chain)
        if latest.time <= at:
            return latest.number
        low, high = self._deployment.block, latest.number
        while low < high:  # The block at ``high`` is later.
            middle = (low + high) // 2
            block = await follower.block(self._chain, middle)
            if block is None:
                raise UnavailableError(f"{self._chain.name}: has no block {middle}")
            low, high = (middle + 1, high) if block.time <= at else (low, middle)
        if low == self._deployment.block:
            raise UnavailableError(f"the ledger stood on no chain yet at {instant_text(at)}")
        return low - 1

    async def _evidence(self, question: ChainQuestion, block: str) -> Evidence:
        call = {"to": self._deployment.ledger, "data": f"0x{evidence_call(question).hex()}"}
        answer = await self._chain.request("eth_call", call, block)
        return evidence_from(octets(answer, EVIDENCE_WORDS * WORD))

    async def _accounts(
        self, question: ChainQuestion, block: int
    ) -> tuple[LineAccount, ...] | Unavailable:
        """Return what stands against the lines that are asked for, at the block of the evidence."""
        lines = question.bounded_lines
        try:
            accounts = await asyncio.gather(
                *(
                    view(
                        self._chain,
                        contracts.drawdowns(),
                        self._deployment.drawdowns,
                        "accountOf",
                        question.authority,
                        question.digest,
                        line,
                        block=hex(block),
                    )
                    for line in lines
                )
            )
        except UnavailableError as error:
            return Unavailable(str(error))
        return tuple(
            LineAccount(line, reserved, bounded)
            for line, ((_, reserved, bounded),) in zip(lines, accounts, strict=True)
        )

    async def _transaction(self, question: ChainQuestion) -> AnchorTransaction | Unavailable | None:
        tx_hash = question.transaction
        if tx_hash is None:
            return None
        known = self._final.get(tx_hash)
        if known is not None:
            return self._anchor_transaction(known, question, final=True)
        try:
            receipt, finalized = await asyncio.gather(
                self._together(tx_hash, lambda: self._receipt(tx_hash)),
                self._together("finalized", self._finalized_number),
            )
        except UnavailableError as error:
            return Unavailable(str(error))
        if receipt is None:
            return None
        final = receipt.block_number <= finalized
        if final:
            self._final[tx_hash] = receipt
            if len(self._final) > MAX_RECEIPTS:
                self._final.popitem(last=False)
        return self._anchor_transaction(receipt, question, final=final)

    async def _together(
        self, name: object, ask: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        """Return what ``ask`` answers; who asks for the same in the same tick shares it.

        Not for longer: a later question must not be given an earlier answer.
        """
        task: asyncio.Task[Answer] | None = self._asked.get(name)
        if task is None:
            if not self._asked:
                asyncio.get_running_loop().call_soon(self._asked.clear)
            task = self._asked[name] = asyncio.create_task(ask())
            task.add_done_callback(_looked_at)
        return await asyncio.shield(task)

    async def _receipt(self, tx_hash: Digest) -> Receipt | None:
        """Return the receipt, whose block must stand in the canonical chain."""
        answer = await self._chain.request("eth_getTransactionReceipt", f"0x{tx_hash}")
        if answer is None:
            return None
        receipt = receipt_from(answer, tx_hash)
        block = await self._chain.request("eth_getBlockByNumber", hex(receipt.block_number), False)
        if (block and octets(block.get("hash"), WORD)) != receipt.block_hash:
            raise UnavailableError(
                f"{self._chain.name}: has the receipt of transaction {tx_hash}, but not its block; "
                "the chain was reorganised in between, or the answers are wrong"
            )
        return receipt

    async def _finalized_number(self) -> int:
        now = asyncio.get_running_loop().time()
        if now >= self._finalized_until:
            block = await self._chain.request("eth_getBlockByNumber", "finalized", False)
            number = quantity(block and block.get("number"))
            if number < self._finalized:  # a chain that was set back: what was final is not known
                self._final.clear()
            self._finalized, self._finalized_until = number, now + FINALIZED_SECONDS
        return self._finalized

    def _anchor_transaction(
        self, receipt: Receipt, question: ChainQuestion, *, final: bool
    ) -> AnchorTransaction:
        anchored = {
            "authority": question.authority,
            "root": question.root,
            "size": question.size,
        }
        return AnchorTransaction(
            receipt.block_number,
            receipt.block_hash,
            receipt.succeeded
            and any(
                event.name == "CheckpointAnchored"
                and event.address == self._deployment.ledger
                and event.arguments == anchored
                for event in receipt.events
            ),
            final,
        )


def _looked_at(task: asyncio.Task[Any]) -> None:
    """Take note of how ``task`` ended, in case that nobody waits for it any more."""
    if not task.cancelled():
        task.exception()


def checkpoint_hash(root: Digest, size: int) -> Digest:
    """Return what `ICertificateLedger.head` answers for a log whose head is that checkpoint."""
    return Digest(bytes(Web3.keccak(root + size.to_bytes(8))))
