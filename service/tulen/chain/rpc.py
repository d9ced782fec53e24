"""JSON-RPC over pooled connections: calls made in one event-loop tick leave as one batch.

Every batch also asks for the chain id, so no answer can come from another chain than the one
meant. Every answer is checked (size, form, identity) before anybody reads it; whatever is no
answer is `UnavailableError`, in words that never hold the URL's credentials.
"""

import asyncio
import itertools
import re
from collections.abc import Sequence
from types import TracebackType
from typing import Any, ClassVar, Final, Protocol, Self, TypeAlias, cast
from urllib.parse import urlsplit

import aiohttp
import orjson
from web3 import AsyncWeb3
from web3.providers.async_base import AsyncJSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from tulen.errors import InvalidInputError, UnavailableError, shown

CONNECT_SECONDS: Final = 2.0
TOTAL_SECONDS: Final = 10.0
MAX_CONNECTIONS: Final = 16
MAX_BATCH_CALLS: Final = 100
"""Public endpoints commonly refuse batches of more than a hundred calls."""
MAX_RESPONSE_BYTES: Final = 16 * 1024 * 1024
"""A hundred full answers fit many times over; an endless one is cut off."""

_HTTP_OK: Final = 200
_EXECUTION_REVERTED: Final = 3  # geth's and Anvil's code; others put it in words or attach data
_QUANTITY: Final = re.compile("0x[0-9a-fA-F]{1,64}")
_CALL: Final = b'{"jsonrpc":"2.0","id":%d,%b}'

Json: TypeAlias = Any
"""What the node answered; whoever reads a result checks its form."""


class RpcError(UnavailableError):
    """The node answered, but with an error instead of a result.

    Args:
        rpc_code: The JSON-RPC error code.
        message: What the node says.
        data: The bytes that a reverting contract returned; empty where there are none.
    """

    code: ClassVar[str] = "chain-rpc-error"

    def __init__(self, rpc_code: int, message: str, data: bytes) -> None:
        self.rpc_code = rpc_code
        self.message = message
        self.data = data
        super().__init__(f"the chain node answers error {rpc_code}: {shown(message)}")

    @property
    def reverted(self) -> bool:
        """Whether it is a contract that refused, and not the node."""
        return (
            self.rpc_code == _EXECUTION_REVERTED
            or bool(self.data)
            or "revert" in self.message.lower()
        )


class WrongChainError(UnavailableError):
    """The endpoint serves another chain than the one that was asked for."""

    code: ClassVar[str] = "wrong-chain"

    def __init__(self, *, expected: int, actual: int) -> None:
        self.expected = expected
        self.actual = actual
        super().__init__(
            f"the chain node serves chain {actual}, not chain {expected}; correct its URL"
        )


class AnyChain(Protocol):
    """What the steps ask of a chain: one endpoint (`Chain`), or several that must agree."""

    @property
    def chain_id(self) -> int:
        """EIP-155 id of the chain."""
        ...

    @property
    def name(self) -> str:
        """What messages call it; never with credentials."""
        ...

    async def request(self, method: str, *params: Json) -> Json:
        """Return the result of one call, or raise `UnavailableError`."""
        ...


class _Call:
    """One call on its way: its text without the id, and who waits for the result."""

    __slots__ = ("answer", "text")

    def __init__(self, text: bytes, answer: asyncio.Future[Json]) -> None:
        self.text = text
        self.answer = answer


class Chain:
    """One JSON-RPC endpoint of one chain. Use it within one event loop, and close it.

    Args:
        url: ``http`` or ``https`` URL of the endpoint; it may carry credentials.
        chain_id: EIP-155 id that the endpoint must serve.

    Raises:
        InvalidInputError: the URL is none.
    """

    def __init__(self, url: str, chain_id: int) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidInputError("chain_url", parts.scheme, "is not an http or https URL")
        self.chain_id = chain_id
        self.name = f"chain node {parts.hostname}" + (f":{parts.port}" if parts.port else "")
        self._url = url
        self._ids = itertools.count(1)
        self._waiting: list[_Call] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self.web3: AsyncWeb3[Any] = AsyncWeb3(_Provider(self), middleware=[])

    async def request(self, method: str, *params: Json) -> Json:
        """Return the result of one call.

        Raises:
            RpcError: the node answers an error, such as a revert.
            WrongChainError: the node serves another chain.
            UnavailableError: there is no answer, or none that can be believed.
        """
        loop = asyncio.get_running_loop()
        text = b'"method":%b,"params":%b' % (orjson.dumps(method), orjson.dumps(params))
        call = _Call(text, loop.create_future())
        self._waiting.append(call)
        if len(self._waiting) == 1:
            loop.call_soon(self._depart)
        return await call.answer

    async def aclose(self) -> None:
        """Close the connections; calls still on their way end as unavailable."""
        self._closed = True
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self.aclose()

    def _depart(self) -> None:
        """Send everything that this tick has gathered."""
        waiting, self._waiting = self._waiting, []
        for start in range(0, len(waiting), MAX_BATCH_CALLS - 1):
            task = asyncio.create_task(self._send(waiting[start : start + MAX_BATCH_CALLS - 1]))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, calls: list[_Call]) -> None:
        """Bring one batch to the node and each result to whoever waits for it."""
        failure = UnavailableError(f"{self.name}: closed before it answered")
        try:
            results = await self._exchange([call.text for call in calls])
        except UnavailableError as error:
            failure = error
        else:
            for call, result in zip(calls, results, strict=True):
                if call.answer.done():
                    continue
                if isinstance(result, RpcError):
                    call.answer.set_exception(result)
                else:
                    call.answer.set_result(result)
        finally:
            for call in calls:
                if not call.answer.done():
                    call.answer.set_exception(failure)

    async def _exchange(self, texts: Sequence[bytes]) -> list[Json]:
        """Return one result or `RpcError` per call, in order."""
        first = next(self._ids)
        ids = [first, *(next(self._ids) for _ in texts)]
        asked = (b'"method":"eth_chainId","params":[]', *texts)
        calls = [_CALL % pair for pair in zip(ids, asked, strict=True)]
        answers = _parsed(await self._post(b"[" + b",".join(calls) + b"]"), ids, self.name)
        served = quantity(answers[0])
        if served != self.chain_id:
            raise WrongChainError(expected=self.chain_id, actual=served)
        return answers[1:]

    async def _post(self, body: bytes) -> bytes:
        """Return what the node answers to ``body``."""
        try:
            return await self._post_once(body)
        except (aiohttp.ServerDisconnectedError, ConnectionResetError):
            # A pooled connection that the node closed while it idled looks like this; all that we
            # send is idempotent, so it goes once more over a fresh one.
            problem = ""
        except (aiohttp.ClientError, OSError) as error:
            problem = _in_words(error)
        if not problem:
            try:
                return await self._post_once(body)
            except (aiohttp.ClientError, OSError) as error:
                problem = _in_words(error)
        # Raised out here: the library's own error holds the URL, and must not be chained to ours.
        raise UnavailableError(f"{self.name}: {problem}")

    async def _post_once(self, body: bytes) -> bytes:
        if self._closed:
            raise UnavailableError(f"{self.name}: the connection was closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS),
                timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
                headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
                auto_decompress=False,
            )
        async with self._session.post(self._url, data=body, allow_redirects=False) as response:
            if response.status != _HTTP_OK:
                raise UnavailableError(f"{self.name}: answers HTTP {response.status}")
            received = bytearray()
            async for chunk in response.content.iter_any():
                received += chunk
                if len(received) > MAX_RESPONSE_BYTES:
                    raise UnavailableError(
                        f"{self.name}: answers more than {MAX_RESPONSE_BYTES} bytes"
                    )
            return bytes(received)


class _Provider(AsyncJSONBaseProvider):
    """Lets web3 speak through a `Chain`; CCIP-Read is off, so no contract can make us fetch."""

    global_ccip_read_enabled = False

    def __init__(self, chain: Chain) -> None:
        super().__init__()
        self._chain = chain

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401 - web3's signature
        """Return the result of one call in web3's envelope."""
        result = await self._chain.request(method, *params)
        return cast("RPCResponse", {"jsonrpc": "2.0", "id": 0, "result": result})


def _in_words(error: Exception) -> str:
    """Say what went wrong without the library's own text, which may hold the URL."""
    if isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
        return "does not accept connections"
    if isinstance(error, TimeoutError):
        return f"did not answer within {TOTAL_SECONDS:.0f} s"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError):
        return "hung up"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "broke off in the middle of its answer"
    return f"did not answer ({type(error).__name__})"


def _parsed(body: bytes, ids: Sequence[int], name: str) -> list[Json]:
    """Return the result or `RpcError` for each of ``ids``, or refuse the whole answer."""
    try:
        answers = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UnavailableError(f"{name}: answers something that is not JSON") from None
    if not isinstance(answers, list):
        answers = [answers]
    found: dict[object, Json] = {}
    for answer in answers:
        if not isinstance(answer, dict) or ("result" in answer) == ("error" in answer):
            raise UnavailableError(f"{name}: answers something that is not JSON-RPC")
        identity = answer.get("id")
        if identity is None and "error" in answer:
            raise UnavailableError(f"{name}: {_error(answer['error'])}")
        found[identity] = answer["result"] if "result" in answer else _error(answer["error"])
    if len(answers) != len(ids) or any(type(key) is not int for key in found):
        raise UnavailableError(f"{name}: answers {len(answers)} of {len(ids)} calls")
    try:
        return [found[identity] for identity in ids]
    except KeyError:
        raise UnavailableError(f"{name}: answers a call that was not made") from None


def _error(error: Json) -> RpcError:
    fields = error if isinstance(error, dict) else {}
    rpc_code, message, data = (fields.get(key) for key in ("code", "message", "data"))
    return RpcError(
        rpc_code if type(rpc_code) is int else 0,
        message if isinstance(message, str) else "without a message",
        _revert_data(data),
    )


def _revert_data(data: Json) -> bytes:
    """Return the bytes of a revert, however the node wraps them."""
    if isinstance(data, dict):
        data = data.get("data")
    if not isinstance(data, str):
        return b""
    try:
        return bytes.fromhex(data.removeprefix("Reverted ").removeprefix("0x"))
    except ValueError:
        return b""


def quantity(value: Json) -> int:
    """Return the integer that JSON-RPC writes as ``0x`` and hexadecimal digits.

    Raises:
        RpcError: ``value`` is the error that took its place.
        UnavailableError: it is anything else.
    """
    if isinstance(value, RpcError):
        raise value
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return int(value, 16)
    raise UnavailableError(f"the chain node answers {shown(value)} where a number belongs")


def octets(value: Json, length: int | None = None) -> bytes:
    """Return the bytes that JSON-RPC writes as ``0x`` and hexadecimal digits.

    Raises:
        UnavailableError: ``value`` is anything else, or not of ``length``.
    """
    try:
        if value[:2] == "0x":
            result = bytes.fromhex(value[2:])
            if length is None or len(result) == length:
                return result
    except (TypeError, ValueError):
        pass
    raise UnavailableError(f"the chain node answers {shown(value)} where bytes belong")
