"""`tulen webhook`: of a party by its API key, and of the office by whoever runs it."""

from cli_home import Home

URL = "https://hooks.example.org/tulen"
NOWHERE = "00000000-0000-0000-0000-000000000007"


def test_a_webhook_from_its_making_to_its_end(home: Home) -> None:
    made = home.tulen("webhook", "add", URL, "--of", "certificate.late", "--json", who="exporter")
    assert made.code == 0, made.err
    secret = made.answer["secret"]
    assert secret.startswith("whsec_")
    identifier = made.answer["id"]
    listed = home.tulen("webhook", "list", who="exporter")
    assert f"{identifier} {URL} certificate.late" in listed.out
    rotated = home.tulen("webhook", "rotate", identifier, who="exporter")
    assert "whsec_" in rotated.out
    assert secret not in rotated.out
    deliveries = home.tulen("webhook", "deliveries", identifier, "--json", who="exporter")
    assert deliveries.answer == {"deliveries": []}
    since = ("--since", "2026-01-01T00:00:00Z")
    replayed = home.tulen("webhook", "replay", identifier, *since, "--json", who="exporter")
    assert replayed.answer == {"replayed": 0}
    assert home.tulen("webhook", "replay", identifier, who="exporter").code == 2
    assert home.tulen("webhook", "delete", identifier, who="officer-1").code == 1
    assert home.tulen("webhook", "delete", identifier, who="exporter").code == 0
    assert home.tulen("webhook", "list", who="exporter").out == ""


def test_the_offices_own_needs_no_api_key_and_is_no_partys(home: Home) -> None:
    made = home.tulen("webhook", "add", URL, "--of", "work.halted", "--office", "--json")
    assert made.code == 0, made.err
    assert made.answer["party"] == "ZZ.OFFICE"
    assert made.answer["id"] not in home.tulen("webhook", "list", who="officer-1").out
    assert made.answer["id"] in home.tulen("webhook", "list", "--office").out
    refused = home.tulen("webhook", "add", URL, "--of", "work.halted", who="officer-1")
    assert (refused.code, "/types/0" in refused.err) == (2, True)
    assert home.tulen("webhook", "delete", made.answer["id"], "--office").code == 0


def test_what_cannot_be_is_refused_with_its_reason(home: Home) -> None:
    inside = home.tulen(
        "webhook", "add", "https://10.0.0.1/", "--of", "certificate.late", who="exporter"
    )
    assert (inside.code, "is not public" in inside.err) == (2, True)
    assert home.tulen("webhook", "list").code == 1
    assert home.tulen("webhook", "rotate", NOWHERE, who="exporter").code == 1
