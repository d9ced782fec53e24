"""Issue a certificate once more: as a W3C Verifiable Credential, for the systems of others."""

from datetime import UTC, datetime

from tulen.certificate.credential import IssuerKey, credential_document, did_document, did_web
from tulen.certificate.profiles import Profile, present
from tulen.database import events, parties
from tulen.errors import NotFoundError
from tulen.values import Ed25519PublicKey, PartyCode
from tulen.values.fields import Document
from tulen.workflows.certificate import bundle_of
from tulen.workflows.office import Caller, Office
from tulen.workflows.secure import Secured, secured


async def export_credential(
    office: Office, caller: Caller, number: str, profile: Profile, *, as_token: bool
) -> Secured:
    """Return a certificate as a credential of what ``profile`` shows, signed by its authority.

    Args:
        office: The office.
        caller: The exporter, or somebody of the authority.
        number: The certificate's number.
        profile: What is shown.
        as_token: Whether it is wanted as a JWT rather than with a proof inside.

    Raises:
        NotFoundError: there is no such certificate, or it is not the caller's to see.
        NotYetFinalError: its anchor is not final yet.
        KeyNotFoundError: the authority's key is not here.
    """
    bundle = await bundle_of(office, caller, number)
    authority = bundle.certificate.heading.authority
    if authority is None:
        raise NotFoundError(f"certificate {number} names no authority")
    async with office.database.transaction() as connection:
        party = await parties.find(connection, authority)
    document = credential_document(
        present(bundle, profile),
        profile.name,
        name=party.name if party else str(authority),
        public_url=office.settings.public_url,
    )
    return await secured(office, authority, document, as_token=as_token)


async def issuer_document(office: Office, party: PartyCode) -> Document:
    """Return the DID document of a party: the keys that are registered for it on chain.

    Keys that were in other hands are left out; of those that have ended, the end is said.

    Raises:
        NotFoundError: no key is registered for it, as far as the chain was read here.
    """
    async with office.database.transaction() as connection:
        seen = await events.about(
            connection, party.on_chain, "KeyAdded", "KeyEnded", "KeyCompromised"
        )
    keys: dict[str, IssuerKey] = {}
    for item in seen:
        name, arguments = item.event.name, item.event.arguments
        if name == "KeyCompromised":
            keys.pop(arguments["key"], None)
        elif name == "KeyAdded" or arguments["key"] in keys:
            until = arguments["until"]
            keys[arguments["key"]] = IssuerKey(
                Ed25519PublicKey.from_hex(arguments["key"], "key"),
                datetime.fromtimestamp(until, UTC) if until else None,
            )
    if not keys:
        raise NotFoundError(f"no key is registered for {party}, as far as the chain was read here")
    return did_document(did_web(office.settings.public_url, party), keys.values())
