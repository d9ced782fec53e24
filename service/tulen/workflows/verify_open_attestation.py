"""Verify an OpenAttestation document of somebody else: on its chain, and by its domain."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass

from tulen.chain.document_store import DocumentStoreReader
from tulen.chain.quorum import chain_of
from tulen.errors import InvalidInputError
from tulen.names import Names
from tulen.names.resolver import Resolver
from tulen.settings import Settings
from tulen.verify.facts import Unavailable
from tulen.verify.open_attestation import (
    Attestation,
    AttestationVerification,
    IssuanceFacts,
    IssuerPolicy,
    Seen,
    domains_of,
    question_of,
    verify_attestation,
)
from tulen.workflows import clock

_NOBODY = Unavailable("nobody was asked")


@dataclass(frozen=True, slots=True)
class Abroad:
    """Where documents of other systems are looked up.

    Attributes:
        policy: Whom the relying party accepts, and on which chain they issue.
        stores: Asks that chain; None where no endpoint is set.
        names: Asks for the records of domains.
    """

    policy: IssuerPolicy
    stores: DocumentStoreReader | None
    names: Names


@asynccontextmanager
async def open_abroad(settings: Settings) -> AsyncIterator[Abroad]:
    """Open what ``settings`` name, and close it again; none of it need answer.

    Raises:
        InvalidInputError: a URL is none or stands there twice, there are fewer endpoints than
            required, or the file of records is malformed.
    """
    async with AsyncExitStack() as stack:
        stores = None
        if settings.oa_rpc_urls:
            nodes = chain_of(settings.oa_rpc_urls, settings.oa_chain_id, settings.oa_rpc_quorum)
            stores = DocumentStoreReader(
                await stack.enter_async_context(aclosing(nodes)),
                now=clock.now,
                max_head_age=settings.max_head_age(settings.oa_chain_id),
            )
        resolver = None if settings.oa_dns_url is None else Resolver(settings.oa_dns_url)
        names = await stack.enter_async_context(aclosing(Names.of(settings.oa_dns_file, resolver)))
        accepted = frozenset(issuer.lower() for issuer in settings.oa_issuers)
        yield Abroad(IssuerPolicy(settings.oa_chain_id, accepted), stores, names)


async def verify_open_attestation(abroad: Abroad, data: bytes) -> AttestationVerification:
    """Return every check on the document ``data``, and the verdict.

    Never raises for what ``data`` holds, nor for what does not answer: the first is a failed
    check, the second an unknown one.

    Args:
        abroad: Where to look things up, and whom to accept.
        data: The bytes of a file.
    """
    try:
        # In a thread: twenty thousand values take a while to hash, and others do not wait for it.
        document = await asyncio.to_thread(Attestation.parse, data)
    except InvalidInputError:
        return verify_attestation(data, abroad.policy, Seen(_NOBODY))
    domains = domains_of(document)
    issuance, records = await asyncio.gather(
        _issuance(abroad.stores, document),
        asyncio.gather(*(abroad.names.texts(domain) for domain in domains)),
    )
    seen = Seen(issuance, dict(zip(domains, records, strict=True)))
    return await asyncio.to_thread(verify_attestation, document, abroad.policy, seen)


async def verify_open_attestation_once(
    settings: Settings, data: bytes, *, offline: bool = False
) -> AttestationVerification:
    """Return the same without an office; where ``offline``, nobody is asked.

    Raises:
        InvalidInputError: as `open_abroad`.
    """
    if offline:
        settings = settings.model_copy(update={"oa_rpc_urls": (), "oa_dns_url": None})
    async with open_abroad(settings) as abroad:
        return await verify_open_attestation(abroad, data)


async def _issuance(
    stores: DocumentStoreReader | None, document: Attestation
) -> IssuanceFacts | Unavailable:
    question = question_of(document)
    if question is None:
        return Unavailable("the document names nothing that the chain could be asked about")
    if stores is None:
        return Unavailable("no endpoint of the chain of OpenAttestation documents is asked")
    return await stores.read(question)
