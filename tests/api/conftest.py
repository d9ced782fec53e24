"""What the API's tests share: one thing of every kind, and strangers who may see none of them."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from api_answers import Made

from office_fixtures import Served
from tulen.api.bodies import BODIES
from tulen.database import parties
from tulen.database.states import Role
from tulen.values import PartyCode
from tulen.workflows import clock
from tulen.workflows.authenticate import make_api_key
from tulen.workflows.office import open_office

STRANGERS = {
    "other exporter": (PartyCode("VN.OTHER-EXPORTER"), Role.EXPORTER, "exporter"),
    "other officer": (PartyCode("TH.DFT"), Role.OFFICER, "exporter"),
    "other importer": (PartyCode("ID.OTHER-IMPORTER"), Role.IMPORTER, "importer"),
    "other customs": (PartyCode("TH.CUSTOMS"), Role.CUSTOMS, "customs"),
    "steward": (PartyCode("VN.MOIT"), Role.STEWARD, "authority"),
    "auditor": (PartyCode("VN.MOIT"), Role.AUDITOR, "authority"),
}


@pytest.fixture(scope="session")
def made(served: Served) -> Made:
    number = served.certified()
    recommended, approved = served.applied(), served.applied()
    for application in (recommended, approved):
        served.made("officer-1", f"/v1/applications/{application}/recommendations", {})
    served.made("officer-2", f"/v1/applications/{approved}/approvals", {})
    bundle = served.bundle_of(number)
    hook = {"url": "https://hooks.example.org/", "types": ["certificate.late"]}
    webhook = served.made("exporter", "/v1/webhooks", hook)["id"]
    declaration = served.declared(number, bundle)
    # Of another certificate: an open question bears on every claim of the one that it is about.
    other = served.certified()
    served.bundle_of(other)  # Once there is one, nothing more comes of it by itself.
    question = BODIES["asking"][1] | {"certificate": other}
    verification = served.made("priok", "/v1/verifications", question)["id"]
    told = BODIES["response"][1] | {"certificate": number, "received_on": str(clock.today())}
    response = served.made("priok", "/v1/customs-responses", told)["id"]
    return Made(
        served.applied(),
        recommended,
        approved,
        number,
        bundle,
        declaration,
        webhook,
        verification,
        response,
    )


@pytest.fixture(scope="session")
def strangers(served: Served) -> Iterator[Served]:
    """The same service, and API keys of parties that have nothing to do with what is made."""

    async def add() -> dict[str, str]:
        keys = {}
        async with open_office(served.office.settings) as office:
            for name, (code, role, kind) in STRANGERS.items():
                party = parties.Party(code, f"{name} of nothing", code.country, frozenset({kind}))
                async with office.database.transaction() as connection:
                    if await parties.find(connection, code) is None:
                        await parties.register(connection, party)
                keys[name] = await make_api_key(office, code, name, role)
        return keys

    office = replace(served.office, keys=served.office.keys | asyncio.run(add()))
    with_strangers = replace(served, office=office)
    yield with_strangers
    with_strangers.http.close()


@pytest.fixture
def nothing_stored(served: Served, made: Made, strangers: Served) -> Iterator[None]:  # noqa: ARG001 - they come first
    """Fails the test if any table or the vault has more or less after it than before."""
    before = served.office.stored()
    yield
    assert served.office.stored() == before
