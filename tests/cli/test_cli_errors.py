"""What goes wrong is said in one line on standard error, with the exit code of its family."""

import json
from pathlib import Path

import psycopg
import pytest
from cli_home import Home, Said
from sqlalchemy import make_url

from tulen.api.examples import example

NOBODY = "00000000-0000-4000-8000-000000000000"
VERIFIABLE = Path(__file__).parents[1] / "vectors" / "bundle.json"


@pytest.fixture(scope="module")
def application(home: Home) -> Path:
    return home.write_application()


def assert_refused(said: Said, code: int, *words: str) -> None:
    """Check that one line says all of ``words``, and nothing else is said."""
    assert said.code == code, said
    assert said.out == ""
    assert said.err.endswith("\n")
    assert len(said.err.splitlines()) == 1, said.err
    for word in words:
        assert word in said.err


USAGE = {
    "missing file": ["apply", "nowhere.json", "--reference", "x"],
    "folder": ["apply", ".", "--reference", "x"],
    "no such file to verify": ["verify", "nowhere.json"],
    "no such proof": ["declare", "application.json", "--proof", "nowhere.json"],
    "authority that is none": ["log", "vn"],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE.keys())
def test_what_cannot_be_read_is_named(home: Home, application: Path, arguments: list[str]) -> None:
    assert application.exists()
    assert_refused(home.tulen(*arguments, who="importer"), 2, "invalid-input: ")


MALFORMED = {
    "not JSON": (b"# Tulen\n", "is not JSON"),
    "empty": (b"", "is not JSON"),
    "a name twice": (b'{"format": 1, "format": 2}', "format"),
    "a float": (b'{"format": 1.5}', "/format"),
    "NaN": (b'{"format": NaN}', "is not JSON"),
    "a lone surrogate": (b'"\\ud800"', "is not JSON"),
    "500 deep": (b"[" * 500 + b"]" * 500, "depth"),
    "60 MB": (b'"' + b"x" * (60 << 20) + b'"', "larger than 1048576 bytes"),
    "not UTF-8": (b"\xff\xfe", "is not JSON"),
    "an unknown member": (json.dumps(example("application") | {"new": 1}).encode(), "/new"),
    "two lines in a name": (b'{"a\\nb": 1}', "invalid-input"),
}


@pytest.mark.parametrize(("document", "word"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_application_names_its_fault(home: Home, document: bytes, word: str) -> None:
    said = home.tulen("apply", "-", "--reference", "x", who="exporter", stdin=document)
    assert_refused(said, 2, word)


def test_an_unknown_option_is_a_usage_error(home: Home) -> None:
    said = home.tulen("doctor", "--all")
    assert (said.code, said.out) == (2, "")
    assert "No such option: --all" in said.err
    assert "Traceback" not in said.err


def test_an_identifier_that_is_none_is_a_usage_error(home: Home) -> None:
    said = home.tulen("issue", "17", who="officer-1")
    assert (said.code, said.out) == (2, "")
    assert "Invalid value for 'application'" in said.err


def test_without_an_api_key_it_says_how_to_say_who_you_are(home: Home, application: Path) -> None:
    said = home.tulen("apply", application, "--reference", "x")
    assert_refused(said, 1, "not-permitted: TULEN_API_KEY is not set")


@pytest.mark.parametrize("key", ["x", f"tulen_{'0' * 12}_{'A' * 43}"], ids=["malformed", "unknown"])
def test_an_api_key_that_is_none_is_refused_and_not_repeated(
    home: Home, application: Path, key: str
) -> None:
    said = home.tulen("apply", application, "--reference", "x", TULEN_API_KEY=key)
    assert_refused(said, 1, "not-permitted: TULEN_API_KEY holds no API key")
    assert f" {key}" not in said.err


def test_the_wrong_role_is_refused_by_name(home: Home, application: Path) -> None:
    said = home.tulen("apply", application, "--reference", "x", who="officer-1")
    assert_refused(said, 1, "wrong-role: officer-1 of VN.MOIT acts as officer", "exporter")


def test_what_is_not_in_the_register_is_not_found(home: Home) -> None:
    assert_refused(home.tulen("recommend", NOBODY, who="officer-1"), 1, "not-found: ", NOBODY)
    assert_refused(home.tulen("bundle", "VN.MOIT-D-26-9999999", who="exporter"), 1, "not-found: ")
    assert_refused(home.tulen("log", "VN.NOBODY"), 1, "not-found: ")


def test_without_a_deployment_file_nothing_is_checked(home: Home) -> None:
    said = home.tulen("log", "VN.MOIT", TULEN_HOME="elsewhere")
    assert_refused(said, 3, "elsewhere/deployment.json: No such file", "./scripts/run")
    said = home.tulen("verify", VERIFIABLE, "--policy", "nowhere.json")
    assert_refused(said, 3, "nowhere.json: No such file")


def test_a_deployment_file_that_is_none_is_malformed_input(home: Home) -> None:
    assert_refused(home.tulen("verify", VERIFIABLE, "--policy", VERIFIABLE), 2, "/format")


def test_a_database_that_does_not_answer_is_unavailable(home: Home) -> None:
    nowhere = "postgresql://tulen:secret@127.0.0.1:1/tulen"
    said = home.tulen("log", "VN.MOIT", TULEN_DATABASE_URL=nowhere)
    assert_refused(said, 3, "unavailable: the database does not answer", "Connection refused")
    assert "secret" not in said.err


def test_a_database_without_tables_says_to_migrate_it(home: Home, empty_postgres_url: str) -> None:
    said = home.tulen("log", "VN.MOIT", TULEN_DATABASE_URL=empty_postgres_url)
    assert_refused(said, 3, "wrong-schema: the database has no schema", "migrate it")


def test_a_database_of_another_version_says_which(home: Home, postgres_url: str) -> None:
    plain = make_url(postgres_url).set(drivername="postgresql").render_as_string()
    with psycopg.connect(plain) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    said = home.tulen("log", "VN.MOIT", TULEN_DATABASE_URL=postgres_url)
    assert_refused(said, 3, "wrong-schema: the database has schema 9999", "needs 0006")


def test_a_setting_that_cannot_be_is_named(home: Home) -> None:
    said = home.tulen("doctor", TULEN_CHECKPOINT_SECONDS="soon")
    assert_refused(said, 2, "TULEN_CHECKPOINT_SECONDS: 'soon' is refused", "settings.md")
    said = home.tulen("log", "VN.MOIT", TULEN_DATABASE_URL="mysql://127.0.0.1/tulen")
    assert_refused(said, 2, "is not postgresql://")


def test_a_passphrase_that_opens_no_key_is_refused(home: Home) -> None:
    wrong = home.folder / "wrong-passphrase"
    wrong.write_text("wrong\n")
    said = home.tulen("log", "VN.MOIT", TULEN_PASSPHRASE_FILE=str(wrong))
    assert_refused(said, 1, "wrong-passphrase: ")
    away = {"TULEN_PASSPHRASE_FILE": "nowhere"}
    said = home.tulen("log", "VN.MOIT", **away)
    assert_refused(said, 3, "the passphrase cannot be read from nowhere")


def test_what_is_no_bundle_is_invalid_and_says_why(home: Home, application: Path) -> None:
    said = home.tulen("verify", application)
    assert said.code == 1
    assert said.out.startswith("FAIL     1  Is this a bundle, whole and well formed?\n")
    assert said.out.endswith("\nINVALID\n")
    assert said.err == ""


def test_a_port_that_is_taken_is_said_before_anything_starts(home: Home) -> None:
    port = home.chain.url.rpartition(":")[2]
    said = home.tulen("serve", "--port", port)
    assert_refused(said, 3, f"port {port} of 127.0.0.1 cannot be listened on", "--port")


def test_what_needs_the_chain_is_not_done_without_it(home: Home) -> None:
    away = {"TULEN_CHAIN_RPC_URLS": "http://127.0.0.1:1"}
    assert home.tulen("log", "VN.MOIT", **away).code == 1  # There is no log yet: no chain needed.
    said = home.tulen("worker", "--until-idle", "--within", "1", **away)
    assert said.code == 3
    assert said.err.splitlines()[-1].startswith("unavailable: not everything is anchored")
