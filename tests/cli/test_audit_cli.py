"""`tulen monitor`, `issued`, `cosign` and `fsck`, with their exit codes."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from cli_home import Home, Said
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import make_url

from forged_log import Shelf, shelf
from office_fixtures import serving
from tulen.keys import QUICK, KeyFile, KeyKind
from tulen.log import PublishedCheckpoint
from tulen.server import create_app
from tulen.settings import Settings
from tulen.values import Ed25519PublicKey, PartyCode

MOIT = PartyCode("VN.MOIT")
NOWHERE = "http://127.0.0.1:1"
FSCK = [
    *("entries", "tiles", "checkpoints", "copies", "certificates"),
    *("applications", "declarations", "drawdowns", "transactions"),
]
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def busy(home: Home) -> Home:
    """A home with one certificate, final."""
    said = home.tulen(
        "apply", home.write_application(), "--reference", "first", "--json", who="exporter"
    )
    application = said.answer["id"]
    assert home.tulen("recommend", application, who="officer-1").code == 0
    assert home.tulen("approve", application, who="officer-2").code == 0
    assert home.tulen("issue", application, who="officer-2").code == 0
    assert home.tulen("worker", "--until-idle").code == 0
    return home


@pytest.fixture(scope="module")
def url(busy: Home) -> Iterator[str]:
    """Where the home's log is served."""
    settings = Settings(
        home=busy.folder,
        database_url=SecretStr(busy.environment["TULEN_DATABASE_URL"]),
        chain_rpc_urls=(busy.chain.url,),
    )
    with serving(create_app(settings, with_worker=False)) as served:
        yield served


@pytest.fixture
def stand(url: str) -> Iterator[Shelf]:
    """A shelf with what is served of the log of one entry, which a test may change."""
    with shelf(MOIT) as served, httpx.Client(base_url=f"{url}/log/VN.MOIT/") as client:
        for path in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"):
            served.files[path] = client.get(path).raise_for_status().content
        yield served


def watch(home: Home, url: str, *more: object, code: int) -> Said:
    """Do one round of the monitor, as somebody who has nothing but the deployment file."""
    said = home.tulen("monitor", url, "--authority", "VN.MOIT", "--once", *more)
    assert said.code == code, said
    return said


def test_a_clean_log_is_followed_with_a_memory(busy: Home, url: str, tmp_path: Path) -> None:
    state, issued = tmp_path / "state.json", tmp_path / "issued.txt"
    assert busy.tulen("issued", "--to", issued, who="officer-1").code == 0
    more = ("--state", state, "--issued", issued)
    first = watch(busy, url, *more, "--json", code=0).answer
    assert (first["outcome"], first["log"], first["alarms"]) == ("CLEAN", "tulen/VN.MOIT", [])
    assert (first["size"], first["anchored"], first["entries"]) == (1, 1, 1)
    assert json.loads(state.read_text())["anchored"]["size"] == 1
    assert watch(busy, url, *more, "--json", code=0).answer["entries"] == 0
    shown = watch(busy, url, code=0).out
    assert shown.splitlines()[-1].split() == ["outcome", "CLEAN"]


def test_an_alarm_is_named_and_is_exit_code_1(busy: Home, url: str, tmp_path: Path) -> None:
    issued = tmp_path / "issued.txt"
    issued.write_text(f"{'00' * 32}\n")
    said = watch(busy, url, "--issued", issued, "--json", code=1)
    [alarm] = said.answer["alarms"]
    assert (alarm["alarm"], alarm["subject"]) == ("unknown-entry", "entry 0")
    assert (said.answer["outcome"], len(alarm["found"])) == ("ALARM", 64)
    shown = watch(busy, url, "--issued", issued, code=1).out.splitlines()
    assert shown[-2].split() == ["outcome", "ALARM"]
    assert shown[-1].startswith("unknown-entry   entry 0: expected a digest on the list")
    assert alarm["found"] in shown[-1]


def test_what_does_not_answer_is_exit_code_3(busy: Home, url: str, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    assert "chain node" in watch(busy, url, "--chain", NOWHERE, "--state", state, code=3).err
    assert "log at" in watch(busy, NOWHERE, "--state", state, code=3).err
    assert "deployment" in watch(busy, url, "--policy", tmp_path / "none", code=3).err
    assert not state.exists()


def test_what_cannot_be_meant_is_exit_code_2(busy: Home, url: str, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    watch(busy, url, "--state", state, code=0)
    other = ("monitor", url, "--authority", "VN.OTHER", "--once", "--state", state)
    said = busy.tulen(*other)
    assert (said.code, "/authority" in said.err, str(state) in said.err) == (2, True, True)
    assert busy.tulen("monitor", url, "--authority", "moit", "--once").code == 2
    watch(busy, "ftp://nowhere", code=2)
    watch(busy, url, "--issued", tmp_path / "none", code=2)


def test_it_goes_on_through_an_outage_and_ends_at_an_alarm(busy: Home, stand: Shelf) -> None:
    following = ("monitor", stand.url, "--authority", "VN.MOIT", "--every", "1")
    with ThreadPoolExecutor(1) as pool:
        ended: Future[Said] = pool.submit(busy.tulen, *following)
        until(lambda: stand.asked.count("tile/0/000.p/1") >= 2)  # The last that a round asks for.
        stand.status, before = 503, stand.asked.count("checkpoint")
        until(lambda: stand.asked.count("checkpoint") > before)
        stand.files, stand.status = {}, 200
        said = ended.result()
    assert said.code == 1
    assert "UNKNOWN log at 127.0.0.1" in said.err
    assert said.out.count("CLEAN") == 1, "what stays as it is is said once"
    assert "rolled-back" in said.out.splitlines()[-1]


def until(true: object) -> None:
    assert callable(true)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_list_of_what_was_issued_is_the_authoritys_own(busy: Home) -> None:
    said = busy.tulen("issued", who="officer-1")
    [digest] = said.out.splitlines()
    assert (said.code, len(digest)) == (0, 64)
    refused = busy.tulen("issued", who="exporter")
    assert (refused.code, refused.out) == (1, "")
    assert "wrong-role" in refused.err


def test_a_witness_cosigns_what_it_has_checked_and_the_log_serves_it(
    busy: Home, url: str, stand: Shelf, tmp_path: Path
) -> None:
    note, passphrase = tmp_path / "note", tmp_path / "passphrase"
    note.write_bytes(stand.files["checkpoint"])
    passphrase.write_text("a long one\n")
    key = KeyFile.create(tmp_path / "witness.json", KeyKind.ED25519, "a long one", cost=QUICK)
    name = "witness.example/w1"
    options = ("--name", name, "--key", key.path, "--passphrase", passphrase)
    said = busy.tulen("cosign", note, *options)
    assert said.code == 0, said
    read = PublishedCheckpoint.parse(said.out)
    at = read.cosigned_at(name, Ed25519PublicKey.from_hex(key.public, "key"))
    assert at is not None
    assert abs(at - time.time()) < 60
    assert said.out.startswith(note.read_text())
    stand.files["checkpoint"] = said.out.encode()
    assert watch(busy, stand.url, "--json", code=0).answer["other_signatures"] == 1
    cosigned = tmp_path / "cosigned"
    cosigned.write_text(said.out)
    assert busy.tulen("attach", cosigned, who="importer").code == 1
    attached = busy.tulen("attach", cosigned, "--json", who="officer-1")
    assert (attached.code, attached.answer) == (0, {"other_signatures": 1})
    assert httpx.get(f"{url}/log/VN.MOIT/checkpoint").text == said.out
    cosigned.write_text(said.out.replace("\n1\n", "\n2\n"))
    refused = busy.tulen("attach", cosigned, who="officer-1")
    assert (refused.code, refused.err.split(":")[0]) == (1, "not-our-checkpoint")
    passphrase.write_text("another\n")
    assert busy.tulen("cosign", note, *options).code == 1
    note.write_text("no note")
    assert busy.tulen("cosign", note, *options).code == 2


def test_nothing_differs_in_what_nobody_has_changed(busy: Home) -> None:
    said = busy.tulen("fsck", "--json")
    assert said.code == 0, said
    findings = said.answer["findings"]
    assert [(item["subject"], item["outcome"]) for item in findings] == [(s, "PASS") for s in FSCK]


def test_a_changed_byte_is_exit_code_1_and_no_database_3(busy: Home) -> None:
    url = make_url(busy.environment["TULEN_DATABASE_URL"]).set(drivername="postgresql")
    change = sql.SQL("UPDATE log_tile SET hashes = set_byte(hashes, 3, get_byte(hashes, 3) # 1)")
    with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
        connection.execute(change)
        said = busy.tulen("fsck")
        connection.execute(change)
    assert said.code == 1
    assert "FAIL    tiles\n        VN.MOIT tile 0/0, hash 0: stored" in said.out
    away = busy.tulen("fsck", TULEN_DATABASE_URL="postgresql://127.0.0.1:1/tulen")
    assert away.code == 3
    assert away.out.startswith("UNKNOWN office\n")
