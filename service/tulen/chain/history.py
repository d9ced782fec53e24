"""What accounts have sent, read from the blocks themselves: for whoever has lost the record of it.

A node may leave a transaction out, which its account's count gives away, but cannot make one up:
each is put together again from its members, and hash and signature must fit.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from web3 import Web3

from tulen.chain.events import WORD
from tulen.chain.rpc import AnyChain, Json, octets, quantity
from tulen.errors import UnavailableError, shown
from tulen.values import Digest

BLOCKS_AT_ONCE: Final = 16
"""Whole blocks of a busy network, so many at once, fit into one answer."""

_EIP_1559: Final = 2


@dataclass(frozen=True, slots=True)
class PastTransaction:
    """A transaction that a block holds.

    Attributes:
        tx_hash: Its hash.
        sender: The account, 20 bytes.
        nonce: Its nonce.
        to: The account or contract that it calls, 20 bytes; None where it made one.
        data: What it says.
        value: What it pays, in wei.
        block_number: Its block.
        raw: The signed bytes; None where it is not of the only kind that we send (EIP-1559).
        max_fee: Highest fee per gas, in wei.
        tip: Priority fee per gas, in wei.
    """

    tx_hash: Digest
    sender: bytes
    nonce: int
    to: bytes | None
    data: bytes
    value: int
    block_number: int
    raw: bytes | None
    max_fee: int
    tip: int


async def sender_of(chain: AnyChain, tx_hash: Digest) -> bytes | None:
    """Return the account that sent a transaction, 20 bytes; None where the node does not know it.

    Raises:
        UnavailableError: the node does not answer, or with what is no transaction.
    """
    answer = await chain.request("eth_getTransactionByHash", f"0x{tx_hash}")
    try:
        return None if answer is None else octets(answer["from"], 20)
    except (TypeError, KeyError):
        raise UnavailableError(
            f"{chain.name}: answers {shown(answer)} where a transaction belongs"
        ) from None


async def sent_by(
    chain: AnyChain, senders: Collection[bytes], first: int, last: int
) -> AsyncIterator[PastTransaction]:
    """Yield what ``senders`` sent in the blocks from ``first`` to ``last``, in order.

    Raises:
        UnavailableError: the node does not answer, or with what cannot be.
    """
    for start in range(first, last + 1, BLOCKS_AT_ONCE):
        numbers = range(start, min(start + BLOCKS_AT_ONCE, last + 1))
        blocks = await asyncio.gather(
            *(chain.request("eth_getBlockByNumber", hex(number), True) for number in numbers)
        )
        for number, block in zip(numbers, blocks, strict=True):
            for item in _transactions(chain, number, block):
                try:
                    if octets(item["from"], 20) in senders:
                        yield _transaction(item, number)
                except (TypeError, KeyError, ValueError):
                    raise UnavailableError(
                        f"{chain.name}: answers {shown(item)} where a transaction belongs"
                    ) from None


def _transactions(chain: AnyChain, number: int, block: Json) -> list[Json]:
    if not isinstance(block, Mapping) or quantity(block.get("number")) != number:
        raise UnavailableError(f"{chain.name}: has no block {number}")
    items = block.get("transactions", [])
    return [item for item in items if isinstance(item, Mapping)]


def _transaction(item: Mapping[str, Json], number: int) -> PastTransaction:
    tx_hash, sender = Digest(octets(item["hash"], WORD)), octets(item["from"], 20)
    ours = quantity(item["type"]) == _EIP_1559
    raw = _signed_bytes(item, tx_hash, sender) if ours else None
    to = item.get("to")
    return PastTransaction(
        tx_hash,
        sender,
        quantity(item["nonce"]),
        None if to is None else octets(to, 20),
        octets(item["input"]),
        quantity(item["value"]),
        number,
        raw,
        quantity(item["maxFeePerGas"]) if ours else 0,
        quantity(item["maxPriorityFeePerGas"]) if ours else 0,
    )


def _signed_bytes(item: Mapping[str, Json], tx_hash: Digest, sender: bytes) -> bytes | None:
    """Return the bytes that the sender signed; None where they are of another form than ours."""
    parity = item.get("yParity", item.get("v"))
    figures = ("chainId", "nonce", "gas", "maxFeePerGas", "maxPriorityFeePerGas", "value")
    members = {name: quantity(item[name]) for name in figures} | {
        "type": _EIP_1559,
        "data": octets(item["input"]),
        "accessList": [],
        "v": quantity(parity),
        "r": quantity(item["r"]),
        "s": quantity(item["s"]),
    }
    if item.get("to") is not None:
        members["to"] = octets(item["to"], 20)
    raw = bytes(TypedTransaction.from_dict(members).encode())
    if bytes(Web3.keccak(raw)) != bytes(tx_hash):
        return None  # An access list, which we never send.
    signer = Account.recover_transaction(raw)
    if bytes.fromhex(signer.removeprefix("0x")) != sender:
        raise UnavailableError(f"the chain node names another sender of {tx_hash} than signed it")
    return raw
