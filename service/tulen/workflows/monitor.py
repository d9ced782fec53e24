"""Follow an authority's log from outside, and say what is wrong (docs/specs/log.md, section 8).

Nobody of the authority is trusted. Every entry is fetched and hashed, and the tree is built anew:
at each size that the ledger has anchored it must have the anchored root. That is more than a
consistency proof between two checkpoints says, because it shows the entries as well.

Only blocks that are final are read, so nothing that was believed is ever taken back. What is
remembered reaches up to where nothing was wrong: an alarm comes again until its cause is gone.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Final

from tulen.chain import contracts, follower
from tulen.chain.deployment import WrongDeploymentError, check_deployment, view
from tulen.chain.events import ChainEvent
from tulen.chain.facts import checkpoint_hash
from tulen.chain.quorum import chain_of
from tulen.chain.rpc import AnyChain
from tulen.errors import InvalidInputError, UnavailableError
from tulen.log import (
    TILE_WIDTH,
    BrokenTileError,
    Checkpoint,
    Frontier,
    Kind,
    PublishedCheckpoint,
    log_name,
    root,
    tiles_for_root,
)
from tulen.values import Digest, Ed25519PublicKey, instant_text
from tulen.workflows import clock
from tulen.workflows.issued_list import IssuedList
from tulen.workflows.remote_entries import RemoteEntries
from tulen.workflows.remote_log import RemoteLog
from tulen.workflows.watched_log import (
    Alarm,
    AlarmError,
    AlarmKind,
    Moment,
    Watched,
    WatchReport,
    WatchState,
)

_LONGEST_SHOWN: Final = 200


async def monitor(watched: Watched, state: WatchState) -> tuple[WatchReport, WatchState]:
    """Do one round; return what was found, and from where the next one goes on.

    Raises:
        UnavailableError: log or chain does not answer, so it is not known how things stand.
        InvalidInputError: the URL is none, or the list of what was issued cannot be read.
    """
    async with (
        aclosing(chain_of(watched.chain_urls, watched.deployment.chain_id)) as chain,
        RemoteLog(watched.url, watched.authority) as log,
    ):
        return await _Round(watched, state, chain, log).go()


class _Round:
    """One round, as far as it has come."""

    def __init__(
        self, watched: Watched, state: WatchState, chain: AnyChain, log: RemoteLog
    ) -> None:
        self._watched, self._before, self._chain, self._log = watched, state, chain, log
        self._issued = None if watched.issued is None else IssuedList(watched.issued)
        self._alarms: list[Alarm] = []
        self._now = clock.now().replace(microsecond=0)
        self._published: PublishedCheckpoint | None = None
        self._entries = RemoteEntries(log, 0)
        self._keys = dict.fromkeys(state.keys)
        self._block = state.block
        self._place = state.place
        self._tree = state.anchored
        self._anchored_at = state.anchored_at
        self._ledger_size = state.anchored.size
        self._ahead: Moment | None = None
        """The first anchor that the log does not serve yet, and its block time."""
        self._final = 0

    @property
    def _served(self) -> Checkpoint | None:
        return self._published.signed.checkpoint if self._published else None

    async def go(self) -> tuple[WatchReport, WatchState]:
        """Do everything, up to what makes the rest meaningless."""
        try:
            await check_deployment(self._chain, self._watched.deployment)
        except WrongDeploymentError as error:  # Nothing was compared with anything.
            raise UnavailableError(str(error)) from error
        seen, waiting = self._before.seen, self._before.waiting
        try:
            self._read_checkpoint(await self._log.checkpoint())
            await self._follow_chain()
            await self._check_signature()
            seen = await self._follow_log()
            waiting = await self._compare_heads()
        except AlarmError as error:
            self._alarms.append(error.alarm)
        self._check_issued()
        report = WatchReport(
            self._watched.authority,
            self._served,
            self._ledger_size,
            self._final,
            self._entries.count,
            len(self._published.others) if self._published else 0,
            tuple(self._alarms),
        )
        if any(alarm.kind is not AlarmKind.LATE for alarm in self._alarms):
            return report, self._before
        return report, WatchState(
            self._block,
            self._place,
            tuple(self._keys),
            self._tree,
            self._anchored_at,
            seen,
            waiting,
        )

    def _read_checkpoint(self, note: bytes | None) -> None:
        """Read what the log says it is; it must be this log, and not less than it was."""
        before = self._before.seen
        if note is not None:
            try:
                self._published = PublishedCheckpoint.parse(note.decode(errors="replace"))
            except InvalidInputError as error:
                raise AlarmError(
                    AlarmKind.UNREADABLE,
                    "the checkpoint served",
                    "a signed note of docs/specs/log.md",
                    str(error)[:_LONGEST_SHOWN],
                ) from error
        served = self._served
        name = log_name(self._watched.authority)
        if served is not None and served.log_name != name:
            raise AlarmError(AlarmKind.FORK, "the log's name", name, served.log_name)
        if before is not None and (served is None or served.size < before.size):
            found = "no checkpoint" if served is None else f"{served.size} entries"
            raise AlarmError(
                AlarmKind.ROLLED_BACK,
                "the checkpoint served",
                f"{before.size} entries, as seen before",
                found,
            )
        if before is not None and served is not None and served.size == before.size:
            self._require_root(before.root, served.root, served.size, "the root seen before")
        self._entries = RemoteEntries(self._log, served.size if served else 0)

    async def _follow_chain(self) -> None:
        """Read the events of all new final blocks, and build the tree up to each anchor."""
        chain, deployment = self._chain, self._watched.deployment
        final = await follower.finalized(chain)
        number, parent = self._block or (deployment.block - 1, None)
        if final.number < number:
            raise UnavailableError(
                f"{chain.name}: its last final block is {final.number}, and {number} was final "
                "already; it is behind, so ask another node"
            )
        if parent is not None:
            standing = await follower.block(chain, number)
            if standing is None or standing.hash != parent:
                found = standing.hash.hex() if standing else "none"
                raise AlarmError(
                    AlarmKind.FORK, f"final block {number} of the chain", parent.hex(), found
                )
        self._final = number
        while number < final.number:
            last = min(number + follower.MAX_SPAN_BLOCKS, final.number)
            addresses = [deployment.registry, deployment.ledger]
            span = await follower.span(chain, number + 1, last, addresses)
            if parent not in (None, span.blocks[0].parent_hash):
                raise UnavailableError(
                    f"{chain.name}: block {number + 1} does not follow the final block {number}"
                )
            events: dict[int, list[ChainEvent]] = {}
            for event in span.events:
                events.setdefault(event.block_number, []).append(event)
            for block in span.blocks:
                for event in events.get(block.number, ()):
                    await self._take(event, block.time)
                if self._ahead is None:  # Else this block is read again in the next round.
                    self._block = block.number, block.hash
            number, parent = span.blocks[-1].number, span.blocks[-1].hash
            self._final = number

    async def _take(self, event: ChainEvent, at: datetime) -> None:
        """Take note of a key or a checkpoint of the authority; of nothing else."""
        on_chain, deployment = self._watched.authority.on_chain, self._watched.deployment
        told = event.arguments
        if event.name == "KeyAdded" and event.address == deployment.registry:
            if told["party"] == on_chain:
                self._keys[Ed25519PublicKey(told["key"])] = None
            return
        ours = event.name == "CheckpointAnchored" and event.address == deployment.ledger
        place = event.block_number, event.log_index
        if not ours or told["authority"] != on_chain or place <= (self._place or (-1, -1)):
            return
        size = int(told["size"])
        if size <= self._ledger_size:
            raise AlarmError(
                AlarmKind.ROLLED_BACK,
                f"the ledger's log in block {event.block_number}",
                f"more than {self._ledger_size} entries",
                f"{size} entries",
            )
        self._ledger_size = size
        if self._ahead is not None or size > (self._served.size if self._served else 0):
            self._ahead = self._ahead or Moment(size, at)
            return
        self._tree = await self._extended(self._tree, size)
        self._require_root(Digest(told["root"]), self._tree.root, size, "the root anchored")
        self._place, self._anchored_at = place, at

    async def _check_signature(self) -> None:
        """The checkpoint is signed by a key that the registry names, within its life."""
        if self._published is None or self._served is None:
            return
        signed, registry = self._published.signed, self._watched.deployment.registry
        authority = self._watched.authority
        key = next((key for key in self._keys if signed.verify(key)), None)
        if key is None:
            raise AlarmError(
                AlarmKind.SIGNATURE,
                f"the signature of the checkpoint at {self._served.size}",
                f"one by a key that the registry names as {authority}'s",
                f"one under key id {signed.key_id.hex()} that none of {len(self._keys)} made",
            )
        moment = self._anchored_at
        if moment is None or self._served.size != self._tree.size:
            moment = (await follower.head(self._chain)).time
        (life,) = await view(
            self._chain, contracts.registry(), registry, "keyOf", authority.on_chain, key
        )
        since, until, compromised = life
        ends = [end for end in (until, compromised) if end]
        if moment.timestamp() < since or any(moment.timestamp() >= end for end in ends):
            raise AlarmError(
                AlarmKind.SIGNATURE,
                f"key {key.hex()} of the checkpoint at {self._served.size}",
                f"one in its life at {instant_text(moment)}",
                f"one with life from {since} until {min(ends, default='ever')}, in seconds of 1970",
            )

    async def _follow_log(self) -> Checkpoint | None:
        """Build the tree up to the checkpoint served; return the biggest one seen."""
        served, before = self._served, self._before.seen
        if served is None or served.size < self._tree.size:
            return before
        tree = await self._extended(self._tree, served.size)
        self._require_root(served.root, tree.root, served.size, "the root of the checkpoint")
        if served != before and served.size:
            await self._check_edge(served)
        return served

    async def _check_edge(self, served: Checkpoint) -> None:
        """The tiles at the right edge, of every level, lead to the checkpoint's root too."""
        tiles = {
            tile: await self._entries.tile(*tile) for tile in sorted(tiles_for_root(served.size))
        }
        try:
            found = root(tiles.__getitem__, served.size)
        except BrokenTileError as error:
            raise AlarmError(
                AlarmKind.GAP, "a tile", f"all hashes of {served.size} entries", str(error)
            ) from error
        if found != served.root:
            raise AlarmError(
                AlarmKind.TILE,
                f"the root of the tiles at {served.size}",
                f"{served.root.hex()}, as the checkpoint says",
                found.hex(),
            )

    async def _compare_heads(self) -> Moment | None:
        """Log and ledger are not too far apart; return what waits for its anchor."""
        watched, served, patience = self._watched, self._served, self._watched.patience
        size, head = await view(
            self._chain,
            contracts.ledger(),
            watched.deployment.ledger,
            "head",
            watched.authority.on_chain,
        )
        if size < self._ledger_size:
            raise AlarmError(
                AlarmKind.ROLLED_BACK,
                "the ledger's log",
                f"{self._ledger_size} entries, as anchored in a final block",
                f"{size} entries",
            )
        if size == self._tree.size and size:
            # The ledger keeps the hash of root and size, not the root.
            ours = checkpoint_hash(Digest(self._tree.root), size)
            self._require_root(Digest(head), ours, size, "the ledger's head")
        held = served.size if served else 0
        if self._ahead is not None and self._now - self._ahead.since > patience:
            self._late(
                "the checkpoint served",
                f"{self._ledger_size} entries, the first beyond {held} anchored at "
                f"{instant_text(self._ahead.since)}",
                f"{held} entries at {instant_text(self._now)}",
            )
        waiting = self._before.waiting
        if waiting is None or waiting.size <= size:
            waiting = Moment(held, self._now) if held > size else None
        if waiting is not None and self._now - waiting.since > patience:
            self._late(
                "the checkpoint on the ledger",
                f"{waiting.size} entries, as served at {instant_text(waiting.since)}",
                f"{size} entries at {instant_text(self._now)}",
            )
        return waiting

    async def _extended(self, tree: Frontier, size: int) -> Frontier:
        """Return ``tree`` with the log's entries up to ``size``, through what was seen before."""
        before = self._before.seen
        if before is not None and tree.size < before.size < size:
            tree = await self._extended(tree, before.size)
        async for leaves in self._leaves(tree.size, size):
            tree = tree.extended(leaves)
        if before is not None and before.size == size:
            self._require_root(before.root, tree.root, size, "the root seen before")
        return tree

    async def _leaves(self, first: int, end: int) -> AsyncIterator[list[bytes]]:
        """Yield the leaf hashes of the entries from ``first`` to before ``end``, by bundle."""
        if first == end:
            return
        for bundle in range(first // TILE_WIDTH, -(-end // TILE_WIDTH)):
            start = bundle * TILE_WIDTH
            here = slice(max(first - start, 0), min(end - start, TILE_WIDTH))
            entries, leaves = await self._entries.bundle(bundle)
            for index, entry in enumerate(entries[here], start + (here.start or 0)):
                if entry[0] != Kind.CERTIFICATE:
                    self._alarms.append(
                        Alarm(
                            AlarmKind.UNKNOWN_ENTRY,
                            f"the kind of entry {index}",
                            f"{Kind.CERTIFICATE.value}",
                            f"{entry[0]}",
                        )
                    )
                elif self._issued is not None:
                    self._issued.look_up(index, Digest(entry[1:]))
            yield leaves[here]

    def _check_issued(self) -> None:
        """Every entry is on the authority's own list."""
        if self._issued is None:
            return
        self._issued.finish()
        listed = f"a digest on the list of what {self._watched.authority} issued"
        self._alarms += [
            Alarm(AlarmKind.UNKNOWN_ENTRY, f"entry {index}", listed, digest.hex())
            for index, digest in self._issued.missing
        ]
        if self._issued.more:
            found = f"{self._issued.more} others"
            self._alarms.append(Alarm(AlarmKind.UNKNOWN_ENTRY, "more entries", listed, found))

    def _late(self, subject: str, expected: str, found: str) -> None:
        self._alarms.append(Alarm(AlarmKind.LATE, subject, expected, found))

    def _require_root(self, expected: bytes, found: bytes, size: int, whose: str) -> None:
        if expected != found:
            raise AlarmError(
                AlarmKind.FORK,
                f"the root over {size} entries",
                f"{whose}, {expected.hex()}",
                found.hex(),
            )
