"""`check_pack`: each thing that can be wrong with a pack has a message of its own, at its line."""

import pytest
from origin_cases import shipped_toml

from tulen.origin import load_packs
from tulen.origin.pack_check import check_pack
from tulen.origin.pack_show import shipped_pack
from tulen.values import AgreementCode

GENERAL = '{ any = [{ rvc = "40%" }, { ctc = "CTH" }] }'
MONTHS = "[[valid_months]]\nsince = 2021-09-08\nvalue = 12\n"
PARTIES = 'value = ["BN", "ID"'
PARTIES_WITH_UK = 'value = ["BN", "UK", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN"]'
TEN = 'value = ["BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN"]'
SCALLOPS = 'hs = "030722"\nex = "other molluscs'
BISCUITS = 'hs = "190531"\n[[coverage.complete]]\nsince = 2022-01-01'
EXCEPTION = 'except = ["2403"]'
A_MONTH_LATER = 'until = 2021-10-01\nreference = { title = "one" }\n'

MALFORMED = {
    "not TOML": (GENERAL, "{ any = [", "Invalid value", "is not TOML in UTF-8"),
    "a key twice": ('form = "D"', 'form = "D"\nform = "E"', "Cannot overwrite a value", "line 13"),
    "an unknown key": ('form = "D"', 'form = "D"\ncolour = "red"', "'red' is unknown", "known are"),
    "a missing key": ('form = "D"\n', "", "'form' is missing", "add it"),
    "an edition that is none": ('"HS2022"', '"HS2023"', "'HS2023' is not an edition", "HS2022"),
    "a party twice": (PARTIES, 'value = ["BN", "BN"', "'BN' stands twice", ""),
    "no country": (PARTIES, 'value = ["BN", "XX"', "'XX' is no country of ISO 3166-1", "correct"),
    "a usual mistake": (PARTIES, 'value = ["BN", "UK"', "'UK' is no country", "write 'GB'"),
    "one party": (TEN, 'value = ["ID"]', "'ID' is the only party", "name the others"),
    "no date": (MONTHS, MONTHS.replace("since = 2021-09-08\n", ""), "'since' is missing", "add"),
    "a date as text": (
        MONTHS,
        MONTHS.replace("2021-09-08", '"2021-09-08"'),
        "'2021-09-08' is not a date",
        "write it bare",
    ),
    "a mistyped year": (
        MONTHS,
        MONTHS.replace("2021", "0221"),
        "0221-09-08 is not from 1947-10-30 to 2100-01-01",
        "correct the year",
    ),
    "dates out of order": (
        MONTHS,
        f'{MONTHS}reference = {{ title = "one" }}\n{MONTHS}',
        "overlaps the value before it",
        "in order of their dates",
    ),
    "a gap": (
        MONTHS,
        f"{MONTHS}{A_MONTH_LATER}{MONTHS.replace('2021-09', '2022-01')}",
        "nothing is in force from 2021-10-01 to 2022-01-08",
        "add a value for it",
    ),
    "an end before the beginning": (
        MONTHS,
        f"{MONTHS}until = 2021-09-08\n",
        "'2021-09-08' is not after 2021-09-08",
        "",
    ),
    "a criterion that is none": ("general = { WO", "general = { OW", "'OW' is not CC, CR,", ""),
    "a code that is not printed": (
        'percent = ["RVC"',
        'percent = ["QVC"',
        "'QVC' is not CC, CTH, CTSH, PC, RVC, SP, WO",
        "",
    ),
    "no percentage": ('value = "10%"', 'value = "10"', "'10' is not a percentage", '"0%" to'),
    "a rule that is met by all": (
        '{ rvc = "40%" }, { ctc = "CTH" }] }\nreference = { title = "ATIGA Art. 28',
        '{ rvc = "0%" }, { ctc = "CTH" }] }\nreference = { title = "ATIGA Art. 28',
        "'0%' is met by every good",
        "correct it",
    ),
    "an unknown word": (GENERAL, "{ cth = true }", "does not hold exactly one of the rules", ""),
    "an unknown member": (
        GENERAL,
        '{ ctc = "CTH", unless = ["2403"] }',
        "'unless' is no member of a rule 'ctc'",
        "",
    ),
    "one alternative": (GENERAL, '{ any = [{ ctc = "CTH" }] }', "at least two rules", ""),
    "an alternative twice": (
        GENERAL,
        '{ any = [{ ctc = "CTH" }, { ctc = "CTH" }] }',
        "the same condition stands twice",
        "leave one out",
    ),
    "an unknown change": (GENERAL, '{ ctc = "CTX" }', "'CTX' is not CC, CTH, CTSH", ""),
    "a dotted HS code": (
        EXCEPTION,
        'except = ["24.03"]',
        "'24.03' is not an HS prefix of 2, 4 or 6 digits",
        "without dots",
    ),
    "an exception in no chapter": (
        EXCEPTION,
        'except = ["98"]',
        "'98': there is no chapter 98",
        "01 to 76 or 78 to 97",
    ),
    "a range backwards": (
        SCALLOPS,
        SCALLOPS.replace("030722", "030722-030721"),
        "'030722-030721' is not a range",
        "the lower first",
    ),
    "a rule older than the agreement": (
        f'{SCALLOPS} of the family Pectinidae"\n[[products.rule]]\nsince = 2022',
        f'{SCALLOPS} of the family Pectinidae"\n[[products.rule]]\nsince = 2009',
        "2009-01-01 is before there are parties, on 2010-05-17",
        "correct it",
    ),
    "a chapter that is reserved": (
        'hs = "190531"',
        'hs = "770531"',
        "there is no chapter 77",
        "01 to 76 or 78 to 97",
    ),
    "coverage twice": (
        'hs = "190531"',
        'hs = "0307"',
        "'030722' overlaps the coverage of 0307",
        "join them",
    ),
    "alternative goods without a range": (
        '{ hs = ["3818"], ex',
        "{ ex",
        "'hs' is missing",
        "add it",
    ),
    "alternative goods without end": (
        '{ hs = ["3818"], ex',
        "{ hs = [], ex",
        "is not a list of at least one HS range",
        "",
    ),
    "alternative goods twice": (
        '{ hs = ["3818"], ex = "AHTN 2007: 3818.00.00" },',
        '{ hs = ["3818", "381800"], ex = "AHTN 2007: 3818.00.00" },',
        "'381800' overlaps 3818 of the same rule",
        "leave one out",
    ),
    "alternative goods in no chapter": (
        'hs = ["3818"]',
        'hs = ["7718"]',
        "'7718': there is no chapter 77",
        "write one of 01",
    ),
    "an alternative of before the agreement": (
        "since = 2010-05-17\nvalue = { assembled",
        "since = 2010-05-16\nvalue = { assembled",
        "2010-05-16 is before there are parties",
        "correct it",
    ),
    "a textile list that is not there": (
        'value = { textile_list = "B" }',
        'value = { textile_list = "D" }',
        "the pack holds no textile list 'D'",
        "add it to textile_lists",
    ),
    "a reference without title": (
        '{ title = "ATIGA Art. 33" }',
        '{ href = "https://asean.org" }',
        "'title' is missing",
        "add it",
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "message", "remedy"), MALFORMED.values(), ids=MALFORMED.keys()
)
def test_each_has_its_message_with_line_and_remedy(
    old: str, new: str, message: str, remedy: str
) -> None:
    text = shipped_toml()
    assert old in text
    malformed = text.replace(old, new, 1)
    (problem,) = check_pack(malformed.encode(), "mine.toml").problems
    assert message in problem.message
    assert remedy in problem.message
    assert LINES.get(message, first_changed(malformed, text)) == problem.line


def first_changed(malformed: str, text: str) -> int:
    pairs = zip(malformed.splitlines(), text.splitlines(), strict=False)
    return next(line for line, (is_, was) in enumerate(pairs, 1) if is_ != was)


def last_line(written: str) -> int:
    lines = shipped_toml().splitlines()
    return len(lines) - lines[::-1].index(written)


GOODS = last_line("goods = [")
LINES = {
    "Invalid value": 23,
    "'form' is missing": 1,
    "'since' is missing": 63,
    "overlaps the value before it": 68,
    "nothing is in force from 2021-10-01 to 2022-01-08": 69,
    "'030722' overlaps the coverage of 0307": last_line('hs = "030722"'),
    "'hs' is missing": GOODS,
    "is not a list of at least one HS range": GOODS,
    "'381800' overlaps 3818 of the same rule": GOODS,
    "'7718': there is no chapter 77": GOODS,
}
"""Where the problem is seen on another line than the one that was changed."""


def test_no_two_of_them_say_the_same() -> None:
    assert len(MALFORMED) >= 20
    assert len({(message, remedy) for _, _, message, remedy in MALFORMED.values()}) == len(
        MALFORMED
    )


def test_the_rules_of_textile_lists_are_searched_as_well() -> None:
    text = shipped_toml().replace(
        '{ process_all = ["printing", "finishing"] }', '{ process_all = ["dyeing", "finishing"] }'
    )
    (problem,) = check_pack(text.encode(), "mine.toml").problems
    assert problem.field == "/textile_lists/0/value/B/any/2"
    assert "the same condition stands twice" in problem.message


def test_bytes_that_are_no_text_are_a_problem_too() -> None:
    (problem,) = check_pack(b"a = 1\nb = \xff", "mine.toml").problems
    assert "is not TOML in UTF-8" in problem.message


def test_every_problem_of_a_readable_pack_is_told_in_order_of_lines() -> None:
    text = shipped_toml().replace('"BN", "ID"', '"BN", "UK"').replace('"190531"', '"770531"')
    checked = check_pack(text.encode(), "mine.toml")
    assert checked.pack is not None
    lines = [text.splitlines().index(line) + 1 for line in (PARTIES_WITH_UK, 'hs = "770531"')]
    assert [problem.line for problem in checked.problems] == lines


@pytest.mark.parametrize("agreement", sorted(load_packs()))
def test_the_shipped_packs_have_no_problem(agreement: AgreementCode) -> None:
    assert check_pack(*reversed(shipped_pack(agreement))).problems == ()
