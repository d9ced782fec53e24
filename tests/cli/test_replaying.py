"""A database is restored on the command line: it refuses, says what to run, and then goes on."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from cli_home import Home
from psycopg import sql
from sqlalchemy import make_url


@pytest.fixture
def restored(home: Home) -> Iterator[Home]:
    """The home with its database as it is now, while the test goes on in the other one."""
    source = make_url(home.environment["TULEN_DATABASE_URL"])
    name = f"{source.database}_restored"
    server = source.set(drivername="postgresql", database="postgres").render_as_string()
    with psycopg.connect(server, autocommit=True) as connection:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(source.database)))
        url = source.set(database=name).render_as_string()
        yield replace(home, environment=home.environment | {"TULEN_DATABASE_URL": url})
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def approved(home: Home, reference: str) -> str:
    said = home.tulen(
        "apply", home.write_application(), "--reference", reference, "--json", who="exporter"
    )
    application: str = said.answer["id"]
    assert home.tulen("recommend", application, who="officer-1").code == 0
    assert home.tulen("approve", application, who="officer-2").code == 0
    return application


def issued(home: Home, reference: str) -> str:
    said = home.tulen("issue", approved(home, reference), "--json", who="officer-2")
    number: str = said.answer["number"]
    return number


def test_a_restored_database_is_replayed_before_it_issues(home: Home, restored: Home) -> None:
    number = issued(home, "lost")
    assert home.tulen("worker", "--until-idle").code == 0
    assert home.tulen("bundle", number, "--to", "lost.json", who="exporter").code == 0

    waiting = approved(restored, "waiting")
    refused = restored.tulen("issue", waiting, who="officer-2")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("chain-ahead: the ledger holds 1 entries of VN.MOIT under ")
    assert "`tulen replay`" in refused.err
    assert restored.tulen("verify", "lost.json").code == 0

    nowhere = restored.tulen("replay", "--log", "nowhere")
    assert nowhere.code == 1
    assert nowhere.err.startswith(
        "cannot-replay: the ledger holds 1 entries of VN.MOIT, the log in"
    )
    assert "give a newer copy with --log" in nowhere.err

    tried = restored.tulen("replay", "--dry-run")
    assert tried.code == 0
    assert tried.out.endswith("nothing was changed\n")
    assert restored.tulen("issue", waiting, who="officer-2").code == 1
    done = restored.tulen("replay")
    assert done.code == 0, done
    assert done.out.splitlines()[:-1] == tried.out.splitlines()[:-1]
    assert f"1: {number}" in done.out
    assert "0 entries, now 1, 1 anchored; 1 checkpoints" in done.out
    again = restored.tulen("replay", "--json").answer
    assert again["parties"][1]["log"]["size_before"] == 1

    said = restored.tulen("issue", waiting, "--json", who="officer-2")
    assert said.answer["number"] == f"{number[:-1]}{int(number[-1]) + 1}"
    assert restored.tulen("worker", "--until-idle").code == 0
    assert restored.tulen("doctor").code == 0
    assert restored.tulen("fsck").code == 0
    assert restored.tulen("fsck", "--projection").code == 0
