"""The story of one certificate, told with nothing but the command `tulen`.

Every figure is the issue's own: quantities, customs value, levies, what the preference saves.
"""

import time
from typing import Any

import pytest
from cli_home import Home, Said

OFFLINE = {"format", "seal", "signature", "checkpoint", "logged", "period", "origin", "parents"}
"""Checks that need no chain."""
RECOVERY_SECONDS = 20


@pytest.fixture(scope="module")
def story(home: Home) -> dict[str, Said]:
    """Tell all of it, and return what each command said."""
    told: dict[str, Said] = {}

    def say(name: str, *arguments: object, who: str = "", code: int = 0) -> Any:  # noqa: ANN401 - it is JSON
        told[name] = said = home.tulen(*arguments, "--json", who=who)
        assert said.code == code, (name, said)
        return said.answer if said.out else None

    file = home.write_application()
    applied = say("apply", "apply", file, "--reference", "HS-0417", who="exporter")["id"]
    say("too early", "approve", applied, who="officer-2", code=1)
    say("recommend", "recommend", applied, who="officer-1")
    say("same officer", "approve", applied, who="officer-1", code=1)
    say("approve", "approve", applied, who="officer-2")
    number = say("issue", "issue", applied, who="officer-2")["number"]
    bundle = home.folder / f"{number}.tulen.json"
    say("not final", "bundle", number, who="exporter", code=3)
    told["worker"] = home.tulen("worker", "--until-idle")
    say("bundle", "bundle", number, who="exporter")
    say("verify", "verify", bundle)
    told["verify, as shown"] = home.installed_tulen("verify", bundle)

    priok, file = home.write_declaration("priok", number)
    say("declare", "declare", file, "--proof", bundle, who="importer")
    perak, file = home.write_declaration("perak", number)
    say("declare at Perak", "declare", file, "--proof", bundle, who="importer")
    more, file = home.write_declaration("one-more", number)
    say("declare one more", "declare", file, "--proof", bundle, who="importer")
    say("draw at Priok", "draw", priok, "1", "600", "KGM", who="priok")
    say("draw at Perak", "draw", perak, "1", "400", "KGM", who="perak")
    say("draw one more", "draw", more, "1", "1", "KGM", who="perak", code=1)

    note = ("--reason", "error", "--note", "Weights were mis-stated")
    say("revoke", "revoke", number, *note, who="officer-1")
    say("verify revoked", "verify", bundle, code=4)
    say("log", "log", "VN.MOIT")
    told["last worker"] = home.tulen("worker", "--until-idle")
    say("doctor", "doctor")

    home.chain.stop()
    say("verify in outage", "verify", bundle, code=3)
    say("doctor in outage", "doctor", code=3)
    home.chain.start()
    deadline = time.monotonic() + RECOVERY_SECONDS
    while (again := home.tulen("verify", bundle, "--json")).code == 3:
        assert time.monotonic() < deadline, again
    told["verify after outage"] = again
    return told


def outcomes(said: Said) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in said.answer["checks"]}


def test_the_origin_is_judged_with_formula_figures_and_headings(story: dict[str, Said]) -> None:
    answer = story["apply"].answer
    reasoning = "\n".join(answer["explanation"])
    assert (answer["outcome"], answer["criteria"]) == ("MET", ["58%"])
    for words in (
        "RVC 40%: 58.07% is not less than 40%",
        "(FOB - non-originating materials) / FOB",
        "RVC: 241/415 = 58.07%",
        "Wheat flour (AU), USD 2900: heading 1101 is not 1905",
        "Printed film packs (CN), USD 460: heading 3923 is not 1905",
    ):
        assert words in reasoning


def test_approval_takes_a_recommendation_and_a_second_officer(story: dict[str, Said]) -> None:
    assert story["too early"].err.startswith("state-changed: ")
    assert story["same officer"].err == (
        "same-officer: officer-1 recommended this application; another officer must approve it\n"
    )
    answer = story["approve"].answer
    assert (answer["recommended_by"], answer["approved_by"]) == ("officer-1", "officer-2")


def test_the_bundle_is_written_once_the_anchor_is_final(story: dict[str, Said], home: Home) -> None:
    number = story["issue"].answer["number"]
    assert number.startswith("VN.MOIT-D-")
    assert number.endswith("-0000001")
    assert "is not final yet; ask again" in story["not final"].err
    assert story["worker"].out == "everything is anchored and final\n"
    file = home.folder / f"{number}.tulen.json"
    assert story["bundle"].answer == {"file": file.name, "bytes": len(file.read_bytes())}


def test_the_bundle_is_valid_in_every_check(story: dict[str, Said]) -> None:
    assert story["verify"].answer["verdict"] == "VALID"
    assert set(outcomes(story["verify"]).values()) == {"PASS"}
    shown = story["verify, as shown"]
    assert shown.code == 0
    assert shown.out.count("PASS ") == 15
    assert shown.out.endswith("\nVALID\n")


def test_value_and_duty_come_out_to_the_rupiah(story: dict[str, Said]) -> None:
    answer = story["declare"].answer
    assert answer["customs_value_text"] == "Rp159,000,000"
    assert answer["saving_text"] == "Rp9,023,250"
    levies = {
        levy["levy"]: (levy["mfn_text"], levy["preferential_text"]) for levy in answer["levies"]
    }
    assert levies == {
        "BM": ("Rp7,950,000", "Rp0"),
        "PPN": ("Rp18,364,500", "Rp17,490,000"),
        "PPH": ("Rp4,173,750", "Rp3,975,000"),
    }
    assert [claim["outcome"] for claim in answer["claims"]] == ["GRANT"]


def test_the_quantity_is_drawn_and_never_more(story: dict[str, Said]) -> None:
    priok, perak = story["draw at Priok"].answer, story["draw at Perak"].answer
    assert (priok["office_name"], priok["left_text"]) == ("KPU Tanjung Priok", "400 KGM")
    assert (perak["office_name"], perak["left_text"]) == ("Tanjung Perak", "0 KGM")
    assert story["draw one more"].err == "overdrawn: line 1: 1 KGM asked for, 0 KGM left\n"


def test_a_revoked_certificate_says_why_and_since_when(story: dict[str, Said]) -> None:
    revocation, answer = story["revoke"].answer, story["verify revoked"].answer
    assert revocation["reason"] == "error: issued in error"
    assert answer["verdict"] == "REVOKED"
    assert answer["status"]["reason_words"] == revocation["reason"]
    assert answer["status"]["since"] == revocation["revoked_at"] != ""
    failed = [
        name for name, outcome in outcomes(story["verify revoked"]).items() if outcome != "PASS"
    ]
    assert failed == ["status"]


def test_the_log_is_anchored_whole(story: dict[str, Said]) -> None:
    answer = story["log"].answer
    assert (answer["size"], answer["sealed"], answer["anchored"]) == (1, 1, 1)


def test_the_doctor_finds_database_and_chain_in_agreement(story: dict[str, Said]) -> None:
    findings = {item["subject"]: item for item in story["doctor"].answer["findings"]}
    assert {item["outcome"] for item in findings.values()} == {"PASS"}
    assert findings["logs"]["detail"] == "VN.MOIT 1 entries, 1 anchored"
    assert findings["drawdowns"]["detail"] == (
        "1 certificate lines agree with the contract, 2 drawdowns with us"
    )
    assert findings["statuses"]["detail"] == (
        "1 revocations agree with the ledger, 1 of the ledger with us"
    )


def test_an_outage_is_unknown_and_what_needs_no_chain_still_passes(story: dict[str, Said]) -> None:
    found = outcomes(story["verify in outage"])
    assert story["verify in outage"].answer["verdict"] == "UNKNOWN"
    assert {name for name, outcome in found.items() if outcome == "PASS"} == OFFLINE
    assert set(found.values()) == {"PASS", "UNKNOWN"}
    doctor = {i["subject"]: i["outcome"] for i in story["doctor in outage"].answer["findings"]}
    assert doctor["database"] == doctor["keys"] == doctor["documents"] == "PASS"
    assert doctor["contracts"] == doctor["logs"] == doctor["drawdowns"] == "UNKNOWN"


def test_after_the_outage_it_recovers_by_itself(story: dict[str, Said]) -> None:
    again = story["verify after outage"]
    assert (again.code, again.answer["verdict"]) == (4, "REVOKED")
