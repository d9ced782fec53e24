"""Restore a dump that is fifty certificates old, and go on: `scripts/drill-restore` runs it.

The dump is made and restored by PostgreSQL's own programs; the tests use a copy, which is quicker.
"""

import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
import pytest
from desk import MOIT, Desk, name_of
from psycopg import sql
from pydantic import SecretStr
from restored import assert_whole, bundle_of, serial
from sqlalchemy import make_url

from tulen.database.embedded import _programs
from tulen.settings import Settings
from tulen.workflows.doctor import not_ready
from tulen.workflows.log_of import ChainAheadError
from tulen.workflows.office import open_office
from tulen.workflows.replay import replay
from tulen.workflows.verify import verify_bundle
from tulen.workflows.work import work_once

pytestmark = pytest.mark.anyio

ISSUED_BEFORE = 3
ISSUED_SINCE = 50
AT_ONCE = 5


def plain_url(settings: Settings, database: str | None = None) -> str:
    assert settings.database_url is not None
    url = make_url(settings.database_url.get_secret_value()).set(drivername="postgresql")
    return (url.set(database=database) if database else url).render_as_string(hide_password=False)


def dump(settings: Settings, file: Path) -> None:
    command = [_programs() / "pg_dump", "--format=custom", f"--file={file}", plain_url(settings)]
    subprocess.run(command, check=True)  # noqa: S603 - PostgreSQL's own program


@contextmanager
def restored(settings: Settings, file: Path) -> Iterator[Settings]:
    """Restore a dump into a new database, and yield the settings of an office on it."""
    name = f"{name_of(settings)}_restored"
    with psycopg.connect(plain_url(settings, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = plain_url(settings, name)
        command = [_programs() / "pg_restore", "--exit-on-error", f"--dbname={url}", file]
        subprocess.run(command, check=True)  # noqa: S603 - PostgreSQL's own program
        yield settings.model_copy(update={"database_url": SecretStr(url)})
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class Steps:
    """Says each step as a line of JSON, with what it took."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._started = self._last = time.monotonic()

    def __call__(self, step: str, **figures: object) -> None:
        now = time.monotonic()
        line = {"step": step, **figures, "seconds": round(now - self._last, 2)}
        self._last = now
        self._print(line)

    def summary(self, **figures: object) -> None:
        seconds = round(time.monotonic() - self._started, 1)
        self._print({"metric": "drill_restore", **figures, "seconds": seconds})

    def _print(self, line: dict[str, object]) -> None:
        with self._capsys.disabled():
            print(json.dumps(line), flush=True)  # noqa: T201 - the result line


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Desk]:
    async with open_office(settings) as office:
        yield Desk(office)


async def refused(desk: Desk, number: str, declaration: str) -> int:
    """Return how many of four acts are refused: issue, revoke, draw, and a round of work."""
    count = 0
    for act in (
        desk.issued,
        lambda: desk.revoke(number),
        lambda: desk.draw(declaration, "100"),
    ):
        with pytest.raises(ChainAheadError):
            await act()  # type: ignore[operator] - three calls of different results
        count += 1
    await work_once(desk.office)
    return count + (desk.office.halted.keys() == {MOIT})


async def test_restore_behind_fifty_certificates(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say = Steps(capsys)
    before = [(await desk.certified())[0] for _ in range(ISSUED_BEFORE)]
    old = await bundle_of(desk, before[0])
    drawing = [await desk.declared(before[0], old, "100") for _ in range(3)]
    await desk.draw(drawing[0], "100")
    await desk.until_idle()
    dump(desk.office.settings, tmp_path / "dump")
    say("dump", certificates=len(before), bytes=(tmp_path / "dump").stat().st_size)

    numbers: list[str] = []
    while len(numbers) < ISSUED_SINCE:
        numbers += [await desk.issued() for _ in range(AT_ONCE)]
        await desk.until_idle()
    for number in (before[1], numbers[7]):
        await desk.revoke(number, "fraud")
    for declaration in drawing[1:]:
        await desk.draw(declaration, "100")
    await desk.until_idle()
    bundles = [await bundle_of(desk, number) for number in numbers]
    [(sent,)] = await desk.rows("SELECT count(*) FROM chain_transaction")
    say("go on", certificates=len(numbers), revoked=2, drawn=2, transactions=sent)

    await desk.office.database.close()
    with restored(desk.office.settings, tmp_path / "dump") as settings:
        async with opened(settings) as again:
            say("restore")
            say("start", refused=await refused(again, before[2], drawing[1]))
            assert "tulen replay" in await not_ready(again.office)
            verdicts = [
                (await verify_bundle(again.office, bundle)).verdict.value for bundle in bundles
            ]
            say(
                "verify meanwhile", valid=verdicts.count("VALID"), revoked=verdicts.count("REVOKED")
            )
            done = await replay(again.office)
            [authority] = [part for part in done if part.party == MOIT]
            assert authority.log is not None
            say(
                "replay",
                entries=authority.log.size - authority.log.before.size,
                checkpoints=authority.log.checkpoints,
                certificates=len(authority.register.certificates),
                revocations=len(authority.register.revocations),
                drawdowns=sum(len(part.drawdowns) for part in done),
                transactions=sum(len(part.transactions) for part in done),
            )
            await again.until_idle()
            kept = [await bundle_of(again, number) for number in numbers]
            new = await again.issued()
            await again.until_idle()
            await assert_whole(again)
            say("issue again", number=new, doctor_and_fsck="clean")
            figures = {
                "lost": sum(was != now for was, now in zip(bundles, kept, strict=True)),
                "serials_reused": sum(serial(new) <= serial(number) for number in numbers),
                "nonces_reused": await nonces_reused(again, sent),
            }
    say.summary(**figures)
    assert set(figures.values()) == {0}


async def nonces_reused(desk: Desk, sent: int) -> int:
    """Return how many mined transactions share a nonce; all ``sent`` and one more must be there."""
    [(mined, nonces)] = await desk.rows(
        "SELECT count(*), count(DISTINCT (sender, nonce)) FROM chain_attempt "
        "WHERE block_hash IS NOT NULL"
    )
    assert mined == sent + 1
    return int(mined - nonces)
