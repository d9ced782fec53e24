"""Bad input over every route that takes a body: a 4xx that names the field, and nothing stored."""

import copy
import json
import time
from typing import Any

import pytest
from api_answers import Made, problem_in

from office_fixtures import Served
from tulen.api.bodies import BODIES
from tulen.api.examples import example
from tulen.workflows import clock

pytestmark = pytest.mark.usefixtures("nothing_stored")

FAST_SECONDS = 1.0
MOST_CHARACTERS = 600
ROUTES = {
    "application": ("exporter", "/v1/applications"),
    "recommendation": ("officer-1", "/v1/applications/{submitted}/recommendations"),
    "approval": ("officer-2", "/v1/applications/{recommended}/approvals"),
    "supplementing": ("officer-1", "/v1/applications/{submitted}/requests"),
    "supplement": ("exporter", "/v1/applications/{submitted}/supplements"),
    "rejection": ("officer-1", "/v1/applications/{submitted}/rejections"),
    "return": ("officer-2", "/v1/applications/{recommended}/returns"),
    "withdrawal": ("exporter", "/v1/applications/{submitted}/withdrawals"),
    "issue": ("officer-1", "/v1/certificates"),
    "declaration": ("importer", "/v1/declarations"),
    "drawdown": ("priok", "/v1/drawdowns"),
    "revocation": ("officer-1", "/v1/revocations"),
    "cancellation": ("officer-1", "/v1/cancellations"),
    "suspension": ("officer-1", "/v1/suspensions"),
    "copy": ("officer-1", "/v1/copies"),
    "resumption": ("officer-1", "/v1/resumptions"),
    "webhook": ("exporter", "/v1/webhooks"),
    "rotation": ("exporter", "/v1/webhooks/{webhook}/rotations"),
    "replay": ("exporter", "/v1/webhooks/{webhook}/replays"),
    "assessment": ("exporter", "/v1/origin/assessments"),
    "comparison": ("exporter", "/v1/origin/comparisons"),
    "credential": ("", "/v1/credentials/verify"),
    "asking": ("priok", "/v1/verifications"),
    "step": ("officer-1", "/v1/verifications/{verification}/steps"),
    "reply": ("officer-1", "/v1/verifications/{verification}/replies"),
    "determination": ("priok", "/v1/verifications/{verification}/determinations"),
    "response": ("priok", "/v1/customs-responses"),
    "bill": ("exporter", "/v1/origin/assessments"),
    "compared-bill": ("exporter", "/v1/origin/comparisons"),
}
MISREAD = {
    "duplicate-name": (b'{"note": "a", "note": "b"}', "/note"),
    "duplicate-name-deep": (b'{"note": {"a": [1, {"b": 1, "b": 1}]}}', "/b"),
    "duplicate-name-escaped": (b'{"note": "a", "n\\u006fte": "b"}', "/note"),
    "float": (b'{"note": 1.5}', "/note"),
    "float-that-is-whole": (b'{"note": 1.0}', "/note"),
    "exponent": (b'{"note": 1e3}', "/note"),
    "nan": (b'{"note": NaN}', ""),
    "infinity": (b'{"note": -Infinity}', ""),
    "float-overflow": (b'{"note": 1e999}', ""),
    "integer-too-big": (b'{"note": 9007199254740992}', "/note"),
    "integer-enormous": (b'{"note": ' + b"9" * 5_000 + b"}", ""),
    "surrogate-escaped": (b'{"note": "\\ud800"}', ""),
    "surrogate-encoded": (b'{"note": "\xed\xa0\x80"}', ""),
    "surrogate-as-name": (b'{"\\udfff": 1}', ""),
    "not-utf-8": (b'{"note": "\xff"}', ""),
    "utf-16": ('{"note": "a"}'.encode("utf-16"), ""),
    "byte-order-mark": (b'\xef\xbb\xbf{"note": "a"}', ""),
    "trailing-garbage": (b'{"note": "a"}}', ""),
    "two-documents": (b'{"note": "a"}{"note": "a"}', ""),
    "trailing-comma": (b'{"note": "a",}', ""),
    "comment": (b'{"note": "a"} // fine', ""),
    "single-quotes": (b"{'note': 'a'}", ""),
    "cut-off": (b'{"note": "a', ""),
    "blank": (b" \n", ""),
    "array": (b"[]", ""),
    "text": (b'"note"', ""),
    "null": (b"null", ""),
    "true": (b"true", ""),
    "number": (b"7", ""),
    "nested-500": (b'{"note": ' + b"[" * 500 + b"]" * 500 + b"}", "/note"),
    "nested-5000": (b'{"note": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", ""),
    "nested-objects": (b'{"note": ' * 500 + b"1" + b"}" * 500, "/note"),
    "nested-unclosed": (b"[" * 100_000, ""),
    "many-values": (b'{"note": [' + b"0," * 30_000 + b"0]}", "/note"),
    "long-text": (b'{"note": "' + b"x" * 9_000 + b'"}', "/note"),
    "long-name": (b'{"' + b"x" * 9_000 + b'": 1}', ""),
    "above-a-mebibyte": (b'{"note": "' + b"x" * (1 << 20) + b'"}', ""),
    "unknown-member": (b'{"colour": "red"}', ""),
}


@pytest.mark.parametrize(("body", "field"), MISREAD.values(), ids=MISREAD.keys())
def test_what_two_readers_could_read_differently_is_refused_everywhere(
    served: Served, made: Made, body: bytes, field: str
) -> None:
    for who, path in ROUTES.values():
        started = time.monotonic()
        answer = served.post(who, path.format(**vars(made)), body)
        assert time.monotonic() - started < FAST_SECONDS
        problem = problem_in(answer, 422)
        assert field in problem["field"]
        assert len(problem["detail"]) < MOST_CHARACTERS


QUESTION: dict[str, Any] = {
    "inputs": example("application")["lines"][0]["inputs"],
    "on": "2026-11-25",
}
QUESTION["inputs"] |= {
    "prices": {"currency": "USD", "ex_works": "9800"},
    "weights": {"net": "1000"},
    "production": {
        "processes": [{"code": "baking"}],
        "operations": ["baking"],
        "embroidered_area": "5%",
        "attestations": [{"text": "baked there", "holds": True}],
    },
    "set_items": [{"description": "Biscuits", "originating": True, "value": "1"}],
}
QUESTION["inputs"]["materials"][0] |= {"weight": "700", "partial_content": "25%"}
QUESTION["consignment"] = {
    "route": ["VN", "SG", "ID"],
    "operations": ["unloading"],
    "customs_control": True,
    "entered_trade": False,
    "justified_by": "transport",
    "documents": ["through_bl"],
    "bill_issued_in": "VN",
}
BILL: dict[str, Any] = {
    "bill": {
        "agreement": "ATIGA",
        "exporting_country": "VN",
        "importing_country": "ID",
        "method": "build-down",
        "currency": "USD",
        "rates": {"IDR": "0.00006"},
        "good": "biscuits",
        "parts": {
            "biscuits": {
                "hs_code": "190531",
                "value": "10",
                "unit": "KGM",
                "of": [{"part": "dough", "quantity": "900", "unit": "GRM"}],
            },
            "dough": {
                "hs_code": "190590",
                "country": "VN",
                "value": "4",
                "unit": "KGM",
                "prices": {"currency": "USD", "ex_works": "3.9"},
                "of": [{"part": "flour", "quantity": "0.8"}],
            },
            "flour": {
                "hs_code": "110100",
                "country": "AU",
                "value": "9000",
                "currency": "IDR",
                "unit": "KGM",
                "kinds": ["flour"],
            },
        },
    },
    "on": "2026-11-25",
}
PLAIN: dict[str, Any] = {
    "bill": BILL,
    "compared-bill": BILL,
    "webhook": {"url": "https://hooks.example.org/", "types": ["certificate.late"]},
    "rotation": {},
    "replay": {"since": "2026-01-01T00:00:00Z"},
    "supplementing": {"remarks": [{"field": "/lines/0/hs_code", "text": "Which?"}]},
    **{route: {"reason": "Not shipped"} for route in ("rejection", "return", "withdrawal")},
    **{route: BODIES[route][1] for route in ("step", "reply", "determination")},
    "asking": BODIES["asking"][1],
    "response": BODIES["response"][1] | {"received_on": str(clock.today())},
    "assessment": QUESTION,
    "comparison": QUESTION,
    "credential": {"credential": example("credential"), "status_lists": []},
}


def body_of(route: str, served: Served, made: Made) -> Any:  # noqa: ANN401 - JSON
    """Return a body that the route would accept."""
    match route:
        case "application" | "supplement":
            return example("application")
        case "issue":
            return {"application": made.approved}
        case "declaration":
            return served.declaration_for(made.certificate, made.bundle)
        case "drawdown":
            return {
                "declaration": made.declaration,
                "line": 1,
                "quantity": "600",
                "unit": "KGM",
            }
        case "revocation" | "cancellation" | "suspension" | "resumption" | "copy":
            more = {
                "revocation": {"reason": "error", "note": "Mis-stated"},
                "cancellation": {"reason": "withdrawn", "note": "Not needed"},
                "copy": {"reason": "Lost"},
            }
            return {"certificate": made.certificate} | more.get(route, {"note": "Check 118"})
    of = {"certificate": made.certificate} if route in {"asking", "response"} else {}
    return PLAIN.get(route, {"note": "seen"}) | of


def altered(document: Any, pointer: str, value: object) -> Any:  # noqa: ANN401 - JSON
    """Return ``document`` with the member at ``pointer`` set to ``value``, or taken away."""
    changed = copy.deepcopy(document)
    *parents, last = pointer.removeprefix("/").split("/")
    target: Any = changed
    for step in parents:
        target = target[int(step) if isinstance(target, list) else step]
    key: Any = int(last) if isinstance(target, list) else last
    if value is MISSING:
        del target[key]
    elif isinstance(target, list) and key == len(target):
        target.append(value)
    else:
        target[key] = value
    return changed


MISSING = object()
NO_DECIMALS = ("-1", "1" + "0" * 30, "NaN", "Infinity", "1e3", "1,000", " 1", "", "٣", 1000, True)
NO_INTEGERS = (True, "7", None, -1, 0, 9007199254740991, [1])
NO_TEXTS = (
    "",
    " padded",
    "a\x00b",
    "a\nb",
    "a\u202eb",
    "a\u200bb",
    "\ufeffa",
    "e\u0301",
    "x" * 600,
)
NO_HS = ("ABCD", "1905.31", "0019", "19053", "190531201", "190531\n", "١٩٠٥", 190531, None)
LIES: dict[str, dict[str, tuple[object, ...]]] = {
    "application": {
        "/colour": ("red",),
        "/format": ("tulen/application/v2", 1, MISSING),
        "/issuing_authority": ("VN.NOBODY", "ID.DJBC", "TH.DFT", "vn.moit", "", 7, MISSING),
        "/agreement": ("NAFTA", "atiga", "", None),
        "/form": ("E", "d", ""),
        "/exporter/name": NO_TEXTS,
        "/exporter/colour": ("red",),
        "/exporting_country": ("TH", "vn", "VNM", ""),
        "/importing_country": ("VN", "ZZZ", MISSING),
        "/transport/departure_on": ("2026-02-30", "28-11-2026", "2026-11-28T00:00:00Z", 20261128),
        "/invoices": ([], {}, None, [{"number": "1", "issued_on": "2026-11-20"}] * 51),
        "/ticks": ([], ["nonsense"], ["exhibition", "accumulation"], ["exhibition"] * 2),
        "/lines": ([], {}, None),
        "/lines/0/line": (*NO_INTEGERS, 2),
        "/lines/0/hs_code": NO_HS,
        "/lines/0/quantity": (*NO_DECIMALS, "0", "12.50", "0.0000001"),
        "/lines/0/unit": ("kg", "", "KILO", 1),
        "/lines/0/fob/amount": NO_DECIMALS,
        "/lines/0/inputs/hs_code": (*NO_HS, "190532"),
        "/lines/0/inputs/method": ("guess", "", None),
        "/lines/0/inputs/fob/amount": (*NO_DECIMALS, "0"),
        "/lines/0/inputs/fob": ({"amount": "16601", "currency": "USD"}, [], None),
        "/lines/0/inputs/materials/0/value": NO_DECIMALS,
        "/lines/0/inputs/materials/0/originating": (1, "true", None),
        "/lines/0/inputs/materials/0/country": (7, "AUS"),
        "/lines/0/inputs/colour": ("red",),
    },
    "recommendation": {"/note": (*NO_TEXTS, 7, None, ["a"]), "/colour": ("red",)},
    "approval": {"/note": (*NO_TEXTS, 7, None, ["a"]), "/colour": ("red",)},
    "issue": {
        "/application": ("", "7", 7, None, "0B5F3F5E-7C0A-5B8E-9B1E-2F6F4F6A8D10", MISSING),
        "/colour": ("red",),
    },
    "declaration": {
        "/colour": ("red",),
        "/declaration": ({}, [], None, MISSING),
        "/declaration/format": ("tulen/declaration/v2",),
        "/declaration/number": ("", "short", "x" * 27, "040320TULEND2026112500000\x00", 7),
        "/declaration/declared_on": ("2026-11-31", "today", None),
        "/declaration/office": ("04030", "Priok", 40300),
        "/declaration/importer/party": ("ID.NOBODY", "id.sumber-rasa", None),
        "/declaration/importer/has_api": (1, "true", None),
        "/declaration/exchange/rate": NO_DECIMALS,
        "/declaration/exchange/per": NO_INTEGERS[:5],
        "/declaration/exchange/currency": ("usd", ""),
        "/declaration/lines": ([], {}, None),
        "/declaration/lines/0/line": NO_INTEGERS,
        "/declaration/lines/0/hs_code": (*NO_HS, "190531"),
        "/declaration/lines/0/description": NO_TEXTS,
        "/declaration/lines/0/quantity/amount": (*NO_DECIMALS, "0"),
        "/declaration/lines/0/cost": NO_DECIMALS,
        "/declaration/lines/0/claim/certificate": NO_TEXTS,
        "/declaration/lines/0/claim/certificate_line": NO_INTEGERS,
        "/proofs": ({}, None, "bundle"),
        "/proofs/0": ({}, [], None, "bundle"),
        "/proofs/0/format": ("tulen/bundle/v2",),
        "/proofs/0/colour": ("red",),
        "/proofs/0/log/index": NO_INTEGERS[:4],
        "/proofs/0/certificate/seed": ("", "zz", 7),
        "/proofs/0/certificate/document/lines/0/quantity": NO_DECIMALS,
    },
    "drawdown": {
        "/colour": ("red",),
        "/declaration": (*NO_TEXTS, 7, None, MISSING),
        "/line": ("1", True, None, [1]),
        "/quantity": (*NO_DECIMALS, "0"),
        "/unit": ("kg", "", 7, MISSING),
    },
    "revocation": {
        "/colour": ("red",),
        "/certificate": (*NO_TEXTS, "vn.moit", 7, None, MISSING),
        "/reason": ("bored", "", 2, None, "under-verification", MISSING),
        "/note": (*NO_TEXTS, 7, None, MISSING),
    },
    "webhook": {
        "/colour": ("red",),
        "/url": (*NO_TEXTS, 7, None, ["https://a.example"], "http://a.example", MISSING),
        "/types": ([], {}, None, "certificate.late", ["certificate.late"] * 2, MISSING),
        "/types/0": ("certificate.eaten", "", 7, None, {}, "work.halted"),
    },
    "rotation": {"/colour": ("red",)},
    "credential": {
        "/colour": ("red",),
        "/credential": (7, None, [], True, MISSING),
        "/status_lists": ({}, None, "list", [{}] * 17),
        "/status_lists/0": (7, None, [], True),
    },
    "replay": {
        "/colour": ("red",),
        "/since": ("yesterday", "", 7, None, "2026-01-01T00:00:00+07:00", MISSING),
    },
}
LIES["supplement"] = LIES["application"]
LIES["asking"] = {
    "/colour": ("red",),
    "/certificate": (*NO_TEXTS, "vn.moit", 7, None, MISSING),
    "/doubt": ("grave", "", 7, None, [], MISSING),
    "/reason": (*NO_TEXTS, 7, None, MISSING),
    "/question": (*NO_TEXTS, 7, None, MISSING),
    "/lines": ([], {}, None, 1, [1, 1], [2], MISSING),
    "/lines/0": NO_INTEGERS,
}
LIES["step"] = {
    "/colour": ("red",),
    "/event": ("reply", "ask", "lapse", "determine", "", 7, None, {}, MISSING),
    "/note": (*NO_TEXTS, 7, None, MISSING),
}
LIES["reply"] = {
    "/colour": ("red",),
    "/lines": ([], {}, None, MISSING),
    "/lines/0/colour": ("red",),
    "/lines/0/line": (*NO_INTEGERS, 2, MISSING),
    "/lines/0/answer": ("perhaps", "", 7, None, {}, MISSING),
    "/lines/0/note": (*NO_TEXTS, 7, None),
}
LIES["determination"] = {
    "/colour": ("red",),
    "/lines": ([], {}, None, MISSING),
    "/lines/0/colour": ("red",),
    "/lines/0/line": (*NO_INTEGERS[:5], MISSING),
    "/lines/0/preference": ("lost", "", 7, None, {}, MISSING),
    "/lines/0/denial": ("EXPIRED", "", 7, None, [], {}, "ORIGIN_CRITERIA"),
    "/lines/0/note": (*NO_TEXTS, 7, None),
}
LIES["response"] = {
    "/colour": ("red",),
    "/certificate": (*NO_TEXTS, "vn.moit", 7, None, MISSING),
    "/kind": ("lost", "", 7, None, {}, MISSING),
    "/received_on": ("2020-01-01", "2100-01-01", "today", "", 7, None, MISSING),
    "/lines": ([], {}, None, MISSING),
    "/lines/0/line": (*NO_INTEGERS, 2, MISSING),
    "/lines/0/quantity": (*NO_DECIMALS, "0", "1000.000001"),
    "/lines/0/unit": ("kg", "", "TNE", 7, None, MISSING),
    "/reason": ("BORED", "", 7, None, [], "EXPIRED"),
    "/note": (*NO_TEXTS, 7, None),
}
LIES["supplementing"] = {
    "/colour": ("red",),
    "/remarks": ([], {}, None, MISSING),
    "/remarks/0/field": (*NO_TEXTS, "lines", "/lines/9/hs_code", 7, None, MISSING),
    "/remarks/0/text": (*NO_TEXTS, 7, None, MISSING),
}
LIES["cancellation"] = LIES["revocation"] | {"/reason": ("fraud", "error", "", 2, None, MISSING)}
LIES["suspension"] = LIES["resumption"] = {
    name: LIES["revocation"][name] for name in ("/colour", "/certificate", "/note")
}
LIES["copy"] = {
    "/colour": ("red",),
    "/certificate": LIES["revocation"]["/certificate"],
    "/reason": (*NO_TEXTS, 7, None, MISSING),
}
for _route in ("rejection", "return", "withdrawal"):
    LIES[_route] = {"/colour": ("red",), "/reason": (*NO_TEXTS, 7, None, MISSING)}
NO_SHARES = ("40", "", "101%", "5.0%", "-1%", 5, None)
LIES["assessment"] = LIES["comparison"] = {
    "/colour": ("red",),
    "/on": ("yesterday", "2026-02-30", "", 7, None),
    "/inputs": ([], None, "good", MISSING),
    "/inputs/colour": ("red",),
    "/inputs/prices": ({}, [], None, {"currency": "USD"}),
    "/inputs/prices/ex_works": (*NO_DECIMALS, "0"),
    "/inputs/weights": ({}, [], None),
    "/inputs/weights/net": (*NO_DECIMALS, "0"),
    "/inputs/production": ({}, [], None),
    "/inputs/production/processes/0/code": (*NO_TEXTS, 7, None, MISSING),
    "/inputs/production/operations": ([], {}, None, "baking", ["baking", "baking"]),
    "/inputs/production/embroidered_area": NO_SHARES,
    "/inputs/production/attestations/0/holds": ("yes", 1, None, MISSING),
    "/inputs/materials/0/weight": NO_DECIMALS,
    "/inputs/materials/0/partial_content": NO_SHARES,
    "/inputs/materials/0/role": ("cook", "", 7, None),
    "/inputs/materials/0/lot_method": ("lucky", "fifo", 7, None),
    "/inputs/materials/0/kinds": ([], {}, None, "fabric", ["fabric", "fabric"]),
    "/inputs/set_items/0/value": NO_DECIMALS,
    "/inputs/set_items/0/originating": ("yes", 1),
}
for name in ("assessment", "comparison"):
    LIES[name] |= {
        "/consignment": ({}, [], None, "direct"),
        "/consignment/colour": ("red",),
        "/consignment/route": ([], ["VN"], {}, None, "VN-ID", ["VN"] * 51, ["VN", "SG"]),
        "/consignment/route/0": ("vn", "", 7, None, "SG"),
        "/consignment/operations": ({}, None, "unloading", ["unloading", "unloading"]),
        "/consignment/operations/0": (*NO_TEXTS, 7, None),
        "/consignment/customs_control": ("yes", 1, None),
        "/consignment/entered_trade": ("no", 0, None),
        "/consignment/justified_by": (*NO_TEXTS, 7, None),
        "/consignment/documents": ({}, None, "through_bl", ["invoice", "invoice"]),
        "/consignment/bill_issued_in": ("Viet Nam", "", 7, None),
        "/consignment/by_exporter": ("yes", 1, None),
    }
LIES["bill"] = LIES["compared-bill"] = {
    "/colour": ("red",),
    "/inputs": (QUESTION["inputs"],),
    "/bill": ([], None, "good", MISSING),
    "/bill/colour": ("red",),
    "/bill/exporting_country": ("vn", "", 7, None, MISSING),
    "/bill/importing_country": ("VN", "ZZZ", MISSING),
    "/bill/method": ("guess", "", None, MISSING),
    "/bill/currency": ("usd", "", 7, None, MISSING),
    "/bill/rates": ([], None),
    "/bill/rates/IDR": (*NO_DECIMALS, "0"),
    "/bill/rates/USD": ("1",),
    "/bill/good": ("cake", "", 7, None, MISSING),
    "/bill/hs_edition": ("HS1996", "", 7, None),
    "/bill/parts": ({}, [], None, MISSING),
    "/bill/parts/flour": ([], None, "flour"),
    "/bill/parts/flour/colour": ("red",),
    "/bill/parts/flour/value": (*NO_DECIMALS, MISSING),
    "/bill/parts/flour/currency": ("EUR", "idr", "", 7, None),
    "/bill/parts/flour/unit": ("kg", "XXX", "", 7, None),
    "/bill/parts/flour/hs_code": NO_HS,
    "/bill/parts/flour/originating": ("yes", 1, None),
    "/bill/parts/flour/kinds": ([], {}, None, "flour", ["flour", "flour"]),
    "/bill/parts/flour/role": ("cook", "", 7, None),
    "/bill/parts/flour/costs": ({"labour": "1"},),
    "/bill/parts/dough/value": ("0",),
    "/bill/parts/dough/of": ([], {}, None, [{"part": "dough"}]),
    "/bill/parts/dough/of/0/part": ("water", "", 7, None, MISSING),
    "/bill/parts/dough/of/0/quantity": (*NO_DECIMALS, "0"),
    "/bill/parts/dough/of/0/unit": ("MTR", "kg", "", 7, None),
    "/bill/parts/dough/prices": ({}, [], None, {"currency": "USD"}),
    "/bill/parts/dough/prices/currency": ("EUR", "usd", 7),
    "/bill/parts/dough/prices/ex_works": (*NO_DECIMALS, "0"),
    "/bill/parts/dough/wholly_obtained": (*NO_TEXTS, 7, None),
}
CASES = [(route, pointer) for route, lies in LIES.items() for pointer in lies]


@pytest.mark.parametrize(("route", "pointer"), CASES, ids=["".join(case) for case in CASES])
def test_a_wrong_member_is_refused_and_named(
    served: Served, made: Made, route: str, pointer: str
) -> None:
    who, path = ROUTES[route]
    parent, _, last = pointer.rpartition("/")
    for value in LIES[route][pointer]:
        body = altered(body_of(route, served, made), pointer, value)
        problem = problem_in(served.post(who, path.format(**vars(made)), body), 422)
        field, detail = problem["field"], problem["detail"]
        below = field == pointer or field.startswith(f"{pointer}/")
        assert below or (field == parent and last in detail), problem
        assert len(detail) < MOST_CHARACTERS


def test_an_empty_body_lacks_what_the_route_needs(served: Served, made: Made) -> None:
    for route in ("application", "issue", "declaration", "drawdown", "revocation", "webhook"):
        who, path = ROUTES[route]
        problem = problem_in(served.post(who, path.format(**vars(made)), b""), 422)
        assert problem["detail"].endswith("is missing"), problem


def test_every_route_that_takes_a_body_is_in_these_tables(served: Served) -> None:
    paths = served.app.openapi()["paths"]
    posts = {path for path, operations in paths.items() if "post" in operations}
    known = {path.replace("submitted", "application") for _, path in ROUTES.values()}
    known = {path.replace("recommended", "application") for path in known}
    verdicts = {"/v1/verify", "/v1/verify/open-attestation"}  # Bad input is a verdict there.
    assert posts - verdicts == known == posts & known
    assert json.dumps(sorted(LIES)) == json.dumps(sorted(ROUTES))
