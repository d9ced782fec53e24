"""Verify a bundle without an office: no database, no keys; a chain node and a file at most."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from tulen.certificate import Bundle
from tulen.chain.deployment import Deployment
from tulen.chain.facts import FactReader
from tulen.chain.quorum import chain_of
from tulen.errors import InvalidInputError
from tulen.paper import PaperRefusedError
from tulen.settings import Settings
from tulen.verify import (
    ChainFacts,
    ChainQuestion,
    Proof,
    TrustPolicy,
    Unavailable,
    Verification,
    prove,
    unread,
    verify,
)
from tulen.workflows import clock
from tulen.workflows.home import deployment_in
from tulen.workflows.papers import bundle_in


class Reader(Protocol):
    """What reads facts of the chain."""

    async def read(self, question: ChainQuestion, /) -> ChainFacts | Unavailable:
        """Return what is asked, or why it could not be read."""


@dataclass(frozen=True)
class _Then:
    """Reads facts as they were at an instant."""

    reader: FactReader
    at: datetime

    async def read(self, question: ChainQuestion, /) -> ChainFacts | Unavailable:
        return await self.reader.read(question, self.at)


async def verify_on_chain(
    settings: Settings,
    policy: Path,
    data: bytes,
    on: date | None = None,
    *,
    as_of: datetime | None = None,
) -> Verification:
    """Return every check on the bundle in ``data``, and the verdict.

    Args:
        settings: Which endpoints to ask, which need not answer, and how far to believe them.
        policy: File that describes the contracts to trust.
        data: The bytes of a bundle file, or of a paper.
        on: Legal date to verify for; today where None.
        as_of: The instant as of which the chain is asked; as it is now where None.

    Raises:
        UnavailableError: there is no deployment file.
        InvalidInputError: the deployment file is malformed, a URL is none or stands there twice,
            or there are fewer than required.
    """
    trusted = deployment_in(policy)
    nodes = chain_of(settings.chain_rpc_urls, trusted.chain_id, settings.chain_rpc_quorum)
    async with aclosing(nodes) as chain:
        reader = FactReader(
            chain, trusted, now=clock.now, max_head_age=settings.max_head_age(trusted.chain_id)
        )
        facts = reader if as_of is None else _Then(reader, as_of)
        return await verify_opened(settings, facts, trusted, data, on)


async def verify_offline(
    settings: Settings, policy: Path, data: bytes, on: date | None = None
) -> Verification:
    """Return what can be said without asking any chain; arguments and errors as above."""
    return await verify_opened(settings, None, deployment_in(policy), data, on)


async def verify_opened(
    settings: Settings,
    facts: Reader | None,
    trusted: Deployment,
    data: bytes | Bundle,
    on: date | None,
    *,
    proven: Callable[[bytes | Bundle], Proof] = prove,
) -> Verification:
    """Return `verify_with` of the bundle in ``data``, which may be a paper.

    A paper that proves nothing is a failed check, with the code of its `PaperRefusedError`.
    """
    try:
        bundle = await bundle_in(settings, data)
    except PaperRefusedError as error:
        return unread(f"{error.code}: {error}", on or clock.today())
    return await verify_with(facts, trusted, bundle, on, proven)


async def verify_with(
    facts: Reader | None,
    trusted: Deployment,
    data: bytes | Bundle,
    on: date | None,
    proven: Callable[[bytes | Bundle], Proof] = prove,
) -> Verification:
    """Return every check on the bundle ``data``, with what ``facts`` reads of the chain.

    Never raises for what ``data`` holds, nor for a chain that does not answer: the first is a
    failed check, the second an unknown one.

    Args:
        facts: Reads the chain; None asks none.
        trusted: The contracts to trust.
        data: The bytes of a bundle file, or the bundle that was read from them.
        on: Legal date to verify for; today where None.
        proven: Returns what the bundle proves by itself, as `prove` does or from memory.
    """
    day = on or clock.today()
    policy = TrustPolicy(trusted.chain_id, trusted.ledger)
    try:
        proof = proven(data)
    except InvalidInputError:
        return verify(data, policy, Unavailable("the bundle could not be read"), day)
    if facts is None:
        answer: ChainFacts | Unavailable = Unavailable("the chain was not asked")
    elif proof.question is None:
        answer = Unavailable("the bundle does not disclose what the chain must be asked")
    else:
        answer = await facts.read(proof.question)
    return verify(proof, policy, answer, day, at=clock.now())
