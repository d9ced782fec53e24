"""What OpenAttestation's contracts say: document stores, and the registry of ``did:ethr``.

These are other people's contracts, whatever stands at an address that a document names. They are
asked, at one block, and every answer but a plain yes or no counts as none.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tulen.chain.facts import StaleHeadError
from tulen.chain.forms import FORMS
from tulen.chain.rpc import AnyChain, RpcError, octets, quantity
from tulen.errors import UnavailableError
from tulen.values import instant_text
from tulen.verify.facts import Unavailable
from tulen.verify.open_attestation import IssuanceFacts, IssuanceQuestion, StoreAnswer

DID_REGISTRY: Final = "0xdca7ef03e98e0dc2b855be647c39abe984fcf21b"
"""Where ERC-1056's registry stands on Ethereum and most other chains."""

_BLOCK: Final = "eth_getBlockByNumber"
_IS_ISSUED: Final = "0x163aa631"
_IS_REVOKED: Final = "0x4294857f"
_IDENTITY_OWNER: Final = "0x8733d4e8"
_WORD: Final = 32
_ADDRESS_BYTES: Final = 20
_SECOND: Final = timedelta(seconds=1)


class DocumentStoreReader:
    """Asks document stores; nothing is remembered.

    Args:
        chain: The endpoint, or the endpoints that must agree.
        now: Reads the clock: the aware instant that it is.
        max_head_age: How old the chain's latest block may be; None where any age is good.
    """

    def __init__(
        self,
        chain: AnyChain,
        *,
        now: Callable[[], datetime],
        max_head_age: timedelta | None = None,
    ) -> None:
        self._chain = chain
        self._now = now
        self._max_head_age = max_head_age

    async def read(self, question: IssuanceQuestion) -> IssuanceFacts | Unavailable:
        """Return everything that ``question`` asks for, or why it could not be read."""
        read_at = self._now()
        try:
            answer = await self._chain.request(_BLOCK, "latest", False)
            block = FORMS[_BLOCK](answer) or {}
            number, at = quantity(block.get("number")), self._time(block)
            # By its hash, so that all is of one block whatever happens meanwhile (EIP-1898).
            here = {"blockHash": block["hash"], "requireCanonical": True}
            stores, controllers = await asyncio.gather(
                asyncio.gather(
                    *(self._store(address, question, here) for address in question.stores)
                ),
                asyncio.gather(
                    *(self._controller(address, here) for address in question.identities)
                ),
            )
        except UnavailableError as error:
            return Unavailable(str(error))
        return IssuanceFacts(
            question,
            self._chain.chain_id,
            number,
            at,
            read_at,
            dict(zip(question.stores, stores, strict=True)),
            dict(zip(question.identities, controllers, strict=True)),
        )

    def _time(self, block: dict[str, Any]) -> datetime:
        """Return the block's time, unless it is older than a chain that goes on may have it."""
        octets(block.get("hash"), _WORD)
        try:
            at = datetime.fromtimestamp(quantity(block.get("timestamp")), UTC)
        except (ValueError, OverflowError, OSError):
            raise UnavailableError(f"{self._chain.name}: its latest block is of no time") from None
        age = self._now() - at
        if self._max_head_age is not None and age > self._max_head_age:
            raise StaleHeadError(
                f"{self._chain.name}: its latest block is of {instant_text(at)}, and at most "
                f"{self._max_head_age // _SECOND} s of age are believed"
            )
        return at

    async def _store(
        self, address: str, question: IssuanceQuestion, here: dict[str, object]
    ) -> StoreAnswer:
        code, issued, *revoked = await asyncio.gather(
            self._chain.request("eth_getCode", address, here),
            self._flag(address, _IS_ISSUED, question.root, here),
            *(self._flag(address, _IS_REVOKED, known, here) for known in question.path),
        )
        any_revoked = True if True in revoked else None if None in revoked else False
        return StoreAnswer(bool(octets(code)), issued, any_revoked)

    async def _flag(
        self, address: str, function: str, argument: bytes, here: dict[str, object]
    ) -> bool | None:
        """Return whether the contract says yes; None where it says neither yes nor no."""
        word = await self._word(address, function + argument.hex(), here)
        return {0: False, 1: True}.get(int.from_bytes(word)) if len(word) == _WORD else None

    async def _controller(self, address: str, here: dict[str, object]) -> str | None:
        argument = address.removeprefix("0x").rjust(2 * _WORD, "0")
        word = await self._word(DID_REGISTRY, _IDENTITY_OWNER + argument, here)
        return f"0x{word[-_ADDRESS_BYTES:].hex()}" if len(word) == _WORD else None

    async def _word(self, address: str, data: str, here: dict[str, object]) -> bytes:
        """Return what a contract answers; nothing where it reverts, or is none."""
        call = {"to": address, "data": data}
        try:
            return octets(await self._chain.request("eth_call", call, here))
        except RpcError as error:
            if error.reverted:
                return b""
            raise
