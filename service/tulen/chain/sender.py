"""The steps of sending a transaction. Each is stateless: rows and nonces are the database's.

The order is: `preflight` (the contract's refusal comes before a nonce is taken), `fees`, take the
nonce and store the bytes of `sign` in one database transaction, `broadcast` (idempotent), and
`receipt` until it stands in a final block. A crash anywhere is repaired by broadcasting the
stored bytes again.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes
from web3 import Web3

from tulen.chain.bloom import BLOOM_BYTES, bloom_of
from tulen.chain.calls import Call
from tulen.chain.events import WORD, ChainEvent, address_of, event_from_log
from tulen.chain.refusals import ContractRefusalError, refusal
from tulen.chain.rpc import AnyChain, Json, RpcError, octets, quantity
from tulen.errors import RuleViolationError, UnavailableError, shown
from tulen.values import Digest, UnitCode

GAS_MARGIN: Final = (5, 4)
"""Gas limit over estimate: another's transaction in between may make ours dearer."""
GAS_SPARE: Final = 50_000
"""On top of that: within the second of its last change the registry writes over an entry of its
history, and a second later it adds one. What is not used is not paid for."""
BASE_FEE_MARGIN: Final = 2
"""A base fee can double within six full blocks (EIP-1559); the surplus is not spent."""
REPLACEMENT: Final = (11, 10)
"""By how much both fees must rise before a node takes another transaction for a nonce."""


class NonceTakenError(RuleViolationError):
    """Another transaction of this account stands on chain under the same nonce."""

    code: ClassVar[str] = "nonce-taken"


class TransactionSigner(Protocol):
    """An account that signs: `tulen.keys` has one."""

    @property
    def address(self) -> str:
        """The account's address."""
        ...

    def sign_transaction(self, transaction: dict[str, Any]) -> tuple[bytes, bytes]:
        """Return the raw bytes of the signed ``transaction`` and its hash."""
        ...


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction offers per unit of gas, in wei (EIP-1559)."""

    max_fee: int
    tip: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction ready to be sent.

    Attributes:
        raw: Its bytes.
        tx_hash: Their Keccak-256 hash.
        nonce: The place it takes in its account's order.
    """

    raw: bytes
    tx_hash: Digest
    nonce: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction that stands in a block.

    Attributes:
        tx_hash: The transaction.
        block_number: Number of its block.
        block_hash: Hash of its block.
        succeeded: Whether it did what it was meant to; False where the contract reverted.
        gas_used: Gas it used.
        created: Address of the contract it created, if any.
        events: Events of our contracts in it.
    """

    tx_hash: Digest
    block_number: int
    block_hash: Digest
    succeeded: bool
    gas_used: int
    created: str | None
    events: tuple[ChainEvent, ...]


async def preflight(chain: AnyChain, sender: str, call: Call, unit: UnitCode | None = None) -> int:
    """Return the gas limit for ``call``, having tried it at the latest block.

    Raises:
        ContractRefusalError: the contract refuses; subclasses say why.
        UnavailableError: the node does not answer, or refuses for a reason of its own, such as an
            account that cannot pay.
    """
    transaction = _call_object(sender, call)
    try:
        _, estimate = await asyncio.gather(
            chain.request("eth_call", transaction, "latest"),
            chain.request("eth_estimateGas", transaction),
        )
    except RpcError as error:
        if error.reverted:
            raise refusal(error.data, unit) from None
        raise
    up, down = GAS_MARGIN
    return quantity(estimate) * up // down + GAS_SPARE


async def fees(chain: AnyChain) -> Fees:
    """Return an offer that stays good while the base fee doubles."""
    block, tip = await asyncio.gather(
        chain.request("eth_getBlockByNumber", "latest", False),
        chain.request("eth_maxPriorityFeePerGas"),
    )
    if not isinstance(block, Mapping):
        raise UnavailableError(f"{chain.name}: has no latest block")
    base_fee = quantity(block.get("baseFeePerGas"))
    return Fees(base_fee * BASE_FEE_MARGIN + quantity(tip), quantity(tip))


def capped(offer: Fees, cap: int) -> Fees:
    """Return ``offer``, or as much of it as ``cap`` wei per unit of gas allow."""
    return Fees(min(offer.max_fee, cap), min(offer.tip, cap))


def raised(last: Fees, asked: Fees, cap: int) -> Fees | None:
    """Return the offer that takes the place of ``last``.

    Args:
        last: What the nonce's last transaction offers.
        asked: What the chain asks for now.
        cap: The most that may be offered, in wei.

    Returns:
        Both fees higher by a tenth, rounded up, or as high as the chain asks for now; None where
        the cap does not allow it, and where gas is free.
    """
    if not (last.max_fee or asked.max_fee):
        return None
    up, down = REPLACEMENT
    max_fee, tip = (max(-(-fee * up // down), fee + 1) for fee in (last.max_fee, last.tip))
    if max_fee > cap:
        return None
    max_fee = min(max(max_fee, asked.max_fee), cap)
    return Fees(max_fee, min(max(tip, asked.tip), max_fee))


async def next_nonce(chain: AnyChain, address: str, tag: str = "pending") -> int:
    """Return how many transactions of ``address`` the chain counts at ``tag``."""
    return quantity(await chain.request("eth_getTransactionCount", address, tag))


def sign(
    signer: TransactionSigner,
    *,
    chain_id: int,
    call: Call,
    nonce: int,
    gas: int,
    offer: Fees,
) -> Signed:
    """Return the signed EIP-1559 transaction; it is valid on ``chain_id`` alone (EIP-155)."""
    transaction: dict[str, Any] = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "gas": gas,
        "maxFeePerGas": offer.max_fee,
        "maxPriorityFeePerGas": offer.tip,
        "value": 0,
        "data": call.data,
    }
    if call.to is not None:
        transaction["to"] = Web3.to_checksum_address(call.to)
    raw, tx_hash = signer.sign_transaction(transaction)
    return Signed(bytes(raw), Digest(tx_hash), nonce)


def sign_again(signer: TransactionSigner, raw: bytes, offer: Fees) -> Signed:
    """Return the EIP-1559 transaction ``raw``, which `sign` has made, with another offer."""
    known = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    to = bytes(known["to"])
    return sign(
        signer,
        chain_id=known["chainId"],
        call=Call(f"0x{to.hex()}" if to else None, bytes(known["data"])),
        nonce=known["nonce"],
        gas=known["gas"],
        offer=offer,
    )


async def broadcast(chain: AnyChain, raw: bytes) -> Digest:
    """Hand a signed transaction to the node and return its hash; repeating it changes nothing.

    Raises:
        NonceTakenError: another transaction took its nonce for ever.
        UnavailableError: the node does not take it; the same bytes may be handed over again.
    """
    tx_hash = Digest(bytes(Web3.keccak(raw)))
    try:
        answered = await chain.request("eth_sendRawTransaction", f"0x{raw.hex()}")
    except RpcError as error:
        # Whatever the node's words (already known, nonce too low, ...): if it has the transaction,
        # it was handed over before, perhaps by us before a crash.
        if await chain.request("eth_getTransactionByHash", f"0x{tx_hash}") is not None:
            return tx_hash
        if "nonce too low" in error.message.lower():
            raise NonceTakenError(
                f"transaction {tx_hash} can never be mined: another one of the same account took "
                "its nonce; is the account's key in use elsewhere?"
            ) from error
        raise
    if octets(answered, WORD) != tx_hash:
        raise UnavailableError(f"{chain.name}: took {tx_hash} for {shown(answered)}")
    return tx_hash


async def receipt(chain: AnyChain, tx_hash: bytes) -> Receipt | None:
    """Return what became of a transaction; None while it stands in no block.

    Raises:
        UnavailableError: the node does not answer, or with something that is no receipt.
    """
    answer = await chain.request("eth_getTransactionReceipt", f"0x{tx_hash.hex()}")
    return None if answer is None else receipt_from(answer, tx_hash)


async def reason(
    chain: AnyChain, tx_hash: bytes, unit: UnitCode | None = None
) -> ContractRefusalError | None:
    """Return why a mined transaction reverted, by trying it again on top of its block.

    None where that tells nothing: the node has forgotten the block's state, or the call now
    succeeds.
    """
    answer = await chain.request("eth_getTransactionByHash", f"0x{tx_hash.hex()}")
    try:
        transaction = {name: answer[name] for name in ("from", "to", "input", "gas")}
        block = answer["blockNumber"]
    except (TypeError, KeyError):
        return None
    try:
        await chain.request("eth_call", transaction, block)
    except RpcError as error:
        return refusal(error.data, unit) if error.reverted else None
    return None


def receipt_from(answer: Json, tx_hash: bytes) -> Receipt:
    """Return the receipt in a JSON-RPC object.

    Raises:
        UnavailableError: it is none, or another transaction's, or it contradicts itself.
    """
    try:
        logs = [(address_of(log), *log["topics"]) for log in answer["logs"]]
        announced = int.from_bytes(octets(answer["logsBloom"], BLOOM_BYTES))
        created = answer.get("contractAddress")
        result = Receipt(
            Digest(octets(answer["transactionHash"], WORD)),
            quantity(answer["blockNumber"]),
            Digest(octets(answer["blockHash"], WORD)),
            quantity(answer["status"]) == 1,
            quantity(answer["gasUsed"]),
            None if created is None else f"0x{octets(created, 20).hex()}",
            tuple(filter(None, map(event_from_log, answer["logs"]))),
        )
    except (AttributeError, TypeError, KeyError):
        raise UnavailableError(
            f"the chain node answers {shown(answer)} where a receipt belongs"
        ) from None
    if result.tx_hash != tx_hash or any(
        (event.block_hash, event.tx_hash) != (result.block_hash, result.tx_hash)
        for event in result.events
    ):
        raise UnavailableError(f"the chain node answers another receipt than {tx_hash.hex()}'s")
    if announced != bloom_of(octets(thing) for log in logs for thing in log):
        raise UnavailableError(
            f"the chain node answers a receipt of {tx_hash.hex()} whose {len(logs)} logs are not "
            "those that its filter announces: some were left out or altered"
        )
    if logs and not result.succeeded:
        raise UnavailableError(
            f"the chain node answers that {tx_hash.hex()} failed and left {len(logs)} logs; a "
            "failed transaction leaves none"
        )
    return result


def _call_object(sender: str, call: Call) -> dict[str, str]:
    transaction = {"from": sender, "data": f"0x{call.data.hex()}"}
    return transaction if call.to is None else {**transaction, "to": call.to}
