"""The copy of a log: there before the anchor, whole, servable, and not believed blindly."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from desk import MOIT, Desk, Foundation
from restored import copied, issued_in

from tulen.database import checkpoints, log
from tulen.errors import TulenError, UnavailableError
from tulen.log import LogPart, part_of
from tulen.values import Digest
from tulen.workflows.anchor import anchor
from tulen.workflows.folder_log import FolderLog
from tulen.workflows.fsck import fsck
from tulen.workflows.log_copy import CopyDiffersError, folder_of, keep_copy
from tulen.workflows.log_of import ChainAheadError
from tulen.workflows.monitor import monitor
from tulen.workflows.public_log import public_checkpoint, public_part
from tulen.workflows.replay import replay
from tulen.workflows.seal_checkpoint import seal_checkpoint
from tulen.workflows.watched_log import Watched, WatchState

pytestmark = pytest.mark.anyio


async def grown(desk: Desk, count: int) -> checkpoints.Checkpoint:
    """Append entries of no certificates, and seal them."""
    async with desk.office.database.transaction() as connection:
        size = (await log.state(connection, MOIT)).size
        digests = [Digest(sha256(b"%d" % number).digest()) for number in range(size, size + count)]
        await log.append_entries(connection, MOIT, 1, digests)
    checkpoint = await seal_checkpoint(desk.office, MOIT)
    assert checkpoint is not None
    return checkpoint


async def assert_copied(desk: Desk, size: int) -> None:
    """Check that the folder holds, part for part, what the service serves."""
    copy = FolderLog(desk.office.settings.log_folder, MOIT)
    assert (await copy.checkpoint() or b"").decode() == await public_checkpoint(desk.office, MOIT)
    for level in (None, 0, 1):
        index = 0
        while index * 256 < size >> 8 * (level or 0):
            part = part_of(level, index, size)
            assert await copy.part(part) == await public_part(desk.office, MOIT, part.path)
            index += 1


async def test_it_holds_what_the_service_serves_however_it_grew(desk: Desk) -> None:
    size = 0
    for count in (1, 100, 155, 1, 300, 43):
        checkpoint = await grown(desk, count)
        await keep_copy(desk.office, checkpoint)
        size += count
        await assert_copied(desk, size)
    names = {path.name for path in folder_of(desk.office, MOIT).rglob("*") if path.is_dir()}
    assert names & {"000.p", "001.p"} == {"000.p"}, "level 1 alone has a beginning of its tile 0"
    before = {path: path.stat() for path in folder_of(desk.office, MOIT).rglob("*")}
    await keep_copy(desk.office, checkpoint)
    assert {path: path.stat() for path in folder_of(desk.office, MOIT).rglob("*")} == before


async def test_a_copy_that_was_lost_is_made_again_from_the_beginning(desk: Desk) -> None:
    await keep_copy(desk.office, await grown(desk, 300))
    folder_of(desk.office, MOIT).rename(desk.office.settings.home / "log-lost")
    await keep_copy(desk.office, await grown(desk, 1))
    await assert_copied(desk, 301)


async def test_what_cannot_be_copied_is_not_anchored(desk: Desk) -> None:
    await desk.issued()
    await seal_checkpoint(desk.office, MOIT)
    folder = folder_of(desk.office, MOIT)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    with pytest.raises(UnavailableError, match="cannot be read"):
        await anchor(desk.office, MOIT)
    assert await desk.rows("SELECT count(*) FROM chain_transaction") == [(0,)]
    folder.unlink()
    assert await anchor(desk.office, MOIT) is not None
    await assert_copied(desk, 1)


async def test_wherever_the_disk_fails_nothing_is_anchored_and_the_copy_becomes_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left, failed = os.fsync, -1, 0

    def failing(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    size = 0
    for attempt in range(1, 40):
        size += (await grown(desk, 130)).size - size
        left = attempt
        try:
            await anchor(desk.office, MOIT)
        except UnavailableError as error:
            assert "so nothing is anchored" in str(error)  # noqa: PT017 - some attempts come through
            failed += 1
            sent = await desk.rows("SELECT ref FROM chain_transaction ORDER BY nonce DESC LIMIT 1")
            assert sent != [(f"{MOIT}/{size}",)]
            left = -1
            await anchor(desk.office, MOIT)
        await assert_copied(desk, size)
        left = -1
        await desk.settled()
    assert failed >= 10


async def test_everything_is_on_the_disk_before_the_checkpoint_names_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    await keep_copy(desk.office, await grown(desk, 257))
    folder = folder_of(desk.office, MOIT)
    expected = {str(path) for path in folder.rglob("*") if path.is_dir()}
    last = synced[-2:]
    assert last[1] == str(folder)
    assert Path(last[0]).parent == folder
    assert expected <= set(synced[:-2])
    assert str(folder.parent) in synced[:-2]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder by a web server that knows nothing of logs."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_any_web_server_can_serve_it_to_a_monitor(desk: Desk, tmp_path: Path) -> None:
    await issued_in(desk, 2)
    (tmp_path / "log").symlink_to(desk.office.settings.log_folder)
    with served(tmp_path) as url:
        watched = Watched(
            MOIT,
            url,
            desk.office.settings.chain_rpc_urls,
            desk.office.deployment,
            timedelta(minutes=2),
            None,
        )
        report, _ = await monitor(watched, WatchState())
    assert report.alarms == ()
    assert report.to_document()["entries"] == 4


async def test_a_replay_may_read_the_log_from_another_service(
    desk: Desk, foundation: Foundation, tmp_path: Path
) -> None:
    async with copied(desk, foundation) as restored:
        past = await issued_in(desk, 2)
        desk.office.settings.log_folder.rename(tmp_path / "log")
        with pytest.raises(TulenError, match="give a newer copy with --log"):
            await replay(restored.office)
        with served(tmp_path) as url:
            await replay(restored.office, source=url)
        await restored.until_idle()
        assert past.numbers
        assert await restored.complaints() == []


def another_entry(folder: Path) -> None:
    bundle = folder / "tile" / f"{LogPart(None, 0, 4).path}"
    data = bytearray(bundle.read_bytes())
    data[-1] ^= 1
    bundle.write_bytes(data)


def another_entry_and_tile(folder: Path) -> None:
    another_entry(folder)
    entry = (folder / "tile" / LogPart(None, 0, 4).path).read_bytes()[-33:]
    tile = folder / "tile" / LogPart(0, 0, 4).path
    tile.write_bytes(tile.read_bytes()[:-32] + sha256(b"\0" + entry).digest())


def no_bundle(folder: Path) -> None:
    (folder / "tile" / LogPart(None, 0, 4).path).unlink()


def another_note(folder: Path) -> None:
    file = folder / "checkpoint"
    file.write_text(file.read_text().replace("\n4\n", "\n5\n"))


LIES: dict[str, tuple[Callable[[Path], None], str]] = {
    "another entry": (another_entry, "leaf 3 in its tile: expected"),
    "another entry, and its tile as well": (another_entry_and_tile, "entries of VN.MOIT have root"),
    "a bundle that is missing": (no_bundle, "gap: tile/entries/000.p/4: expected 140"),
    "a checkpoint that nobody signed": (another_note, "is not signed by a known key"),
}


@pytest.mark.parametrize(("lie", "words"), LIES.values(), ids=LIES.keys())
async def test_a_copy_that_lies_is_not_replayed(
    desk: Desk, foundation: Foundation, lie: Callable[[Path], None], words: str
) -> None:
    async with copied(desk, foundation) as restored:
        await issued_in(desk, 2)
        lie(folder_of(desk.office, MOIT))
        with pytest.raises(TulenError, match=words):
            await replay(restored.office)
        assert await restored.rows("SELECT count(*) FROM log_entry") == [(0,)]
        assert await restored.rows("SELECT count(*) FROM certificate") == [(0,)]
        with pytest.raises(ChainAheadError):
            await restored.issue(await restored.approved())


async def test_what_the_ledger_has_not_seen_must_be_what_the_authority_signed(
    desk: Desk, foundation: Foundation
) -> None:
    async with copied(desk, foundation) as restored:
        await issued_in(desk, 1)
        await desk.issued()
        await desk.issued()
        checkpoint = await seal_checkpoint(desk.office, MOIT)
        assert checkpoint is not None
        await keep_copy(desk.office, checkpoint)
        another_entry_and_tile(folder_of(desk.office, MOIT))
        with pytest.raises(TulenError, match="the copy's checkpoint says "):
            await replay(restored.office)
        assert await restored.rows("SELECT count(*) FROM log_entry") == [(0,)]


DAMAGES = LIES | {
    "a checkpoint that nobody signed": (another_note, "copy, size: stored 5, derived 4")
}


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES.keys())
async def test_fsck_names_a_copy_that_is_not_the_databases(
    desk: Desk, damage: Callable[[Path], None], words: str
) -> None:
    await issued_in(desk, 2)
    assert [item for item in await fsck(desk.office.settings) if item.outcome != "PASS"] == []
    damage(folder_of(desk.office, MOIT))
    found = [item for item in await fsck(desk.office.settings) if item.outcome != "PASS"]
    assert {item.subject for item in found} == {"copies"}
    words = words.replace("entries of VN.MOIT have root", "copy, entry 3: stored ")
    assert any(words in item.detail for item in found), found


async def test_what_was_issued_after_the_restore_all_the_same_is_named(
    desk: Desk, foundation: Foundation
) -> None:
    async with copied(desk, foundation) as restored:
        await restored.issued()  # Before anything has happened in the original.
        await issued_in(desk, 1)
        with pytest.raises(
            TulenError, match=r"entry 0 of VN.MOIT is .* something was issued after"
        ):
            await replay(restored.office)


async def test_a_copy_of_another_history_is_never_overwritten(desk: Desk) -> None:
    await keep_copy(desk.office, await grown(desk, 3))
    checkpoint = await grown(desk, 1)
    short = checkpoints.Checkpoint(MOIT, 2, Digest(bytes(32)), "", checkpoint.sealed_at)
    with pytest.raises(CopyDiffersError, match="ends with 3 entries"):
        await keep_copy(desk.office, short)
    (folder_of(desk.office, MOIT) / "checkpoint").write_text("no note")
    with pytest.raises(CopyDiffersError, match="is no checkpoint"):
        await keep_copy(desk.office, checkpoint)
