"""The steps of following a chain. Each is stateless: what was seen before is the database's.

A node may be behind, forked or confused; what it says is believed only where it fits together,
block by block and log by log. Otherwise it has not answered: `UnavailableError`, try again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from tulen.chain.bloom import BLOOM_BYTES, bloom_of
from tulen.chain.events import WORD, ChainEvent, address_of, event_from_log
from tulen.chain.rpc import AnyChain, Json, octets, quantity
from tulen.errors import UnavailableError, shown
from tulen.values import Digest

MAX_SPAN_BLOCKS: Final = 1_000
"""Blocks read at once: more than most nodes let one log query cover."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block as the chain now has it.

    Attributes:
        number: Its number.
        hash: Its hash.
        parent_hash: Hash of the block before it.
        time: When it was made.
    """

    number: int
    hash: Digest
    parent_hash: Digest
    time: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive blocks and the events in them, in the chain's order."""

    blocks: tuple[Block, ...]
    events: tuple[ChainEvent, ...]


async def head(chain: AnyChain) -> Block:
    """Return the latest block."""
    return await _tagged(chain, "latest")


async def finalized(chain: AnyChain) -> Block:
    """Return the latest block that no reorganisation can take back."""
    return await _tagged(chain, "finalized")


async def block(chain: AnyChain, number: int) -> Block | None:
    """Return the block of that number; None where the chain is shorter."""
    answer = await chain.request("eth_getBlockByNumber", hex(number), False)
    return None if answer is None else _numbered(answer, number)


async def span(chain: AnyChain, first: int, last: int, addresses: Sequence[str]) -> Span:
    """Return the blocks from ``first`` to ``last``, both included, and the events in them.

    Args:
        chain: The chain.
        first: Number of the first block.
        last: Number of the last block; at most `MAX_SPAN_BLOCKS` of them.
        addresses: Contracts whose events are wanted, in lower case.

    Raises:
        UnavailableError: the node does not answer, has fewer blocks, or contradicts itself.
    """
    if not first <= last < first + MAX_SPAN_BLOCKS:
        raise ValueError(f"{first} to {last} are not 1 to {MAX_SPAN_BLOCKS} blocks")
    numbers = range(first, last + 1)
    query = {"fromBlock": hex(first), "toBlock": hex(last), "address": list(addresses)}
    logs, *answers = await asyncio.gather(
        chain.request("eth_getLogs", query),
        *(chain.request("eth_getBlockByNumber", hex(number), False) for number in numbers),
    )
    blocks = [_numbered(*pair) for pair in zip(answers, numbers, strict=True)]
    for before, after in pairwise(blocks):
        if after.parent_hash != before.hash:
            raise _inconsistent(chain, f"block {after.number} does not follow {before.number}")
    hashes = {entry.number: entry.hash for entry in blocks}
    events = sorted(_events(chain, logs, hashes, addresses), key=_place)
    mute = [
        entry
        for entry, answer in zip(blocks, answers, strict=True)
        if entry.number not in {event.block_number for event in events}
        and any(_may_hold(octets(answer["logsBloom"], BLOOM_BYTES), one) for one in addresses)
    ]
    await asyncio.gather(*(_require_silence(chain, entry, addresses) for entry in mute))
    return Span(tuple(blocks), tuple(events))


async def common_ancestor(
    stored: Sequence[tuple[int, Digest]], read: Callable[[int], Awaitable[Block | None]]
) -> tuple[int, Digest] | None:
    """Return the last of the ``stored`` blocks that the chain still has; None if it has none.

    Args:
        stored: Number and hash of blocks of one chain, in ascending order.
        read: Returns the block of a number as the chain now has it, such as `block`.
    """
    # What still stands is a prefix of what was stored, so halving finds its end; the newest is
    # asked for first because nearly always nothing has happened.
    standing, unknown = 0, len(stored)
    probe = unknown - 1
    while standing < unknown:
        number, known_hash = stored[probe]
        now = await read(number)
        if now is not None and now.hash == known_hash:
            standing = probe + 1
        else:
            unknown = probe
        probe = (standing + unknown) // 2
    return stored[standing - 1] if standing else None


async def _tagged(chain: AnyChain, tag: str) -> Block:
    return _block(await chain.request("eth_getBlockByNumber", tag, False))


def _numbered(answer: Json, number: int) -> Block:
    found = _block(answer)
    if found.number != number:
        raise UnavailableError(f"the chain node answers block {found.number} for block {number}")
    return found


def _block(answer: Json) -> Block:
    try:
        return Block(
            quantity(answer["number"]),
            Digest(octets(answer["hash"], WORD)),
            Digest(octets(answer["parentHash"], WORD)),
            datetime.fromtimestamp(quantity(answer["timestamp"]), UTC),
        )
    except (TypeError, KeyError, ValueError, OverflowError, OSError):
        raise UnavailableError(
            f"the chain node answers {shown(answer)} where a block belongs"
        ) from None


def _events(
    chain: AnyChain, logs: Json, hashes: dict[int, Digest], addresses: Sequence[str]
) -> Iterator[ChainEvent]:
    if not isinstance(logs, list):
        raise UnavailableError(f"{chain.name}: answers {shown(logs)} where logs belong")
    for log in logs:
        event = event_from_log(log)
        if event is None:
            raise _inconsistent(chain, f"a log of {address_of(log)} is of none of our events")
        if event.address not in addresses:
            raise _inconsistent(chain, f"a log of {event.address} was not asked for")
        if hashes.get(event.block_number) != event.block_hash:
            raise _inconsistent(chain, f"a log is of another block {event.block_number}")
        yield event


def _place(event: ChainEvent) -> tuple[int, int]:
    return event.block_number, event.log_index


def _may_hold(bloom: bytes, address: str) -> bool:
    """Whether a block's bloom filter admits logs of ``address``."""
    wanted = bloom_of([bytes.fromhex(address.removeprefix("0x"))])
    return int.from_bytes(bloom) & wanted == wanted


async def _require_silence(chain: AnyChain, entry: Block, addresses: Sequence[str]) -> None:
    """Check that a block without our events, whose filter admits some, has others' instead."""
    logs = await chain.request("eth_getLogs", {"blockHash": f"0x{entry.hash}"})
    if not isinstance(logs, list) or not logs:
        raise _inconsistent(chain, f"block {entry.number} announces logs and has none")
    if any(address_of(log) in addresses for log in logs):
        raise _inconsistent(chain, f"events of block {entry.number} were left out")


def _inconsistent(chain: AnyChain, what: str) -> UnavailableError:
    return UnavailableError(f"{chain.name}: inconsistent answers: {what}")
