"""Set an office up: keys, contracts, parties, mandates. Every step may be done again."""

import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tulen.chain import calls
from tulen.chain.calls import CUSTOMS, ISSUING_AUTHORITY
from tulen.chain.deploy import deploy, send_and_wait
from tulen.chain.deployment import Deployment
from tulen.chain.refusals import AlreadyRegisteredError
from tulen.chain.rpc import AnyChain
from tulen.database import parties
from tulen.keys import AccountSigner, KeyKind, KeyStore
from tulen.values import AgreementCode, FormCode, PartyCode
from tulen.workflows import clock
from tulen.workflows.home import passphrase_in
from tulen.workflows.office import ACCOUNT, DOCUMENTS, OFFICE, SIGNING, Office

GOVERNOR = PartyCode("ZZ.GOVERNOR")
"""Whose account deploys the contracts and stewards every country of a demonstration."""
PASSPHRASE_BYTES = 24

_ON_CHAIN = {"authority": ISSUING_AUTHORITY, "customs": CUSTOMS}


@dataclass(frozen=True, slots=True)
class NewParty:
    """A party to be registered.

    Attributes:
        code: Its code.
        name: Its name.
        roles: What it is: exporter, authority, importer, customs.
        mandates: Agreement and form that it may issue.
    """

    code: PartyCode
    name: str
    roles: frozenset[str]
    mandates: tuple[tuple[AgreementCode, FormCode], ...] = field(default=())


def make_passphrase(file: Path) -> str:
    """Return the passphrase in ``file``, which is made with a new random one if it is missing."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written aside and then linked: a crash must not leave an empty passphrase behind.
    descriptor, aside = tempfile.mkstemp(dir=file.parent, prefix=".passphrase-")
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(f"{secrets.token_urlsafe(PASSPHRASE_BYTES)}\n")
            opened.flush()
            os.fsync(opened.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(aside, file)
    finally:
        Path(aside).unlink()
    return passphrase_in(file)


def make_keys(keys: KeyStore, everybody: Iterable[NewParty]) -> None:
    """Make the keys that the office and ``everybody`` need and do not have yet."""
    wanted = [(OFFICE, DOCUMENTS, KeyKind.X25519), (GOVERNOR, ACCOUNT, KeyKind.SECP256K1)]
    for party in everybody:
        if "authority" in party.roles:
            wanted.append((party.code, SIGNING, KeyKind.ED25519))
        if _ON_CHAIN.keys() & party.roles:
            wanted.append((party.code, ACCOUNT, KeyKind.SECP256K1))
    for code, purpose, kind in wanted:
        if keys.find(code, purpose) is None:
            keys.create(code, purpose, kind)


async def deploy_contracts(chain: AnyChain, governor: AccountSigner, file: Path) -> Deployment:
    """Deploy the three contracts, keep where they stand in ``file``, and return it."""
    deployment = await deploy(chain, governor, governor.address)
    aside = file.with_suffix(".new")
    aside.write_text(f"{json.dumps(deployment.to_document(), indent=2)}\n")
    aside.replace(file)
    return deployment


async def register(office: Office, party: NewParty) -> None:
    """Register ``party`` in the register and, where it acts there, on chain; again is harmless.

    The governor's account must be steward of its country, or becomes so.
    """
    async with office.database.transaction() as connection:
        await parties.register(
            connection, parties.Party(party.code, party.name, party.code.country, party.roles)
        )
    roles = sum(_ON_CHAIN[role] for role in party.roles & _ON_CHAIN.keys())
    if not roles:
        return
    governor = office.account(GOVERNOR)
    trusted, since = office.deployment, int(clock.now().timestamp())
    wanted = [
        calls.appoint_steward(trusted, party.code.country, governor.address),
        calls.register_party(trusted, party.code, roles),
        calls.authorise_account(
            trusted,
            party.code,
            office.account(party.code).address,
            calls.account_roles(roles),
        ),
    ]
    if "authority" in party.roles:
        key = office.signer(party.code).public_key
        wanted.append(calls.add_key(trusted, party.code, key, since=since))
    wanted += [
        calls.grant_mandate(trusted, party.code, agreement, form, since=since)
        for agreement, form in party.mandates
    ]
    for call in wanted:
        try:
            await send_and_wait(office.chain, governor, call)
        except AlreadyRegisteredError:
            continue  # By an earlier attempt that was interrupted.
