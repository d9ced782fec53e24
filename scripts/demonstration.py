"""The demonstration's parties and people, and setting them up on an empty database and chain."""

import asyncio
import json
import os
from pathlib import Path

from tulen.chain import follower
from tulen.chain.embedded import EmbeddedChain
from tulen.chain.rpc import Chain
from tulen.database.states import Role
from tulen.keys import QUICK, KeyStore
from tulen.settings import Settings
from tulen.values import AgreementCode, FormCode, PartyCode
from tulen.workflows.authenticate import make_api_key
from tulen.workflows.office import ACCOUNT, open_office
from tulen.workflows.register import (
    GOVERNOR,
    NewParty,
    deploy_contracts,
    make_keys,
    make_passphrase,
    register,
)

ETHER = 10**18

ATIGA_FORM_D = ((AgreementCode("ATIGA"), FormCode("D")),)
PARTIES = (
    NewParty(
        PartyCode("VN.MOIT"),
        "Ministry of Industry and Trade, Agency of Foreign Trade",
        frozenset({"authority"}),
        ATIGA_FORM_D,
    ),
    NewParty(
        PartyCode("VN.HOA-SEN"), "Hoa Sen Biscuit Joint Stock Company", frozenset({"exporter"})
    ),
    NewParty(PartyCode("ID.SUMBER-RASA"), "PT Sumber Rasa Nusantara", frozenset({"importer"})),
    NewParty(
        PartyCode("ID.DJBC"),
        "Direktorat Jenderal Bea dan Cukai",
        frozenset({"customs"}),
    ),
)
PEOPLE = {
    "exporter": (PartyCode("VN.HOA-SEN"), "export-desk", Role.EXPORTER),
    "officer-1": (PartyCode("VN.MOIT"), "officer-1", Role.OFFICER),
    "officer-2": (PartyCode("VN.MOIT"), "officer-2", Role.OFFICER),
    "importer": (PartyCode("ID.SUMBER-RASA"), "import-desk", Role.IMPORTER),
    "priok": (PartyCode("ID.DJBC"), "tanjung-priok", Role.CUSTOMS),
    "perak": (PartyCode("ID.DJBC"), "tanjung-perak", Role.CUSTOMS),
}


def kept_api_keys(settings: Settings) -> dict[str, str] | None:
    """Return the API keys by person, or None while the set-up is not complete."""
    if not _done(settings).exists():
        return None
    keys: dict[str, str] = json.loads(api_keys_file(settings).read_text())
    return keys


def api_keys_file(settings: Settings) -> Path:
    """Return the file that holds the people's API keys."""
    return settings.home / "api-keys.json"


async def set_up(settings: Settings, embedded: EmbeddedChain) -> dict[str, str]:
    """Make keys, contracts, parties and API keys; return the API keys by person.

    Interrupted, it is done again from the start: new contracts and new API keys, the same parties.
    """
    # A random passphrase of 192 bits needs no dear derivation.
    keys = KeyStore(settings.keys_folder, make_passphrase(settings.passphrase_path), cost=QUICK)
    make_keys(keys, PARTIES)
    governor = keys.account(GOVERNOR, ACCOUNT)
    embedded.fund(governor.address, 1000 * ETHER)
    async with Chain(embedded.url, embedded.chain_id) as chain:
        await deploy_contracts(chain, governor, settings.deployment_file)
    async with open_office(settings) as office:
        for party in PARTIES:
            if {"authority", "customs"} & party.roles:
                embedded.fund(office.account(party.code).address, 1000 * ETHER)
            await register(office, party)
        api_keys = {
            name: await make_api_key(office, party, officer, role)
            for name, (party, officer, role) in PEOPLE.items()
        }
    file = api_keys_file(settings)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(f"{json.dumps(api_keys, indent=2)}\n")
    await _final(embedded)
    _done(settings).touch()
    return api_keys


async def _final(embedded: EmbeddedChain) -> None:
    """Wait until the last transaction is final: then all of them are saved, too."""
    async with Chain(embedded.url, embedded.chain_id) as chain:
        last = (await follower.head(chain)).number
        while not (await chain.request("eth_getBlockByNumber", hex(last), False))["transactions"]:
            last -= 1  # One of the empty blocks that follow.
        while True:
            if (await follower.finalized(chain)).number >= last:
                return
            await asyncio.sleep(0.05)


def _done(settings: Settings) -> Path:
    return settings.home / "set-up.done"
