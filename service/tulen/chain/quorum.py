"""Several endpoints of one chain, of which a required number must give the same answer.

One endpoint may be down, behind, forked or lying; a fact is believed only where the required number
agree on it byte for byte. What "latest" means is agreed on first: the highest block that the
required number have, by its hash; state is then read at that hash everywhere (EIP-1898), so the
answers can be compared. Where there is no agreement there is no answer, and the error says which
endpoints differ or are silent (ADR 0003).

What cannot be seen here: as many endpoints as are required telling the same lie.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import ClassVar, Final, Self

import orjson
from web3 import Web3

from tulen.chain.forms import FORMS
from tulen.chain.rpc import Chain, Json, RpcError, quantity
from tulen.errors import InvalidInputError, UnavailableError

MAX_LAG_SECONDS: Final = 30
"""How much later, in block time, any one endpoint's latest block may be than the agreed one. A
majority that is behind can hide a revocation no longer than that."""
GRACE_SECONDS: Final = 0.25
"""How long an endpoint is waited for that is not needed, but might know of a later block."""
MAX_LATE_CALLS: Final = 1_000
"""Calls left unanswered from which an endpoint is asked nothing more until it catches up."""

_SEND: Final = "eth_sendRawTransaction"
_BLOCK: Final = "eth_getBlockByNumber"
_RECEIPT: Final = "eth_getTransactionReceipt"
_TAGS: Final = ("latest", "finalized")
_MEASURED: Final = ("eth_estimateGas", "eth_maxPriorityFeePerGas")
"""Each endpoint has a figure of its own for these."""
_RUN: Final = ("eth_call", "eth_estimateGas")
"""Here a revert is an answer; anywhere else an error is none."""


class EndpointsDisagreeError(UnavailableError):
    """The endpoints answer, but too few of them the same."""

    code: ClassVar[str] = "endpoints-disagree"


class TooFewEndpointsError(UnavailableError):
    """Fewer endpoints answer than must agree."""

    code: ClassVar[str] = "too-few-endpoints"


def chain_of(urls: Sequence[str], chain_id: int, required: int | None = None) -> "Chain | Quorum":
    """Return the one endpoint of ``urls``, or the quorum of them; close it after use.

    Args:
        urls: ``http`` or ``https`` URLs; they may carry credentials.
        chain_id: EIP-155 id that they must serve.
        required: How many must agree; a majority where None.

    Raises:
        InvalidInputError: a URL is none, stands there twice, or there are fewer than required.
    """
    if len(urls) == 1 and required in {None, 1}:
        return Chain(urls[0], chain_id)
    if len(set(urls)) < len(urls):  # Not shown: they may hold credentials.
        raise InvalidInputError("chain_urls", f"{len(urls)} URLs", "name an endpoint twice")
    return Quorum([Chain(url, chain_id) for url in urls], required)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one endpoint says: in the form that is compared, and that form's bytes."""

    key: bytes
    value: Json


@dataclass(slots=True)
class _Poll:
    """The answers to one question."""

    question: str
    required: int
    asked: int
    answers: dict[Chain, _Answer] = field(default_factory=dict)
    silent: dict[Chain, UnavailableError] = field(default_factory=dict)

    def take(self, chain: Chain, outcome: _Answer | UnavailableError) -> None:
        if isinstance(outcome, _Answer):
            self.answers[chain] = outcome
        else:
            self.silent[chain] = outcome

    def largest(self) -> tuple[bytes, int]:
        """Return the answer that most have given, and how many."""
        counts = Counter(answer.key for answer in self.answers.values())
        return counts.most_common(1)[0] if counts else (b"", 0)

    def agreed(self) -> _Answer | None:
        """Return what the required number say."""
        key, count = self.largest()
        if count < self.required:
            return None
        return next(answer for answer in self.answers.values() if answer.key == key)

    def hopeless(self) -> bool:
        """Whether those that have not answered yet cannot bring agreement any more."""
        missing = self.asked - len(self.answers) - len(self.silent)
        return self.largest()[1] + missing < self.required

    def error(self) -> UnavailableError:
        """Return why there is no agreement."""
        refusals = [error for error in self.silent.values() if isinstance(error, RpcError)]
        if refusals and len(refusals) == self.asked:
            return refusals[0]
        groups: dict[bytes, list[str]] = {}
        for chain, answer in self.answers.items():
            groups.setdefault(answer.key, []).append(chain.name)
        told = [f"{' and '.join(names)} told one thing" for names in groups.values()]
        for chain, error in self.silent.items():
            words = str(error)
            told.append(words if words.startswith(chain.name) else f"{chain.name}: {words}")
        kind = EndpointsDisagreeError if len(groups) > 1 else TooFewEndpointsError
        return kind(
            f"{self.required} of {self.asked} chain nodes must agree on {self.question}, and do "
            f"not: {'; '.join(told)}"
        )


class Quorum:
    """Endpoints of one chain that are asked together; used and closed like one `Chain`.

    It closes them. Only the calls that this package makes are known here, and of their answers
    only the members that are compared are handed on.

    Args:
        chains: The endpoints, all of the same chain.
        required: How many must agree; a majority where None.

    Attributes:
        chain_id: EIP-155 id of the chain.
        name: What messages call it.
        required: How many must agree.
        disagreements: How often each endpoint, by name, said something else than was agreed on, or
            there was no agreement.
        silences: How often each gave no answer that can be believed.

    Raises:
        InvalidInputError: ``required`` is not from 1 to the number of endpoints.
    """

    def __init__(self, chains: Sequence[Chain], required: int | None = None) -> None:
        self.required = len(chains) // 2 + 1 if required is None else required
        if not 1 <= self.required <= len(chains):
            raise InvalidInputError(
                "required", self.required, f"is not from 1 to {len(chains)}, the endpoints given"
            )
        self.chain_id = chains[0].chain_id
        self.name = f"{len(chains)} chain nodes"
        self.disagreements: Counter[str] = Counter()
        self.silences: Counter[str] = Counter()
        self._chains = tuple(chains)
        self._tips: dict[Chain, Json] = {}
        self._late: dict[asyncio.Task[_Answer | UnavailableError], Chain] = {}
        self._late_calls: Counter[Chain] = Counter()
        self._pin: asyncio.Task[Json] | None = None
        self._pins: set[asyncio.Task[Json]] = set()

    async def request(self, method: str, *params: Json) -> Json:
        """Return the result of one call that the required number of endpoints agree on.

        Raises:
            RpcError: they agree that the call reverts, or all that answer refuse it.
            EndpointsDisagreeError: they answer differently.
            TooFewEndpointsError: too few answer.
        """
        if method == _SEND:
            return await self._handed_over(*params)
        if method in _MEASURED or params[-1:] == ("pending",):
            return await self._measured(method, *params)
        if method == _BLOCK and params[0] in _TAGS:
            # Those who ask within one tick share the answer, as they share a batch.
            return await (self._pinned() if params[0] == "latest" else self._common(params[0]))
        if method == _RECEIPT:
            # First that the required number have the block: then "no receipt" means something.
            await self._pinned()
        elif params[-1:] == ("latest",):
            pin = {"blockHash": (await self._pinned())["hash"], "requireCanonical": True}
            params = (*params[:-1], pin)
        return await self._agreed(method, *params)

    async def aclose(self) -> None:
        """Close all connections; calls still on their way end as unavailable."""
        for pin in self._pins:
            pin.cancel()
        await asyncio.gather(*self._pins, return_exceptions=True)
        await asyncio.gather(*(chain.aclose() for chain in self._chains))
        await asyncio.gather(*self._late, return_exceptions=True)

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self.aclose()

    async def _pinned(self) -> Json:
        """Return the latest block that the required number have."""
        if self._pin is None:
            self._pin = asyncio.create_task(self._common("latest"))
            self._pins.add(self._pin)
            self._pin.add_done_callback(self._pinned_or_not)
            asyncio.get_running_loop().call_soon(self._unpin)
        return await asyncio.shield(self._pin)

    def _unpin(self) -> None:
        self._pin = None

    def _pinned_or_not(self, pin: asyncio.Task[Json]) -> None:
        self._pins.discard(pin)
        if not pin.cancelled():
            pin.exception()  # looked at, in case that nobody waits for it any more

    async def _common(self, tag: str) -> Json:
        """Return the highest block that the required number show, or have below what they show."""
        poll = await self._polled(self.required, _BLOCK, tag, False)
        blocks = [answer.value for answer in poll.answers.values() if answer.value is not None]
        heights = sorted((quantity(block["number"]) for block in blocks), reverse=True)
        failure: UnavailableError | None = None
        # One that claims a height which nobody else has must not stop the others: go on below it.
        for number in dict.fromkeys(heights[self.required - 1 :]):
            shown = [block for block in blocks if quantity(block["number"]) == number]
            found = max(shown, key=shown.count)
            if shown.count(found) < self.required:
                try:
                    found = await self._agreed(_BLOCK, hex(number), False)
                except UnavailableError as error:
                    failure = error
                    continue
            if found is not None:
                self._compare(poll, found)
                if tag == "latest":
                    self._require_fresh(found)
                return found
        raise failure or poll.error()

    def _compare(self, poll: _Poll, block: Json) -> None:
        """Count the endpoints that show another block in the place of the agreed one."""
        for chain, answer in poll.answers.items():
            shown = answer.value
            if shown is not None and shown["number"] == block["number"] and shown != block:
                self.disagreements[chain.name] += 1

    def _require_fresh(self, block: Json) -> None:
        """Refuse ``block`` where any endpoint has shown a much later one: the others are behind."""
        agreed_at = quantity(block["timestamp"])
        for chain, tip in self._tips.items():
            lag = quantity(tip["timestamp"]) - agreed_at
            if lag > MAX_LAG_SECONDS:
                self.disagreements[chain.name] += 1
                raise EndpointsDisagreeError(
                    f"the chain nodes agree on block {quantity(block['number'])}, but {chain.name} "
                    f"has shown block {quantity(tip['number'])}, which is {lag} s later: either "
                    "the others are behind, or that one is wrong"
                )

    async def _measured(self, method: str, *params: Json) -> Json:
        """Return the highest figure that the required number reach: no minority can raise it."""
        poll = await self._polled(self.required, method, *params)
        agreed = poll.agreed()
        if agreed is not None and isinstance(agreed.value, RpcError):
            raise agreed.value
        figures = sorted(
            (
                quantity(answer.value)
                for answer in poll.answers.values()
                if not isinstance(answer.value, RpcError)
            ),
            reverse=True,
        )
        if len(figures) < self.required:
            raise poll.error()
        return hex(figures[self.required - 1])

    async def _handed_over(self, raw: str) -> Json:
        """Hand a transaction to all; one that takes it is enough, unless the required refuse."""
        poll = await self._polled(1, _SEND, raw)
        refusals = [error for error in poll.silent.values() if isinstance(error, RpcError)]
        if len(refusals) >= self.required or not poll.answers:
            # Of several reasons, that the nonce is gone for ever is believed last.
            refusals.sort(key=lambda error: "nonce too low" in error.message.lower())
            raise refusals[0] if len(refusals) >= self.required else poll.error()
        taken = {answer.value for answer in poll.answers.values()}
        tx_hash = f"0x{Web3.keccak(hexstr=raw).hex().removeprefix('0x')}"
        return tx_hash if tx_hash in taken else taken.pop()

    async def _agreed(self, method: str, *params: Json) -> Json:
        """Return what the required number answer, as soon as they do."""
        poll = _Poll(method, self.required, len(self._chains))
        pending = self._ask(method, params)
        agreed = None
        try:
            while pending and agreed is None and not poll.hopeless():
                done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    poll.take(pending.pop(task), task.result())
                agreed = poll.agreed()
        finally:
            self._leave(pending, agreed)
        self._count(poll, agreed)
        if agreed is None:
            raise poll.error()
        if isinstance(agreed.value, RpcError):
            raise agreed.value
        return agreed.value

    async def _polled(self, enough: int, method: str, *params: Json) -> _Poll:
        """Return what all answer; once ``enough`` have, the others are waited for only a moment.

        Not even that for those that still owe other answers.
        """
        poll = _Poll(f"{method} {params[0]}" if method == _BLOCK else method, self.required, 0)
        poll.asked = len(self._chains)
        pending = self._ask(method, params)
        loop = asyncio.get_running_loop()
        deadline = None
        try:
            while pending:
                if len(poll.answers) >= enough:
                    if all(self._late_calls[chain] for chain in pending.values()):
                        break
                    deadline = deadline or loop.time() + GRACE_SECONDS
                left = None if deadline is None else max(0.0, deadline - loop.time())
                done, _ = await asyncio.wait(
                    pending, timeout=left, return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    break
                for task in done:
                    poll.take(pending.pop(task), task.result())
        finally:
            self._leave(pending, None)
        for chain, error in poll.silent.items():
            if method != _SEND or not isinstance(error, RpcError):  # who has it already refuses it
                self.silences[chain.name] += 1
        return poll

    def _ask(
        self, method: str, params: Sequence[Json]
    ) -> dict[asyncio.Task[_Answer | UnavailableError], Chain]:
        return {
            asyncio.create_task(self._answer(chain, method, params)): chain
            for chain in self._chains
        }

    async def _answer(
        self, chain: Chain, method: str, params: Sequence[Json]
    ) -> _Answer | UnavailableError:
        """Return what one endpoint says, or why it says nothing; it never raises."""
        if self._late_calls[chain] >= MAX_LATE_CALLS:
            return UnavailableError(f"{chain.name}: has {MAX_LATE_CALLS} calls left unanswered")
        try:
            value = FORMS[method](await chain.request(method, *params))
        except RpcError as error:
            if error.reverted and method in _RUN:
                return _Answer(b"reverted" + error.data, error)
            return error
        except UnavailableError as error:
            return error
        if method == _BLOCK and params[0] == "latest" and value is not None:
            self._tips[chain] = value
        return _Answer(orjson.dumps(value), value)

    def _leave(
        self,
        pending: Mapping[asyncio.Task[_Answer | UnavailableError], Chain],
        agreed: _Answer | None,
    ) -> None:
        """Wait for ``pending`` no longer, but count what they say when they say it."""

        def arrived(task: asyncio.Task[_Answer | UnavailableError]) -> None:
            chain = self._late.pop(task)
            self._late_calls[chain] -= 1
            if agreed is not None and not task.cancelled():
                poll = _Poll("", self.required, 1)
                poll.take(chain, task.result())
                self._count(poll, agreed)

        for task, chain in pending.items():
            self._late[task] = chain
            self._late_calls[chain] += 1
            task.add_done_callback(arrived)

    def _count(self, poll: _Poll, agreed: _Answer | None) -> None:
        said = {answer.key for answer in poll.answers.values()}
        for chain, answer in poll.answers.items():
            if answer.key != agreed.key if agreed is not None else len(said) > 1:
                self.disagreements[chain.name] += 1
        for chain in poll.silent:
            self.silences[chain.name] += 1
