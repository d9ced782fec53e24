"""The stage: one office on real PostgreSQL and real Anvil, in a temporary folder.

It is set up when a metric first needs it, and all metrics of a run share it: a log of a hundred
thousand entries takes its time to fill.
"""

import secrets
import socket
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.samples import AUTHORITY, bundle, certificates
from demonstration import PEOPLE, set_up
from tulen.certificate import AnchorReceipt, FullPresentation, LogProof
from tulen.chain.embedded import HOST, EmbeddedChain, find_anvil
from tulen.chain.sender import Receipt
from tulen.database import EmbeddedPostgres, checkpoints, log, migrate
from tulen.log import Kind, SignedCheckpoint
from tulen.settings import Settings
from tulen.values import Digest
from tulen.worker import work_until_idle
from tulen.workflows import clock
from tulen.workflows.anchor import anchor
from tulen.workflows.log_of import anchored_size
from tulen.workflows.log_proof import inclusion_path
from tulen.workflows.office import Caller, Office, open_office
from tulen.workflows.seal_checkpoint import seal_checkpoint
from tulen.workflows.send import mined
from tulen.workflows.settle import record_mined

ROOT: Final = Path(__file__).resolve().parents[2]
LOG_SIZE: Final = 100_000
BATCH: Final = 10_000
"""How many entries make the worker seal at once, by default."""
FINAL_SECONDS: Final = 60
CERTIFICATES: Final = 256
CHECKPOINTS: Final = 8
"""Over how many checkpoints the certificates are spread."""


class Stage:
    """Everything that the benchmarks run on; an asynchronous context manager.

    Attributes:
        settings: The settings of the office; nothing of the environment gets in.
        api_keys: API key of each person of the demonstration, once the office is open.
        million: What filling the log with a million certificates took, in seconds, and the peak of
            memory, in MiB; None before.
        gas: What each transaction costs, by its title in docs/gas.md; empty before.
    """

    settings: Settings
    api_keys: dict[str, str]
    million: tuple[float, float] | None
    gas: dict[str, int]

    def __init__(self) -> None:
        self._open = AsyncExitStack()
        self._office: Office | None = None
        self._bundles: list[bytes] = []
        self.million = None
        self.gas = {}

    async def __aenter__(self) -> Self:
        """Return itself; nothing is started yet."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything and remove the folder."""
        await self._open.aclose()

    async def office(self) -> Office:
        """Return the office of the demonstration, in whose log nothing stands yet."""
        if self._office is None:
            home = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="tulen-")))
            port = free_port()
            self.settings = Settings(
                home=home,
                database_url=None,
                chain_rpc_urls=(f"http://{HOST}:{port}",),
                chain_rpc_quorum=None,
                chain_max_age_seconds=5,
                chain_max_head_age_seconds=None,
                passphrase_file=None,
                api_key=None,
                checkpoint_seconds=0,  # Who measures says when to seal.
            )
            chain = EmbeddedChain(
                home / "chain", binary=find_anvil(ROOT / "node_modules"), port=port
            )
            self._open.enter_context(chain)
            postgres = self._open.enter_context(EmbeddedPostgres(self.settings.database_folder))
            migrate(postgres.url)
            self.api_keys = await set_up(self.settings, chain)
            self._office = await self._open.enter_async_context(open_office(self.settings))
        return self._office

    async def full_log(self) -> Office:
        """Return the office with at least `LOG_SIZE` entries in the authority's log."""
        office = await self.office()
        async with office.database.transaction() as connection:
            size = (await log.state(connection, AUTHORITY)).size
        while size < LOG_SIZE:
            await self.append(random_digests(BATCH))
            size += BATCH
        if not await anchored_size(office, AUTHORITY):
            await self.anchor()
        return office

    async def append(self, digests: list[Digest]) -> None:
        """Add entries to the log, and seal them under a checkpoint."""
        await self.append_unsealed(digests)
        await seal_checkpoint(await self.office(), AUTHORITY)

    async def append_unsealed(self, digests: list[Digest]) -> None:
        """Add entries to the log, for a checkpoint to come."""
        office = await self.office()
        async with office.database.transaction() as connection:
            await log.append_entries(connection, AUTHORITY, Kind.CERTIFICATE, digests)

    async def anchor(self) -> Receipt:
        """Anchor the latest checkpoint and return the receipt."""
        office = await self.office()
        sent = await anchor(office, AUTHORITY)
        receipt = await mined(office, sent) if sent is not None else None
        if receipt is None or not receipt.succeeded:
            raise RuntimeError(f"the checkpoint was not anchored: {sent}, {receipt}")
        await record_mined(office, receipt)
        return receipt

    async def bundles(self) -> list[bytes]:
        """Return the bundles of `CERTIFICATES` certificates, whose entries end a full log."""
        if not self._bundles:
            office = await self.full_log()
            issued = list(certificates(CERTIFICATES, clock.today()))
            share = CERTIFICATES // CHECKPOINTS
            for first in range(0, CERTIFICATES, share):
                await self.append([one.digest for one in issued[first : first + share]])
                await self.anchor()
            await work_until_idle(office, FINAL_SECONDS)
            self._bundles = [await _bundle(office, one) for one in issued]
        return self._bundles


async def _bundle(office: Office, certificate: FullPresentation) -> bytes:
    """Return the bundle of a certificate in the office's log, as `export_bundle` makes it."""
    async with office.database.transaction() as connection:
        entry = await log.find_entry(connection, AUTHORITY, certificate.digest)
        index = entry.index if entry else 0
        covering = await checkpoints.checkpoint_covering(connection, AUTHORITY, index)
        checkpoint, anchor = covering or (None, None)
        if checkpoint is None or anchor is None or not anchor.final:
            raise RuntimeError(f"entry {index} has no final anchor")
    path = await inclusion_path(office, AUTHORITY, index, checkpoint.size)
    return bundle(
        certificate,
        office.signer(AUTHORITY),
        LogProof(index, SignedCheckpoint.parse(checkpoint.note), path),
        AnchorReceipt(
            anchor.chain_id,
            f"0x{anchor.ledger.hex()}",
            anchor.tx_hash,
            anchor.block_number,
            anchor.block_hash,
            anchor.anchored_at,
        ),
    )


def random_digests(count: int) -> list[Digest]:
    """Return what the log takes for digests of certificates."""
    return [Digest(secrets.token_bytes(Digest.length)) for _ in range(count)]


def caller(person: str) -> Caller:
    """Return a person of the demonstration as who calls."""
    return Caller(*PEOPLE[person])


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
