"""What a verifier is told of the chain: one contract call at one block, and one receipt.

This is the hot path of every verification, so the answer of `ICertificateLedger.evidence`, whose
members are all of fixed size, is taken apart here by hand.
"""

import asyncio
from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from web3 import Web3

from tulen.chain import contracts
from tulen.chain.calls import ISSUING_AUTHORITY
from tulen.chain.deployment import Deployment, genesis_hash
from tulen.chain.rpc import AnyChain, octets, quantity
from tulen.chain.sender import Receipt, receipt_from
from tulen.errors import InvalidInputError, UnavailableError
from tulen.values import AgreementCode, Country, Digest, FormCode
from tulen.verify.facts import (
    AnchoredRoot,
    AnchorTransaction,
    CertificateStatus,
    ChainFacts,
    ChainQuestion,
    RegisteredKey,
    RegisteredMandate,
    RegisteredParty,
    State,
    Unavailable,
)

FINALIZED_SECONDS: Final = 1.0
"""How long the finalized block's number is reused. It only grows, so an old one errs on the safe
side: what has just become final is still called not final."""
SAME_CHAIN_SECONDS: Final = 1.0
"""How long it is taken for granted that the node serves the chain that it served."""
MAX_RECEIPTS: Final = 16_384
"""Final receipts that are kept; they cannot change any more."""

_WORD: Final = 32
_EVIDENCE_WORDS: Final = 20
_LAST_SECOND: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, where Python's calendar ends


class FactReader:
    """Reads facts from one deployment, and remembers only what cannot change.

    Args:
        chain: The endpoint to ask.
        deployment: The ledger that the relying party trusts.
    """

    def __init__(self, chain: AnyChain, deployment: Deployment) -> None:
        self._chain = chain
        self._deployment = deployment
        self._final: OrderedDict[Digest, Receipt] = OrderedDict()
        self._finalized = -1
        self._finalized_until = float("-inf")
        self._same_chain_until = float("-inf")

    async def read(self, question: ChainQuestion) -> ChainFacts | Unavailable:
        """Return everything that ``question`` asks for, or why it could not be read.

        An outage is an answer here, because to a verifier it is one (docs/specs/bundle.md); so
        nothing that the node does or fails to do raises.
        """
        if self._deployment.chain_id != self._chain.chain_id:
            return Unavailable(
                f"the node serves chain {self._chain.chain_id}, and the ledger stands on chain "
                f"{self._deployment.chain_id}"
            )
        transaction = asyncio.create_task(self._transaction(question))  # in one batch with:
        try:
            now = asyncio.get_running_loop().time()
            if now >= self._same_chain_until:
                await self._require_same_chain()
                self._same_chain_until = now + SAME_CHAIN_SECONDS
            evidence = await self._evidence(question)
            facts = _facts(self._chain.chain_id, evidence, question, await transaction)
        except UnavailableError as error:
            return Unavailable(str(error))
        finally:
            transaction.cancel()
        if question.transaction and facts.anchored and facts.transaction is None:
            # Nodes keep the ledger's state for ever, but forget where old transactions stand.
            return replace(
                facts,
                transaction=Unavailable(
                    f"{self._chain.name}: its ledger holds the root, but it does not have "
                    f"transaction {question.transaction}; it may have forgotten it"
                ),
            )
        return facts

    async def _require_same_chain(self) -> None:
        """Return if the chain begins with the deployment's first block; two may share an id."""
        genesis = await genesis_hash(self._chain)
        if genesis != self._deployment.genesis_hash:
            raise UnavailableError(
                f"{self._chain.name}: its chain begins with block {genesis}, not "
                f"{self._deployment.genesis_hash}: it is another chain under the same id"
            )

    async def _evidence(self, question: ChainQuestion) -> bytes:
        data = (
            contracts.ledger().functions["evidence"].selector
            + question.authority.ljust(_WORD, b"\0")
            + question.root
            + question.size.to_bytes(_WORD)
            + question.digest
            + question.key
            + _padded(question.agreement)
            + _padded(question.form)
            + bytes(_WORD)  # no importing country: its recognition is not asked for
        )
        call = {"to": self._deployment.ledger, "data": f"0x{data.hex()}"}
        answer = await self._chain.request("eth_call", call, "latest")
        return octets(answer, _EVIDENCE_WORDS * _WORD)

    async def _transaction(self, question: ChainQuestion) -> AnchorTransaction | Unavailable | None:
        tx_hash = question.transaction
        if tx_hash is None:
            return None
        known = self._final.get(tx_hash)
        if known is not None:
            return self._anchor_transaction(known, question, final=True)
        try:
            receipt, finalized = await asyncio.gather(
                self._receipt(tx_hash), self._finalized_number()
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

    async def _receipt(self, tx_hash: Digest) -> Receipt | None:
        """Return the receipt, whose block must stand in the canonical chain."""
        answer = await self._chain.request("eth_getTransactionReceipt", f"0x{tx_hash}")
        if answer is None:
            return None
        receipt = receipt_from(answer, tx_hash)
        block = await self._chain.request("eth_getBlockByNumber", hex(receipt.block_number), False)
        if (block and octets(block.get("hash"), _WORD)) != receipt.block_hash:
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


def checkpoint_hash(root: Digest, size: int) -> Digest:
    """Return what `ICertificateLedger.head` answers for a log whose head is that checkpoint."""
    return Digest(bytes(Web3.keccak(root + size.to_bytes(8))))


def _facts(
    chain_id: int,
    evidence: bytes,
    question: ChainQuestion,
    transaction: AnchorTransaction | Unavailable | None,
) -> ChainFacts:
    """Return ``evidence``, the words of `ICertificateLedger.Evidence`, as values."""
    words = [evidence[at : at + _WORD] for at in range(0, len(evidence), _WORD)]
    numbers = [int.from_bytes(word) for word in words]
    try:
        return ChainFacts(
            question=question,
            chain_id=chain_id,
            as_of_block=numbers[0],
            as_of=_instant(numbers[1]),
            # The ledger keeps what it anchored by authority, root and size, so these are the asked.
            anchored=(
                AnchoredRoot(question.size, _instant(numbers[2]), question.authority)
                if numbers[2]
                else None
            ),
            status=_status(State(numbers[3]), numbers[4], numbers[5], words[6]),
            party=(
                RegisteredParty(
                    Country(words[7][:2].decode("ascii"), "country"),
                    bool(numbers[8] & ISSUING_AUTHORITY),
                    _instant(numbers[9]),
                )
                if numbers[9]
                else None
            ),
            key=(
                RegisteredKey(_instant(numbers[10]), _until(numbers[11]), _until(numbers[12]))
                if numbers[10]
                else None
            ),
            mandate=(
                RegisteredMandate(_instant(numbers[13]), _until(numbers[14]))
                if numbers[13]
                else None
            ),
            transaction=transaction,
        )
    except (ValueError, InvalidInputError) as error:
        raise UnavailableError(
            f"the ledger answers what its interface does not allow: {error}"
        ) from error


def _padded(code: AgreementCode | FormCode | None) -> bytes:
    """Return ``code`` as an argument; zeros, which name no mandate, where it is not known."""
    return (code.on_chain if code is not None else b"").ljust(_WORD, b"\0")


def _status(state: State, reason: int, since: int, successor: bytes) -> CertificateStatus:
    if state is State.GOOD:
        return CertificateStatus(state, 0, None, None)
    replaced = Digest(successor) if state is State.REPLACED else None
    return CertificateStatus(state, reason, _instant(since), replaced)


def _instant(seconds: int) -> datetime:
    """Return block time as an instant; what lies beyond the calendar is its last second."""
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC)


def _until(seconds: int) -> datetime | None:
    return _instant(seconds) if seconds else None
