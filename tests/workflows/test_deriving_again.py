"""`fsck` names every stored byte that is not what it was: each kind is changed in turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from desk import MOIT, Desk
from sqlalchemy import make_url

from tulen.database import log
from tulen.log import TILE_WIDTH
from tulen.values import Digest
from tulen.workflows.fsck import fsck
from tulen.workflows.seal_checkpoint import seal_checkpoint

pytestmark = pytest.mark.anyio

KINDS = [
    *("entries", "tiles", "checkpoints", "copies", "certificates"),
    *("applications", "declarations", "drawdowns", "transactions"),
]


def flip(table: str, column: str, where: str, byte: int = 7) -> str:
    """Return a statement that changes one bit of a byte, and done twice changes nothing."""
    flipped = f"set_byte({column}, {byte}, get_byte({column}, {byte}) # 1)"
    return f"UPDATE {table} SET {column} = {flipped} WHERE {where}"  # noqa: S608 - of literals


NOTE = "UPDATE checkpoint SET note = translate(note, '{0}', '{1}') WHERE size = 2"
SIGNATURE = """
    UPDATE checkpoint SET note = left(note, -40) || translate(substr(right(note, 40), 1, 34),
        'abcdefghijklmnopABCDEFGHIJKLMNOP', 'badcfehgjilknmpoBADCFEHGJILKNMPO') || right(note, 6)
"""
CHANGES = {
    "an entry's digest": (flip("log_entry", "digest", "index = 1"), "entries", "entry 1, leaf"),
    "an entry's leaf hash": (flip("log_entry", "leaf_hash", "index = 0"), "entries", "entry 0"),
    "an entry's kind": (
        "UPDATE log_entry SET kind = 3 - kind WHERE index = 1",
        "entries",
        "entry 1, leaf hash",
    ),
    "the log's size": ("UPDATE log_state SET size = 5 - size", "entries", "stored 3, derived 2"),
    "a leaf in a tile": (flip("log_tile", "hashes", "level = 0", 40), "tiles", "0/0, hash 1"),
    "a root": (flip("checkpoint", "root_hash", "size = 2"), "checkpoints", "checkpoint 2, root"),
    "a note's root": (NOTE.format("ABCDEFGH", "BADCFEHG"), "checkpoints", "checkpoint 2, "),
    "a note's signature": (
        SIGNATURE,
        "checkpoints",
        "checkpoint 2, signature: stored one by key id ",
    ),
    "a certificate's digest": (
        flip("certificate", "digest", "log_index = 0"),
        "certificates",
        "-0000001, digest: stored",
    ),
    "a signature": (
        flip("certificate", "signature", "log_index = 0"),
        "certificates",
        "-0000001, signature: stored",
    ),
    "a key": (flip("certificate", "key", "log_index = 0"), "certificates", "not one of key"),
    "a reference to a document": (
        flip("certificate", "document_ref", "log_index = 1"),
        "certificates",
        "is not in the vault",
    ),
    "an end of validity": (
        "UPDATE certificate SET valid_until = issued_on + ((valid_until - issued_on) # 1)",
        "certificates",
        "valid until: stored",
    ),
    "a certified quantity": (
        "UPDATE certificate_line SET certified_micro = 2000000001 - certified_micro",
        "certificates",
        "line 1: stored ('19053120', 'KGM', 1000000001)",
    ),
    "a verdict's digest": (
        flip("application", "verdict_digest", "true"),
        "applications",
        "verdict digest: stored",
    ),
    "a declaration's digest": (
        flip("declaration", "content_digest", "true"),
        "declarations",
        "content digest: stored",
    ),
    "a reference on chain": (flip("drawdown", "reference", "true"), "drawdowns", "reference: "),
    "a salt": (flip("drawdown", "salt", "true"), "drawdowns", "reference: stored"),
    "a transaction's bytes": (flip("chain_attempt", "raw", "nonce = 1"), "transactions", "hash: "),
    "a transaction's hash": (
        flip("chain_attempt", "tx_hash", "nonce = 1"),
        "transactions",
        "hash: stored",
    ),
}


@asynccontextmanager
async def against_all_rules(desk: Desk) -> AsyncIterator[psycopg.AsyncConnection]:
    """Yield a connection that no trigger and no foreign key watches."""
    url = desk.office.settings.database_url
    assert url is not None
    plain = make_url(url.get_secret_value()).set(drivername="postgresql")
    async with await psycopg.AsyncConnection.connect(
        plain.render_as_string(hide_password=False), autocommit=True
    ) as connection:
        await connection.execute("SET session_replication_role = replica")
        yield connection


async def complaints(desk: Desk) -> list[tuple[str, str]]:
    """Return subject and detail of what differs."""
    findings = await fsck(desk.office.settings)
    assert {item.outcome for item in findings} <= {"PASS", "FAIL"}
    return [(item.subject, item.detail) for item in findings if item.outcome == "FAIL"]


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """Two certificates, each under a checkpoint of its own; from one of them something is drawn."""
    number, bundle = await desk.certified()
    await desk.certified()
    await desk.draw(await desk.declared(number, bundle), "600")
    await desk.until_idle()
    return desk


async def test_each_changed_byte_is_named_and_nothing_else_fails_for_good(busy: Desk) -> None:
    findings = await fsck(busy.office.settings)
    assert [(item.subject, item.outcome) for item in findings] == [(kind, "PASS") for kind in KINDS]
    assert all(item.detail.endswith("values derived again, all equal") for item in findings)
    async with against_all_rules(busy) as connection:
        await connection.execute("ALTER TABLE log_entry ALTER leaf_hash DROP EXPRESSION")
        for name, (change, subject, words) in CHANGES.items():
            changed = await connection.execute(change.encode())
            assert changed.rowcount >= 1, name
            found = await complaints(busy)
            assert any(subject == kind and words in detail for kind, detail in found), (name, found)
            await connection.execute(change.encode())
            assert await complaints(busy) == [], name


async def test_a_changed_document_is_named(busy: Desk) -> None:
    rows = await busy.rows(
        "SELECT encode(document_ref, 'hex'), 'certificates' FROM certificate WHERE log_index = 0 "
        "UNION SELECT encode(document_ref, 'hex'), 'declarations' FROM declaration"
    )
    for reference, subject in rows:
        file = busy.office.settings.vault_folder / reference[:2] / reference
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        [(found, detail)] = await complaints(busy)
        file.write_bytes(whole)
        assert (found, "damaged" in detail, reference in detail) == (subject, True, True)


async def test_a_log_of_many_tiles_is_derived_again(desk: Desk) -> None:
    digests = [Digest(sha256(b"%d" % number).digest()) for number in range(2 * TILE_WIDTH + 9)]
    for start, end in ((0, 1), (1, 300), (300, len(digests))):
        async with desk.office.database.transaction() as connection:
            await log.append_entries(connection, MOIT, 1, digests[start:end])
        assert await seal_checkpoint(desk.office, MOIT) is not None
    async with desk.office.database.transaction() as connection:
        await log.append_entry(connection, MOIT, 1, Digest(bytes(32)))
    found = await complaints(desk)
    assert [subject for subject, _ in found] == ["entries"] * 101
    assert found[0][1].endswith(f"digest: stored {digests[0]}, derived no certificate")
    async with against_all_rules(desk) as connection:
        for change, expected in (
            (flip("log_tile", "hashes", "level = 1", 33), "tile 1/0, hash 1: stored "),
            (flip("log_tile", "hashes", "index = 1", 0), "tile 0/1, hash 0: stored "),
            (flip("log_tile", "hashes", "index = 2", 8 * 32 + 3), "tile 0/2, hash 8: stored "),
            ("UPDATE log_tile SET index = 5 - index WHERE index > 1", "tile 0/3: stored a tile"),
            (flip("checkpoint", "root_hash", "size = 300"), "checkpoint 300, root: stored "),
        ):
            await connection.execute(change.encode())
            found = [item for item in await complaints(desk) if item[0] != "entries"]
            await connection.execute(change.encode())
            assert any(expected in detail for _, detail in found), (expected, found)


async def test_what_cannot_be_read_is_unknown(desk: Desk) -> None:
    away = desk.office.settings.model_copy(update={"database_url": None, "home": Path("/nowhere")})
    [finding] = await fsck(away)
    assert (finding.subject, finding.outcome) == ("office", "UNKNOWN")
