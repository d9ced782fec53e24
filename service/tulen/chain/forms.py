"""The form of each JSON-RPC answer in which several endpoints can be compared.

Only the members that consensus fixes are taken, since nodes add others of their own. What is not
named here is not compared, and so not handed on.
"""

from collections.abc import Callable, Mapping
from typing import Final

from tulen.chain.rpc import Json, quantity
from tulen.errors import UnavailableError


def _text(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value and value.lower()  # Some nodes write addresses in mixed case.
    raise UnavailableError(f"the chain node answers {type(value).__name__} where text belongs")


def _figure(value: Json) -> str:
    return hex(quantity(value))


def _members(value: Json, *names: str) -> dict[str, Json]:
    if not isinstance(value, Mapping):
        raise UnavailableError(
            f"the chain node answers {type(value).__name__} where an object belongs"
        )
    return {name: _text(value.get(name)) for name in names}


def _list(value: Json, form: Callable[[Json], Json]) -> list[Json]:
    if not isinstance(value, list):
        raise UnavailableError(
            f"the chain node answers {type(value).__name__} where a list belongs"
        )
    return [form(item) for item in value]


def _block(value: Json) -> Json:
    if value is None:
        return None
    block = _members(value, "hash", "parentHash", "logsBloom", "stateRoot", "baseFeePerGas")
    block |= {name: _figure(value.get(name)) for name in ("number", "timestamp")}
    transactions = value.get("transactions")
    if isinstance(transactions, list) and any(isinstance(item, Mapping) for item in transactions):
        block["transactions"] = [_whole_transaction(item) for item in transactions]
    return block


def _log(value: Json) -> Json:
    names = ("address", "data", "blockNumber", "blockHash", "transactionHash", "logIndex")
    return _members(value, *names) | {"topics": _list(value.get("topics"), _text)}


def _logs(value: Json) -> Json:
    return _list(value, _log)


def _receipt(value: Json) -> Json:
    if value is None:
        return None
    names = ("transactionHash", "blockNumber", "blockHash", "status", "gasUsed", "contractAddress")
    return _members(value, *names, "logsBloom") | {"logs": _logs(value.get("logs"))}


def _transaction(value: Json) -> Json:
    if value is None:
        return None
    return _members(value, "hash", "from", "to", "input", "gas", "blockNumber")


def _whole_transaction(value: Json) -> Json:
    """Everything that a type 2 transaction's hash is of; other types lack some of it."""
    names = ("hash", "from", "to", "input", "type", "nonce", "gas", "value", "chainId")
    fees = ("maxFeePerGas", "maxPriorityFeePerGas")
    return _members(value, *names, *fees, "yParity", "v", "r", "s")


FORMS: Final[Mapping[str, Callable[[Json], Json]]] = {
    "eth_call": _text,
    "eth_estimateGas": _figure,
    "eth_getBlockByNumber": _block,
    "eth_getCode": _text,
    "eth_getLogs": _logs,
    "eth_getTransactionByHash": _transaction,
    "eth_getTransactionCount": _figure,
    "eth_getTransactionReceipt": _receipt,
    "eth_maxPriorityFeePerGas": _figure,
    "eth_sendRawTransaction": _text,
}
"""Every call that this package makes."""
