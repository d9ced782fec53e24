"""The doctor says FAIL where things disagree: each test breaks one thing, in a copy."""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from cli_home import Home
from psycopg import sql
from sqlalchemy import URL, make_url

from tulen.keys import QUICK, KeyKind, KeyStore
from tulen.values import PartyCode

SUBJECTS = [
    *("database", "keys", "documents", "contracts", "registrations", "history", "logs"),
    *("nonces", "worker", "transactions", "drawdowns", "statuses"),
]

_copies = itertools.count()

Break = Callable[[str], Home]


@pytest.fixture(scope="module")
def busy(home: Home) -> Home:
    """A home with two certificates, each in a checkpoint of its own: one drawn, one revoked."""
    file = home.write_application()
    numbers = []
    for reference in ("first", "second"):
        said = home.tulen("apply", file, "--reference", reference, "--json", who="exporter")
        application = said.answer["id"]
        assert home.tulen("recommend", application, who="officer-1").code == 0
        assert home.tulen("approve", application, who="officer-2").code == 0
        issued = home.tulen("issue", application, "--json", who="officer-2")
        numbers.append(issued.answer["number"])
        assert home.tulen("worker", "--until-idle").code == 0
    drawn, revoked = numbers
    assert home.tulen("bundle", drawn, "--to", "bundle.json", who="exporter").code == 0
    declaration, file = home.write_declaration("priok", drawn)
    filed = home.tulen("declare", file, "--proof", "bundle.json", who="importer")
    assert filed.code == 0
    assert home.tulen("draw", declaration, "1", "600", "KGM", who="priok").code == 0
    why = ("--reason", "fraud", "--note", "Invoices were forged")
    assert home.tulen("revoke", revoked, *why, who="officer-1").code == 0
    assert home.tulen("worker", "--until-idle").code == 0
    return home


@pytest.fixture
def broken(busy: Home) -> Iterator[Break]:
    """Makes a home with a copy of the database, in which a statement was run against all rules."""
    source = make_url(busy.environment["TULEN_DATABASE_URL"])
    name = f"{source.database}_copy{next(_copies)}"
    administration = connectable(source.set(database="postgres"))

    def broken_by(statement: str) -> Home:
        with psycopg.connect(administration, autocommit=True) as connection:
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(copy.format(sql.Identifier(name), sql.Identifier(source.database)))
        with psycopg.connect(connectable(source.set(database=name))) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement.encode())
        url = source.set(database=name).render_as_string()
        return replace(busy, environment=busy.environment | {"TULEN_DATABASE_URL": url})

    yield broken_by
    with psycopg.connect(administration, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(name)))


@pytest.fixture
def elsewhere(busy: Home, tmp_path: Path) -> Home:
    """The same office with a copy of its home folder."""
    folder = tmp_path / "home"
    shutil.copytree(busy.folder, folder, ignore=shutil.ignore_patterns("chain"))
    environment = busy.environment | {"TULEN_HOME": str(folder)}
    return replace(busy, folder=folder, environment=environment)


def connectable(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string()


def examined(home: Home, code: int) -> dict[str, tuple[str, str]]:
    """Return outcome and detail by subject."""
    said = home.tulen("doctor", "--json")
    assert said.code == code, said
    findings = said.answer["findings"]
    return {item["subject"]: (item["outcome"], item["detail"]) for item in findings}


def assert_only(found: dict[str, tuple[str, str]], subject: str, outcome: str, words: str) -> None:
    """Check that ``subject`` alone is not PASS, and why."""
    assert [name for name, (got, _) in found.items() if got != "PASS"] == [subject], found
    assert found[subject][0] == outcome
    assert words in found[subject][1]


def test_nothing_is_wrong_with_what_nobody_has_broken(busy: Home) -> None:
    found = examined(busy, 0)
    assert list(found) == SUBJECTS
    assert {outcome for outcome, _ in found.values()} == {"PASS"}
    assert found["keys"][1].startswith("3 signing and account keys open")
    assert found["logs"][1] == "VN.MOIT 2 entries, 2 anchored"
    assert found["registrations"][1].startswith("the registry knows 4 accounts, keys and mandates")
    assert found["nonces"][1] == "ID.DJBC 1 here, 1 on chain; VN.MOIT 3 here, 3 on chain"
    agreed = "1 certificate lines agree with the contract, 1 drawdowns with us"
    assert found["drawdowns"][1] == agreed
    assert found["statuses"][1] == "1 revocations agree with the ledger, 1 of the ledger with us"


def test_it_is_shown_to_people_too(busy: Home) -> None:
    said = busy.tulen("doctor")
    assert [line.split()[1] for line in said.out.splitlines()[::2]] == SUBJECTS


SET_BACK = """
    UPDATE certificate SET state = 'signed', log_index = NULL WHERE log_index = 1;
    DELETE FROM log_entry WHERE index = 1;
    DELETE FROM checkpoint WHERE size = 2;
    UPDATE log_tile SET hashes = substring(hashes, 1, 32);
    UPDATE log_state SET size = 1, sealed_size = 1
"""


def test_a_database_that_was_set_back_fails(broken: Break) -> None:
    found = examined(broken(SET_BACK), 1)
    assert_only(found, "logs", "FAIL", "the ledger holds 2 entries of VN.MOIT under ")
    assert "until `tulen replay` has brought it forward" in found["logs"][1]


def test_a_database_that_was_set_back_anchors_nothing(broken: Break) -> None:
    set_back = broken(SET_BACK)
    said = set_back.tulen("worker", "--until-idle", "--within", "2")
    assert said.code == 3
    assert "code=chain-ahead" in said.err
    assert said.err.count("chain-ahead") == 1, "twice a second would fill the log"


def test_another_root_than_the_ledgers_fails(broken: Break) -> None:
    found = examined(broken("UPDATE checkpoint SET root_hash = sha256('x') WHERE size = 2"), 1)
    assert found["logs"][0] == "FAIL"
    assert "checkpoint of VN.MOIT at 2: ledger " in found["logs"][1]


OTHER_HISTORY = """
    UPDATE chain_block SET hash = sha256(hash)
    WHERE number = (SELECT max(number) FROM chain_block WHERE final)
"""


def test_a_final_block_that_the_chain_has_lost_fails(broken: Break) -> None:
    assert_only(examined(broken(OTHER_HISTORY), 1), "history", "FAIL", "the chain has another")


def test_more_drawn_here_than_the_contract_counts_fails(broken: Break) -> None:
    found = examined(broken("UPDATE drawdown SET quantity_micro = quantity_micro + 1"), 1)
    words = "600000001 millionths drawn here, contract 600000000"
    assert_only(found, "drawdowns", "FAIL", words)


def test_a_revocation_that_the_ledger_does_not_have_fails(broken: Break) -> None:
    statement = "UPDATE revocation SET certificate = (SELECT min(number) FROM certificate)"
    assert_only(examined(broken(statement), 1), "statuses", "FAIL", "revoked here, GOOD on chain")


def test_a_revocation_on_chain_that_is_not_here_fails(broken: Break) -> None:
    words = "REVOKED on chain by VN.MOIT, not revoked here"
    assert_only(examined(broken("DELETE FROM revocation"), 1), "statuses", "FAIL", words)


def test_a_drawdown_on_chain_that_is_not_here_fails(broken: Break) -> None:
    words = "contract 600000000 millionths for ID.DJBC, nothing here"
    assert_only(examined(broken("DELETE FROM drawdown"), 1), "drawdowns", "FAIL", words)


FEWER_NONCES = """
    DELETE FROM chain_attempt WHERE nonce = 2; DELETE FROM chain_transaction WHERE nonce = 2;
    DELETE FROM revocation;
"""


def test_transactions_that_the_database_has_lost_fail(broken: Break) -> None:
    found = examined(broken(FEWER_NONCES), 1)
    assert found["nonces"][0] == "FAIL"
    assert "of VN.MOIT: 2 transactions here, 3 on chain: run `tulen replay`" in found["nonces"][1]
    assert "the chain has 3 transactions" in found["logs"][1]


def test_a_form_without_a_mandate_fails(broken: Break) -> None:
    words = "VN.MOIT issues form X of ATIGA here, and its mandate in the registry is since never"
    statement = "UPDATE certificate SET form = 'X' WHERE log_index = 0"
    assert_only(examined(broken(statement), 1), "registrations", "FAIL", words)


def test_a_certificate_that_waits_too_long_fails(broken: Break) -> None:
    statement = "UPDATE certificate SET precommitted_at = now() - interval '61 s', state = 'signed'"
    found = examined(broken(statement + ", log_index = NULL WHERE log_index = 1"), 1)
    assert_only(found, "worker", "FAIL", "1 without a final anchor after 60 s: VN.MOIT-D-")


LATE = "UPDATE certificate SET precommitted_at = now() - interval '61 s'"
LATE_AND_NOT_FINAL = """
    UPDATE certificate SET precommitted_at = now() - interval '61 s';
    UPDATE chain_block SET final = false;
    DELETE FROM published
"""


def test_an_anchor_that_is_not_final_in_time_fails(broken: Break) -> None:
    found = examined(broken(LATE_AND_NOT_FINAL), 1)
    assert_only(found, "worker", "FAIL", "2 without a final anchor after 60 s: VN.MOIT-D-")


def test_an_old_certificate_with_a_final_anchor_is_not_late(broken: Break) -> None:
    assert examined(broken(LATE), 0)["worker"][0] == "PASS"


def test_a_damaged_document_fails(elsewhere: Home) -> None:
    document = next((elsewhere.folder / "documents").glob("??/*"))
    document.chmod(0o600)
    document.write_bytes(document.read_bytes()[:-1] + b"\0")
    assert_only(examined(elsewhere, 1), "documents", "FAIL", "damaged copies: ")


def test_a_key_that_is_missing_fails(elsewhere: Home) -> None:
    (elsewhere.folder / "keys" / "ID.DJBC.account.key.json").unlink()
    outcome, detail = examined(elsewhere, 1)["keys"]
    assert (outcome, detail.partition(":")[0]) == ("FAIL", "ID.DJBC has no key for 'account'")


@pytest.mark.parametrize(("purpose", "words"), [("account", "an account"), ("signing", "a key")])
def test_a_key_that_the_registry_does_not_know_fails(
    elsewhere: Home, purpose: str, words: str
) -> None:
    keys = elsewhere.folder / "keys"
    (keys / f"VN.MOIT.{purpose}.key.json").unlink()
    passphrase = (elsewhere.folder / "passphrase").read_text().strip()
    kind = {"account": KeyKind.SECP256K1, "signing": KeyKind.ED25519}[purpose]
    KeyStore(keys, passphrase, cost=QUICK).create(PartyCode("VN.MOIT"), purpose, kind)
    found = examined(elsewhere, 1)
    assert_only(found, "registrations", "FAIL", f"as {words} of VN.MOIT")


def test_another_contract_at_the_ledgers_address_fails(elsewhere: Home) -> None:
    file = elsewhere.folder / "deployment.json"
    deployment = json.loads(file.read_text())
    elsewhere.write(file.name, deployment | {"ledger": deployment["registry"]})
    found = examined(elsewhere, 1)
    assert found["contracts"][0] == "FAIL"
    assert "is not this version's CertificateLedger" in found["contracts"][1]


def test_without_the_node_what_needs_it_is_unknown(busy: Home) -> None:
    away = replace(
        busy, environment=busy.environment | {"TULEN_CHAIN_RPC_URLS": "http://127.0.0.1:1"}
    )
    found = {subject: outcome for subject, (outcome, _) in examined(away, 3).items()}
    unknown = {
        *("contracts", "registrations", "history", "logs", "nonces", "drawdowns", "statuses")
    }
    assert found == {name: "UNKNOWN" if name in unknown else "PASS" for name in SUBJECTS}


def test_without_the_database_nothing_can_be_said(busy: Home) -> None:
    nowhere = {"TULEN_DATABASE_URL": "postgresql://127.0.0.1:1/tulen"}
    said = busy.tulen("doctor", **nowhere)
    assert said.code == 3
    assert said.out.startswith("UNKNOWN office\n")
