"""Events of the three contracts, as logs carry them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tulen.chain import contracts
from tulen.chain.rpc import Json, octets, quantity
from tulen.errors import UnavailableError, shown
from tulen.values import Digest

WORD = 32
"""Bytes of a topic, a block hash and a transaction hash."""


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """One event, and where it stands on chain.

    Attributes:
        name: The event's name.
        arguments: Its arguments by name: `int`, `bytes` or, for an address, lower-case `str`.
        block_number: Number of its block.
        block_hash: Hash of its block: a number alone does not survive a reorganisation.
        tx_hash: Its transaction.
        log_index: Its place in the block.
        address: The contract that says so, in lower case.
    """

    name: str
    arguments: Mapping[str, Any]
    block_number: int
    block_hash: Digest
    tx_hash: Digest
    log_index: int
    address: str


def event_from_log(log: Json) -> ChainEvent | None:
    """Return the event in a JSON-RPC log object; None where it is none of our contracts' kind.

    Raises:
        UnavailableError: the object is no log.
    """
    try:
        topics = [octets(topic, WORD) for topic in log["topics"]]
        entry = contracts.events().get(topics[0]) if topics else None
        if entry is None:
            return None
        return ChainEvent(
            entry.name,
            entry.decode_event(topics[1:], octets(log["data"])),
            quantity(log["blockNumber"]),
            Digest(octets(log["blockHash"], WORD)),
            Digest(octets(log["transactionHash"], WORD)),
            quantity(log["logIndex"]),
            address_of(log),
        )
    except (TypeError, KeyError, ValueError):
        raise UnavailableError(
            f"the chain node answers {shown(log)} where an event belongs"
        ) from None


def address_of(log: Json) -> str:
    """Return the address of the contract that a log is of, in lower case."""
    return f"0x{octets(log['address'], 20).hex()}"
