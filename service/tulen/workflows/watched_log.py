"""What a monitor knows, what it remembers, and what it says (docs/specs/log.md, section 8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from tulen.chain.deployment import Deployment
from tulen.errors import InvalidInputError, RuleViolationError
from tulen.log import Checkpoint, Frontier, log_name
from tulen.log.merkle import HASH_BYTES
from tulen.values import Digest, Ed25519PublicKey, PartyCode, instant_from, instant_text
from tulen.values.fields import Document, constant, each, hex_bytes, members, part, whole_number

FORMAT: Final = "tulen/monitor/v1"

_MAX_KEYS: Final = 10_000
_MAX_HASHES: Final = 64
_STATE: Final = frozenset({"format", "authority", "chain_id", "ledger", "keys", "anchored"})
_EMPTY: Final = Frontier()
_LATER: Final = frozenset({"block", "place", "anchored_at", "seen", "waiting"})


class AlarmKind(StrEnum):
    """What can be wrong with a log, seen from outside."""

    FORK = "fork"
    GAP = "gap"
    LATE = "late"
    ROLLED_BACK = "rolled-back"
    SIGNATURE = "signature"
    TILE = "tile"
    UNKNOWN_ENTRY = "unknown-entry"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong.

    Attributes:
        kind: What kind of thing.
        subject: What it is about.
        expected: What should be, and who says so.
        found: What is.
    """

    kind: AlarmKind
    subject: str
    expected: str
    found: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.subject}: expected {self.expected}; found {self.found}"

    def to_document(self) -> Document:
        """Return the JSON form."""
        return {
            "alarm": self.kind.value,
            "subject": self.subject,
            "expected": self.expected,
            "found": self.found,
        }


class AlarmError(RuleViolationError):
    """Something is so wrong with a log that nothing beyond it can be checked."""

    code: ClassVar[str] = "log-alarm"

    def __init__(self, kind: AlarmKind, subject: str, expected: str, found: str) -> None:
        self.alarm = Alarm(kind, subject, expected, found)
        super().__init__(f"{kind}: {self.alarm}")


@dataclass(frozen=True, slots=True)
class Watched:
    """Which log is followed, and whom the monitor trusts about it.

    Attributes:
        authority: Whose log.
        url: Where the log is served.
        chain_urls: JSON-RPC endpoints of the chain; of several, a majority must agree.
        deployment: The contracts that are trusted.
        patience: How far log and ledger may lie behind each other.
        issued: The authority's own list of the digests that it issued; None where it gives none.
    """

    authority: PartyCode
    url: str
    chain_urls: tuple[str, ...]
    deployment: Deployment
    patience: timedelta
    issued: Path | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A size, and when it was first seen waiting for its anchor."""

    size: int
    since: datetime


@dataclass(frozen=True, slots=True)
class WatchState:
    """How far a log was followed with nothing wrong: all that the next round needs.

    Attributes:
        block: Number and hash of the last final block whose events were read; None before.
        place: Block and index in it of the event that `anchored` goes back to; None before.
        keys: Keys that the registry ever named as the authority's.
        anchored: The tree up to the last anchored checkpoint.
        anchored_at: When that was anchored; None before.
        seen: The biggest checkpoint that was seen; None before.
        waiting: A checkpoint that had no anchor yet; None where none waits.
    """

    block: tuple[int, Digest] | None = None
    place: tuple[int, int] | None = None
    keys: tuple[Ed25519PublicKey, ...] = ()
    anchored: Frontier = _EMPTY
    anchored_at: datetime | None = None
    seen: Checkpoint | None = None
    waiting: Moment | None = None

    def to_document(self, watched: Watched) -> Document:
        """Return the JSON form, which names what it is about."""
        document: Document = {
            "format": FORMAT,
            "authority": watched.authority,
            "chain_id": watched.deployment.chain_id,
            "ledger": watched.deployment.ledger,
            "keys": [key.hex() for key in self.keys],
            "anchored": {
                "size": self.anchored.size,
                "hashes": [node.hex() for node in self.anchored.hashes],
            },
        }
        if self.block is not None:
            document["block"] = {"number": self.block[0], "hash": self.block[1].hex()}
        if self.place is not None:
            document["place"] = {"block": self.place[0], "index": self.place[1]}
        if self.anchored_at is not None:
            document["anchored_at"] = instant_text(self.anchored_at)
        if self.seen is not None:
            document["seen"] = {"size": self.seen.size, "root": self.seen.root.hex()}
        if self.waiting is not None:
            since = instant_text(self.waiting.since)
            document["waiting"] = {"size": self.waiting.size, "since": since}
        return document

    @classmethod
    def from_document(cls, value: object, watched: Watched) -> Self:
        """Return the state that a parsed JSON document holds.

        Raises:
            InvalidInputError: it is no state, or that of another log or another ledger.
        """
        document = members(value, _STATE, _LATER)
        constant(document["format"], "/format", FORMAT)
        constant(document["authority"], "/authority", watched.authority)
        constant(document["ledger"], "/ledger", watched.deployment.ledger)
        if document["chain_id"] != watched.deployment.chain_id:
            raise InvalidInputError(
                "/chain_id", document["chain_id"], f"is not {watched.deployment.chain_id}"
            )

        def optional(name: str, read: Any) -> Any:  # noqa: ANN401 - whatever `read` returns
            return part(document, name, read) if name in document else None

        return cls(
            optional("block", _block),
            optional("place", _place),
            each(document, "keys", _key, most=_MAX_KEYS, least=0),
            part(document, "anchored", _frontier),
            optional("anchored_at", lambda text: instant_from(text, "")),
            optional("seen", lambda seen: _checkpoint(seen, watched.authority)),
            optional("waiting", _moment),
        )


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What one round found.

    Attributes:
        authority: Whose log.
        checkpoint: What the log says it is; None where it says nothing that can be read.
        anchored: Entries that the ledger holds, as of the last final block.
        block: That block's number.
        entries: How many entries were read and hashed.
        others: How many signatures the checkpoint bears besides the authority's.
        alarms: What is wrong; empty where nothing is.
    """

    authority: PartyCode
    checkpoint: Checkpoint | None
    anchored: int
    block: int
    entries: int
    others: int
    alarms: tuple[Alarm, ...]

    def to_document(self) -> Document:
        """Return the JSON form."""
        document: Document = {
            "log": log_name(self.authority),
            "outcome": "ALARM" if self.alarms else "CLEAN",
            "anchored": self.anchored,
            "block": self.block,
            "entries": self.entries,
            "other_signatures": self.others,
            "alarms": [alarm.to_document() for alarm in self.alarms],
        }
        if self.checkpoint is not None:
            document |= {"size": self.checkpoint.size, "root": self.checkpoint.root.hex()}
        return document


def _key(value: object) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_hex(value, "")


def _block(value: object) -> tuple[int, Digest]:
    document = members(value, frozenset({"number", "hash"}))
    return whole_number(document["number"], "/number"), Digest.from_hex(document["hash"], "/hash")


def _place(value: object) -> tuple[int, int]:
    document = members(value, frozenset({"block", "index"}))
    return whole_number(document["block"], "/block"), whole_number(document["index"], "/index")


def _frontier(value: object) -> Frontier:
    document = members(value, frozenset({"size", "hashes"}))
    return Frontier(
        whole_number(document["size"], "/size"),
        each(
            document,
            "hashes",
            lambda node: hex_bytes(node, "", HASH_BYTES),
            most=_MAX_HASHES,
            least=0,
        ),
    )


def _checkpoint(value: object, authority: PartyCode) -> Checkpoint:
    document = members(value, frozenset({"size", "root"}))
    size = whole_number(document["size"], "/size")
    return Checkpoint(log_name(authority), size, Digest.from_hex(document["root"], "/root"))


def _moment(value: object) -> Moment:
    document = members(value, frozenset({"size", "since"}))
    return Moment(
        whole_number(document["size"], "/size"), instant_from(document["since"], "/since")
    )
