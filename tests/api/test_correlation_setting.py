"""The setting that names a correlation table: loaded once, used for every question about origin."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tulen.api.examples import example
from tulen.errors import InvalidInputError
from tulen.server import create_app
from tulen.settings import Settings

INPUTS = example("application")["lines"][0]["inputs"] | {
    "hs_edition": "HS2017",
    "materials": [
        {"description": "Flour", "value": "1", "originating": False, "hs_code": "110100"}
    ],
}
BILL = {
    "agreement": "ATIGA",
    "exporting_country": "VN",
    "importing_country": "ID",
    "method": "build-down",
    "currency": "USD",
    "hs_edition": "HS2017",
    "good": "biscuits",
    "parts": {
        "biscuits": {"hs_code": "190531", "value": "10", "of": [{"part": "flour"}]},
        "flour": {"hs_code": "110100", "country": "AU", "value": "4"},
    },
}


def outcomes(settings: Settings) -> list[str]:
    """Return what the API says of inputs and of a bill, each assessed and compared under ATIGA."""
    transport = httpx.ASGITransport(create_app(settings, with_worker=False))

    async def answers() -> list[dict[str, Any]]:
        async with httpx.AsyncClient(transport=transport, base_url="http://tulen.test") as client:
            return [
                (await client.post(f"/v1/origin/{route}", json=asked | {"on": "2026-11-25"})).json()
                for asked in ({"inputs": INPUTS}, {"bill": BILL})
                for route in ("assessments", "comparisons")
            ]

    found = []
    for answer in asyncio.run(answers()):
        options = {option["agreement"]: option for option in answer.get("options", ())}
        found.append(options.get("ATIGA", answer)["outcome"])
    return found


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "table.csv"
    codes = ("190531", "110100")
    rows = "".join(f"HS2017,{code},HS2022,{code}\n" for code in codes)
    file.write_text(f"from_edition,from,to_edition,to\n{rows}", "utf-8")
    return file


def test_codes_are_carried_by_the_table_that_the_setting_names(table: Path) -> None:
    assert outcomes(Settings()) == ["UNDETERMINED"] * 4
    assert outcomes(Settings(correlation_table=table)) == ["MET"] * 4


def test_the_table_is_read_once_at_start(table: Path) -> None:
    settings = Settings(correlation_table=table)
    transport = httpx.ASGITransport(create_app(settings, with_worker=False))
    table.unlink()

    async def outcome() -> Any:  # noqa: ANN401 - JSON
        async with httpx.AsyncClient(transport=transport, base_url="http://tulen.test") as client:
            answer = await client.post("/v1/origin/assessments", json={"inputs": INPUTS})
            return answer.json()["outcome"]

    assert asyncio.run(outcome()) == "MET"


def test_a_table_that_cannot_be_read_ends_the_start_and_is_named(table: Path) -> None:
    table.write_text(table.read_text("utf-8") + "HS2017,19,HS2022,19\n", "utf-8")
    with pytest.raises(
        InvalidInputError, match=r"table\.csv: line 4, from: '19' is not an HS code"
    ):
        create_app(Settings(correlation_table=table))
    with pytest.raises(InvalidInputError, match=r"^correlation: .* cannot be read: No such"):
        create_app(Settings(correlation_table=table.with_name("gone.csv")))
