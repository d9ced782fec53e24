"""Derive every stored hash again from the bytes that it is of, and check every signature.

The doctor asks whether the parts agree; this asks whether each is what it was. Everything is read
as of one moment, page by page, so a service may go on meanwhile, and memory does not grow.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from web3 import Web3

from tulen.certificate import Certificate, declaration_reference, seal, verify_signature
from tulen.database import certificates, stored
from tulen.errors import TulenError, UnavailableError
from tulen.settings import Settings
from tulen.values import Digest, Ed25519PublicKey, PartyCode, canonical_bytes, parse_strict
from tulen.vault import DamagedDocumentError
from tulen.workflows.apply import KEPT
from tulen.workflows.doctor import FAIL, UNKNOWN, Finding
from tulen.workflows.fsck_copy import compare_copy
from tulen.workflows.fsck_log import LogCheck
from tulen.workflows.office import SIGNING, Office, open_office
from tulen.workflows.tally import Tally

PAGE: Final = 200

_LEAST: Final = Digest(bytes(Digest.length))

Row = TypeVar("Row")


async def fsck(settings: Settings) -> list[Finding]:
    """Return what is found; never raises for what is damaged."""
    try:
        async with open_office(settings) as office, office.database.transaction() as connection:
            await stored.as_of_now(connection)
            return [
                finding
                for subjects, check in _CHECKS.items()
                for finding in await _findings(office, connection, subjects, check)
            ]
    except TulenError as error:
        return [_failed("office", error)]


Check = Callable[[Office, AsyncConnection, list[Tally]], Awaitable[None]]


async def _findings(
    office: Office, connection: AsyncConnection, subjects: tuple[str, ...], check: Check
) -> list[Finding]:
    tallies = [Tally(subject) for subject in subjects]
    try:
        await check(office, connection, tallies)
    except TulenError as error:
        named = [finding for tally in tallies if tally.differing for finding in tally.findings()]
        return [*named, _failed(subjects[-1], error)]
    return [finding for tally in tallies for finding in tally.findings()]


def _failed(subject: str, error: TulenError) -> Finding:
    outcome = UNKNOWN if isinstance(error, UnavailableError) else FAIL
    return Finding(subject, outcome, str(error))


async def _logs(office: Office, connection: AsyncConnection, tallies: list[Tally]) -> None:
    """Leaf hashes of entries; tiles of leaf hashes; roots of tiles; notes and their signatures."""
    for authority, state in await stored.logs(connection):
        keys = await stored.keys_of(connection, authority)
        keys += [key for key in await _own_key(office, authority) if key not in keys]
        await LogCheck(connection, authority, state, keys).run(*tallies)


async def _copies(office: Office, connection: AsyncConnection, tallies: list[Tally]) -> None:
    """What a replay would read, if the database were lost."""
    (tally,) = tallies
    for authority, state in await stored.logs(connection):
        await compare_copy(office, connection, authority, state, tally)


async def _own_key(office: Office, authority: PartyCode) -> list[Ed25519PublicKey]:
    file = await asyncio.to_thread(office.keys.find, authority, SIGNING)
    return [] if file is None else [Ed25519PublicKey.from_hex(file.public, "key file")]


async def _certificates(office: Office, connection: AsyncConnection, tallies: list[Tally]) -> None:
    """Digests of documents and seeds; signatures over digests; what the row says besides."""
    (tally,) = tallies

    async def after(last: certificates.Certificate | None) -> list[certificates.Certificate]:
        return await stored.certificates_after(connection, last.number if last else "", PAGE)

    async for row in _all(after):
        name = f"certificate {row.number}"
        kept = await _document(office, tally, name, row.document_ref)
        if kept is not None:
            await _compare_certificate(connection, tally, row, kept)
        if row.signature is not None:
            good = verify_signature(row.key, row.digest, row.signature)
            tally.compare(
                f"{name}, signature",
                row.signature if good else f"{row.signature.hex()}, not one of key {row.key}",
                row.signature if good else f"one over {row.digest}",
            )


async def _compare_certificate(
    connection: AsyncConnection, tally: Tally, row: certificates.Certificate, kept: bytes
) -> None:
    name = f"certificate {row.number}"
    try:
        document = parse_strict(kept)
        certificate = Certificate.from_document(document["document"])
        digest = seal(certificate, bytes.fromhex(document["seed"])).digest
    except (TulenError, KeyError, TypeError, ValueError) as error:
        tally.differ(f"{name}, document: stored {error}; derived a certificate and its seed")
        return
    consignment = certificate.consignment
    tally.compare(f"{name}, digest", row.digest, digest)
    said = (
        ("number", row.number, certificate.number),
        ("authority", row.authority, certificate.issuing_authority.code),
        ("agreement", row.agreement, consignment.agreement),
        ("form", row.form, consignment.form),
        ("issued on", row.issued_on, certificate.issued_on),
        ("valid until", row.valid_until, certificate.valid_until),
    )
    for field, held, derived in said:
        tally.compare(f"{name}, {field}", held, derived)
    lines = {line.line: line for line in await certificates.lines_of(connection, row.number)}
    for goods in (line.goods for line in certificate.lines):
        line = lines.pop(goods.line, None)
        derived_line = (goods.hs_code, goods.quantity.unit, goods.quantity.micro)
        held_line = line and (line.hs_code, line.unit, line.certified_micro)
        tally.compare(f"{name}, line {goods.line}", held_line, derived_line)
    for surplus in lines:
        tally.compare(f"{name}, line {surplus}", "a line", "none")


async def _applications(office: Office, connection: AsyncConnection, tallies: list[Tally]) -> None:
    """The digest of the verdicts that were kept with each application."""
    (tally,) = tallies

    async def after(last: Any) -> Sequence[Any]:  # noqa: ANN401 - a row
        return await stored.applications_after(connection, last.id if last else UUID(int=0), PAGE)

    async for row in _all(after):
        name = f"application {row.id}"
        kept = await _document(office, tally, name, row.document_ref)
        if kept is None:
            continue
        try:
            verdicts = parse_strict(kept, KEPT)["judgement"]["verdicts"]
            digests = [hashlib.sha256(canonical_bytes(verdict)).digest() for verdict in verdicts]
        except (TulenError, KeyError, TypeError) as error:
            tally.differ(f"{name}, document: stored {error}; derived an application, judged")
            continue
        derived = hashlib.sha256(b"".join(digests)).digest()
        tally.compare(f"{name}, verdict digest", row.verdict_digest, derived)


async def _declarations(office: Office, connection: AsyncConnection, tallies: list[Tally]) -> None:
    """The digest of each declaration's bytes."""
    (tally,) = tallies

    async def after(last: Any) -> Sequence[Any]:  # noqa: ANN401 - a row
        return await stored.declarations_after(connection, last.number if last else "", PAGE)

    async for row in _all(after):
        name = f"declaration {row.number}"
        kept = await _document(office, tally, name, row.document_ref)
        if kept is not None:
            derived = hashlib.sha256(kept).digest()
            tally.compare(f"{name}, content digest", row.content_digest, derived)


async def _drawdowns(_: Office, connection: AsyncConnection, tallies: list[Tally]) -> None:
    """The references that stand on chain in a declaration's place."""
    (tally,) = tallies

    async def after(last: Any) -> Sequence[Any]:  # noqa: ANN401 - a row
        number, line = (last.declaration, last.line) if last else ("", 0)
        return await stored.references_after(connection, number, line, PAGE)

    async for row in _all(after):
        derived = declaration_reference(row.salt, row.declaration, row.line)
        name = f"drawdown {row.declaration} line {row.line}"
        tally.compare(f"{name}, reference", row.reference, derived)


async def _transactions(_: Office, connection: AsyncConnection, tallies: list[Tally]) -> None:
    """The hash of every transaction that was ever signed."""
    (tally,) = tallies

    async def after(last: tuple[Digest, bytes] | None) -> list[tuple[Digest, bytes]]:
        return await stored.attempts_after(connection, last[0] if last else _LEAST, PAGE)

    async for tx_hash, raw in _all(after):
        tally.compare(f"transaction {tx_hash}, hash", tx_hash, bytes(Web3.keccak(raw)))


async def _document(office: Office, tally: Tally, name: str, reference: Digest) -> bytes | None:
    """Return a document of the vault; None where it is not what was put, which is named."""
    tally.compared += 1
    try:
        return await asyncio.to_thread(office.vault.get, reference)
    except DamagedDocumentError as error:
        tally.differ(f"{name}, document: {error}")
    except UnavailableError:
        raise
    except TulenError as error:
        tally.differ(f"{name}, document: {error}")
    return None


async def _all(
    after: Callable[[Row | None], Awaitable[Sequence[Row]]],
) -> AsyncIterator[Row]:
    """Yield every row, fetched page by page by what comes after the last one."""
    last: Row | None = None
    while page := await after(last):
        for last in page:
            yield last


_CHECKS: dict[tuple[str, ...], Check] = {
    ("entries", "tiles", "checkpoints"): _logs,
    ("copies",): _copies,
    ("certificates",): _certificates,
    ("applications",): _applications,
    ("declarations",): _declarations,
    ("drawdowns",): _drawdowns,
    ("transactions",): _transactions,
}
