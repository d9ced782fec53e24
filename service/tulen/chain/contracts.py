"""The three contracts: how their calls, answers and events are written, and where they stand."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from web3 import Web3

from tulen.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of a function, event or error.

    Attributes:
        name: Its name in the interface; empty for an unnamed result.
        kind: Its canonical ABI type, tuples written out.
        indexed: Whether an event carries it as a topic.
    """

    name: str
    kind: str
    indexed: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A function, event or error of a contract.

    Attributes:
        name: Its name.
        hash: Keccak-256 of its signature: an event's topic; its first four bytes are a selector.
        inputs: Its parameters.
        outputs: What a function returns.
    """

    name: str
    hash: bytes
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]

    @property
    def selector(self) -> bytes:
        """The four bytes that name a function or error."""
        return self.hash[:4]

    def encode(self, *arguments: object) -> bytes:
        """Return the call data for ``arguments``."""
        return self.selector + encode([field.kind for field in self.inputs], arguments)

    def decode_inputs(self, data: bytes) -> dict[str, Any]:
        """Return the arguments that ``data`` holds after the selector, by name."""
        return dict(zip(_names(self.inputs), _decoded(self.inputs, data), strict=True))

    def decode_outputs(self, data: bytes) -> tuple[Any, ...]:
        """Return the results that ``data`` holds."""
        return _decoded(self.outputs, data)

    def decode_event(self, topics: Iterable[bytes], data: bytes) -> dict[str, Any]:
        """Return the arguments of an event, by name; ``topics`` are those after the first."""
        indexed = [field for field in self.inputs if field.indexed]
        plain = [field for field in self.inputs if not field.indexed]
        values = dict(zip(_names(plain), _decoded(plain, data), strict=True))
        # All our indexed parameters are of fixed size, so a topic holds the value itself.
        values |= zip(_names(indexed), _decoded(indexed, b"".join(topics)), strict=True)
        return {field.name: values[field.name] for field in self.inputs}


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as the package ships it.

    Attributes:
        name: Its name in the sources.
        creation_code: What a deployment runs, without constructor arguments.
        constructor: Types of the constructor's arguments.
        functions: By name; none is overloaded.
        events: By topic.
        errors: By selector.
    """

    name: str
    creation_code: bytes
    constructor: tuple[str, ...]
    functions: Mapping[str, Entry]
    events: Mapping[bytes, Entry]
    errors: Mapping[bytes, Entry]

    @classmethod
    def from_artifact(cls, name: str, artifact: Mapping[str, Any]) -> "Contract":
        """Return the contract that a compiler's ``abi`` and ``bytecode`` describe."""
        by_type: dict[str, list[Entry]] = {"function": [], "event": [], "error": []}
        constructor: tuple[str, ...] = ()
        for item in artifact["abi"]:
            if item["type"] == "constructor":
                constructor = tuple(field.kind for field in _fields(item["inputs"]))
            elif item["type"] in by_type:
                by_type[item["type"]].append(_entry(item))
        return cls(
            name,
            bytes.fromhex(artifact["bytecode"].removeprefix("0x")),
            constructor,
            {entry.name: entry for entry in by_type["function"]},
            {entry.hash: entry for entry in by_type["event"]},
            {entry.selector: entry for entry in by_type["error"]},
        )

    def deployment_data(self, *arguments: object) -> bytes:
        """Return the data of the transaction that creates the contract."""
        return self.creation_code + encode(self.constructor, arguments)


@cache
def contract(name: str) -> Contract:
    """Return the contract ``name`` as generated into ``tulen.chain.artifacts``."""
    artifact = resources.files("tulen.chain").joinpath("artifacts", f"{name}.json")
    return Contract.from_artifact(name, json.loads(artifact.read_bytes()))


def registry() -> Contract:
    """Return the AuthorityRegistry."""
    return contract("AuthorityRegistry")


def ledger() -> Contract:
    """Return the CertificateLedger."""
    return contract("CertificateLedger")


def drawdowns() -> Contract:
    """Return the DrawdownLedger."""
    return contract("DrawdownLedger")


@cache
def events() -> Mapping[bytes, Entry]:
    """Return every event of the three contracts, by topic."""
    return {**registry().events, **ledger().events, **drawdowns().events}


@cache
def errors() -> Mapping[bytes, Entry]:
    """Return every error of the three contracts, by selector."""
    return {**registry().errors, **ledger().errors, **drawdowns().errors}


def _names(fields: Iterable[Field]) -> list[str]:
    return [field.name for field in fields]


def _decoded(fields: Iterable[Field], data: bytes) -> tuple[Any, ...]:
    try:
        return tuple(decode([field.kind for field in fields], data))
    except (DecodingError, OverflowError) as error:
        raise UnavailableError(
            f"the chain node answers {len(data)} bytes that do not fit the contract's interface"
        ) from error


def _entry(item: Mapping[str, Any]) -> Entry:
    inputs = _fields(item["inputs"])
    signature = f"{item['name']}({','.join(field.kind for field in inputs)})"
    outputs = _fields(item.get("outputs", ()))
    return Entry(item["name"], bytes(Web3.keccak(text=signature)), inputs, outputs)


def _fields(items: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(Field(item["name"], _kind(item), item.get("indexed", False)) for item in items)


def _kind(item: Mapping[str, Any]) -> str:
    kind: str = item["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_kind, item['components']))}){kind.removeprefix('tuple')}"
