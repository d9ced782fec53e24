"""Verify a credential as the office does: it makes its own status lists, others are handed in."""

from typing import Any

from tulen.certificate.credential import LIMITS, Credential
from tulen.certificate.credential.model import MAX_ITEMS
from tulen.errors import InvalidInputError, NotFoundError, UnavailableError
from tulen.values import parse_strict
from tulen.values.fields import members
from tulen.verify import Unavailable
from tulen.verify.credential import CredentialVerification
from tulen.workflows.office import Office
from tulen.workflows.status_list import list_name_in, status_list
from tulen.workflows.verify import verify_bundle
from tulen.workflows.verify_credential_alone import (
    Lists,
    lists_of,
    parsed,
    verify_credential_with,
)

_REQUEST = frozenset({"credential"})
_MORE = frozenset({"status_lists"})


async def verify_credential_in(office: Office, body: bytes) -> CredentialVerification:
    """Return every check on the credential in a request, and the verdict.

    Args:
        office: Whose chain and trusted contracts count.
        body: ``{"credential": ..., "status_lists": [...]}``; each is a JSON object with a proof,
            or the text of a JWT.

    Raises:
        InvalidInputError: the body is not that. What is wrong with the credential itself is no
            error but an answer.
    """
    document = members(parse_strict(body, LIMITS) if body else {}, _REQUEST, _MORE)
    credential = parsed(_taken(document["credential"], "/credential"))
    handed = document.get("status_lists", [])
    if not isinstance(handed, list) or len(handed) > MAX_ITEMS:
        raise InvalidInputError("/status_lists", handed, f"is no array of up to {MAX_ITEMS} lists")
    lists = lists_of(
        [parsed(_taken(item, f"/status_lists/{index}")) for index, item in enumerate(handed)]
    )
    if isinstance(credential, Credential):
        lists = {**lists, **await _own_lists(office, credential)}
    return await verify_credential_with(
        office.facts, credential, lists, lambda bundle: verify_bundle(office, bundle)
    )


async def _own_lists(office: Office, credential: Credential) -> Lists:
    """Return the lists of this office that ``credential`` names, as of now.

    Only those of its own issuer count, so no others are made. What does not answer for one does not
    for the next, and is not waited for again.
    """
    found: dict[str, Any] = {}
    outage: Unavailable | None = None
    for url in {entry.list_id for entry in credential.statuses}:
        name = list_name_in(office, url)
        if name is None or not name.startswith(f"{credential.party}-"):
            continue
        try:
            if outage is None:
                made = await status_list(office, name, as_token=False)
                found[url] = parsed(made.data)
        except NotFoundError:
            continue
        except UnavailableError as error:
            outage = Unavailable(str(error))
        if outage is not None:
            found[url] = outage
    return found


def _taken(value: object, field: str) -> object:
    if not isinstance(value, (dict, str)):
        raise InvalidInputError(field, value, "is neither an object nor the text of a JWT")
    return value
