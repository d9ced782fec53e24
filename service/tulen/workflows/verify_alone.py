"""Verify a bundle without an office: no database, no keys; a chain node and a file at most."""

from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from pathlib import Path

from tulen.certificate import Bundle
from tulen.chain.deployment import Deployment
from tulen.chain.facts import FactReader
from tulen.chain.quorum import chain_of
from tulen.errors import InvalidInputError
from tulen.verify import ChainFacts, TrustPolicy, Unavailable, Verification, question_of, verify
from tulen.workflows import clock
from tulen.workflows.home import deployment_in


async def verify_on_chain(
    urls: Sequence[str],
    policy: Path,
    data: bytes,
    on: date | None = None,
    *,
    required: int | None = None,
) -> Verification:
    """Return every check on the bundle in ``data``, and the verdict.

    Args:
        urls: JSON-RPC endpoints of chain nodes; they need not answer.
        policy: File that describes the contracts to trust.
        data: The bytes of a bundle file.
        on: Legal date to verify for; today where None.
        required: How many of the endpoints must agree; a majority where None.

    Raises:
        UnavailableError: there is no deployment file.
        InvalidInputError: the deployment file is malformed, a URL is none or stands there twice,
            or there are fewer than required.
    """
    trusted = deployment_in(policy)
    async with aclosing(chain_of(urls, trusted.chain_id, required)) as chain:
        return await verify_with(FactReader(chain, trusted), trusted, data, on)


async def verify_offline(policy: Path, data: bytes, on: date | None = None) -> Verification:
    """Return what can be said without asking any chain; arguments and errors as above."""
    return await verify_with(None, deployment_in(policy), data, on)


async def verify_with(
    facts: FactReader | None, trusted: Deployment, data: bytes | Bundle, on: date | None
) -> Verification:
    """Return every check on the bundle ``data``, with what ``facts`` reads of the chain.

    Never raises for what ``data`` holds, nor for a chain that does not answer: the first is a
    failed check, the second an unknown one.

    Args:
        facts: Reads the chain; None asks none.
        trusted: The contracts to trust.
        data: The bytes of a bundle file, or the bundle that was read from them.
        on: Legal date to verify for; today where None.
    """
    day = on or clock.today()
    policy = TrustPolicy(trusted.chain_id, trusted.ledger)
    try:
        bundle = data if isinstance(data, Bundle) else Bundle.parse(data)
    except InvalidInputError:
        return verify(data, policy, Unavailable("the bundle could not be read"), day)
    question = question_of(bundle)
    if facts is None:
        answer: ChainFacts | Unavailable = Unavailable("the chain was not asked")
    elif question is None:
        answer = Unavailable("the bundle does not disclose what the chain must be asked")
    else:
        answer = await facts.read(question)
    return verify(bundle, policy, answer, day)
