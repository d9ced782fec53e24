"""Verify a credential without an office: status lists as files, a chain node at most."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Final

from tulen.certificate import Bundle
from tulen.certificate.credential import (
    Credential,
    RefusedCredentialError,
    parse_credential,
    read_credential,
)
from tulen.chain.fact_cache import FactCache
from tulen.chain.facts import FactReader
from tulen.chain.quorum import chain_of
from tulen.errors import InvalidInputError
from tulen.settings import Settings
from tulen.values import Digest
from tulen.verify import ChainQuestion, TrustPolicy, Unavailable, Verification, verify
from tulen.verify.credential import (
    CredentialVerification,
    evidence_in,
    verify_credential,
)
from tulen.verify.credential_steps import (
    IssuerFacts,
    IssuerQuestion,
    Outside,
    issuer_question,
)
from tulen.workflows import clock
from tulen.workflows.home import deployment_in
from tulen.workflows.verify_alone import verify_with

NOTHING: Final = Digest(bytes(Digest.length))
"""What is asked for where only party and key matter: no log has that root, no certificate that
digest."""

Lists = Mapping[str, Credential | RefusedCredentialError | Unavailable]
VerifyBundle = Callable[[Bundle], Awaitable[Verification]]


async def verify_credential_alone(
    settings: Settings, policy: Path, data: bytes, lists: Sequence[bytes], *, offline: bool
) -> CredentialVerification:
    """Return every check on the credential in ``data``, and the verdict.

    Args:
        settings: Which endpoints to ask, which need not answer.
        policy: File that describes the contracts to trust.
        data: The bytes of a credential file.
        lists: The bytes of status lists that came with it.
        offline: Whether to ask no chain.

    Raises:
        UnavailableError: there is no deployment file.
        InvalidInputError: the deployment file is malformed, or an endpoint is.
    """
    trusted = deployment_in(policy)
    credential, known = parsed(data), lists_of([parsed(item) for item in lists])
    if offline:
        return await verify_credential_with(
            None, credential, known, lambda bundle: verify_with(None, trusted, bundle, None)
        )
    nodes = chain_of(settings.chain_rpc_urls, trusted.chain_id, settings.chain_rpc_quorum)
    async with aclosing(nodes) as chain:
        reader = FactReader(
            chain, trusted, now=clock.now, max_head_age=settings.max_head_age(trusted.chain_id)
        )
        return await verify_credential_with(
            reader, credential, known, lambda bundle: verify_with(reader, trusted, bundle, None)
        )


def parsed(data: bytes | object) -> Credential | RefusedCredentialError:
    """Return the credential in the bytes of a file or in a document, or why it is refused."""
    try:
        return parse_credential(data) if isinstance(data, bytes) else read_credential(data)
    except RefusedCredentialError as error:
        return error


def lists_of(credentials: Sequence[Credential | RefusedCredentialError]) -> Lists:
    """Return those that can be read by what they call themselves; the others say nothing."""
    return {
        item.id: item
        for item in credentials
        if isinstance(item, Credential) and item.id is not None
    }


async def verify_credential_with(
    facts: FactReader | FactCache | None,
    credential: Credential | RefusedCredentialError,
    lists: Lists,
    verify_bundle: VerifyBundle,
    at: datetime | None = None,
) -> CredentialVerification:
    """Return every check on ``credential``, with what ``facts`` reads of the registry.

    Args:
        facts: Reads the chain; None asks none.
        credential: What was read, or why it could not be.
        lists: The status lists at hand, by URL.
        verify_bundle: Verifies the bundle inside.
        at: The instant to verify for; now where None.
    """
    moment = at or clock.now()
    if isinstance(credential, RefusedCredentialError):
        return verify_credential(credential, moment, Outside({}, {}))
    used = [lists.get(entry.list_id) for entry in credential.statuses]
    asked = [credential, *(item for item in used if isinstance(item, Credential))]
    questions = {question for item in asked if (question := issuer_question(item)) is not None}
    issuers = {question: await _issuer(facts, question) for question in questions}
    evidence = await _evidence(credential, verify_bundle)
    return verify_credential(credential, moment, Outside(issuers, lists, evidence))


async def _issuer(
    facts: FactReader | FactCache | None, question: IssuerQuestion
) -> IssuerFacts | Unavailable:
    """Return what the registry says of a party and a key, read as for a certificate."""
    if facts is None:
        return Unavailable("the chain was not asked")
    read = await facts.read(
        ChainQuestion(
            question.party.on_chain, NOTHING, 0, NOTHING, question.key, None, None, None, (), None
        )
    )
    if isinstance(read, Unavailable):
        return read
    return IssuerFacts(read.party, read.key, read.as_of)


async def _evidence(credential: Credential, verify_bundle: VerifyBundle) -> Verification | None:
    try:
        bundle = evidence_in(credential)
    except InvalidInputError:
        # The verifier answers as to any bundle that cannot be read.
        nobody = TrustPolicy(0, "")
        return verify(b"", nobody, Unavailable("the bundle could not be read"), clock.today())
    return None if bundle is None else await verify_bundle(bundle)
