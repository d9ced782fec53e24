"""`monitor` follows a log from outside: one clean story, then one lie at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from desk import MOIT, Desk

from anvil_fixtures import mine, rpc
from forged_log import Shelf, published, shelf
from office_fixtures import serving
from tulen.chain import calls, follower
from tulen.chain.deploy import send_and_wait
from tulen.database import log
from tulen.errors import InvalidInputError, UnavailableError
from tulen.keys import Ed25519Signer
from tulen.log import TILE_WIDTH, append, consistency_proof, entry_bytes, leaf_hash, root
from tulen.server import create_app
from tulen.values import Digest, canonical_bytes, parse_strict
from tulen.workflows.monitor import monitor
from tulen.workflows.register import GOVERNOR
from tulen.workflows.seal_checkpoint import seal_checkpoint
from tulen.workflows.watched_log import Alarm, Watched, WatchReport, WatchState

pytestmark = pytest.mark.anyio

PATIENT = timedelta(seconds=600)
"""Longer than any test may take on a busy machine."""
BUSY = 3 * TILE_WIDTH + 7
"""Entries of a log whose tiles stand on two levels."""


def digest_of(number: int) -> Digest:
    return Digest(sha256(b"%d" % number).digest())


def entry(number: int) -> bytes:
    return entry_bytes(1, digest_of(number))


def entries(count: int) -> list[bytes]:
    return [entry(number) for number in range(count)]


async def logged(desk: Desk, first: int, end: int) -> None:
    """Put entries into the log, as if their certificates had been issued, and seal them."""
    async with desk.office.database.transaction() as connection:
        await log.append_entries(connection, MOIT, 1, [digest_of(n) for n in range(first, end)])
    while await seal_checkpoint(desk.office, MOIT) is not None:
        pass


@dataclass
class Watch:
    """A monitor with its memory, and the shelf that it looks at.

    Attributes:
        desk: The office, whose chain counts.
        shelf: What the monitor is shown of the log.
        watched: Whom it follows.
        state: What it remembers.
    """

    desk: Desk
    shelf: Shelf
    watched: Watched
    state: WatchState = field(default_factory=WatchState)

    def show(self, shown: list[bytes], signer: Ed25519Signer | None = None) -> None:
        """Publish these entries, signed by the authority itself unless another does."""
        self.shelf.files = published(shown, signer or self.desk.office.signer(MOIT), MOIT)

    async def round(self) -> WatchReport:
        """Do a round, with a memory that was written down and read again."""
        kept = canonical_bytes(self.state.to_document(self.watched))
        state = WatchState.from_document(parse_strict(kept), self.watched)
        assert state == self.state
        report, self.state = await monitor(self.watched, state)
        return report

    async def alarmed(self) -> Alarm:
        """Do a round that must raise one alarm, and remember nothing of it."""
        before = self.state
        report = await self.round()
        [alarm] = report.alarms
        if alarm.kind != "late":
            assert self.state == before
        return alarm

    async def anchored(self, first: int, end: int) -> None:
        """Log entries and bring them on chain, final."""
        await logged(self.desk, first, end)
        await self.desk.until_idle()


@pytest.fixture
def stand() -> Iterator[Shelf]:
    with shelf(MOIT) as served:
        yield served


@pytest.fixture
def watch(desk: Desk, stand: Shelf) -> Watch:
    office = desk.office
    urls = office.settings.chain_rpc_urls
    return Watch(desk, stand, Watched(MOIT, stand.url, urls, office.deployment, PATIENT))


async def test_a_log_that_grows_stays_clean_and_only_what_is_new_is_read(watch: Watch) -> None:
    app = create_app(watch.desk.office.settings, with_worker=False)
    with serving(app) as url:
        watch.watched = replace(watch.watched, url=url)
        empty = await watch.round()
        assert (empty.checkpoint, empty.anchored, empty.alarms) == (None, 0, ())
        await watch.anchored(0, BUSY)
        first = await watch.round()
        assert first.alarms == ()
        assert first.checkpoint is not None
        assert (first.checkpoint.size, first.anchored, first.entries) == (BUSY, BUSY, BUSY)
        assert watch.state.anchored.root == first.checkpoint.root
        assert (await watch.round()).entries == 0
        await watch.anchored(BUSY, BUSY + 10)
        await logged(watch.desk, BUSY + 10, BUSY + 12)
        grown = await watch.round()
        assert grown.alarms == ()
        assert grown.checkpoint is not None
        assert (grown.checkpoint.size, grown.anchored) == (BUSY + 12, BUSY + 10)
        assert grown.entries == 19
        assert watch.state.waiting is not None
        assert watch.state.waiting.size == BUSY + 12


async def test_every_anchored_root_is_compared(watch: Watch) -> None:
    for end in (1, 3, 7, 300):
        await watch.anchored(0 if end == 1 else {3: 1, 7: 3, 300: 7}[end], end)
    watch.show(entries(300))
    assert (await watch.round()).alarms == ()
    watch.state = WatchState()
    watch.show([entry(0), entry(99), *entries(300)[2:]])
    alarm = await watch.alarmed()
    assert (alarm.kind, alarm.subject) == ("fork", "the root over 3 entries")
    assert alarm.expected.startswith("the root anchored, ")
    assert alarm.expected.removeprefix("the root anchored, ") != alarm.found


async def test_two_checkpoints_of_one_size_are_a_fork(watch: Watch) -> None:
    await watch.anchored(0, 2)
    watch.show(entries(5))
    assert (await watch.round()).alarms == ()
    watch.show([*entries(4), entry(99)])
    alarm = await watch.alarmed()
    assert (alarm.kind, alarm.subject) == ("fork", "the root over 5 entries")


async def test_a_bigger_log_that_is_not_an_extension_is_a_fork(watch: Watch) -> None:
    await watch.anchored(0, 2)
    watch.show(entries(5))
    assert (await watch.round()).alarms == ()
    watch.show([*entries(4), entry(99), entry(5)])
    alarm = await watch.alarmed()
    assert alarm.subject == "the root over 5 entries"
    assert alarm.expected.startswith("the root seen before, ")


async def test_a_checkpoint_over_less_than_was_seen_is_rolled_back(watch: Watch) -> None:
    await watch.anchored(0, 2)
    watch.show(entries(5))
    await watch.round()
    watch.show(entries(4))
    alarm = await watch.alarmed()
    assert (alarm.kind, alarm.expected, alarm.found) == (
        "rolled-back",
        "5 entries, as seen before",
        "4 entries",
    )
    watch.shelf.files = {}
    assert (await watch.alarmed()).found == "no checkpoint"


async def test_an_entry_that_the_list_does_not_hold_is_named(watch: Watch, tmp_path: Path) -> None:
    await watch.anchored(0, BUSY)
    watch.show(entries(BUSY))
    issued = tmp_path / "issued.txt"
    lines = [f"{digest_of(number)}\n" for number in reversed(range(BUSY))]
    watch.watched = replace(watch.watched, issued=issued)
    issued.write_text("".join(line for line in lines if line.strip() != str(digest_of(300))))
    alarm = await watch.alarmed()
    assert (alarm.kind, alarm.subject, alarm.found) == (
        "unknown-entry",
        "entry 300",
        str(digest_of(300)),
    )
    issued.write_text("")
    report = await watch.round()
    assert len(report.alarms) == 101
    assert report.alarms[-1].found == f"{BUSY - 100} others"
    issued.write_text("".join(lines))
    assert (await watch.round()).alarms == ()


async def test_a_list_that_is_none_is_refused(watch: Watch, tmp_path: Path) -> None:
    await watch.anchored(0, 1)
    watch.show(entries(1))
    issued = tmp_path / "issued.txt"
    watch.watched = replace(watch.watched, issued=issued)
    for text in ("00", "zz" * 32 + "\n", "AA" * 32, "00" * 33):
        issued.write_text(text)
        with pytest.raises(InvalidInputError, match="line 1"):
            await watch.round()
    issued.unlink()
    with pytest.raises(InvalidInputError, match="cannot be read"):
        await watch.round()


async def test_an_entry_of_a_kind_that_nobody_knows_is_named(watch: Watch) -> None:
    watch.show([entry(0), entry_bytes(2, digest_of(1))])
    alarm = await watch.alarmed()
    assert (alarm.kind, alarm.subject, alarm.found) == ("unknown-entry", "the kind of entry 1", "2")


async def test_a_log_that_lags_behind_the_ledger_is_late_after_a_while(watch: Watch) -> None:
    await watch.anchored(0, 3)
    await watch.anchored(3, 9)
    watch.show(entries(5))
    report = await watch.round()
    assert (report.alarms, report.anchored) == ((), 9)
    assert watch.state.anchored.size == 3, "what is not served is not verified"
    hurried = watch.watched = replace(watch.watched, patience=timedelta(seconds=-60))
    alarm = await watch.alarmed()
    assert (alarm.kind, alarm.subject) == ("late", "the checkpoint served")
    assert alarm.expected.startswith("9 entries, the first beyond 5 anchored at 2")
    assert alarm.found.startswith("5 entries at ")
    watch.watched = replace(hurried, patience=PATIENT)
    watch.show(entries(9))
    assert (await watch.round()).alarms == ()
    assert watch.state.anchored.size == 9


async def test_of_two_anchors_in_one_block_each_is_taken_once(watch: Watch) -> None:
    office, node = watch.desk.office, watch.watched.chain_urls[0]
    tiles, _ = append({}.__getitem__, 0, [leaf_hash(item) for item in entries(9)])
    account = office.account(MOIT).address
    rpc(node, "anvil_impersonateAccount", account)
    rpc(node, "evm_setAutomine", False)
    for before, size in ((0, 3), (3, 9)):
        call = calls.anchor(
            office.deployment,
            predecessor_size=before,
            predecessor_root=Digest(root(tiles.__getitem__, before)) if before else None,
            size=size,
            root=Digest(root(tiles.__getitem__, size)),
            consistency_path=consistency_proof(tiles.__getitem__, before, size),
        )
        sent = {"from": account, "to": call.to, "data": f"0x{call.data.hex()}", "gas": hex(300_000)}
        rpc(node, "eth_sendTransaction", sent)
    mine(node, 4)
    rpc(node, "evm_setAutomine", True)
    for shown, verified in ((2, 0), (5, 3), (9, 9)):
        watch.show(entries(shown))
        report = await watch.round()
        assert (report.alarms, report.anchored) == ((), 9)
        assert watch.state.anchored.size == verified


async def test_a_checkpoint_that_nobody_anchors_is_late_after_a_while(watch: Watch) -> None:
    await watch.anchored(0, 3)
    watch.show(entries(5))
    assert (await watch.round()).alarms == ()
    waiting = watch.state.waiting
    assert waiting is not None
    watch.state = replace(watch.state, waiting=replace(waiting, since=waiting.since - 2 * PATIENT))
    watch.show(entries(6))
    alarm = await watch.alarmed()
    assert (alarm.kind, alarm.subject) == ("late", "the checkpoint on the ledger")
    assert alarm.expected.startswith("5 entries, as served at ")
    assert alarm.found.startswith("3 entries at ")
    await watch.anchored(3, 6)
    assert (await watch.round()).alarms == ()
    assert watch.state.waiting is None


Change = Callable[[dict[str, bytes]], object]
SHELVED = {
    "gap: a bundle is missing": ("gap", lambda f: f.pop("tile/entries/001")),
    "gap: the last bundle is missing": ("gap", lambda f: f.pop("tile/entries/003.p/7")),
    "gap: a tile is missing": ("gap", lambda f: f.pop("tile/0/000")),
    "gap: a tile of level 1 is missing": ("gap", lambda f: f.pop("tile/1/000.p/3")),
    "gap: a bundle is cut off": ("gap", lambda f: cut(f, "tile/entries/001", -1)),
    "gap: a bundle is longer": ("gap", lambda f: f.update({"tile/entries/001": bytes(10**6)})),
    "unreadable: a bundle of zeros": (
        "unreadable",
        lambda f: f.update({"tile/entries/001": bytes(TILE_WIDTH * 35)}),
    ),
    "tile: a leaf differs": ("tile", lambda f: flip(f, "tile/0/001")),
    "tile: an entry differs": ("tile", lambda f: flip(f, "tile/entries/001")),
    "tile: a hash of level 1 differs": ("tile", lambda f: flip(f, "tile/1/000.p/3")),
    "unreadable: the checkpoint is a page": (
        "unreadable",
        lambda f: f.update({"checkpoint": b"<html>"}),
    ),
    "signature: another root is signed": (
        "signature",
        lambda f: f.update({"checkpoint": resized(f["checkpoint"])}),
    ),
}


def cut(files: dict[str, bytes], path: str, end: int) -> None:
    files[path] = files[path][:end]


def flip(files: dict[str, bytes], path: str) -> None:
    files[path] = files[path][:-1] + bytes([files[path][-1] ^ 1])


def resized(note: bytes) -> bytes:
    return note.replace(b"\n%d\n" % BUSY, b"\n%d\n" % (BUSY + 1))


async def test_what_is_served_otherwise_than_signed_is_named(watch: Watch) -> None:
    for name, (kind, change) in SHELVED.items():
        watch.show(entries(BUSY))
        change(watch.shelf.files)
        assert (await watch.alarmed()).kind == kind, name


async def test_a_full_bundle_may_have_taken_the_place_of_a_partial_one(watch: Watch) -> None:
    watch.show(entries(BUSY))
    signed = watch.shelf.files["checkpoint"]
    watch.show(entries(BUSY + TILE_WIDTH))
    watch.shelf.files["checkpoint"] = signed
    watch.shelf.files["tile/1/000.p/3"] = watch.shelf.files["tile/1/000.p/4"][: 3 * 32]
    assert (await watch.round()).alarms == ()


async def test_the_checkpoint_of_another_log_is_not_this_one(watch: Watch) -> None:
    watch.shelf.files = published(entries(2), watch.desk.office.signer(MOIT), type(MOIT)("VN.X"))
    alarm = await watch.alarmed()
    assert (alarm.expected, alarm.found) == ("tulen/VN.MOIT", "tulen/VN.X")


async def test_a_strangers_signature_is_named(watch: Watch) -> None:
    watch.show(entries(2), Ed25519Signer(bytes(range(32))))
    alarm = await watch.alarmed()
    assert alarm.kind == "signature"
    assert "that none of 1 made" in alarm.found


async def test_a_node_that_is_away_is_no_alarm(watch: Watch) -> None:
    watch.show(entries(2))
    watch.watched = replace(watch.watched, chain_urls=("http://127.0.0.1:9",))
    with pytest.raises(UnavailableError, match="does not accept connections"):
        await watch.round()


async def test_a_log_that_does_not_answer_is_no_alarm(watch: Watch) -> None:
    watch.show(entries(2))
    watch.shelf.status = 503
    with pytest.raises(UnavailableError, match="answers HTTP 503"):
        await watch.round()
    watch.watched = replace(watch.watched, url="http://127.0.0.1:9")
    with pytest.raises(UnavailableError, match="no answer"):
        await watch.round()


async def test_a_policy_of_other_contracts_is_no_alarm(watch: Watch) -> None:
    deployment = watch.watched.deployment
    other = replace(deployment, ledger=deployment.registry)
    watch.watched = replace(watch.watched, deployment=other)
    with pytest.raises(UnavailableError, match="is not this version's CertificateLedger"):
        await watch.round()


async def test_a_final_block_that_is_another_now_is_a_fork(watch: Watch) -> None:
    node = watch.watched.chain_urls[0]
    before = rpc(node, "evm_snapshot")
    await watch.anchored(0, 2)
    watch.show(entries(2))
    assert (await watch.round()).alarms == ()
    assert watch.state.block is not None
    number, known = watch.state.block
    assert rpc(node, "evm_revert", before)
    with pytest.raises(UnavailableError, match="it is behind"):
        await watch.round()
    rpc(node, "evm_increaseTime", 100)
    mine(node, number)
    alarm = await watch.alarmed()
    assert alarm.kind == "fork"
    assert alarm.subject == f"final block {number} of the chain"
    assert alarm.expected == known.hex() != alarm.found


async def test_a_key_that_has_ended_signs_nothing_new(watch: Watch) -> None:
    office = watch.desk.office
    await watch.anchored(0, 2)
    key = office.signer(MOIT).public_key
    head = await follower.head(office.chain)
    ended = calls.end_key(office.deployment, MOIT, key, int(head.time.timestamp()) + 1)
    await send_and_wait(office.chain, office.account(GOVERNOR), ended)
    rpc(watch.watched.chain_urls[0], "evm_increaseTime", 10)
    mine(watch.watched.chain_urls[0], 4)
    watch.show(entries(2))
    assert (await watch.round()).alarms == (), "what was anchored while it lived stays good"
    watch.show(entries(3))
    alarm = await watch.alarmed()
    assert alarm.kind == "signature"
    assert "one in its life at " in alarm.expected
