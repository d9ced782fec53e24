"""Where the work is done: everything a workflow needs, opened once and closed in order."""

import hashlib
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Final

from nacl.public import PrivateKey

from tulen.chain.deployment import Deployment
from tulen.chain.fact_cache import FactCache
from tulen.chain.facts import FactReader
from tulen.chain.quorum import chain_of
from tulen.chain.rpc import AnyChain
from tulen.database import Database, EmbeddedPostgres, require_current
from tulen.database.errors import StaleFenceError
from tulen.database.states import Role
from tulen.errors import NotPermittedError, TulenError, UnavailableError
from tulen.keys import AccountSigner, Ed25519Signer, KeyStore
from tulen.log.tile_memory import TileMemory
from tulen.settings import Settings
from tulen.values import PartyCode, canonical_bytes
from tulen.vault import DiskVault
from tulen.verify import Proofs
from tulen.workflows import clock
from tulen.workflows.home import deployment_in, passphrase_in
from tulen.workflows.verify_open_attestation import Abroad, open_abroad

SIGNING: Final = "signing"
"""Purpose of the Ed25519 key that signs an authority's certificates and checkpoints."""
ACCOUNT: Final = "account"
"""Purpose of the secp256k1 key whose account sends a party's transactions."""
DOCUMENTS: Final = "documents"
"""Purpose of the X25519 key that opens the office's documents."""
OFFICE: Final = PartyCode("ZZ.OFFICE")
"""Whose the documents' key is: the office's own; no party's, since ISO 3166 leaves ZZ free."""

SALT_BYTES: Final = 16

CHAIN: Final = "chain"
"""What is halted when the chain itself cannot be trusted."""

_log = logging.getLogger("tulen.worker")


class HaltedError(UnavailableError):
    """Work on this has stopped until somebody has looked; the message says why."""

    code: ClassVar[str] = "halted"


class WrongRoleError(NotPermittedError):
    """The caller's role, or its party, does not include this act."""

    code: ClassVar[str] = "wrong-role"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a person or system of a party, acting in one role.

    Attributes:
        party: The party.
        officer: Reference of the person or system, as the party knows it.
        role: What it acts as.
    """

    party: PartyCode
    officer: str
    role: Role

    def must_be(self, *roles: Role, party: PartyCode | None = None) -> None:
        """Refuse unless the caller acts in one of ``roles`` (and for ``party``, where given).

        Raises:
            WrongRoleError: it does not.
        """
        if self.role not in roles or (party is not None and self.party != party):
            of = f" of {party}" if party is not None else ""
            who, asked = f"{self.officer} of {self.party}", " or ".join(roles)
            raise WrongRoleError(f"{who} acts as {self.role}; this takes the role {asked}{of}")


@dataclass(frozen=True, slots=True)
class Office:
    """One open office.

    Attributes:
        settings: How it is set.
        database: Its database.
        chain: Its chain node, or the nodes that must agree.
        deployment: The contracts that it trusts.
        facts: What it reads on chain for verification, and remembers for a few seconds.
        keys: The keys of the parties that it acts for.
        vault: Its documents.
        abroad: Where it looks up documents of other systems.
        secret: The private key that opens the documents; whatever must never change is derived
            from it.
        halted: What this process has stopped working on, and why.
        proofs: What it remembers of bundle files by themselves.
        tiles: What it remembers of the logs' tiles.
        held: Transactions of which was said that their fee cannot be raised.
    """

    settings: Settings
    database: Database
    chain: AnyChain
    deployment: Deployment
    facts: FactCache
    keys: KeyStore
    vault: DiskVault
    abroad: Abroad
    secret: bytes = field(repr=False)
    halted: dict[str, str] = field(default_factory=dict)
    proofs: Proofs = field(default_factory=Proofs, repr=False)
    tiles: TileMemory = field(default_factory=TileMemory, repr=False)
    held: set[bytes] = field(default_factory=set, repr=False)
    _signers: dict[PartyCode, Ed25519Signer] = field(default_factory=dict, repr=False)
    _accounts: dict[PartyCode, AccountSigner] = field(default_factory=dict, repr=False)

    def signer(self, party: PartyCode) -> Ed25519Signer:
        """Return the key that signs for ``party``; its file is opened once.

        That takes the best part of a second, so it is done in a thread.
        """
        if party not in self._signers:
            self._signers[party] = self.keys.ed25519(party, SIGNING)
        return self._signers[party]

    def account(self, party: PartyCode) -> AccountSigner:
        """Return the account that sends for ``party``; opened once, in a thread, as above."""
        if party not in self._accounts:
            self._accounts[party] = self.keys.account(party, ACCOUNT)
        return self._accounts[party]

    def acts_for(self, party: PartyCode) -> bool:
        """Return whether the party's account is here; another office may hold its key."""
        return party in self._accounts or self.keys.find(party, ACCOUNT) is not None

    def drawdown_salt(self, customs: PartyCode, declaration: str, line: int) -> bytes:
        """Return what blinds the reference of one declaration line on chain.

        The same each time: a register that has lost the row still gives the line the reference
        under which it drew, and so the contract does not let it draw twice.
        """
        message = canonical_bytes([customs, declaration, line])
        return hashlib.blake2b(
            message, digest_size=SALT_BYTES, key=self.secret, person=b"tulen/drawdown"
        ).digest()

    @contextmanager
    def watched(self, what: str) -> Iterator[None]:
        """Halt ``what`` while the block fails with something that does not pass by itself.

        It is said once, and again when it has become something else. `UnavailableError` passes by
        itself, and through; so does `StaleFenceError`, since another process goes on with it.
        """
        try:
            yield
        except (UnavailableError, StaleFenceError):
            raise
        except TulenError as error:
            if self.halted.get(what) != str(error):
                self.halted[what] = str(error)
                _log.error("work:halted what=%s code=%s cause=%s", what, error.code, error)
        else:
            if self.halted.pop(what, None) is not None:
                _log.warning("work:resumed what=%s", what)

    def require_going(self, *what: str) -> None:
        """Return if none of ``what`` is halted; of anything, where nothing is named.

        Raises:
            HaltedError: one is.
        """
        for subject in what or tuple(self.halted):
            if subject in self.halted:
                raise HaltedError(
                    f"work on {subject} has stopped until somebody has looked: "
                    f"{self.halted[subject]}"
                )


@asynccontextmanager
async def open_office(settings: Settings) -> AsyncIterator[Office]:
    """Open everything that ``settings`` name, and close it again.

    The chain node need not answer: what needs it says so when it is asked.

    Raises:
        UnavailableError: the database or the deployment is not there.
        WrongSchemaError: the database was made for another version.
        TulenError: the deployment is malformed, the documents' key does not open, or a setting
            names what it cannot name.
    """
    deployment = deployment_in(settings.deployment_file)
    keys = KeyStore(settings.keys_folder, passphrase_in(settings.passphrase_path))
    reader = PrivateKey(keys.x25519(OFFICE, DOCUMENTS))
    vault = DiskVault(settings.vault_folder, [bytes(reader.public_key)], bytes(reader))
    async with AsyncExitStack() as stack:
        if settings.database_url is not None:
            url = settings.database_url.get_secret_value()
        else:
            url = stack.enter_context(EmbeddedPostgres(settings.database_folder)).url
        database = Database(url)
        stack.push_async_callback(database.close)
        async with database.transaction() as connection:
            await require_current(connection)
        nodes = chain_of(settings.chain_rpc_urls, deployment.chain_id, settings.chain_rpc_quorum)
        chain = await stack.enter_async_context(aclosing(nodes))
        head_age = settings.max_head_age(chain.chain_id)
        facts = FactCache(
            FactReader(chain, deployment, now=clock.now, max_head_age=head_age),
            settings.chain_max_age_seconds,
        )
        abroad = await stack.enter_async_context(open_abroad(settings))
        yield Office(
            settings, database, chain, deployment, facts, keys, vault, abroad, bytes(reader)
        )
