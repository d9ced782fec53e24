"""What an operator may set: environment variables ``TULEN_*``, read once, never written.

Each is described in docs/operations/settings.md; a test holds the two together.
"""

from datetime import timedelta
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tulen.errors import InvalidInputError

PREFIX = "TULEN_"
EMBEDDED_CHAIN_ID = 1337
"""EIP-155 id of the chain that comes with the packages."""
WEI_PER_GWEI = 10**9


class Settings(BaseSettings):
    """The settings of one Tulen process."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    home: Path = Field(
        default=Path(".tulen"),
        description="Folder of all state: embedded database and chain, keys, documents.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL server of one's own, as "
        "postgresql+psycopg://user:password@host/name; without it, the embedded server in "
        "the home folder.",
    )
    chain_rpc_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("http://127.0.0.1:8545",),
        repr=False,  # they may hold credentials
        description="JSON-RPC endpoints of the chain, separated by commas.",
    )
    chain_rpc_quorum: int | None = Field(
        default=None,
        ge=1,
        description="How many of the endpoints must give the same answer; default: a majority.",
    )
    chain_max_age_seconds: int = Field(
        default=5,
        ge=0,
        le=30,
        description="For how many seconds verification uses what it has read of the chain, which "
        "its answers show; 0 reads it each time.",
    )
    chain_max_head_age_seconds: int | None = Field(
        default=None,
        ge=0,
        description="How old, in seconds, the chain's latest block may be before verification "
        "answers UNKNOWN; 0 is any age; default: 60, and any age on the embedded chain (id 1337), "
        "which makes blocks only when something happens.",
    )
    passphrase_file: Path | None = Field(
        default=None,
        description="File whose first line opens the key files; default: passphrase in the home "
        "folder.",
    )
    api_key: SecretStr | None = Field(
        default=None,
        description="API key that the command line acts with.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$",
        description="Address under which others reach this service: credentials name their issuer, "
        "status lists and vocabulary by it, so it must stay the same.",
    )
    checkpoint_seconds: int = Field(
        default=5,
        ge=0,
        le=3600,
        description="Oldest age, in seconds, that an entry of the log reaches before a checkpoint "
        "is sealed.",
    )
    checkpoint_entries: int = Field(
        default=10_000,
        ge=1,
        le=65_536,
        description="Number of new entries at which a checkpoint is sealed at once.",
    )

    fee_cap_gwei: Decimal = Field(
        default=Decimal(100),
        gt=0,
        le=1_000_000,
        decimal_places=9,
        description="Most that a transaction offers per unit of gas, base fee and tip together, in "
        "gwei.",
    )
    bump_seconds: int = Field(
        default=25,
        ge=0,
        le=3600,
        description="Seconds without being mined after which a transaction is sent again at a "
        "higher fee.",
    )

    publish_seconds: int = Field(
        default=60,
        ge=1,
        le=86_400,
        description="How soon, in seconds, a certificate's anchor is to be final, on top of the "
        "age of a checkpoint; later is an alarm.",
    )
    webhook_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(),
        description="Networks that webhooks may reach although they are not public, such as "
        "10.1.0.0/16, separated by commas; one that holds loopback also allows plain http to it.",
    )
    correlation_table: Path | None = Field(
        default=None,
        description="CSV file that carries HS codes from one edition to another, for questions "
        "about origin (docs/specs/origin.md, section 8); without it they are UNDETERMINED where "
        "the editions differ.",
    )

    oa_rpc_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        repr=False,  # they may hold credentials
        description="JSON-RPC endpoints of the chain that foreign OpenAttestation documents are "
        "issued on, separated by commas; without them, their status is UNKNOWN.",
    )
    oa_rpc_quorum: int | None = Field(
        default=None,
        ge=1,
        description="How many of those endpoints must give the same answer; default: a majority.",
    )
    oa_chain_id: int = Field(
        default=1,
        ge=1,
        description="EIP-155 id of that chain; default: Ethereum's.",
    )
    oa_dns_url: str | None = Field(
        default=None,
        repr=False,  # it may hold credentials
        description="Resolver that is asked for the TXT records of issuers' domains: an https URL "
        "that answers JSON, such as https://dns.google/resolve.",
    )
    oa_dns_file: Path | None = Field(
        default=None,
        description="File of TXT records that are known without asking, as a JSON object of "
        "domains with their records.",
    )
    oa_issuers: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="Domains, and identifiers (did:ethr:0x...), whose OpenAttestation documents "
        "are accepted, separated by commas; without them, none is VALID.",
    )

    @field_validator(
        "chain_rpc_urls", "webhook_networks", "oa_rpc_urls", "oa_issuers", mode="before"
    )
    @classmethod
    def _parts(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the environment holds
        """Take the one string of the environment apart; each URL is looked at where it is used."""
        if not isinstance(value, str):
            return value
        return [part.strip() for part in value.split(",") if part.strip()]

    @property
    def publish_within(self) -> timedelta:
        """How soon after it is written down the anchor of a certificate is to be final."""
        return timedelta(seconds=self.checkpoint_seconds + self.publish_seconds)

    def max_head_age(self, chain_id: int) -> timedelta | None:
        """Return how old the latest block of that chain may be; None where any age is good."""
        seconds = self.chain_max_head_age_seconds
        if seconds is None:
            seconds = 0 if chain_id == EMBEDDED_CHAIN_ID else 60
        return timedelta(seconds=seconds) if seconds else None

    @property
    def fee_cap(self) -> int:
        """The most that a transaction offers per unit of gas, in wei."""
        return int(self.fee_cap_gwei * WEI_PER_GWEI)

    @property
    def database_folder(self) -> Path:
        """Where the embedded PostgreSQL keeps its data."""
        return self.home / "database"

    @property
    def deployment_file(self) -> Path:
        """Which contracts on which chain this service trusts."""
        return self.home / "deployment.json"

    @property
    def keys_folder(self) -> Path:
        """The key files of the parties that this service acts for."""
        return self.home / "keys"

    @property
    def vault_folder(self) -> Path:
        """The encrypted documents."""
        return self.home / "documents"

    @property
    def log_folder(self) -> Path:
        """The copy of the logs, as any web server can serve it; nothing in it is secret."""
        return self.home / "log"

    @property
    def passphrase_path(self) -> Path:
        """The file that opens the key files."""
        return self.passphrase_file or self.home / "passphrase"


def settings_of_environment() -> Settings:
    """Return the settings that the environment holds.

    Raises:
        InvalidInputError: a variable holds what it cannot hold.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        name = f"{PREFIX}{'_'.join(map(str, wrong['loc']))}".upper()
        problem = f"is refused: {wrong['msg']}; see docs/operations/settings.md"
        raise InvalidInputError(name, wrong["input"], problem) from None
